//! Days as versions 1 to 4 of the schema kept them: a row for each fact.

use rusqlite::Connection;
use rusqlite::types::Value;

use super::days::{DayRow, DayWrite, checked_seal, columns, day_seal, metrics};
use super::sums::{by_place, discrepancy_text};
use super::{Database, decoded};
use crate::store::day::pack;
use crate::store::dictionary::Dictionary;
use crate::store::seal::Seal;
use crate::store::{DayState, Error};
use crate::usage::{Day, Metrics};

/// A fact: the code of its series and its numbers.
type Fact = (u32, Metrics);

/// A day that is as it was written.
struct Trusted {
    day: Day,
    state: DayState,
    total: Metrics,
    facts: Vec<Fact>,
    with_facets: bool,
}

/// What the seal of a day was made of besides its state: each of its facts, in any order. Nothing
/// where one of them is of no series.
fn sum_of(facts: &[Fact], dictionary: &Dictionary) -> Option<u128> {
    let of_fact = |(code, metrics): &Fact| {
        Some(Seal::of("fact").sum(dictionary.meaning(*code)?).metrics(metrics).done())
    };
    facts.iter().try_fold(0_u128, |sum, fact| Some(sum.wrapping_add(of_fact(fact)?)))
}

impl Database {
    /// Seals the days of an older file as they are; days whose discrepancy cannot be read are left
    /// without a seal.
    pub(super) fn seal_facts(&mut self) -> Result<(), Error> {
        let mut dictionary = Dictionary::default();
        self.load_series(&mut dictionary)?;
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
                let facts: Vec<Fact> = facts
                    .query_map([&day], |row| Ok((row.get(0)?, metrics(row, 1)?)))?
                    .collect::<Result<_, _>>()?;
                let Some(sum) = sum_of(&facts, &dictionary) else { continue };
                let seal = day_seal(&day, &state, text.as_deref(), &row.total, sum);
                update.execute((&day, &text, seal, checked_seal(&day, row.checked_ms)))?;
            }
        }
        Ok(transaction.commit()?)
    }

    /// Packs the days that are as they were written. The others are forgotten, and read anew.
    pub(super) fn pack_facts(&mut self) -> Result<(), Error> {
        let mut dictionary = Dictionary::default();
        self.load_series(&mut dictionary)?;
        let transaction = self.connection.savepoint()?;
        let days: Vec<Value> = {
            let mut statement = transaction.prepare("SELECT day FROM day")?;
            let days = statement.query_map([], |row| row.get(0))?;
            days.collect::<Result<_, _>>()?
        };
        for key in days {
            match trusted(&transaction, &key, &dictionary)? {
                Some(Trusted { day, state, total, facts, with_facets }) => DayWrite {
                    day,
                    state: &state,
                    total: &total,
                    packed: &pack(facts, &dictionary),
                    with_facets,
                    dictionary: &dictionary,
                    known_series: dictionary.series().len(),
                    key_aliases: Vec::new(),
                    team_aliases: Vec::new(),
                }
                .day(&transaction)
                .map(drop)?,
                None => {
                    tracing::error!(day = ?key, "a day is not as it was written; it is read anew");
                    transaction.execute("DELETE FROM day WHERE day = ?1", [&key])?;
                }
            }
        }
        transaction.execute_batch("DROP TABLE fact")?;
        Ok(transaction.commit()?)
    }
}

/// A day and its facts, if both are as they were written.
fn trusted(
    connection: &Connection,
    key: &Value,
    dictionary: &Dictionary,
) -> Result<Option<Trusted>, Error> {
    let Value::Text(text) = key else { return Ok(None) };
    let columns = columns();
    let facts = connection
        .prepare_cached(&format!("SELECT series, {columns} FROM fact WHERE day = ?1"))?
        .query_map([key], |row| Ok((row.get(0)?, metrics(row, 1)?)))?
        .collect::<rusqlite::Result<Vec<Fact>>>();
    let row = connection
        .prepare_cached(&format!(
            "SELECT day, fetched_at_ms, checked_at_ms, has_usage, discrepancy, seal, checked_seal,
               {columns}, with_facets FROM day WHERE day = ?1"
        ))?
        .query_row([key], |row| Ok((DayRow::read(row)?, row.get("with_facets").unwrap_or(false))));
    let (Some((Some(row), with_facets)), Some(facts)) = (decoded(row)?, decoded(facts)?) else {
        return Ok(None);
    };
    let state = sum_of(&facts, dictionary).and_then(|sum| row.state(text, sum));
    let day = Day::parse(text).ok();
    let total = row.total;
    Ok(day.zip(state).map(|(day, state)| Trusted { day, state, total, facts, with_facets }))
}
