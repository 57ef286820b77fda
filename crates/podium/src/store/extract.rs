//! All that is stored as of one moment, as records with names: what exports are made of. Nothing of how
//! this store keeps it shows in them, so that any other store can take them.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;

use super::backup::hold_moment;
use super::database::days::DayAtRest;
use super::database::known_schema;
use super::database::outline::{Identity, Outline};
use super::database::{Database, copy_is_current};
use super::dictionary::{Dictionary, Split};
use super::packed::Packed;
use super::{BackupError, DayState, Error, Location, LogDay};
use crate::usage::{Day, Dimension, Finding, Histogram, Metrics, Quarter, Team};

/// A day that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct DayRecord {
    /// The day.
    pub day: Day,
    /// How it stands.
    pub state: DayState,
    /// What the gateway says was used in all.
    pub total: Metrics,
    /// Whether it was read with all facets.
    pub with_facets: bool,
}

/// What was used by a team, a key of it, and a value of one facet, in this order; what none is told
/// of is the rest of its whole.
#[derive(Clone, Debug, PartialEq)]
pub struct UsageRecord {
    /// The team.
    pub team_id: Arc<str>,
    /// Its key; none in what is attributed to none of them.
    pub api_key: Option<Arc<str>>,
    /// The facet's value; none in what is attributed to none of them.
    pub value: Option<Arc<str>>,
    /// Whether the gateway told it; otherwise it is what is left over.
    pub is_told: bool,
    /// How much.
    pub metrics: Metrics,
}

impl UsageRecord {
    pub(super) fn names(&self) -> (&str, Option<&str>, Option<&str>, bool) {
        (&self.team_id, self.api_key.as_deref(), self.value.as_deref(), self.is_told)
    }
}

/// All splits of a day's usage, each in the order of its names. Facets that the gateway does not tell of
/// the day are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DayRecords {
    /// By team.
    pub teams: Vec<UsageRecord>,
    /// By key.
    pub keys: Vec<UsageRecord>,
    /// By the values of facets.
    pub facets: BTreeMap<Dimension, Vec<UsageRecord>>,
}

/// What was used in a quarter hour.
#[derive(Clone, Debug, PartialEq)]
pub struct QuarterRecord {
    /// Which.
    pub quarter: Quarter,
    /// The team, API key, model group, provider's model and provider.
    pub names: [Arc<str>; 5],
    /// How much.
    pub metrics: Metrics,
    /// How long requests took.
    pub durations: Histogram,
    /// How long they took to their first token.
    pub first_tokens: Histogram,
}

/// What is known of the day's requests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogRecords {
    /// How far logs were read.
    pub log_day: LogDay,
    /// By quarter hour and names.
    pub quarters: Vec<QuarterRecord>,
    /// Which were counted.
    pub requests: Vec<RequestRecord>,
}

/// A request that was counted, by a hash of what tells it from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    /// The hash.
    pub identity: u128,
    /// When it began, in milliseconds since 1970.
    pub started_ms: i64,
    /// It was seen with tokens, in logs, as a push.
    pub seen: [bool; 3],
}

/// What is known by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameRecords {
    /// The list of teams, and when it was read; nothing if it never was.
    pub teams: Option<(Vec<Team>, Timestamp)>,
    /// Names of teams that are not listed, by id.
    pub other_teams: BTreeMap<String, String>,
    /// Names of keys.
    pub api_keys: BTreeMap<String, String>,
}

/// What is stored, as of the moment when this was opened.
pub struct Extract {
    database: Database,
    outline: Outline,
}

impl Extract {
    /// Opens what is stored at a location, beside a server or without one.
    pub fn open(location: &Location) -> Result<Self, BackupError> {
        let Location::File(path) = location else { return Err(BackupError::InMemory) };
        super::backup::finish_restoring(path)?;
        if !path.exists() {
            return Err(BackupError::Nothing(path.clone()));
        }
        let connection = hold_moment(path)?;
        if !copy_is_current(&connection)? {
            return Err(BackupError::OlderSchema { path: path.clone(), known: known_schema() });
        }
        Self::of(connection).map_err(|error| match error {
            Error::Damaged(fault) => BackupError::Unsound { path: path.clone(), fault },
            error => error.into(),
        })
    }

    /// What a connection sees, if it is as it was written.
    pub(super) fn of(connection: Connection) -> Result<Self, Error> {
        let mut database = Database::reading(connection);
        let outline = database.outline()?;
        // Which requests of older days were counted is forgotten.
        let is_known = |day: &&Day| outline.seen_from.is_none_or(|first| **day >= first);
        let days: HashSet<Day> = outline.log_days.keys().filter(is_known).copied().collect();
        database.look_at_identities(&days)?;
        Ok(Self { database, outline })
    }

    /// Reads everything once: an error where something is not as it was written.
    pub(super) fn look_over(&self) -> Result<(), Error> {
        for day in self.days() {
            self.packed(day.day)?;
        }
        self.log_days().try_for_each(|day| self.database.quarters_of(day, &self.outline).map(drop))
    }

