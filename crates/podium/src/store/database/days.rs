//! Days at rest: their states, totals and packed facts.

use jiff::Timestamp;
use rusqlite::{
    Connection, OptionalExtension as _, Row, Transaction, params_from_iter, types::Value,
};

use super::names::write_aliases;
use super::sums::{discrepancy_from, discrepancy_text};
use super::{Database, Distrusted, Stored, decoded, timestamp};
use crate::store::contents::Content;
use crate::store::day;
use crate::store::dictionary::Dictionary;
use crate::store::packed::Packed;
use crate::store::seal::{Seal, from_blob, to_blob};
use crate::store::{DayState, Error};
use crate::usage::{AMOUNT_NAMES, AMOUNTS, COUNT_NAMES, COUNTS, Day, Dimension, Metrics};

/// A day as it is in the file.
pub(in crate::store) struct DayAtRest {
    pub(in crate::store) day: Day,
    pub(in crate::store) state: DayState,
    pub(in crate::store) total: Metrics,
    pub(in crate::store) content: Content,
    /// Whether it was read with all facets.
    pub(in crate::store) with_facets: bool,
}

/// A day on its way into the file.
pub(in crate::store) struct DayWrite<'a> {
    pub(in crate::store) day: Day,
    pub(in crate::store) state: &'a DayState,
    pub(in crate::store) total: &'a Metrics,
    pub(in crate::store) packed: &'a Packed,
    pub(in crate::store) with_facets: bool,
    pub(in crate::store) dictionary: &'a Dictionary,
    /// How many series the file has: those behind them are new.
    pub(in crate::store) known_series: usize,
    pub(in crate::store) key_aliases: Vec<(&'a str, &'a str)>,
    pub(in crate::store) team_aliases: Vec<(&'a str, &'a str)>,
}

/// The columns of sums, in the order of [`metrics`].
pub(super) fn columns() -> String {
    AMOUNT_NAMES.iter().chain(&COUNT_NAMES).copied().collect::<Vec<_>>().join(", ")
}

