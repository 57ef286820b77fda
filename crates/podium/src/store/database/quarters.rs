//! Quarter hours and the state of request logs at rest.
//!
//! A quarter hour's facts are one blob: 17 columns of some hundred rows would take ten times
//! the space and time, and nobody asks SQLite about them. Its layout: the version 1, then for
//! each row the series, the counters (a mask of those that are not zero, then these), spend as
//! eight bytes, and both histograms as the number of bands and each band with its count. All
//! whole numbers are LEB128.

pub(in crate::store) mod blob;

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use rusqlite::{Connection, Row, Transaction};

use super::requests::{IdentitySums, day_number, note, take_in};
use super::{Database, Distrusted, decoded, set, timestamp};
use crate::store::counted::{Counted, Novelty};
use crate::store::dictionary::{Dictionary, QuarterSeries};
use crate::store::quarters::{PlacedFact, QuarterDay, QuarterFact};
use crate::store::seal::{Seal, from_blob, to_blob};
use crate::store::{Error, LogDay};
use crate::usage::{Day, Quarter};
use blob::{read_facts, write_facts};

/// What one batch of requests changes.
pub(in crate::store) struct BatchWrite<'a> {
    /// How many series the file has: those behind them are new.
    pub(in crate::store) known_series: usize,
    pub(in crate::store) dictionary: &'a Dictionary,
    /// Whole quarter hours, as they are now.
    pub(in crate::store) quarters: Vec<(Quarter, &'a QuarterDay)>,
    /// The states of all logs as they are now, and those that are to be written in any case.
    pub(in crate::store) log_days: &'a BTreeMap<Day, LogDay>,
    pub(in crate::store) told: &'a [Day],
    pub(in crate::store) key_aliases: &'a BTreeMap<String, String>,
}

/// Quarter hours at rest, in order, and the state of the logs.
#[derive(Default)]
pub(in crate::store) struct StoredQuarters {
    pub(in crate::store) quarters: Vec<PlacedFact>,
    pub(in crate::store) log_days: Vec<(Day, LogDay)>,
}

/// What the rows that belong to a day add up to, so that a missing one shows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(in crate::store) struct SumsOfDay {
    pub(super) quarters: u128,
    pub(super) identities: u128,
}

/// A row of `log_day`.
struct LogDayRow {
    log_day: LogDay,
    sums: SumsOfDay,
}

impl LogDayRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Option<(Day, Self)>> {
        let text: String = row.get(0)?;
        let (until, at): (Option<i64>, Option<i64>) = (row.get(1)?, row.get(2)?);
        let time = |ms: Option<i64>| ms.map_or(Some(None), |ms| timestamp(ms).map(Some));
        let (Ok(day), Some(read_until), Some(read_at)) = (Day::parse(&text), time(until), time(at))
        else {
            return Ok(None);
        };
        let log_day = LogDay { read_until, read_at, pushed: row.get(3)? };
        let (quarters, identities) = (from_blob(row.get(4)?), from_blob(row.get(5)?));
        let (Some(quarters), Some(identities)) = (quarters, identities) else { return Ok(None) };
        let read = Self { log_day, sums: SumsOfDay { quarters, identities } };
        let is_sealed = from_blob(row.get(6)?).map(to_blob) == Some(read.seal(&text));
        Ok(is_sealed.then_some((day, read)))
    }

    fn seal(&self, day: &str) -> [u8; 16] {
        let ms = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
        let seal = Seal::of("log_day")
            .text(day)
            .maybe(ms(self.log_day.read_until))
            .maybe(ms(self.log_day.read_at))
            .number(i64::from(self.log_day.pushed))
            .sum(self.sums.quarters)
            .sum(self.sums.identities);
        to_blob(seal.done())
    }

    fn write(&self, transaction: &Connection, day: Day) -> Result<(), Error> {
        let text = day.to_string();
        let ms = |at: Option<Timestamp>| at.map(Timestamp::as_millisecond);
        let mut replace = transaction.prepare_cached(
            "INSERT OR REPLACE INTO log_day
               (day, read_until_ms, read_at_ms, pushed, quarters, identities, seal)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        replace.execute((
            &text,
            ms(self.log_day.read_until),
            ms(self.log_day.read_at),
            self.log_day.pushed,
            to_blob(self.sums.quarters),
            to_blob(self.sums.identities),
            self.seal(&text),
        ))?;
        Ok(())
    }
}

