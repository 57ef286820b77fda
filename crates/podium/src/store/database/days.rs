//! Days at rest: their states, totals and facts.

use jiff::Timestamp;
use rusqlite::{Row, Transaction, params_from_iter, types::Value};

use super::names::write_aliases;
use super::sums::{by_place, discrepancy_from, discrepancy_text};
use super::{Database, Distrusted, decoded, timestamp};
use crate::store::dictionary::{Dictionary, Series};
use crate::store::seal::{Seal, from_blob, to_blob};
use crate::store::{DayState, Error};
use crate::usage::{AMOUNT_NAMES, AMOUNTS, COUNT_NAMES, COUNTS, Day, Dimension, Metrics};

/// A day as it is in the file.
pub(in crate::store) struct DayAtRest {
    pub(in crate::store) day: Day,
    pub(in crate::store) state: DayState,
    pub(in crate::store) total: Metrics,
    pub(in crate::store) facts: Vec<(u32, Metrics)>,
    /// Whether it was read with all facets.
    pub(in crate::store) with_facets: bool,
}

/// A day on its way into the file.
pub(in crate::store) struct DayWrite<'a> {
    pub(in crate::store) day: Day,
    pub(in crate::store) state: &'a DayState,
    pub(in crate::store) total: &'a Metrics,
    pub(in crate::store) facts: &'a [(u32, Metrics)],
    pub(in crate::store) with_facets: bool,
    pub(in crate::store) dictionary: &'a Dictionary,
    /// How many series the file has: those behind them are new.
    pub(in crate::store) known_series: usize,
    pub(in crate::store) key_aliases: Vec<(&'a str, &'a str)>,
    pub(in crate::store) team_aliases: Vec<(&'a str, &'a str)>,
}

/// The columns of sums, in the order of [`metrics`].
fn columns() -> String {
    AMOUNT_NAMES.iter().chain(&COUNT_NAMES).copied().collect::<Vec<_>>().join(", ")
}

fn metrics(row: &Row<'_>, first: usize) -> rusqlite::Result<Metrics> {
    let (mut amounts, mut counts) = ([0.0; AMOUNTS], [0; COUNTS]);
    for (i, amount) in amounts.iter_mut().enumerate() {
        *amount = row.get(first + i)?;
    }
    for (i, count) in counts.iter_mut().enumerate() {
        *count = row.get(first + AMOUNTS + i)?;
    }
    Ok(Metrics::from_parts(amounts, counts))
}

fn metrics_values(metrics: &Metrics) -> impl Iterator<Item = Value> {
    metrics.amounts().map(Value::from).into_iter().chain(metrics.counts().map(Value::from))
}

fn series_seal(dictionary: &Dictionary, series: Series) -> u128 {
    let [team, api_key, value] = dictionary.names_of_series(series);
    let seal = Seal::of("series")
        .optional(team.as_deref())
        .optional(api_key.as_deref())
        .optional(value.as_deref());
    match series.facet {
        // As it was before there were other facets.
        Dimension::Model => seal.done(),
        facet => seal.text(facet.name()).done(),
    }
}

/// The seal of a day: of what it says, and of what each of its facts says, in any order.
fn day_seal(
    day: &str,
    state: &DayState,
    discrepancy: Option<&str>,
    total: &Metrics,
    facts: impl Iterator<Item = (u128, Metrics)>,
) -> [u8; 16] {
    let of_fact =
        |(series, metrics): (u128, Metrics)| Seal::of("fact").sum(series).metrics(&metrics).done();
    let facts = facts.map(of_fact).fold(0_u128, u128::wrapping_add);
    let seal = Seal::of("day")
        .text(day)
        .number(state.fetched_at.as_millisecond())
        .number(i64::from(state.has_usage))
        .optional(discrepancy)
        .metrics(total)
        .sum(facts);
    to_blob(seal.done())
}

fn checked_seal(day: &str, checked_ms: i64) -> [u8; 16] {
    to_blob(Seal::of("checked").text(day).number(checked_ms).done())
}

/// A row of `day`, before anybody trusts it.
struct DayRow {
    total: Metrics,
    fetched_at: Timestamp,
    checked_ms: i64,
    has_usage: bool,
    discrepancy: Option<String>,
    seal: Option<u128>,
    checked_seal: Option<u128>,
}

impl DayRow {
    fn read(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
        let Some(fetched_at) = timestamp(row.get(1)?) else { return Ok(None) };
        Ok(Some(Self {
            fetched_at,
            checked_ms: row.get(2)?,
            has_usage: row.get(3)?,
            discrepancy: row.get(4)?,
            seal: from_blob(row.get(5)?),
            checked_seal: from_blob(row.get(6)?),
            total: metrics(row, 7)?,
        }))
    }

