//! Local days: the store seen from a time zone.
//!
//! A local day is the exact sum of its quarter hours where the request logs of all UTC days that
//! it touches are known; otherwise it is the UTC day of the same date, and said to be. All
//! figures are computed through [`LocalReader`] as they are through the store itself.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::store::{DayState, Error, LogDay, UsageReader};
use crate::usage::{
    Aggregate, AggregateRow, Day, DayRange, Dimension, Filter, Finding, Metrics, Quarter,
    QuarterAggregate, QuarterSums, Team, Totals, quarters_of_local_day,
};

/// Logs of today count as read if they were a short while ago.
const RECENT: SignedDuration = SignedDuration::from_mins(10);

/// Whether the quarter hours of a UTC day can stand for it: its logs are read and hold
/// something if the day does, or what was pushed explains nearly all of it.
pub fn has_quarters(reader: &dyn UsageReader, day: Day, now: Timestamp) -> bool {
    let whole = reader.day_total(day).unwrap_or_default();
    let explained = reader.explained(day);
    let read_until = reader.log_day(day).and_then(|log_day| log_day.read_until);
    let recently = now.saturating_sub(RECENT).unwrap_or(now);
    let is_read = read_until.is_some_and(|until| until >= day.end().min(recently));
    let is_empty = whole.requests == 0 && whole.total_tokens == 0;
    let is_known_empty = is_empty && reader.knows(day);
    let nearly_all = i128::from(explained.total_tokens) * 10 >= i128::from(whole.total_tokens) * 9;
    is_known_empty || (explained.requests > 0 && (is_read || nearly_all))
}

/// The UTC days that local days touch, up to `today`; `None` where they all lie after it.
pub fn utc_days(range: DayRange, zone: &TimeZone, today: Day) -> Option<DayRange> {
    let first = quarters_of_local_day(range.first(), zone).start.day();
    let last = Quarter(quarters_of_local_day(range.last(), zone).end.0 - 1).day();
    DayRange::new(first, last.min(today))
}

/// The store seen from a time zone.
#[derive(Debug)]
pub struct LocalReader {
    inner: Arc<dyn UsageReader>,
    zone: TimeZone,
    now: Timestamp,
}

impl LocalReader {
    /// The store's state `inner`, seen from `zone` at `now`.
    pub fn new(inner: Arc<dyn UsageReader>, zone: TimeZone, now: Timestamp) -> Self {
        Self { inner, zone, now }
    }

    /// The days of `range` that are answered with the UTC day of the same date.
    pub fn approximate_days(&self, range: DayRange) -> Vec<Day> {
        range.newest_first().filter(|day| !self.is_exact(*day)).collect()
    }

    fn is_exact(&self, day: Day) -> bool {
        let today = Day::of(self.now);
        let Some(touched) = utc_days(DayRange::single(day), &self.zone, today) else {
            return true;
        };
        touched.newest_first().all(|day| has_quarters(self.inner.as_ref(), day, self.now))
    }

    fn quarters(&self, day: Day) -> Range<Quarter> {
        quarters_of_local_day(day, &self.zone)
    }
}

#[async_trait]
impl UsageReader for LocalReader {
    fn version(&self) -> u64 {
        self.inner.version()
    }

    fn revision(&self) -> u64 {
        self.inner.revision()
    }

    fn teams(&self) -> Option<&[Team]> {
        self.inner.teams()
    }

    fn team_alias(&self, team_id: &str) -> Option<&str> {
        self.inner.team_alias(team_id)
    }

    fn key_alias(&self, api_key: &str) -> Option<Arc<str>> {
        self.inner.key_alias(api_key)
    }

    fn public_model_name(&self, model_group: &str) -> Option<&str> {
        self.inner.public_model_name(model_group)
    }

    fn has_unnamed_models(&self) -> bool {
        self.inner.has_unnamed_models()
    }

    /// A local day stands as the oldest of the UTC days that it touches.
    fn day_state(&self, day: Day) -> Option<&DayState> {
        let touched = utc_days(DayRange::single(day), &self.zone, Day::of(self.now))?;
        let states = touched.newest_first().filter_map(|day| self.inner.day_state(day));
        states.min_by_key(|state| (!state.has_usage, state.checked_at))
    }