fn series_seal(dictionary: &Dictionary, series: QuarterSeries) -> u128 {
    let names = dictionary.names_of(series);
    names.iter().fold(Seal::of("quarter_series"), |seal, name| seal.text(name)).done()
}

/// What a quarter hour adds to the sum of its day.
fn quarter_seal<'a>(
    quarter: Quarter,
    facts: impl Iterator<Item = (u32, &'a QuarterFact)>,
    seal_of: impl Fn(u32) -> u128,
) -> u128 {
    let fact = |(series, fact): (u32, &QuarterFact)| {
        let seal = Seal::of("fact").sum(seal_of(series)).metrics(&fact.metrics);
        [&fact.durations, &fact.first_tokens]
            .into_iter()
            .fold(seal, |seal, histogram| {
                let seal = seal.number(histogram.bands().len() as i64);
                histogram.bands().iter().fold(seal, |seal, (band, count)| {
                    seal.number(i64::from(*band)).number(i64::from(*count))
                })
            })
            .done()
    };
    let facts = facts.map(fact).fold(0_u128, u128::wrapping_add);
    Seal::of("quarter").number(quarter.0).sum(facts).done()
}

/// The facts of a quarter hour, and what it adds to the sum of its day.
pub(super) fn day_facts(
    quarter: Quarter,
    bytes: &[u8],
    dictionary: &Dictionary,
) -> Option<(Vec<(u32, QuarterFact)>, u128)> {
    let all = dictionary.quarter_series();
    let facts = read_facts(bytes, all.len())?;
    let borrowed = facts.iter().map(|(series, fact)| (*series, fact));
    let seal_of =
        |code: u32| all.get(code as usize).map_or(0, |series| series_seal(dictionary, *series));
    let seal = quarter_seal(quarter, borrowed, seal_of);
    Some((facts, seal))
}

/// A batch of requests on its way into the file: all of it or nothing.
pub(in crate::store) struct Batch<'a> {
    transaction: Transaction<'a>,
    quarter_seals: &'a mut BTreeMap<i64, u128>,
    sums_of_days: &'a mut BTreeMap<i64, SumsOfDay>,
    identities: IdentitySums,
}

impl Batch<'_> {
    /// Notes which requests are counted now, and says of each what is new about it.
    pub(in crate::store) fn note(&mut self, requests: &[Counted]) -> Result<Vec<Novelty>, Error> {
        note(&self.transaction, requests, &mut self.identities)
    }

    /// Notes requests that another store counted.
    pub(in crate::store) fn take_in(
        &mut self,
        day: Day,
        requests: &[(u128, i64, u8)],
    ) -> Result<(), Error> {
        take_in(&self.transaction, day, requests, &mut self.identities)
    }

    /// Writes what the new ones change, and puts everything on the disk.
    pub(in crate::store) fn commit(self, batch: &BatchWrite<'_>) -> Result<(), Error> {
        let quarter_seals = batch.write(&self.transaction)?;
        let mut sums: BTreeMap<i64, SumsOfDay> = BTreeMap::new();
        let known = |number: i64| self.sums_of_days.get(&number).copied().unwrap_or_default();
        for (number, change) in self.identities {
            let sum = sums.entry(number).or_insert_with(|| known(number));
            sum.identities = sum.identities.wrapping_add(change);
        }
        for (quarter, seal) in &quarter_seals {
            let number = day_number(quarter.day());
            let sum = sums.entry(number).or_insert_with(|| known(number));
            let before = self.quarter_seals.get(&quarter.0).copied().unwrap_or_default();
            sum.quarters = sum.quarters.wrapping_sub(before).wrapping_add(*seal);
        }
        for day in batch.told {
            let number = day_number(*day);
            sums.entry(number).or_insert_with(|| known(number));
        }
        for (number, sums) in &sums {
            let day = Quarter(number * Quarter::PER_DAY).day();
            let log_day = batch.log_days.get(&day).copied().unwrap_or_default();
            LogDayRow { log_day, sums: *sums }.write(&self.transaction, day)?;
        }
        self.transaction.commit()?;
        self.quarter_seals.extend(quarter_seals.iter().map(|(quarter, seal)| (quarter.0, *seal)));
        self.sums_of_days.extend(sums);
        Ok(())
    }
}