    /// The days, oldest first.
    pub fn days(&self) -> impl Iterator<Item = DayRecord> + '_ {
        self.outline.days.iter().map(|DayAtRest { day, state, total, with_facets, .. }| DayRecord {
            day: *day,
            state: state.clone(),
            total: *total,
            with_facets: *with_facets,
        })
    }

    fn packed(&self, day: Day) -> Result<Packed, Error> {
        let found = self.outline.days.binary_search_by_key(&day, |at_rest| at_rest.day);
        let content = found.ok().map(|at| &self.outline.days[at].content);
        let bytes = self.database.content(day)?;
        let trusted = content
            .zip(bytes)
            .and_then(|(content, bytes)| content.trusted(bytes, &self.outline.dictionary));
        trusted.ok_or_else(|| Error::Damaged(format!("days: {day}")))
    }

    /// What was used on a day.
    pub fn usage_of(&self, day: Day) -> Result<DayRecords, Error> {
        Ok(records_of(&self.packed(day)?, &self.outline.dictionary))
    }

    /// The days of whose requests something is known, oldest first.
    pub fn log_days(&self) -> impl Iterator<Item = Day> + '_ {
        self.outline.log_days.keys().copied()
    }

    /// What is known of a day's requests.
    pub fn logs_of(&self, day: Day) -> Result<LogRecords, Error> {
        let dictionary = &self.outline.dictionary;
        let facts = self.database.quarters_of(day, &self.outline)?;
        let record = |((quarter, series), fact): super::quarters::PlacedFact| {
            let series = *dictionary.quarter_series().get(series as usize)?;
            Some(QuarterRecord {
                quarter,
                names: dictionary.names_of(series),
                metrics: fact.metrics,
                durations: fact.durations,
                first_tokens: fact.first_tokens,
            })
        };
        let mut quarters: Vec<_> = facts.into_iter().filter_map(record).collect();
        quarters.sort_by(|a, b| (a.quarter, &a.names).cmp(&(b.quarter, &b.names)));
        let requests = self.database.identities(day)?.into_iter().map(RequestRecord::of).collect();
        let log_day = self.outline.log_days.get(&day).copied().unwrap_or_default();
        Ok(LogRecords { log_day, quarters, requests })
    }

    /// What is known by name.
    pub fn names(&self) -> NameRecords {
        let names = &self.outline.names;
        let teams = names.teams.clone().zip(self.outline.teams_read_at);
        let listed: HashSet<&str> =
            teams.iter().flat_map(|(teams, _)| teams).map(|team| team.team_id.as_str()).collect();
        let others = names.team_aliases.iter().filter(|(id, _)| !listed.contains(id.as_str()));
        NameRecords {
            other_teams: others.cloned().collect(),
            api_keys: names.key_aliases.iter().cloned().collect(),
            teams,
        }
    }

    /// What audits found, oldest first.
    pub fn findings(&self) -> &[Finding] {
        &self.outline.findings
    }

    /// The gateway has nothing before this day.
    pub fn empty_before(&self) -> Option<Day> {
        self.outline.empty_before
    }

    /// Requests of days before this one are not taken.
    pub fn seen_from(&self) -> Option<Day> {
        self.outline.seen_from
    }
}

const SEEN: [u8; 3] = [1, 2, 4];

impl RequestRecord {
    fn of((identity, started_ms, seen): Identity) -> Self {
        Self { identity, started_ms, seen: SEEN.map(|bit| seen & bit != 0) }
    }

    pub(super) fn at_rest(&self) -> Identity {
        let bits = SEEN.iter().zip(self.seen).filter(|(_, is_set)| *is_set);
        (self.identity, self.started_ms, bits.map(|(bit, _)| bit).sum())
    }
}

/// A packed day by name.
pub(super) fn records_of(packed: &Packed, dictionary: &Dictionary) -> DayRecords {
    let split = |split: Split| {
        let view = packed.split(split.place());
        let told = view.told();
        let record = |(row, (code, metrics)): (usize, (u32, Metrics))| {
            let series = *dictionary.series().get(code as usize)?;
            let [team, api_key, value] = dictionary.names_of_series(series);
            Some(UsageRecord { team_id: team?, api_key, value, is_told: row < told, metrics })
        };
        let mut records: Vec<_> = view.rows().enumerate().filter_map(record).collect();
        records.sort_by(|a, b| a.names().cmp(&b.names()));
        records
    };
    let facets = Dimension::FACETS.map(|facet| (facet, split(Split::Facet(facet))));
    let told = |(facet, records): &(Dimension, Vec<UsageRecord>)| {
        *facet == Dimension::Model || records.iter().any(|record| record.is_told)
    };
    DayRecords {
        teams: split(Split::Team),
        keys: split(Split::ApiKey),
        facets: facets.into_iter().filter(told).collect(),
    }
}