    /// The day, if it is what was written. When it was last compared counts only if that is.
    fn day(
        self,
        text: &str,
        facts: Vec<(u32, Metrics)>,
        with_facets: bool,
        seals: &[u128],
    ) -> Option<DayAtRest> {
        let day = Day::parse(text).ok()?;
        let discrepancy = match self.discrepancy.as_deref() {
            Some(text) => Some(discrepancy_from(text)?),
            None => None,
        };
        let is_checked =
            self.checked_seal.map(to_blob) == Some(checked_seal(text, self.checked_ms));
        let checked_at = timestamp(self.checked_ms).filter(|_| is_checked);
        let state = DayState {
            fetched_at: self.fetched_at,
            checked_at: checked_at.unwrap_or(self.fetched_at),
            has_usage: self.has_usage,
            discrepancy,
        };
        let mut sealed = Vec::with_capacity(facts.len());
        for (series, metrics) in &facts {
            sealed.push((*seals.get(*series as usize)?, *metrics));
        }
        let seal =
            day_seal(text, &state, self.discrepancy.as_deref(), &self.total, sealed.into_iter());
        let is_sealed = self.seal.map(to_blob) == Some(seal);
        is_sealed.then_some(DayAtRest { day, state, total: self.total, facts, with_facets })
    }
}

impl Database {
    /// Series by code. One that cannot be read leaves its place empty: the days that speak of it
    /// then do not agree with their seals.
    pub(super) fn load_series(&self, dictionary: &mut Dictionary) -> Result<(), Error> {
        let mut statement = self.connection.prepare(
            "SELECT series, team_id, api_key, model_group, facet FROM series ORDER BY series",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let read = decoded((|| {
                let names: (String, Option<String>, Option<String>, String) =
                    (row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?);
                Ok((row.get::<_, u32>(0)?, names))
            })())?;
            let Some((code, (team, api_key, value, facet))) = read else { continue };
            let facet = Dimension::named(&facet).filter(|facet| facet.is_facet());
            if let Some(facet) = facet {
                let value = value.as_deref().map(|value| (facet, value));
                dictionary.restore_series(code, &team, api_key.as_deref(), value);
            }
        }
        Ok(())
    }

    /// The days that are as they were written; the others are named in `distrusted`.
    pub(super) fn load_days(
        &self,
        dictionary: &Dictionary,
        distrusted: &mut Distrusted,
    ) -> Result<Vec<DayAtRest>, Error> {
        let seals: Vec<u128> =
            dictionary.series().iter().map(|series| series_seal(dictionary, *series)).collect();
        let columns = columns();
        let mut facts = self
            .connection
            .prepare(&format!("SELECT series, {columns} FROM fact WHERE day = ?1"))?;
        let mut statement = self.connection.prepare(&format!(
            "SELECT day, fetched_at_ms, checked_at_ms, has_usage, discrepancy, seal, checked_seal,
               {columns}, with_facets FROM day ORDER BY day"
        ))?;
        let mut rows = statement.query([])?;
        let mut days = Vec::new();
        while let Some(row) = rows.next()? {
            let key: Value = row.get(0)?;
            let facts = facts
                .query_map([&key], |row| Ok((row.get(0)?, metrics(row, 1)?)))?
                .collect::<rusqlite::Result<Vec<(u32, Metrics)>>>();
            // Where this cannot be read, the day is read once more.
            let with_facets = row.get("with_facets").unwrap_or(false);
            let day = match (&key, decoded(DayRow::read(row))?.flatten(), decoded(facts)?) {
                (Value::Text(text), Some(row), Some(facts)) => {
                    row.day(text, facts, with_facets, &seals)
                }
                _ => None,
            };
            match day {
                Some(day) => days.push(day),
                None => distrusted.days.push(key),
            }
        }
        Ok(days)
    }

    pub(super) fn forget_days(&mut self, days: &[Value]) -> Result<(), Error> {
        let transaction = self.connection.transaction()?;
        for day in days {
            transaction.execute("DELETE FROM fact WHERE day = ?1", [day])?;
            transaction.execute("DELETE FROM day WHERE day = ?1", [day])?;
        }
        Ok(transaction.commit()?)
    }

