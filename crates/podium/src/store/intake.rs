//! Takes records of another store in: into a new file that counts once all of them are there.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;

use super::backup::verdict_of_usage;
use super::database::days::DayWrite;
use super::database::names::StoredNames;
use super::database::quarters::BatchWrite;
use super::database::{Database, lock};
use super::day::{self, pack};
use super::dictionary::{Dictionary, Split};
use super::extract::{DayRecord, DayRecords, LogRecords, NameRecords, UsageRecord, records_of};
use super::lock::Lock;
use super::packed::{Packed, SplitRows};
use super::quarters::{QuarterDay, QuarterFact};
use super::{BackupError, Error, Location, LogDay, incoming};
use crate::usage::{DIMENSIONS, Day, Dimension, Finding, Metrics, Quarter};

/// Why a record cannot be taken.
#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    /// The place, the disk, or what became of the records there.
    #[error(transparent)]
    Backup(#[from] BackupError),
    /// The store itself.
    #[error(transparent)]
    Store(#[from] Error),
    /// The record says what cannot be.
    #[error("{0}")]
    Wrong(String),
}

/// Records on their way into an empty store. Dropped without [`Intake::finish`] it leaves nothing.
pub struct Intake {
    /// Gone before its file is moved into place.
    database: Option<Database>,
    usage: PathBuf,
    dictionary: Dictionary,
    known_series: usize,
    log_days: BTreeMap<Day, LogDay>,
    /// Let go of last.
    _lock: Option<Lock>,
}

impl Intake {
    /// Begins, where nothing is stored and no server runs.
    pub fn begin(location: &Location) -> Result<Self, IntakeError> {
        let Location::File(usage) = location else {
            return Err(BackupError::ImportedToMemory.into());
        };
        let lock = lock(usage)?;
        let cannot = || BackupError::io("cannot write", usage);
        incoming::finish(usage).map_err(cannot())?;
        if usage.exists() {
            return Err(BackupError::NotEmpty(usage.clone()).into());
        }
        incoming::clear(usage).map_err(cannot())?;
        let database = Database::open_under(None, &incoming::place_of(usage))?;
        database.hurry()?;
        Ok(Self {
            database: Some(database),
            usage: usage.clone(),
            dictionary: Dictionary::default(),
            known_series: 0,
            log_days: BTreeMap::new(),
            _lock: lock,
        })
    }

    fn database(&mut self) -> Result<&mut Database, Error> {
        let ended = || Error::Database("the records were taken in already".to_owned());
        self.database.as_mut().ok_or_else(ended)
    }

    /// Takes all names. Once, before anything else.
    pub fn add_names(&mut self, names: NameRecords) -> Result<(), IntakeError> {
        let NameRecords { teams, other_teams, api_keys } = names;
        let stored = StoredNames {
            teams: teams.as_ref().map(|(teams, _)| teams.clone()),
            team_aliases: other_teams.into_iter().collect(),
            key_aliases: api_keys.into_iter().collect(),
            distrusted: 0,
        };
        let database = self.database()?;
        database.keep_only_names(&stored)?;
        if let Some((teams, read_at)) = teams {
            database.replace_teams(&teams, read_at)?;
        }
        Ok(())
    }

    /// Takes a day and what was used on it, if both fit together.
    pub fn add_day(&mut self, day: &DayRecord, usage: &DayRecords) -> Result<(), IntakeError> {
        let wrong = |what: &str| IntakeError::Wrong(format!("{}: {what}", day.day));
        let sum = |records: &[UsageRecord]| {
            let mut sum = Metrics::default();
            records.iter().for_each(|record| sum += &record.metrics);
            sum
        };
        if day.state.discrepancy.is_none() && !sum(&usage.teams).matches(&day.total) {
            return Err(wrong("its teams do not add up to its total"));
        }
        let splits = [&usage.teams, &usage.keys].into_iter().chain(usage.facets.values());
        let in_order = |pair: &[UsageRecord]| pair[0].names() < pair[1].names();
        if !splits.into_iter().all(|records| records.windows(2).all(in_order)) {
            return Err(wrong("names are told twice, or out of their order"));
        }
        let packed = pack_records(usage, &mut self.dictionary);
        let written = records_of(&packed, &self.dictionary);
        if written != *usage {
            return Err(wrong("what it tells cannot be kept as it is told"));
        }
        // The rests are those of the parts, but for the order in which floats are added.
        let rests = records_of(&pack(told_rows(&packed), &self.dictionary), &self.dictionary);
        if !are_alike(&rests, usage, day.total.cost_usd().abs()) {
            return Err(wrong("its rests are not what its parts leave of their wholes"));
        }
        let write = DayWrite {
            day: day.day,
            state: &day.state,
            total: &day.total,
            packed: &packed,
            with_facets: day.with_facets,
            dictionary: &self.dictionary,
            known_series: self.known_series,
            key_aliases: Vec::new(),
            team_aliases: Vec::new(),
        };
        let ended = || Error::Database("the records were taken in already".to_owned());
        self.database.as_mut().ok_or_else(ended)?.replace_day(&write)?;
        self.known_series = self.dictionary.series().len();
        Ok(())
    }

    /// Takes what is known of a day's requests.
    pub fn add_logs(&mut self, day: Day, logs: &LogRecords) -> Result<(), IntakeError> {
        let wrong = |what: &str| IntakeError::Wrong(format!("{day}: {what}"));
        let known_series = self.dictionary.quarter_series().len();
        let mut facts = BTreeMap::new();
        for record in &logs.quarters {
            if record.quarter.day() != day {
                return Err(wrong("a quarter hour of another day"));
            }
            let series = self.dictionary.quarter_series_code(record.names.each_ref().map(|n| &**n));
            let fact = QuarterFact {
                metrics: record.metrics,
                durations: record.durations.clone(),
                first_tokens: record.first_tokens.clone(),
            };
            if facts.insert((record.quarter, series), fact).is_some() {
                return Err(wrong("a quarter hour tells the same names twice"));
            }
        }
        let mut quarters: Vec<Quarter> = facts.keys().map(|(quarter, _)| *quarter).collect();
        quarters.dedup();
        let team_of = |series| self.dictionary.team_of_quarter_series(series);
        let in_columns = QuarterDay::empty(Quarter::first_of(day)).with(facts.into_iter(), team_of);
        self.log_days.insert(day, logs.log_day);
        let identities: Vec<_> = logs.requests.iter().map(|request| request.at_rest()).collect();
        let in_order = |pair: &[(u128, i64, u8)]| (pair[0].0, pair[0].1) < (pair[1].0, pair[1].1);
        if !identities.windows(2).all(in_order) {
            return Err(wrong("requests are told twice, or out of their order"));
        }
        let ended = || Error::Database("the records were taken in already".to_owned());
        let mut batch = self.database.as_mut().ok_or_else(ended)?.begin_batch()?;
        batch.take_in(day, &identities)?;
        batch.commit(&BatchWrite {
            known_series,
            dictionary: &self.dictionary,
            quarters: quarters.into_iter().map(|quarter| (quarter, &in_columns)).collect(),
            log_days: &self.log_days,
            told: &[day],
            key_aliases: &BTreeMap::new(),
        })?;
        Ok(())
    }

    /// Takes what audits found, and the days beyond which there is nothing.
    pub fn add_rest(
        &mut self,
        findings: &[Finding],
        empty_before: Option<Day>,
        seen_from: Option<Day>,
    ) -> Result<(), IntakeError> {
        let first = self.log_days.keys().next().copied();
        let database = self.database()?;
        database.record_findings(findings, usize::MAX)?;
        if let Some(day) = empty_before {
            database.set_empty_before(day)?;
        }
        if let Some(seen_from) = seen_from {
            database.forget_quarters(first.unwrap_or(seen_from).min(seen_from), seen_from)?;
        }
        Ok(())
    }

    /// Looks over what was taken in, and puts it where a server finds it; its place.
    pub fn finish(mut self, now: Timestamp) -> Result<PathBuf, IntakeError> {
        let incoming = incoming::place_of(&self.usage);
        if let Some(database) = self.database.take() {
            database.settle()?;
        }
        let fault = |fault| IntakeError::Wrong(format!("what was written cannot be read: {fault}"));
        verdict_of_usage(&incoming)?.map_err(fault)?;
        let cannot = || BackupError::io("cannot write", &self.usage);
        File::open(&incoming).and_then(|file| file.sync_all()).map_err(cannot())?;
        incoming::commit(&self.usage, now).map_err(cannot())?;
        Ok(self.usage.clone())
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        self.database = None;
        if !incoming::is_waiting(&self.usage) {
            let _ = incoming::clear(&self.usage);
        }
    }
}

/// Packs a day's records as they are, rests included: these are not computed anew, since floats that are
/// added in another order differ in their last bits.
fn pack_records(usage: &DayRecords, dictionary: &mut Dictionary) -> Packed {
    let mut splits: [SplitRows; DIMENSIONS] = Default::default();
    let parts = [(Split::Team, None, &usage.teams), (Split::ApiKey, None, &usage.keys)];
    let facets =
        usage.facets.iter().map(|(facet, rows)| (Split::Facet(*facet), Some(*facet), rows));
    for (split, facet, records) in parts.into_iter().chain(facets) {
        let rows = &mut splits[split.place()];
        for record in records {
            let value = facet.zip(record.value.as_deref());
            let code = dictionary.series_code(&record.team_id, record.api_key.as_deref(), value);
            let part = if record.is_told { &mut rows.told } else { &mut rows.rest };
            part.push((code, record.metrics));
        }
    }
    day::fill_untold(&mut splits);
    for SplitRows { told, rest } in &mut splits {
        told.sort_by_key(|(code, _)| *code);
        rest.sort_by_key(|(code, _)| *code);
    }
    Packed::pack(&splits)
}

/// The rows that were told, of all splits.
fn told_rows(packed: &Packed) -> Vec<(u32, Metrics)> {
    let told = |place: usize| {
        let view = packed.split(place);
        view.rows().take(view.told()).collect::<Vec<_>>()
    };
    (0..DIMENSIONS).flat_map(told).collect()
}

/// Whether both tell the same but for the last bits of amounts, on a day that cost so much.
fn are_alike(one: &DayRecords, other: &DayRecords, cost_usd: f64) -> bool {
    type ByName = HashMap<(usize, Arc<str>, Option<Arc<str>>, Option<Arc<str>>, bool), Metrics>;
    let by_name = |records: &DayRecords| -> ByName {
        let facets = Dimension::FACETS.iter().filter_map(|facet| records.facets.get(facet));
        let splits = [&records.teams, &records.keys].into_iter().chain(facets).enumerate();
        let named = splits.flat_map(|(place, rows)| rows.iter().map(move |row| (place, row)));
        let names = |(place, row): (usize, &UsageRecord)| {
            let UsageRecord { team_id, api_key, value, is_told, metrics } = row.clone();
            ((place, team_id, api_key, value, is_told), metrics)
        };
        named.map(names).collect()
    };
    let (one, other) = (by_name(one), by_name(other));
    // A rest of so little that floats make it of nothing may be told or not.
    let near = |a: &Metrics, b: &Metrics| {
        let gap = a.minus(b);
        let is_little = |amount: f64| amount.abs() <= cost_usd.mul_add(1e-8, 1e-6);
        a.counts() == b.counts() && gap.amounts().into_iter().all(is_little)
    };
    let nothing = Metrics::default();
    let fits = |a: &ByName, b: &ByName| {
        a.iter().all(|(names, metrics)| near(metrics, b.get(names).unwrap_or(&nothing)))
    };
    fits(&one, &other) && fits(&other, &one)
}