pub(super) fn metrics(row: &Row<'_>, first: usize) -> rusqlite::Result<Metrics> {
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

/// The seal of a day: of what it says, and of its facts.
pub(super) fn day_seal(
    day: &str,
    state: &DayState,
    discrepancy: Option<&str>,
    total: &Metrics,
    facts: u128,
) -> [u8; 16] {
    let seal = Seal::of("day")
        .text(day)
        .number(state.fetched_at.as_millisecond())
        .number(i64::from(state.has_usage))
        .optional(discrepancy)
        .metrics(total)
        .sum(facts);
    to_blob(seal.done())
}

pub(super) fn checked_seal(day: &str, checked_ms: i64) -> [u8; 16] {
    to_blob(Seal::of("checked").text(day).number(checked_ms).done())
}

/// A row of `day`, before anybody trusts it.
pub(super) struct DayRow {
    pub(super) total: Metrics,
    pub(super) fetched_at: Timestamp,
    pub(super) checked_ms: i64,
    pub(super) has_usage: bool,
    pub(super) discrepancy: Option<String>,
    seal: Option<u128>,
    checked_seal: Option<u128>,
}

impl DayRow {
    /// What follows the day in a row: its times and seals in their order, then [`columns`].
    pub(super) fn read(row: &Row<'_>) -> rusqlite::Result<Option<Self>> {
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

    /// How the day stands, if it and its facts are what was written. When it was last compared
    /// counts only if that is.
    pub(super) fn state(&self, day: &str, facts: u128) -> Option<DayState> {
        let discrepancy = match self.discrepancy.as_deref() {
            Some(text) => Some(discrepancy_from(text)?),
            None => None,
        };
        let is_checked = self.checked_seal.map(to_blob) == Some(checked_seal(day, self.checked_ms));
        let checked_at = timestamp(self.checked_ms).filter(|_| is_checked);
        let state = DayState {
            fetched_at: self.fetched_at,
            checked_at: checked_at.unwrap_or(self.fetched_at),
            has_usage: self.has_usage,
            discrepancy,
        };
        let seal = day_seal(day, &state, self.discrepancy.as_deref(), &self.total, facts);
        (self.seal.map(to_blob) == Some(seal)).then_some(state)
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

    /// The days whose states are as they were written; the others are named in `distrusted`. Their
    /// facts are not looked at: who reads them compares them with their seal.
    pub(super) fn load_days(&self, distrusted: &mut Distrusted) -> Result<Vec<DayAtRest>, Error> {
        let columns = columns();
        let mut statement = self.connection.prepare(&format!(
            "SELECT day.day, fetched_at_ms, checked_at_ms, has_usage, discrepancy, day.seal,
               checked_seal, {columns}, with_facets, day_content.seal AS content_seal
             FROM day LEFT JOIN day_content USING (day) ORDER BY day.day"
        ))?;
        let mut rows = statement.query([])?;
        let mut days = Vec::new();
        while let Some(row) = rows.next()? {
            let key: Value = row.get(0)?;
            match decoded(day_at_rest(row, &key))?.flatten() {
                Some(day) => days.push(day),
                None => distrusted.days.push(key),
            }
        }
        Ok(days)
    }

    /// The packed facts of a day as they rest.
    pub(in crate::store) fn content(&self, day: Day) -> Result<Option<Vec<u8>>, Error> {
        content(&self.connection, day)
    }

    /// Looks at the facts of all days, and distrusts those that are not what was written.
    pub(in crate::store) fn look_over(&self, stored: &mut Stored) -> Result<(), Error> {
        let Stored { dictionary, days, distrusted, .. } = stored;
        for DayAtRest { day, content, .. } in days {
            let bytes = self.content(*day)?;
            if bytes.and_then(|bytes| content.trusted(bytes, dictionary)).is_none() {
                distrusted.days.push(day.to_string().into());
            }
        }
        Ok(())
    }

    pub(in crate::store) fn forget_days(&mut self, days: &[Value]) -> Result<(), Error> {
        let transaction = self.connection.transaction()?;
        for day in days {
            transaction.execute("DELETE FROM day_content WHERE day = ?1", [day])?;
            transaction.execute("DELETE FROM day WHERE day = ?1", [day])?;
        }
        Ok(transaction.commit()?)
    }

    /// Replaces a day and its facts; returns the seal of the facts.
    pub(in crate::store) fn replace_day(&mut self, write: &DayWrite<'_>) -> Result<u128, Error> {
        let transaction = self.connection.transaction()?;
        write.series(&transaction)?;
        let (keys, teams) = (&write.key_aliases, &write.team_aliases);
        write_aliases(&transaction, keys.iter().copied(), teams.iter().copied())?;
        let seal = write.day(&transaction)?;
        transaction.commit()?;
        Ok(seal)
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

    /// The seal of the facts.
    fn seal(&self) -> Result<u128, Error> {
        let seal = day::seal(self.day, self.packed, self.dictionary);
        seal.ok_or_else(|| Error::Database(format!("facts of {} are of no series", self.day)))
    }

    /// Writes the day and its facts; returns the seal of the facts.
    pub(super) fn day(&self, transaction: &Connection) -> Result<u128, Error> {
        let day = self.day.to_string();
        let discrepancy = self.state.discrepancy.as_ref().map(discrepancy_text);
        let content_seal = self.seal()?;
        let seal = day_seal(&day, self.state, discrepancy.as_deref(), self.total, content_seal);
        let checked_ms = self.state.checked_at.as_millisecond();
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO day_content (day, seal, content) VALUES (?1, ?2, ?3)",
            )?
            .execute((&day, to_blob(content_seal), &self.packed.bytes()[..]))?;
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
        Ok(content_seal)
    }
}

/// The packed facts of a day as they rest.
pub(super) fn content(connection: &Connection, day: Day) -> Result<Option<Vec<u8>>, Error> {
    let content = connection
        .prepare_cached("SELECT content FROM day_content WHERE day = ?1")?
        .query_row([day.to_string()], |row| row.get(0))
        .optional();
    Ok(decoded(content)?.flatten())
}

/// A day whose state is as it was written.
fn day_at_rest(row: &Row<'_>, key: &Value) -> rusqlite::Result<Option<DayAtRest>> {
    let Value::Text(text) = key else { return Ok(None) };
    let (Ok(day), Some(read)) = (Day::parse(text), DayRow::read(row)?) else { return Ok(None) };
    let Some(seal) = from_blob(row.get("content_seal")?) else { return Ok(None) };
    // Where this cannot be read, the day is read once more.
    let with_facets = row.get("with_facets").unwrap_or(false);
    Ok(read.state(text, seal).map(|state| DayAtRest {
        day,
        state,
        total: read.total,
        content: Content::in_file(day, seal),
        with_facets,
    }))
}
