//! Daily activity, read in full: aggregated where that is complete, else page by page.
//!
//! LiteLLM's pages are pages of rows, newest day first; a day, and one team's key and model
//! in it, may be cut anywhere, and the sums in `metadata` are those of the page. So a day is
//! read in one answer wherever one can hold it, and otherwise only trusted if the number of
//! pages stayed the same from the first to the last. Answers that would not hold what is asked for,
//! going by the size of the last days, are not asked for.

use std::collections::HashMap;

use super::abilities::DaySize;
use super::answer::{DaysRead, Head, read_answer};
use super::http::parse;
use super::parts::DayParts;
use super::wire::PageMetadata;
use super::{DayReading, Error, LiteLlm, Reported};
use crate::usage::{Day, DayRange, DayUsage, Metrics};

const ACTIVITY: &str = "/team/daily/activity";
const AGGREGATED: &str = "/team/daily/activity/aggregated";

/// Rows that the gateway reads about as fast as a few (a third of a second, 2.5 MB).
const SMALL_PAGE_ROWS: u32 = 1_000;
/// The largest page worth asking for: 20,000 rows took LiteLLM 7 s; more stalls it for others. A
/// page with fewer rows costs no more than those that it has, so days are asked for in pages of
/// this size from the start.
const LARGE_PAGE_ROWS: u32 = 20_000;
/// Keys that an aggregated answer tells at most (LiteLLM 1.106).
const AGGREGATED_KEYS: usize = 1_000;
/// Page sizes to fall back to where a version refuses larger ones, or an answer would be too large;
/// the last is LiteLLM's default.
const FEWER_ROWS: [u32; 4] = [5_000, SMALL_PAGE_ROWS, 100, 10];
/// More pages than any gateway has: paging that does not end.
const MOST_PAGES: u32 = 100_000;
/// More rows than a day has, and than can be held.
const MOST_ROWS: u32 = 2_000_000;
/// How often a day is read again because rows came while its pages were read.
const TORN_READS: u32 = 3;

/// All parts of the days that were asked for, and what the answers said of themselves.
#[derive(Debug)]
struct Reading {
    days: DaysRead,
    reported: Reported,
    pages: u32,
    consistent: bool,
    /// How long the answers were in all.
    bytes: usize,
}

/// One page; its days were added to those that were read before.
struct Page {
    days: DaysRead,
    /// Days in the answer, asked for or not.
    entries: usize,
    metadata: PageMetadata,
    /// How many rows the page was asked to have.
    rows: u32,
    bytes: usize,
}

impl LiteLlm {
    /// All usage of `day`; see [`super::UsageSource::day`].
    pub(super) async fn read_day(&self, day: Day) -> Result<DayReading, Error> {
        let range = DayRange::single(day);
        let mut reading = self.read_range(range, None).await?;
        let parts = reading.days.remove(&day);
        self.day_sizes.saw(DaySize {
            keys: parts.as_ref().map_or(0, DayParts::key_count),
            rows: parts.as_ref().map_or(0, DayParts::least_rows),
            bytes: reading.bytes,
        });
        let Some(parts) = parts else {
            return Ok(reading.of_day(DayUsage::empty(day), 0, true));
        };
        let mut by_team = HashMap::new();
        for team_id in parts.teams_sharing_keys() {
            if !can_be_asked_for(&team_id) {
                continue;
            }
            let mut of_team = self.read_range(range, Some(&team_id)).await?;
            reading.consistent &= of_team.consistent;
            by_team.insert(team_id, of_team.days.remove(&day).unwrap_or_default());
        }
        let implausible = parts.implausible();
        let (usage, fits) = parts.join(day, by_team);
        Ok(reading.of_day(usage, implausible, fits))
    }

    /// The newest days of `range` that one small page holds whole; see
    /// [`super::UsageSource::newest_days`].
    pub(super) async fn read_newest_days(&self, range: DayRange) -> Result<Vec<DayReading>, Error> {
        if self.day_sizes.largest().rows > SMALL_PAGE_ROWS as usize {
            return Ok(Vec::new());
        }
        let mut page = self.page(range, None, 1, SMALL_PAGE_ROWS, DaysRead::new()).await?;
        // The sums in the answer are those of the page, whatever days are on it: where they do not
        // agree, no day of it is believed.
        let fits = page.agrees_with_itself();
        let whole_from = if page.metadata.has_more_than(1) {
            // The page ends within its oldest day; the days after it are whole.
            match page.days.keys().next().copied().and_then(Day::next) {
                Some(day) => day,
                None => return Ok(Vec::new()),
            }
        } else {
            range.first()
        };
        let Some(whole) = range.from(whole_from) else {
            let rows = page.rows as usize + 1;
            self.day_sizes.saw(DaySize { rows, ..DaySize::default() });
            return Ok(Vec::new());
        };
        let mut readings = Vec::new();
        for day in whole.newest_first() {
            readings.push(match page.days.remove(&day) {
                None => untold(DayUsage::empty(day), 0, fits),
                // A shared key needs questions of its own, and those belong to one day.
                Some(part) if !part.teams_sharing_keys().is_empty() => self.read_day(day).await?,
                Some(part) => {
                    let implausible = part.implausible();
                    untold(part.join(day, HashMap::new()).0, implausible, fits)
                }
            });
        }
        Ok(readings)
    }