impl Database {
    /// Begins a batch of requests; what is not committed never was.
    pub(in crate::store) fn begin_batch(&mut self) -> Result<Batch<'_>, Error> {
        Ok(Batch {
            transaction: self.connection.transaction()?,
            quarter_seals: &mut self.quarter_seals,
            sums_of_days: &mut self.sums_of_days,
            identities: IdentitySums::new(),
        })
    }

    /// Forgets quarter hours before `keep_from`, and which requests before `seen_from` were
    /// counted.
    pub(in crate::store) fn forget_quarters(
        &mut self,
        keep_from: Day,
        seen_from: Day,
    ) -> Result<(), Error> {
        let first = Quarter::first_of(keep_from).0;
        let transaction = self.connection.transaction()?;
        transaction.execute("DELETE FROM quarter WHERE quarter < ?1", [first])?;
        transaction.execute("DELETE FROM log_day WHERE day < ?1", [keep_from.to_string()])?;
        transaction.execute("DELETE FROM request WHERE day < ?1", [day_number(seen_from)])?;
        set(&transaction, "seen_from", seen_from.to_string().into())?;
        transaction.commit()?;
        self.quarter_seals = self.quarter_seals.split_off(&first);
        self.sums_of_days = self.sums_of_days.split_off(&day_number(keep_from));
        Ok(())
    }

    /// Forgets everything about the requests of some days, so that they are read anew.
    pub(in crate::store) fn forget_requests(&mut self, days: &[Day]) -> Result<(), Error> {
        let transaction = self.connection.transaction()?;
        for day in days {
            let number = day_number(*day);
            transaction.execute("DELETE FROM quarter WHERE quarter / 96 = ?1", [number])?;
            transaction.execute("DELETE FROM log_day WHERE day = ?1", [day.to_string()])?;
            transaction.execute("DELETE FROM request WHERE day = ?1", [number])?;
        }
        transaction.commit()?;
        for number in days.iter().map(|day| day_number(*day)) {
            self.sums_of_days.remove(&number);
            self.quarter_seals.retain(|quarter, _| quarter.div_euclid(Quarter::PER_DAY) != number);
        }
        Ok(())
    }

    /// The states of logs with what their days add up to.
    pub(super) fn sealed_log_days(
        &self,
        distrusted: &mut Distrusted,
    ) -> Result<Vec<(Day, LogDay, SumsOfDay)>, Error> {
        let rows = self.read_log_days(distrusted)?.into_iter();
        Ok(rows.map(|(day, row)| (day, row.log_day, row.sums)).collect())
    }

    pub(super) fn load_quarter_series(&self, dictionary: &mut Dictionary) -> Result<(), Error> {
        let mut statement = self.connection.prepare(
            "SELECT series, team_id, api_key, model_group, model, provider
             FROM quarter_series ORDER BY series",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let read = decoded((|| {
                let names: [String; 5] =
                    [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?];
                Ok((row.get::<_, u32>(0)?, names))
            })())?;
            if let Some((code, names)) = read {
                dictionary.restore_quarter_series(code, names.each_ref().map(String::as_str));
            }
        }
        Ok(())
    }

    /// The days of quarter hours that are as they were written; the others are named in
    /// `distrusted`.
    pub(super) fn load_quarters(
        &mut self,
        dictionary: &mut Dictionary,
        distrusted: &mut Distrusted,
    ) -> Result<StoredQuarters, Error> {
        self.load_quarter_series(dictionary)?;
        self.quarter_seals.clear();
        self.sums_of_days.clear();
        let mut doubtful: HashSet<i64> = HashSet::new();
        let quarters = self.read_quarters(dictionary, &mut doubtful)?;
        let mut sums: BTreeMap<i64, u128> = BTreeMap::new();
        for (quarter, seal) in &self.quarter_seals {
            let sum = sums.entry(quarter.div_euclid(Quarter::PER_DAY)).or_default();
            *sum = sum.wrapping_add(*seal);
        }
        let mut stored = StoredQuarters::default();
        for (day, row) in self.read_log_days(distrusted)? {
            let number = day_number(day);
            let told = row.sums.quarters;
            if sums.remove(&number).unwrap_or_default() == told && !doubtful.contains(&number) {
                self.sums_of_days.insert(number, row.sums);
                stored.log_days.push((day, row.log_day));
            } else {
                doubtful.insert(number);
            }
        }
        // Quarter hours of days that have no state of their logs.
        doubtful.extend(sums.keys());
        let trusted =
            |quarter: &Quarter| !doubtful.contains(&quarter.0.div_euclid(Quarter::PER_DAY));
        stored.quarters = quarters.into_iter().filter(|((at, _), _)| trusted(at)).collect();
        stored.log_days.retain(|(day, _)| !doubtful.contains(&day_number(*day)));
        self.quarter_seals.retain(|quarter, _| trusted(&Quarter(*quarter)));
        let day_of = |number: i64| Quarter(number.saturating_mul(Quarter::PER_DAY)).day();
        distrusted.request_days = doubtful.into_iter().map(day_of).collect();
        distrusted.request_days.sort_unstable();
        Ok(stored)
    }

    /// All quarter hours that can be read, and in `doubtful` the days of the others.
    fn read_quarters(
        &mut self,
        dictionary: &Dictionary,
        doubtful: &mut HashSet<i64>,
    ) -> Result<Vec<PlacedFact>, Error> {
        let all = dictionary.quarter_series();
        let seals: Vec<u128> = all.iter().map(|series| series_seal(dictionary, *series)).collect();
        let mut quarters = Vec::new();
        let mut statement =
            self.connection.prepare("SELECT quarter, facts FROM quarter ORDER BY quarter")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let at: i64 = row.get(0)?;
            let facts = decoded(row.get::<_, Vec<u8>>(1))?;
            let Some(facts) = facts.and_then(|facts| read_facts(&facts, all.len())) else {
                doubtful.insert(at.div_euclid(Quarter::PER_DAY));
                continue;
            };
            let borrowed = facts.iter().map(|(series, fact)| (*series, fact));
            let seal_of = |series| seals.get(series as usize).copied().unwrap_or_default();
            self.quarter_seals.insert(at, quarter_seal(Quarter(at), borrowed, seal_of));
            quarters.extend(facts.into_iter().map(|(series, fact)| ((Quarter(at), series), fact)));
        }
        Ok(quarters)
    }

    fn read_log_days(&self, distrusted: &mut Distrusted) -> Result<Vec<(Day, LogDayRow)>, Error> {
        let mut statement = self.connection.prepare(
            "SELECT day, read_until_ms, read_at_ms, pushed, quarters, identities, seal FROM log_day",
        )?;
        let mut rows = statement.query([])?;
        let mut log_days = Vec::new();
        while let Some(row) = rows.next()? {
            match decoded(LogDayRow::read(row))?.flatten() {
                Some(read) => log_days.push(read),
                None => distrusted.log_days.push(row.get(0)?),
            }
        }
        Ok(log_days)
    }

    /// Forgets rows of `log_day` that nobody can read, and identities of days without one: their
    /// requests are read anew, and must count again.
    pub(super) fn forget_log_days(&mut self, days: &[rusqlite::types::Value]) -> Result<(), Error> {
        let transaction = self.connection.transaction()?;
        for day in days {
            transaction.execute("DELETE FROM log_day WHERE day = ?1", [day])?;
        }
        transaction.execute(
            "DELETE FROM request WHERE day NOT IN
               (SELECT CAST(strftime('%s', day) AS INTEGER) / 86400 FROM log_day)",
            [],
        )?;
        Ok(transaction.commit()?)
    }

    /// Seals the quarter hours and the states of logs of an older file.
    pub(super) fn adopt_quarters(&mut self) -> Result<(), Error> {
        let mut dictionary = Dictionary::default();
        self.load_quarter_series(&mut dictionary)?;
        self.read_quarters(&dictionary, &mut HashSet::new())?;
        let mut sums: BTreeMap<i64, u128> = BTreeMap::new();
        for (quarter, seal) in std::mem::take(&mut self.quarter_seals) {
            let sum = sums.entry(quarter.div_euclid(Quarter::PER_DAY)).or_default();
            *sum = sum.wrapping_add(seal);
        }
        let mut rows: BTreeMap<Day, LogDay> = BTreeMap::new();
        {
            let mut statement = self
                .connection
                .prepare("SELECT day, read_until_ms, read_at_ms, pushed FROM log_day")?;
            let mut found = statement.query([])?;
            while let Some(row) = found.next()? {
                let (text, until, at): (String, Option<i64>, Option<i64>) =
                    (row.get(0)?, row.get(1)?, row.get(2)?);
                let Ok(day) = Day::parse(&text) else { continue };
                let log_day = LogDay {
                    read_until: until.and_then(timestamp),
                    read_at: at.and_then(timestamp),
                    pushed: row.get(3)?,
                };
                rows.insert(day, log_day);
            }
        }
        let day_of = |number: &i64| Quarter(number * Quarter::PER_DAY).day();
        for day in sums.keys().map(day_of) {
            rows.entry(day).or_default();
        }
        let transaction = self.connection.savepoint()?;
        for (day, log_day) in rows {
            let quarters = sums.get(&day_number(day)).copied().unwrap_or_default();
            let sums = SumsOfDay { quarters, identities: 0 };
            LogDayRow { log_day, sums }.write(&transaction, day)?;
        }
        Ok(transaction.commit()?)
    }
}

