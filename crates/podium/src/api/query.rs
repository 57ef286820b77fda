//! What a request asks about: days, and teams outside of the lists.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use utoipa::IntoParams;

use crate::services::Include;
use crate::usage::{Day, DayRange, InvalidDay};

/// The parameters as they came: the last of each name counts, other names are ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct UsageQuery {
    start_date: Option<String>,
    end_date: Option<String>,
    include: Option<String>,
}

/// The parameters for the documentation.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct UsageParameters {
    /// First day, `YYYY-MM-DD` in UTC, inclusive. Alone: from it to today. Without both:
    /// yesterday and today.
    #[param(example = "2026-01-05")]
    start_date: Option<String>,
    /// Last day, `YYYY-MM-DD` in UTC, inclusive. Alone: it and the day before.
    #[param(example = "2026-01-31")]
    end_date: Option<String>,
    /// Teams to list besides those of the gateway: `unassigned` (usage without a team),
    /// `deleted`, or both, separated by a comma.
    #[param(example = "unassigned,deleted")]
    include: Option<String>,
}

/// Why the parameters name no days.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidQuery {
    #[error("{0}: {1}")]
    Format(InvalidDay, &'static str),
    #[error("{0} cannot be in the future")]
    Future(&'static str),
    #[error("end_date must not be before start_date")]
    Backwards,
    #[error("include must be unassigned, deleted or both, separated by a comma")]
    Include,
}

const START: &str = "start_date";
const END: &str = "end_date";
const INCLUDE: &str = "include";

impl UsageQuery {
    fn parse(query: &str) -> Self {
        let mut parsed = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match &*name {
                START => parsed.start_date = Some(value.into_owned()),
                END => parsed.end_date = Some(value.into_owned()),
                INCLUDE => parsed.include = Some(value.into_owned()),
                _ => {}
            }
        }
        parsed
    }

    /// Whether any day was named.
    pub(super) fn has_dates(&self) -> bool {
        self.start_date.is_some() || self.end_date.is_some()
    }

    /// The teams that are meant besides the listed ones.
    pub(super) fn include(&self) -> Result<Include, InvalidQuery> {
        let mut include = Include::default();
        let words = self.include.as_deref().unwrap_or_default().split(',').map(str::trim);
        for word in words.filter(|word| !word.is_empty()) {
            match word {
                "unassigned" => include.unassigned = true,
                "deleted" => include.deleted = true,
                _ => return Err(InvalidQuery::Include),
            }
        }
        Ok(include)
    }

    /// The days that are meant, seen from `today` in UTC.
    pub(super) fn resolve(&self, today: Day) -> Result<DayRange, InvalidQuery> {
        let start = read(START, self.start_date.as_deref())?;
        let end = read(END, self.end_date.as_deref())?;
        for (name, day) in [(START, start), (END, end)] {
            if day.is_some_and(|day| day > today) {
                return Err(InvalidQuery::Future(name));
            }
        }
        let last = end.unwrap_or(today);
        let first = start.unwrap_or(last.previous().unwrap_or(last));
        DayRange::new(first, last).ok_or(InvalidQuery::Backwards)
    }
}

fn read(name: &'static str, text: Option<&str>) -> Result<Option<Day>, InvalidQuery> {
    let day =
        text.map(Day::parse).transpose().map_err(|error| InvalidQuery::Format(error, name))?;
    match day {
        // Every range needs the day before to exist, as it does in the default range.
        Some(day) if day.previous().is_none() => Err(InvalidQuery::Format(InvalidDay, name)),
        day => Ok(day),
    }
}

impl<S: Sync> FromRequestParts<S> for UsageQuery {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::parse(parts.uri.query().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(query: &str) -> Result<String, String> {
        let today = Day::new(2026, 11, 24).expect("a day");
        UsageQuery::parse(query)
            .resolve(today)
            .map(|range| range.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn missing_ends_have_defaults() {
        assert_eq!(resolve("").unwrap(), "2026-11-23..2026-11-24");
        assert_eq!(resolve("end_date=2026-03-01").unwrap(), "2026-02-28..2026-03-01");
        assert_eq!(resolve("start_date=2026-11-20").unwrap(), "2026-11-20..2026-11-24");
        assert_eq!(resolve("start_date=2026-11-24").unwrap(), "2026-11-24..2026-11-24");
        assert_eq!(
            resolve("start_date=2020-1-5&end_date=2026-1-5").unwrap(),
            "2020-01-05..2026-01-05"
        );
    }

    #[test]
    fn the_last_of_a_repeated_parameter_counts_and_others_are_ignored() {
        let query = "start_date=x&start_date=2026-01-01&end_date=2026-01-02&Start_Date=y&page=3";
        assert_eq!(resolve(query).unwrap(), "2026-01-01..2026-01-02");
    }

    #[test]
    fn each_fault_has_its_message() {
        for (query, message) in [
            ("start_date=", "Date must be in YYYY-MM-DD format"),
            ("end_date=2026-02-30", "Date must be in YYYY-MM-DD format"),
            ("start_date=0001-01-01", "Date must be in YYYY-MM-DD format"),
            ("end_date=0001-01-01", "Date must be in YYYY-MM-DD format"),
            ("start_date=%FF", "Date must be in YYYY-MM-DD format"),
            ("start_date=2026-11-25", "start_date cannot be in the future"),
            ("end_date=2026-11-25", "end_date cannot be in the future"),
            ("start_date=2027-01-01&end_date=2026-01-01", "start_date cannot be in the future"),
            ("start_date=2026-01-02&end_date=2026-01-01", "end_date must not be before start_date"),
        ] {
            let error = resolve(query).expect_err(query);
            assert!(error.contains(message), "{query}: {error}");
        }
    }
}