    async fn read_range(&self, range: DayRange, team: Option<&str>) -> Result<Reading, Error> {
        let mut failure = None;
        if self.aggregated.is_there() && (team.is_some() || self.aggregated_holds_a_day()) {
            match self.read_aggregated(range, team).await {
                Ok(Some(reading)) => {
                    self.aggregated.worked();
                    return Ok(reading);
                }
                Ok(None) => self.aggregated.worked(),
                Err(error) if error.is_unsupported() => failure = Some(error),
                Err(error) => return Err(error),
            }
        }
        let reading = self.read_all_pages(range, team).await?;
        // One answer that was too large says nothing about others.
        if let Some(error) = failure.filter(|error| *error != Error::TooLarge) {
            self.aggregated.failed_alone(&error);
        }
        Ok(reading)
    }

    /// Whether a day such as the last ones is whole in an aggregated answer.
    fn aggregated_holds_a_day(&self) -> bool {
        let DaySize { keys, bytes, .. } = self.day_sizes.largest();
        keys <= AGGREGATED_KEYS && bytes <= self.http.answer_bytes()
    }

    async fn read_all_pages(&self, range: DayRange, team: Option<&str>) -> Result<Reading, Error> {
        for _ in 1..TORN_READS {
            let reading = self.read_pages(range, team).await?;
            if reading.consistent {
                return Ok(reading);
            }
        }
        self.read_pages(range, team).await
    }

    /// One consistent answer, or `None` where it is cut.
    async fn read_aggregated(
        &self,
        range: DayRange,
        team: Option<&str>,
    ) -> Result<Option<Reading>, Error> {
        let (first, last, keys) =
            (range.first().to_string(), range.last().to_string(), AGGREGATED_KEYS.to_string());
        let mut query = vec![
            ("start_date", first.as_str()),
            ("end_date", last.as_str()),
            ("api_key_limit", keys.as_str()),
        ];
        query.extend(team.map(|team| ("team_ids", team)));
        let body = self.http.get(AGGREGATED, &query).await?;
        let page = read_page(body, range, 0, DaysRead::new()).await?;
        let keys = page.metadata.total_api_keys().and_then(|keys| usize::try_from(keys).ok());
        let complete = keys.is_some_and(|keys| keys <= AGGREGATED_KEYS);
        Ok(complete.then(|| page.into_reading()))
    }

    /// The whole range through pages: in one where that can hold it.
    async fn read_pages(&self, range: DayRange, team: Option<&str>) -> Result<Reading, Error> {
        let first = self.page(range, team, 1, LARGE_PAGE_ROWS, DaysRead::new()).await?;
        self.read_on(range, team, first).await
    }

    /// Reads the pages that follow `first`. Rows that come meanwhile shift the pages; a
    /// number of pages that changes gives that away.
    async fn read_on(
        &self,
        range: DayRange,
        team: Option<&str>,
        first: Page,
    ) -> Result<Reading, Error> {
        let (rows, total_pages) = (first.rows, first.metadata.total_pages());
        let mut last = first.metadata;
        let mut reading = first.into_reading();
        while last.has_more_than(reading.pages) {
            if reading.pages >= MOST_PAGES {
                return Err(Error::Shape("its pages do not end"));
            }
            if reading.pages.saturating_mul(rows) >= MOST_ROWS {
                return Err(Error::TooLarge);
            }
            let read = std::mem::take(&mut reading.days);
            let page = self.page(range, team, reading.pages + 1, rows, read).await?;
            last = page.metadata;
            if page.entries == 0 {
                // Rows went away, or the gateway promises pages that it does not have.
                reading.consistent &= total_pages.is_none();
                reading.days = page.days;
                break;
            }
            reading.consistent &= last.total_pages() == total_pages;
            reading.add(page);
        }
        Ok(reading)
    }

