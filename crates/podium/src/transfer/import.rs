//! Takes an export into an empty store: all of it, or nothing.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::TransferError;
use super::manifest::ExportManifest;
use super::reader::TableReader;
use super::records::Row;
use super::schema::{
    API_KEYS, COUNTED_REQUESTS, DAYS, FACET_USAGE, FINDINGS, KEY_USAGE, LOG_DAYS, MODEL_USAGE,
    QUARTER_HOURS, TEAM_USAGE, TEAMS, tables,
};
use crate::store::{
    DayRecords, Intake, Location, LogDay, LogRecords, NameRecords, QuarterRecord, RequestRecord,
    UsageRecord,
};
use crate::usage::{Day, Dimension, Finding, Team};

/// What a file may tell of one day, since a day is in memory as a whole.
const MOST_ROWS_OF_A_DAY: usize = 4_000_000;
/// What it may tell of names and findings in all.
const MOST_NAMES: usize = 4_000_000;

/// Imports the export in `directory` into the empty place `location`, for the gateway `gateway`; where
/// it is now, and what was imported.
pub fn import(
    directory: &Path,
    location: &Location,
    gateway: &str,
    as_this_gateway: bool,
    now: Timestamp,
) -> Result<(PathBuf, ExportManifest), TransferError> {
    let manifest = ExportManifest::read(directory)?;
    if manifest.gateway != gateway && !as_this_gateway {
        return Err(TransferError::OtherGateway);
    }
    let mut intake = Intake::begin(location).map_err(TransferError::refused("the place"))?;
    let open =
        |table: usize| TableReader::open(directory, &tables()[table], &manifest.files[table]);
    let names = names(open(TEAMS)?, open(API_KEYS)?, &manifest)?;
    intake.add_names(names).map_err(TransferError::refused("teams.parquet"))?;
    let usage = Usage {
        teams: ByDay::new(open(TEAM_USAGE)?, |row| Some((row.day()?, row.usage(1)?))),
        keys: ByDay::new(open(KEY_USAGE)?, |row| Some((row.day()?, row.usage(2)?))),
        models: ByDay::new(open(MODEL_USAGE)?, |row| Some((row.day()?, row.usage(3)?))),
        facets: ByDay::new(open(FACET_USAGE)?, |row| {
            let (day, facet) = (row.day()?, row.text()?);
            let facet = Dimension::named(&facet).filter(|facet| facet.is_facet());
            let facet = facet.filter(|facet| *facet != Dimension::Model)?;
            Some((day, (facet, row.usage(3)?)))
        }),
    };
    take_days(&mut intake, open(DAYS)?, usage)?;
    let quarters = ByDay::new(open(QUARTER_HOURS)?, |row| {
        let record = row.quarter()?;
        Some((record.quarter.day(), record))
    });
    let requests = ByDay::new(open(COUNTED_REQUESTS)?, Row::request);
    take_logs(&mut intake, open(LOG_DAYS)?, quarters, requests)?;
    let findings = all(&mut open(FINDINGS)?, Row::finding)?;
    let findings: Vec<Finding> = findings;
    intake
        .add_rest(&findings, manifest.empty_before, manifest.seen_from)
        .map_err(TransferError::refused("manifest.json"))?;
    let path = intake.finish(now).map_err(TransferError::refused("the export"))?;
    Ok((path, manifest))
}

/// The tables of usage, side by side.
struct Usage {
    teams: ByDay<UsageRecord>,
    keys: ByDay<UsageRecord>,
    models: ByDay<UsageRecord>,
    facets: ByDay<(Dimension, UsageRecord)>,
}

fn take_days(
    intake: &mut Intake,
    mut days: TableReader,
    mut usage: Usage,
) -> Result<(), TransferError> {
    let mut before = None;
    let file = days.name().to_owned();
    while let Some(row) = days.next()? {
        let record = Row::new(row).day_record();
        let record = record.filter(|record| before < Some(record.day));
        let record = record.ok_or_else(|| {
            TransferError::wrong(&file, "a row is no day, or out of the order of days")
        })?;
        let day = record.day;
        before = Some(day);
        let mut records = DayRecords {
            teams: usage.teams.take(day)?,
            keys: usage.keys.take(day)?,
            facets: BTreeMap::from([(Dimension::Model, usage.models.take(day)?)]),
        };
        for (facet, record) in usage.facets.take(day)? {
            records.facets.entry(facet).or_default().push(record);
        }
        intake.add_day(&record, &records).map_err(TransferError::refused(&file))?;
    }
    usage.teams.end()?;
    usage.keys.end()?;
    usage.models.end()?;
    usage.facets.end()
}