    fn empty_before(&self) -> Option<Day> {
        self.inner.empty_before()
    }

    fn first_used(&self) -> Option<Day> {
        self.inner.first_used()
    }

    fn day_total(&self, day: Day) -> Option<Metrics> {
        self.inner.day_total(day)
    }

    fn totals(&self, day: Day) -> Option<Totals> {
        self.inner.totals(day)
    }

    fn stored_days(&self, range: DayRange) -> Vec<(Day, &DayState)> {
        range.newest_first().filter_map(|day| Some((day, self.day_state(day)?))).collect()
    }

    fn findings(&self, range: DayRange) -> Vec<Finding> {
        self.inner.findings(range)
    }

    async fn aggregate(&self, question: &Aggregate) -> Result<Vec<AggregateRow>, Error> {
        let by_day = question.has(Dimension::Day);
        let mut sums = Sums::default();
        let (mut exact, mut approximate) = (Vec::new(), Vec::new());
        for day in question.range.newest_first() {
            if self.is_exact(day) { exact.push(day) } else { approximate.push(day) }
        }
        for day in approximate {
            let of_day = Aggregate { range: DayRange::single(day), by: question.by };
            for row in self.inner.aggregate(&of_day).await? {
                sums.add(
                    by_day.then_some(day),
                    row.team_id,
                    row.api_key,
                    row.model_group,
                    &row.metrics,
                );
            }
        }
        let slots = if by_day {
            exact.iter().map(|day| vec![self.quarters(*day)]).collect()
        } else {
            vec![exact.iter().map(|day| self.quarters(*day)).collect()]
        };
        let by = question.by.iter().copied().filter(|by| *by != Dimension::Day).collect();
        let filter = Filter::default();
        let of_quarters = QuarterAggregate { slots, by, filter, with_times: false };
        let QuarterSums { groups, rows } = self.inner.aggregate_quarters(&of_quarters).await?;
        let rows = rows.into_iter().map(|row| {
            let group = &groups[row.group];
            AggregateRow {
                day: by_day.then(|| exact[row.slot]),
                team_id: group.team_id.clone(),
                api_key: group.api_key.clone(),
                model_group: group.model_group.clone(),
                metrics: row.metrics,
            }
        });
        if sums.rows.is_empty() {
            // Slots are newest first, and no two rows of theirs are alike.
            return Ok(rows.collect());
        }
        for row in rows {
            let day = row.day;
            sums.add(day, row.team_id, row.api_key, row.model_group, &row.metrics);
        }
        let mut rows = sums.rows;
        // Newest day first, as the store has them.
        rows.sort_by_key(|row| std::cmp::Reverse(row.day));
        Ok(rows)
    }

    async fn aggregate_quarters(&self, question: &QuarterAggregate) -> Result<QuarterSums, Error> {
        self.inner.aggregate_quarters(question).await
    }

    fn log_day(&self, day: Day) -> Option<LogDay> {
        self.inner.log_day(day)
    }

    fn explained(&self, day: Day) -> Metrics {
        self.inner.explained(day)
    }
}

type Name = Option<Arc<str>>;

/// Rows of both sources, those of one key added up.
#[derive(Default)]
struct Sums {
    places: HashMap<(Option<Day>, Name, Name, Name), usize>,
    rows: Vec<AggregateRow>,
}

impl Sums {
    fn add(
        &mut self,
        day: Option<Day>,
        team_id: Name,
        api_key: Name,
        model_group: Name,
        metrics: &Metrics,
    ) {
        let key = (day, team_id, api_key, model_group);
        if let Some(place) = self.places.get(&key) {
            self.rows[*place].metrics += metrics;
            return;
        }
        let (day, team_id, api_key, model_group) = key.clone();
        self.places.insert(key, self.rows.len());
        self.rows.push(AggregateRow { day, team_id, api_key, model_group, metrics: *metrics });
    }
}
