//! What a request asks about: days, and teams outside of the lists.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::tz::TimeZone;
use utoipa::IntoParams;

use crate::query::Include;
use crate::services::SeriesOf;
use crate::usage::{Day, DayRange, Dimension, Filter, Grain, InvalidDay, Measure, REST, WeekStart};

/// The parameters as they came: the last of each name counts, other names are ignored.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct UsageQuery {
    start_date: Option<String>,
    end_date: Option<String>,
    include: Option<String>,
    tz: Option<String>,
    /// A team's name, for those who know no ids.
    pub(super) team: Option<String>,
    pub(super) grain: Option<String>,
    pub(super) by: Option<String>,
    pub(super) measures: Option<String>,
    /// What counts; of these every one of a name counts.
    pub(super) filter: Filter,
}

/// The parameters for the documentation.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct UsageParameters {
    /// First day, `YYYY-MM-DD` (in `tz`, by default UTC), inclusive. Alone: from it to today. Without both:
    /// yesterday and today.
    #[param(example = "2026-01-05")]
    start_date: Option<String>,
    /// Last day, `YYYY-MM-DD`, inclusive. Alone: it and the day before.
    #[param(example = "2026-01-31")]
    end_date: Option<String>,
    /// Teams to list besides those of the gateway: `unassigned` (usage without a team),
    /// `deleted`, or both, separated by a comma.
    #[param(example = json!(["unassigned", "deleted"]))]
    include: Option<String>,
    /// Time zone of the days, an IANA name; by default UTC. Days of other zones are exact where
    /// request logs are known; `meta` tells where they are not.
    #[param(example = "Europe/Berlin")]
    tz: Option<String>,
}

/// The parameters that choose what counts, for the documentation. Each may be repeated.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct FilterParameters {
    /// Only these teams, by id.
    team_id: Option<Vec<String>>,
    /// Only these API keys, by hash.
    api_key: Option<Vec<String>>,
    /// Only these model groups, by public name.
    model: Option<Vec<String>>,
    /// Only these providers; needs request logs.
    provider: Option<Vec<String>>,
}

/// Why the parameters name no days.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidQuery {
    #[error("{0}: {1}")]
    Format(InvalidDay, &'static str),
    #[error("{0} cannot be in the future")]
    Future(&'static str),
    #[error("end_date must not be before start_date")]
    Backwards,
    #[error("include must be unassigned, deleted or both, separated by a comma")]
    Include,
    #[error("tz must be the name of a time zone, such as Europe/Berlin")]
    Zone,
    #[error("grain must be 15m, 1h, 1d, 1w or 1mo")]
    Grain,
    #[error(
        "by must be team, api_key, model, provider_model, provider, endpoint, mcp_tool or total"
    )]
    By,
    #[error("measures must be names of measures, separated by commas; see /api/v1/meta")]
    Measures,
    #[error("there would be more than {0} buckets; choose a longer grain or fewer days")]
    Buckets(usize),
    #[error("{0}")]
    Unknown(String),
    #[error("topics must be leaderboard, totals or freshness, separated by commas")]
    Topics,
    #[error("patch must be true or false")]
    Patch,
}

const START: &str = "start_date";
const END: &str = "end_date";
const INCLUDE: &str = "include";