impl BatchWrite<'_> {
    /// Writes all but the states of logs; the seals of the quarter hours that changed.
    fn write(&self, transaction: &Transaction<'_>) -> Result<Vec<(Quarter, u128)>, Error> {
        let mut insert = transaction.prepare_cached(
            "INSERT OR REPLACE INTO quarter_series
               (series, team_id, api_key, model_group, model, provider)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        let all = self.dictionary.quarter_series();
        for (code, series) in (0_u32..).zip(all).skip(self.known_series) {
            let [team, api_key, model_group, model, provider] = self.dictionary.names_of(*series);
            insert.execute((code, &*team, &*api_key, &*model_group, &*model, &*provider))?;
        }
        let mut replace = transaction
            .prepare_cached("INSERT OR REPLACE INTO quarter (quarter, facts) VALUES (?1, ?2)")?;
        let mut seals = Vec::with_capacity(self.quarters.len());
        let seal_of = |code: u32| {
            all.get(code as usize).map_or(0, |series| series_seal(self.dictionary, *series))
        };
        for (quarter, day) in &self.quarters {
            let facts: Vec<(u32, QuarterFact)> = day.facts_of(*quarter).collect();
            let borrowed = facts.iter().map(|(series, fact)| (*series, fact));
            seals.push((*quarter, quarter_seal(*quarter, borrowed, seal_of)));
            replace.execute((quarter.0, write_facts(facts.into_iter())))?;
        }
        let names = self.key_aliases.iter().map(|(key, alias)| (&**key, &**alias));
        super::names::write_aliases(transaction, names, std::iter::empty())?;
        Ok(seals)
    }
}