fn take_logs(
    intake: &mut Intake,
    mut log_days: TableReader,
    mut quarters: ByDay<QuarterRecord>,
    mut requests: ByDay<RequestRecord>,
) -> Result<(), TransferError> {
    let mut before = None;
    let file = log_days.name().to_owned();
    let log_day = |mut row: Row| {
        let day = row.day()?;
        let (read_until, read_at) = (row.maybe_instant()?, row.maybe_instant()?);
        Some((day, LogDay { read_until, read_at, pushed: row.boolean()? }))
    };
    while let Some(row) = log_days.next()? {
        let read = log_day(Row::new(row)).filter(|(day, _)| before < Some(*day));
        let (day, log_day) = read.ok_or_else(|| {
            TransferError::wrong(&file, "a row is no day, or out of the order of days")
        })?;
        before = Some(day);
        let (quarters, requests) = (quarters.take(day)?, requests.take(day)?);
        let logs = LogRecords { log_day, quarters, requests };
        intake.add_logs(day, &logs).map_err(TransferError::refused(&file))?;
    }
    quarters.end()?;
    requests.end()
}

fn names(
    mut teams: TableReader,
    mut api_keys: TableReader,
    manifest: &ExportManifest,
) -> Result<NameRecords, TransferError> {
    let mut names = NameRecords::default();
    let mut listed = Vec::new();
    let wrong = |file: &str| TransferError::wrong(file, "names are out of their order");
    let file = teams.name().to_owned();
    let rows = all(&mut teams, |row| Some((row.text()?, row.maybe_text()?, row.maybe_integer()?)))?;
    for (team_id, alias, position) in rows {
        let team_id = team_id.to_string();
        match (position, alias) {
            (Some(position), alias) => {
                if usize::try_from(position) != Ok(listed.len()) {
                    return Err(wrong(&file));
                }
                listed.push(Team { team_id, alias: alias.map(|alias| alias.to_string()) });
            }
            (None, Some(alias)) => {
                names.other_teams.insert(team_id, alias.to_string());
            }
            (None, None) => return Err(wrong(&file)),
        }
    }
    if manifest.teams_read_at.is_none() && !listed.is_empty() {
        return Err(wrong(&file));
    }
    names.teams = manifest.teams_read_at.map(|read_at| (listed, read_at));
    let keys = all(&mut api_keys, |row| Some((row.text()?, row.text()?)))?;
    names.api_keys =
        keys.into_iter().map(|(key, alias)| (key.to_string(), alias.to_string())).collect();
    Ok(names)
}

/// All rows of a small file.
fn all<T>(
    table: &mut TableReader,
    read: impl Fn(&mut Row) -> Option<T>,
) -> Result<Vec<T>, TransferError> {
    let mut records = Vec::new();
    while let Some(row) = table.next()? {
        let record = read(&mut Row::new(row));
        let record = record.filter(|_| records.len() < MOST_NAMES);
        let fault = "a row has values that cannot be, or there are too many";
        records.push(record.ok_or_else(|| TransferError::wrong(table.name(), fault))?);
    }
    Ok(records)
}

type ReadRow<T> = fn(&mut Row) -> Option<(Day, T)>;

/// The records of a table whose rows are in the order of their days.
struct ByDay<T> {
    table: TableReader,
    read: ReadRow<T>,
    next: Option<(Day, T)>,
    has_begun: bool,
}

impl<T> ByDay<T> {
    fn new(table: TableReader, read: ReadRow<T>) -> Self {
        Self { table, read, next: None, has_begun: false }
    }

    fn advance(&mut self) -> Result<Option<(Day, T)>, TransferError> {
        let next = match self.table.next()? {
            None => None,
            Some(row) => {
                let fault =
                    || TransferError::wrong(self.table.name(), "a row has values that cannot be");
                Some((self.read)(&mut Row::new(row)).ok_or_else(fault)?)
            }
        };
        Ok(std::mem::replace(&mut self.next, next))
    }

    /// The records of a day; those of days before must have been taken.
    fn take(&mut self, day: Day) -> Result<Vec<T>, TransferError> {
        if !self.has_begun {
            self.advance()?;
            self.has_begun = true;
        }
        let mut records = Vec::new();
        while self.next.as_ref().is_some_and(|(next, _)| *next == day) {
            if records.len() == MOST_ROWS_OF_A_DAY {
                return Err(TransferError::wrong(
                    self.table.name(),
                    "it tells too much of one day",
                ));
            }
            records.extend(self.advance()?.map(|(_, record)| record));
        }
        Ok(records)
    }

    /// Nothing may be left.
    fn end(mut self) -> Result<(), TransferError> {
        if !self.has_begun {
            self.advance()?;
        }
        match self.next {
            None => Ok(()),
            Some((day, _)) => {
                let fault = format!("{day} is out of the order of days, or not among them");
                Err(TransferError::wrong(self.table.name(), fault))
            }
        }
    }
}