    /// A page of `rows` rows, or of as many as this version allows and an answer holds.
    async fn page(
        &self,
        range: DayRange,
        team: Option<&str>,
        page: u32,
        rows: u32,
        read: DaysRead,
    ) -> Result<Page, Error> {
        let mut rows = if page == 1 { rows.min(self.page_rows.get()) } else { rows };
        let mut fewer = FEWER_ROWS.into_iter();
        loop {
            match self.activity_page(range, team, page, rows).await {
                Ok(body) => return read_page(body, range, rows, read).await,
                Err(error @ (Error::Rejected(_) | Error::TooLarge)) if page == 1 => {
                    rows = fewer.find(|fewer| *fewer < rows).ok_or(error)?;
                    self.page_rows.learn(rows);
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) async fn activity_page(
        &self,
        range: DayRange,
        team: Option<&str>,
        page: u32,
        rows: u32,
    ) -> Result<bytes::Bytes, Error> {
        let (first, last) = (range.first().to_string(), range.last().to_string());
        let (page, rows) = (page.to_string(), rows.to_string());
        let mut query = vec![
            ("start_date", first.as_str()),
            ("end_date", last.as_str()),
            ("page", page.as_str()),
            ("page_size", rows.as_str()),
        ];
        query.extend(team.map(|team| ("team_ids", team)));
        self.http.get(ACTIVITY, &query).await
    }

    pub(super) async fn totals_page(&self, range: DayRange) -> Result<bytes::Bytes, Error> {
        let (first, last) = (range.first().to_string(), range.last().to_string());
        let query =
            [("start_date", first.as_str()), ("end_date", last.as_str()), ("api_key_limit", "1")];
        self.http.get(AGGREGATED, &query).await
    }
}

/// `team_ids` is a comma-separated list, and usage without a team has no id at all.
pub(super) fn can_be_asked_for(team_id: &str) -> bool {
    !team_id.is_empty() && team_id != crate::usage::UNASSIGNED && !team_id.contains(',')
}

/// A day out of an answer about several: the answer's sums are not the day's.
fn untold(usage: DayUsage, implausible: u32, consistent: bool) -> DayReading {
    let reported = Reported::default();
    DayReading { usage, reported, pages: 1, consistent, implausible }
}

/// Adds the days of an answer to those that were read before.
async fn read_page(
    body: bytes::Bytes,
    range: DayRange,
    rows: u32,
    mut days: DaysRead,
) -> Result<Page, Error> {
    let bytes = body.len();
    parse(body, move |bytes_read| {
        let Head { metadata, entries } = read_answer(bytes_read, range, &mut days)?;
        Ok(Page { days, entries, metadata, rows, bytes })
    })
    .await
}

/// A result's day, which must be one that was asked for: an answer about others is none.
pub(super) fn asked_day(date: &str, range: DayRange) -> Result<Day, Error> {
    result_day(date)
        .filter(|day| range.contains(*day))
        .ok_or(Error::Shape("it tells of other days than were asked for"))
}

/// A result's day; a time behind the date, as some versions may give it, is left out.
pub(super) fn result_day(date: &str) -> Option<Day> {
    Day::parse(date.get(..10).unwrap_or(date)).ok()
}

impl Page {
    /// Whether its days add up to the sums that came with it.
    fn agrees_with_itself(&self) -> bool {
        let mut total = Metrics::default();
        self.days.values().for_each(|parts| total += &parts.total);
        self.metadata.reported().applied_to(&total).matches(&total)
    }

    fn into_reading(self) -> Reading {
        let Self { days, metadata, bytes, .. } = self;
        Reading { days, reported: metadata.reported(), pages: 1, consistent: true, bytes }
    }
}

impl Reading {
    fn add(&mut self, page: Page) {
        self.pages += 1;
        self.reported.add(&page.metadata.reported());
        self.bytes += page.bytes;
        self.days = page.days;
    }

    fn of_day(&self, usage: DayUsage, implausible: u32, fits: bool) -> DayReading {
        let Self { reported, pages, .. } = *self;
        DayReading { usage, reported, pages, consistent: self.consistent && fits, implausible }
    }
}

/// A day out of one answer that holds all of it. Keys that several teams share are not split, which
/// takes more answers.
pub fn read_day_answer(bytes: &[u8], day: Day) -> Result<DayReading, Error> {
    let mut days = DaysRead::new();
    let Head { metadata, .. } = read_answer(bytes, DayRange::single(day), &mut days)?;
    let parts = days.remove(&day).unwrap_or_default();
    let implausible = parts.implausible();
    let (usage, consistent) = parts.join(day, HashMap::new());
    let reported = metadata.reported();
    Ok(DayReading { usage, reported, pages: 1, consistent, implausible })
}
