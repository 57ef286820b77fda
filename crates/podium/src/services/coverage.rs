//! How much of the days the quarter hours explain.

use std::ops::Range;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use super::local::{LocalReader, utc_days};
use crate::store::UsageReader;
use crate::usage::{Day, DayRange, Filter, Quarter};

/// From what an answer was computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Basis {
    /// See [`super::Meta::tz`].
    pub tz: String,
    /// See [`super::Meta::source`].
    pub source: Source,
    /// See [`super::Meta::approximate_days`].
    pub approximate_days: Vec<Day>,
    /// See [`super::Meta::coverage`].
    pub coverage: Option<Coverage>,
    /// Where figures come from quarter hours alone: which, and what of them counts.
    pub quarters: Option<(Range<Quarter>, Filter)>,
}

/// Where figures come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The gateway's daily table.
    Days,
    /// Its request logs, or requests that it pushed.
    QuarterHours,
    /// Some days from the one, some from the other.
    Mixed,
}

/// Tokens of the daily table beside those of the quarter hours of the same UTC days.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Coverage {
    /// Tokens of the daily table.
    pub tokens: i64,
    /// Tokens of the quarter hours.
    pub explained_tokens: i64,
    /// The UTC days, newest first.
    pub days: Vec<DayCoverage>,
}

/// One UTC day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DayCoverage {
    /// The day, `YYYY-MM-DD` in UTC.
    #[schema(value_type = String, format = Date)]
    pub date: Day,
    /// Its tokens in the daily table.
    pub tokens: i64,
    /// Its tokens in the quarter hours. They may be ahead of the daily table for a moment, and
    /// lack requests that the gateway dropped from its logs.
    pub explained_tokens: i64,
}

impl Coverage {
    /// The coverage of some UTC days.
    pub fn of(reader: &dyn UsageReader, range: DayRange) -> Self {
        let mut coverage = Self { tokens: 0, explained_tokens: 0, days: Vec::new() };
        for day in range.newest_first() {
            let tokens = reader.day_total(day).map_or(0, |total| total.total_tokens);
            let explained_tokens = reader.explained(day).total_tokens;
            if tokens == 0 && explained_tokens == 0 {
                continue;
            }
            coverage.tokens = coverage.tokens.saturating_add(tokens);
            coverage.explained_tokens = coverage.explained_tokens.saturating_add(explained_tokens);
            coverage.days.push(DayCoverage { date: day, tokens, explained_tokens });
        }
        coverage
    }
}

impl Basis {
    /// Of an answer about UTC days from the daily table.
    pub fn utc_days() -> Self {
        Self {
            tz: "UTC".to_owned(),
            source: Source::Days,
            approximate_days: Vec::new(),
            coverage: None,
            quarters: None,
        }
    }

    /// Of an answer about local days, some of which may be approximate.
    pub fn local_days(
        reader: &LocalReader,
        range: DayRange,
        zone: &TimeZone,
        tz: &str,
        now: Timestamp,
    ) -> Self {
        let approximate_days = reader.approximate_days(range);
        let source = match approximate_days.len() {
            0 => Source::QuarterHours,
            all if all == range.day_count() => Source::Days,
            _ => Source::Mixed,
        };
        let utc = utc_days(range, zone, Day::of(now));
        let coverage = utc.map(|range| Coverage::of(reader, range));
        Self { tz: tz.to_owned(), source, approximate_days, coverage, quarters: None }
    }

    /// Of an answer from quarter hours alone.
    pub fn quarter_hours(
        reader: &dyn UsageReader,
        range: DayRange,
        tz: &str,
        quarters: Range<Quarter>,
        filter: Filter,
    ) -> Self {
        Self {
            tz: tz.to_owned(),
            source: Source::QuarterHours,
            approximate_days: Vec::new(),
            coverage: Some(Coverage::of(reader, range)),
            quarters: Some((quarters, filter)),
        }
    }
}