    /// Seals the days of an older file as they are; days whose discrepancy cannot be read are left
    /// without a seal.
    pub(super) fn adopt_days(&mut self) -> Result<(), Error> {
        let mut dictionary = Dictionary::default();
        self.load_series(&mut dictionary)?;
        let seals: Vec<u128> =
            dictionary.series().iter().map(|series| series_seal(&dictionary, *series)).collect();
        let columns = columns();
        let transaction = self.connection.savepoint()?;
        {
            let mut facts = transaction
                .prepare(&format!("SELECT series, {columns} FROM fact WHERE day = ?1"))?;
            let mut statement = transaction.prepare(&format!(
                "SELECT day, fetched_at_ms, checked_at_ms, has_usage, discrepancy, seal,
                   checked_seal, {columns} FROM day"
            ))?;
            let mut update = transaction.prepare(
                "UPDATE day SET discrepancy = ?2, seal = ?3, checked_seal = ?4 WHERE day = ?1",
            )?;
            let days: Vec<(String, Option<DayRow>)> = statement
                .query_map([], |row| Ok((row.get(0)?, DayRow::read(row)?)))?
                .collect::<Result<_, _>>()?;
            for (day, row) in days {
                let Some(row) = row else { continue };
                let discrepancy = row.discrepancy.as_deref().map(by_place::discrepancy_from);
                // Whatever it said, the day was not verified.
                let Some(discrepancy) = discrepancy.map_or(Some(None), |read| read.map(Some))
                else {
                    continue;
                };
                let text = discrepancy.as_ref().map(discrepancy_text);
                let state = DayState {
                    fetched_at: row.fetched_at,
                    checked_at: row.fetched_at,
                    has_usage: row.has_usage,
                    discrepancy,
                };
                let facts: Vec<(u32, Metrics)> = facts
                    .query_map([&day], |row| Ok((row.get(0)?, metrics(row, 1)?)))?
                    .collect::<Result<_, _>>()?;
                let sealed = facts.iter().filter_map(|(series, metrics)| {
                    Some((*seals.get(*series as usize)?, *metrics))
                });
                let seal = day_seal(&day, &state, text.as_deref(), &row.total, sealed);
                update.execute((&day, &text, seal, checked_seal(&day, row.checked_ms)))?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// Replaces a day and its facts.
    pub(in crate::store) fn replace_day(&mut self, write: &DayWrite<'_>) -> Result<(), Error> {
        let transaction = self.connection.transaction()?;
        write.series(&transaction)?;
        let (keys, teams) = (&write.key_aliases, &write.team_aliases);
        write_aliases(&transaction, keys.iter().copied(), teams.iter().copied())?;
        write.day(&transaction)?;
        write.facts(&transaction)?;
        Ok(transaction.commit()?)
    }

    pub(in crate::store) fn mark_checked(
        &mut self,
        days: &[Day],
        checked_at: Timestamp,
    ) -> Result<(), Error> {
        let checked_ms = checked_at.as_millisecond();
        let transaction = self.connection.transaction()?;
        {
            let mut update = transaction.prepare_cached(
                "UPDATE day SET checked_at_ms = ?2, checked_seal = ?3 WHERE day = ?1",
            )?;
            for day in days {
                let day = day.to_string();
                update.execute((&day, checked_ms, checked_seal(&day, checked_ms)))?;
            }
        }
        Ok(transaction.commit()?)
    }
}

impl DayWrite<'_> {
    fn series(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        // A place that could not be read holds nothing that anybody speaks of.
        let mut insert = transaction.prepare_cached(
            "INSERT OR REPLACE INTO series (series, team_id, api_key, model_group, facet)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        let new = (0_u32..).zip(self.dictionary.series()).skip(self.known_series);
        for (code, series) in new {
            let [team, api_key, value] = self.dictionary.names_of_series(*series);
            let (api_key, value) = (api_key.as_deref(), value.as_deref());
            insert.execute((code, team.as_deref(), api_key, value, series.facet.name()))?;
        }
        Ok(())
    }

    fn day(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let day = self.day.to_string();
        let discrepancy = self.state.discrepancy.as_ref().map(discrepancy_text);
        let facts = self.facts.iter().map(|(code, metrics)| {
            let series = self.dictionary.series().get(*code as usize).copied();
            (series_seal(self.dictionary, series.unwrap_or(Series::NOTHING)), *metrics)
        });
        let seal = day_seal(&day, self.state, discrepancy.as_deref(), self.total, facts);
        let checked_ms = self.state.checked_at.as_millisecond();
        transaction.execute("DELETE FROM fact WHERE day = ?1", [&day])?;
        let mut values = vec![
            Value::from(day.clone()),
            Value::from(self.state.fetched_at.as_millisecond()),
            Value::from(checked_ms),
            Value::from(self.state.has_usage),
            Value::from(discrepancy),
            Value::from(seal.to_vec()),
            Value::from(checked_seal(&day, checked_ms).to_vec()),
            Value::from(self.with_facets),
        ];
        values.extend(metrics_values(self.total));
        let marks = vec!["?"; values.len()].join(", ");
        let columns = columns();
        transaction
            .prepare_cached(&format!(
                "INSERT OR REPLACE INTO day (day, fetched_at_ms, checked_at_ms, has_usage,
                   discrepancy, seal, checked_seal, with_facets, {columns}) VALUES ({marks})"
            ))?
            .execute(params_from_iter(values))?;
        Ok(())
    }

    fn facts(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let day = self.day.to_string();
        let columns = columns();
        let marks = vec!["?"; COUNTS + AMOUNTS + 2].join(", ");
        let mut insert = transaction.prepare_cached(&format!(
            "INSERT INTO fact (day, series, {columns}) VALUES ({marks})"
        ))?;
        for (series, metrics) in self.facts {
            let mut values = vec![Value::from(day.clone()), Value::from(*series)];
            values.extend(metrics_values(metrics));
            insert.execute(params_from_iter(values))?;
        }
        Ok(())
    }
}
