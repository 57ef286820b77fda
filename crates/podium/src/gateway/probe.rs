//! Cheap questions: totals without keys, the oldest day, whether the key is accepted.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;

use super::activity::{asked_day, result_day};
use super::http::parse;
use super::wire::{Named, PageMetadata, WireMetrics, from_json, is_object, or_default};
use super::{
    DayReading, Error, LiteLlm, LogWindow, PublicModel, QuestionTimes, RequestLogs, UsageSource,
};
use crate::usage::{Day, DayRange, Team, Totals};

/// The parts of an aggregated answer that hold totals.
#[derive(Deserialize)]
struct Probe {
    results: Option<Vec<Option<ProbeDay>>>,
}

#[derive(Deserialize)]
struct ProbeDay {
    #[serde(default, deserialize_with = "or_default")]
    date: String,
    #[serde(default, deserialize_with = "or_default")]
    metrics: WireMetrics,
    #[serde(default, deserialize_with = "or_default")]
    breakdown: ProbeBreakdown,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProbeBreakdown {
    #[serde(deserialize_with = "or_default")]
    entities: Named<ProbeTeam>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ProbeTeam {
    #[serde(deserialize_with = "or_default")]
    metrics: WireMetrics,
}

fn read_totals(bytes: &[u8], range: DayRange) -> Result<BTreeMap<Day, Totals>, Error> {
    let probe: Probe = answer_of(bytes)?;
    let results = probe.results.ok_or(Error::Shape("it has no results"))?;
    let mut days: BTreeMap<Day, Totals> = BTreeMap::new();
    for result in results.into_iter().flatten() {
        let day = asked_day(&result.date, range)?;
        let totals = days.entry(day).or_default();
        totals.day += &result.metrics.metrics(&mut 0);
        for (team_id, team) in result.breakdown.entities.0 {
            *totals.teams.entry(team_id).or_default() += &team.metrics.metrics(&mut 0);
        }
    }
    Ok(days)
}

#[async_trait]
impl UsageSource for LiteLlm {
    async fn teams(&self) -> Result<Vec<Team>, Error> {
        self.read_teams().await
    }

    async fn totals(&self, range: DayRange) -> Result<Option<BTreeMap<Day, Totals>>, Error> {
        if !self.aggregated.is_there() {
            return Ok(None);
        }
        let totals = match self.totals_page(range).await {
            Ok(body) => parse(body, move |bytes| read_totals(bytes, range)).await,
            Err(error) => Err(error),
        };
        match totals {
            Ok(totals) => {
                self.aggregated.worked();
                Ok(Some(totals))
            }
            Err(error) if error.is_unsupported() => {
                // Where pages fail as well, it is the gateway or the key, not the question.
                self.check_key().await?;
                self.aggregated.failed_alone(&error);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    async fn day(&self, day: Day) -> Result<DayReading, Error> {
        self.read_day(day).await
    }

    async fn newest_days(&self, range: DayRange) -> Result<Vec<DayReading>, Error> {
        self.read_newest_days(range).await
    }

    /// Asks for the first and the last page of single rows: rows come newest first, so the
    /// last page tells the oldest day, however long the range.
    async fn oldest_day(&self, range: DayRange) -> Result<Option<Day>, Error> {
        let first = self.activity_page(range, None, 1, 1).await?;
        let (oldest, pages) = parse(first, move |bytes| oldest_of(bytes, range)).await?;
        if pages <= 1 {
            return Ok(oldest);
        }
        let last = self.activity_page(range, None, pages, 1).await?;
        let (older, _) = parse(last, move |bytes| oldest_of(bytes, range)).await?;
        Ok(older.into_iter().chain(oldest).min())
    }

    async fn requests(&self, window: LogWindow) -> Result<RequestLogs, Error> {
        self.read_requests(window).await
    }

    async fn public_models(&self) -> Result<Vec<PublicModel>, Error> {
        self.models().await
    }

    fn questions(&self) -> Vec<(&'static str, u64)> {
        self.http.questions()
    }

    fn timings(&self) -> Vec<QuestionTimes> {
        self.http.timings()
    }

    fn is_to_be_left_alone(&self) -> Option<Duration> {
        self.http.is_to_be_left_alone()
    }

    async fn check_key(&self) -> Result<(), Error> {
        // A day before there were gateways: answered at once and empty, and a refused key is
        // refused all the same, without being booked as a failed request. (A range that ends
        // before it begins is cheaper still, but LiteLLM 1.110 rejects it.)
        let query = [("start_date", "2020-01-01"), ("end_date", "2020-01-01"), ("page_size", "1")];
        self.http.get("/team/daily/activity", &query).await.map(drop)
    }
}

/// The parts of a page that say which days it is about.
#[derive(Deserialize)]
struct Dates {
    results: Option<Vec<Option<Dated>>>,
    #[serde(default, deserialize_with = "or_default")]
    metadata: PageMetadata,
}

#[derive(Deserialize)]
struct Dated {
    #[serde(default, deserialize_with = "or_default")]
    date: String,
}

/// The oldest day of an activity answer that lies in `range`, and how many pages there are.
fn oldest_of(bytes: &[u8], range: DayRange) -> Result<(Option<Day>, u32), Error> {
    let dates: Dates = answer_of(bytes)?;
    let results = dates.results.ok_or(Error::Shape("it has no results"))?;
    let oldest = results
        .iter()
        .flatten()
        .filter_map(|part| result_day(&part.date))
        .filter(|day| range.contains(*day))
        .min();
    Ok((oldest, dates.metadata.total_pages().unwrap_or(1)))
}

/// An answer that must be an object.
fn answer_of<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Error> {
    if !is_object(bytes) {
        from_json::<serde::de::IgnoredAny>(bytes)?;
        return Err(Error::Shape("it is not an object"));
    }
    from_json(bytes)
}