impl UsageQuery {
    /// The parameters that say which days and teams are meant.
    pub(super) const NAMES: [&'static str; 4] = [START, END, INCLUDE, "tz"];

    /// The parameters that say what counts.
    pub(super) const FILTERS: [&'static str; 4] = ["team_id", "api_key", "model", "provider"];

    fn parse(query: &str) -> Self {
        let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        Self::of(pairs.iter().map(|(name, value)| (&**name, &**value)))
    }

    /// What the parameters say, by name.
    pub(super) fn of<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut parsed = Self::default();
        let dimensions =
            [Dimension::Team, Dimension::ApiKey, Dimension::Model, Dimension::Provider];
        let mut names = dimensions.map(|dimension| (dimension, Vec::new()));
        for (name, value) in pairs {
            let value = value.to_owned();
            match name {
                START => parsed.start_date = Some(value),
                END => parsed.end_date = Some(value),
                INCLUDE => parsed.include = Some(value),
                "tz" => parsed.tz = Some(value),
                "team" => parsed.team = Some(value),
                "grain" => parsed.grain = Some(value),
                "by" => parsed.by = Some(value),
                "measures" => parsed.measures = Some(value),
                "team_id" => names[0].1.push(value),
                "api_key" => names[1].1.push(value),
                "model" => names[2].1.push(value),
                "provider" => names[3].1.push(value),
                _ => {}
            }
        }
        for (dimension, mut ids) in names.into_iter().filter(|(_, ids)| !ids.is_empty()) {
            let rest = dimension.info().rest;
            for id in ids.iter_mut().filter(|id| *id == rest && dimension != Dimension::Team) {
                REST.clone_into(id);
            }
            // The same question whatever the order.
            ids.sort_unstable();
            ids.dedup();
            parsed.filter = parsed.filter.only(dimension, ids);
        }
        parsed
    }

    /// The same with all usage, that of deleted teams and without a team included.
    pub(super) fn of_everybody(mut self) -> Self {
        self.include = Some("unassigned,deleted".to_owned());
        self
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

    /// The time zone of the days, and its canonical name.
    pub(super) fn zone(&self) -> Result<(TimeZone, String), InvalidQuery> {
        match self.tz.as_deref() {
            None | Some("" | "UTC" | "Etc/UTC" | "Z") => Ok((TimeZone::UTC, "UTC".to_owned())),
            Some(name) => zone_of(name).ok_or(InvalidQuery::Zone),
        }
    }

    /// How long the buckets are.
    pub(super) fn grain(&self) -> Result<Grain, InvalidQuery> {
        match self.grain.as_deref() {
            Some("15m") => Ok(Grain::Quarter),
            Some("1h") => Ok(Grain::Hour),
            None | Some("" | "1d") => Ok(Grain::Day),
            Some("1w") => Ok(Grain::Week(WeekStart::Monday)),
            Some("1mo") => Ok(Grain::Month),
            Some(_) => Err(InvalidQuery::Grain),
        }
    }

    /// What the series are of.
    pub(super) fn series_of(&self) -> Result<SeriesOf, InvalidQuery> {
        match self.by.as_deref() {
            None | Some("") => Ok(SeriesOf::default()),
            Some(name) => SeriesOf::named(name).ok_or(InvalidQuery::By),
        }
    }

    /// What is told of each bucket.
    pub(super) fn measures(&self) -> Result<Vec<&'static Measure>, InvalidQuery> {
        let named = self.measures.as_deref().filter(|named| !named.is_empty());
        named
            .unwrap_or("tokens,requests,failed_requests,spend_usd")
            .split(',')
            .map(str::trim)
            .map(Measure::named)
            .collect::<Option<_>>()
            .ok_or(InvalidQuery::Measures)
    }

    /// The days that are meant, seen from `today` in their zone.
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

/// The zone of an IANA name: no offset, rule or file that the system may know besides.
fn zone_of(name: &str) -> Option<(TimeZone, String)> {
    const NO_ZONES: [&str; 4] = ["factory", "localtime", "posixrules", "local"];
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte));
    let small = name.to_ascii_lowercase();
    let is_other = NO_ZONES.contains(&small.as_str())
        || ["posix/", "right/", "/"].iter().any(|other| small.starts_with(other));
    if !is_name || is_other {
        return None;
    }
    let zone = TimeZone::get(name).ok()?;
    let canonical = zone.iana_name()?.to_owned();
    if matches!(canonical.as_str(), "UTC" | "Etc/UTC") {
        return Some((TimeZone::UTC, "UTC".to_owned()));
    }
    Some((zone, canonical))
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
    fn zones_have_iana_names() {
        for (name, canonical) in [
            ("Europe/Berlin", "Europe/Berlin"),
            ("europe/berlin", "Europe/Berlin"),
            ("America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
            ("Etc/GMT+3", "Etc/GMT+3"),
            ("utc", "UTC"),
        ] {
            assert_eq!(zone_of(name).map(|(_, name)| name).as_deref(), Some(canonical), "{name}");
        }
        for name in [
            "+02:00",
            "UTC+2",
            "EST5EDT4,M3.2.0,M11.1.0",
            "/etc/localtime",
            "../UTC",
            "posixrules",
            "localtime",
            "Factory",
            "posix/Europe/Berlin",
            "right/UTC",
            "Mars/Olympus",
            "Europe",
            " ",
            "Europe/Berlin\0",
        ] {
            assert!(zone_of(name).is_none(), "{name}");
        }
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
