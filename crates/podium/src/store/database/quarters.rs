//! Quarter hours and the state of request logs at rest.
//!
//! A quarter hour's facts are one blob: 17 columns of some hundred rows would take ten times
//! the space and time, and nobody asks SQLite about them. Its layout: the version 1, then for
//! each row the series, the counters (a mask of those that are not zero, then these), spend as
//! eight bytes, and both histograms as the number of bands and each band with its count. All
//! whole numbers are LEB128.

use std::collections::BTreeMap;

use rusqlite::Transaction;

use super::{Database, timestamp};
use crate::store::dictionary::{Dictionary, QuarterSeries};
use crate::store::quarters::{Novelty, PlacedFact, QuarterDay, QuarterFact};
use crate::store::{Error, LogDay};
use crate::usage::{COUNTS, Day, Histogram, Metrics, Quarter};

const LAYOUT: u8 = 1;

/// What one batch of requests changes.
pub(in crate::store) struct BatchWrite<'a> {
    /// The series that the file does not have yet, in the order of their codes.
    pub(in crate::store) new_series: Vec<(u32, QuarterSeries)>,
    pub(in crate::store) dictionary: &'a Dictionary,
    /// Whole quarter hours, as they are now.
    pub(in crate::store) quarters: Vec<(Quarter, &'a QuarterDay)>,
    pub(in crate::store) log_days: &'a [(Day, LogDay)],
    pub(in crate::store) key_aliases: &'a BTreeMap<String, String>,
}

/// Quarter hours at rest, in order, and the state of the logs.
pub(in crate::store) struct StoredQuarters {
    pub(in crate::store) quarters: Vec<PlacedFact>,
    pub(in crate::store) log_days: Vec<(Day, LogDay)>,
}

impl Database {
    /// Notes which requests (of a day, with or without tokens) are counted now, and says of each
    /// what is new about it. Together with
    /// what `write` makes of the new ones, it is one transaction.
    pub(in crate::store) fn add_requests<'a>(
        &mut self,
        requests: &[(Day, u128, bool)],
        write: impl FnOnce(&[Novelty]) -> BatchWrite<'a>,
    ) -> Result<(), Error> {
        let transaction = self.connection.transaction()?;
        let new = note_identities(&transaction, requests)?;
        write(&new).write(&transaction)?;
        Ok(transaction.commit()?)
    }

    /// Forgets quarter hours before `keep_from`, and which requests before `seen_from` were
    /// counted.
    pub(in crate::store) fn forget_quarters(
        &mut self,
        keep_from: Day,
        seen_from: Day,
    ) -> Result<(), Error> {
        let transaction = self.connection.transaction()?;
        let first = Quarter::first_of(keep_from).0;
        transaction.execute("DELETE FROM quarter WHERE quarter < ?1", [first])?;
        transaction.execute("DELETE FROM log_day WHERE day < ?1", [keep_from.to_string()])?;
        transaction.execute("DELETE FROM request WHERE day < ?1", [day_number(seen_from)])?;
        super::set(&transaction, "seen_from", seen_from.to_string())?;
        Ok(transaction.commit()?)
    }

    pub(in crate::store) fn load_quarters(
        &self,
        dictionary: &mut Dictionary,
    ) -> Result<StoredQuarters, Error> {
        let mut statement = self.connection.prepare(
            "SELECT series, team_id, api_key, model_group, model, provider
             FROM quarter_series ORDER BY series",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let code: u32 = row.get(0)?;
            let names: [String; 5] =
                [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?];
            if dictionary.quarter_series_code(names.each_ref().map(String::as_str)) != code {
                return Err(Error::Damaged("the series of quarter hours have gaps".to_owned()));
            }
        }
        let known = dictionary.quarter_series().len();
        let mut quarters = Vec::new();
        let mut statement =
            self.connection.prepare("SELECT quarter, facts FROM quarter ORDER BY quarter")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let quarter = Quarter(row.get(0)?);
            let facts: Vec<u8> = row.get(1)?;
            let facts = read_facts(&facts, known)
                .ok_or_else(|| Error::Damaged("a quarter hour cannot be read".to_owned()))?;
            quarters.extend(facts.into_iter().map(|(series, fact)| ((quarter, series), fact)));
        }
        let mut statement = self
            .connection
            .prepare("SELECT day, read_until_ms, read_at_ms, pushed FROM log_day")?;
        let mut rows = statement.query([])?;
        let mut log_days = Vec::new();
        while let Some(row) = rows.next()? {
            let day: String = row.get(0)?;
            let time = |at: Option<i64>| at.map(timestamp);
            let log_day = LogDay {
                read_until: time(row.get(1)?),
                read_at: time(row.get(2)?),
                pushed: row.get(3)?,
            };
            log_days.extend(Day::parse(&day).ok().map(|day| (day, log_day)));
        }
        Ok(StoredQuarters { quarters, log_days })
    }
}

/// Days since 1970.
fn day_number(day: Day) -> i64 {
    Quarter::first_of(day).0 / Quarter::PER_DAY
}

/// Says of each request what is new about it; in the order of the table, which is faster.
fn note_identities(
    transaction: &Transaction<'_>,
    requests: &[(Day, u128, bool)],
) -> Result<Vec<Novelty>, Error> {
    let mut order: Vec<usize> = (0..requests.len()).collect();
    order.sort_unstable_by_key(|at| requests[*at]);
    let mut news = vec![Novelty::Nothing; requests.len()];
    let mut insert = transaction.prepare_cached(
        "INSERT OR IGNORE INTO request (day, identity, has_tokens) VALUES (?1, ?2, ?3)",
    )?;
    let mut amend = transaction.prepare_cached(
        "UPDATE request SET has_tokens = 1 WHERE day = ?1 AND identity = ?2 AND has_tokens = 0",
    )?;
    for at in order {
        let (day, identity, has_tokens) = requests[at];
        let (day, identity) = (day_number(day), identity.to_be_bytes());
        if insert.execute((day, identity, has_tokens))? == 1 {
            news[at] = Novelty::Everything;
        } else if has_tokens && amend.execute((day, identity))? == 1 {
            news[at] = Novelty::Tokens;
        }
    }
    Ok(news)
}

impl BatchWrite<'_> {
    fn write(&self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let mut insert = transaction.prepare_cached(
            "INSERT INTO quarter_series (series, team_id, api_key, model_group, model, provider)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?;
        for (code, series) in &self.new_series {
            let [team, api_key, model_group, model, provider] = self.dictionary.names_of(*series);
            insert.execute((code, &*team, &*api_key, &*model_group, &*model, &*provider))?;
        }
        let mut replace = transaction
            .prepare_cached("INSERT OR REPLACE INTO quarter (quarter, facts) VALUES (?1, ?2)")?;
        for (quarter, day) in &self.quarters {
            replace.execute((quarter.0, write_facts(day.facts_of(*quarter))))?;
        }
        let mut log_day = transaction.prepare_cached(
            "INSERT OR REPLACE INTO log_day (day, read_until_ms, read_at_ms, pushed)
             VALUES (?1, ?2, ?3, ?4)",
        )?;
        for (day, state) in self.log_days {
            let ms = |at: Option<jiff::Timestamp>| at.map(jiff::Timestamp::as_millisecond);
            log_day.execute((
                day.to_string(),
                ms(state.read_until),
                ms(state.read_at),
                state.pushed,
            ))?;
        }
        let key_aliases: Vec<(&str, &str)> =
            self.key_aliases.iter().map(|(key, alias)| (&**key, &**alias)).collect();
        super::write_aliases(transaction, &key_aliases, &[])
    }
}

fn write_facts(facts: impl Iterator<Item = (u32, QuarterFact)>) -> Vec<u8> {
    let mut bytes = vec![LAYOUT];
    for (series, fact) in facts {
        put(&mut bytes, u64::from(series));
        let counts = fact.metrics.counts();
        let mask = (0..COUNTS).filter(|i| counts[*i] != 0).fold(0, |mask, i| mask | 1 << i);
        put(&mut bytes, mask);
        counts.iter().filter(|count| **count != 0).for_each(|count| {
            put(&mut bytes, count.cast_unsigned());
        });
        bytes.extend(fact.metrics.spend_usd.to_le_bytes());
        for histogram in [&fact.durations, &fact.first_tokens] {
            put(&mut bytes, histogram.bands().len() as u64);
            for (band, count) in histogram.bands() {
                put(&mut bytes, u64::from(*band));
                put(&mut bytes, u64::from(*count));
            }
        }
    }
    bytes
}

/// The inverse of [`write_facts`]; `None` where the bytes are not what it wrote.
fn read_facts(bytes: &[u8], series_known: usize) -> Option<Vec<(u32, QuarterFact)>> {
    let (&LAYOUT, mut rest) = bytes.split_first()? else { return None };
    let rest = &mut rest;
    let mut facts = Vec::new();
    while !rest.is_empty() {
        let series = u32::try_from(take(rest)?).ok()?;
        if series as usize >= series_known {
            return None;
        }
        let mask = take(rest)?;
        let mut counts = [0; COUNTS];
        for (_, count) in counts.iter_mut().enumerate().filter(|(i, _)| mask >> i & 1 == 1) {
            *count = take(rest)?.cast_signed();
        }
        let (spend, after) = rest.split_first_chunk::<8>()?;
        *rest = after;
        let mut histograms = [Histogram::default(), Histogram::default()];
        for histogram in &mut histograms {
            for _ in 0..take(rest)? {
                let (band, count) = (take(rest)?, take(rest)?);
                histogram.add(u16::try_from(band).ok()?, u32::try_from(count).ok()?);
            }
        }
        let [durations, first_tokens] = histograms;
        let metrics = Metrics::from_parts(f64::from_le_bytes(*spend), counts);
        facts.push((series, QuarterFact { metrics, durations, first_tokens }));
    }
    Some(facts)
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_come_back_as_they_were() {
        let counts = std::array::from_fn(|i| i as i64 * 1_000_003);
        let metrics = Metrics::from_parts(0.1, counts);
        let mut fact = QuarterFact { metrics, ..QuarterFact::default() };
        fact.durations.add(7, 300);
        fact.durations.add(90, 1);
        let huge = QuarterFact {
            metrics: Metrics { total_tokens: i64::MAX, ..Metrics::default() },
            ..QuarterFact::default()
        };
        let facts = vec![(0, fact), (300, huge), (301, QuarterFact::default())];
        let bytes = write_facts(facts.clone().into_iter());
        assert_eq!(read_facts(&bytes, 302), Some(facts));
        assert_eq!(read_facts(&bytes, 301), None, "a series that nobody knows");
        for cut in 1..bytes.len() - 1 {
            // A cut between two rows cannot be seen; everywhere else it is.
            let read = read_facts(&bytes[..cut], 302);
            assert!(read.is_none_or(|read| read.len() < 3), "{cut}");
        }
        assert_eq!(read_facts(&[], 302), None);
        assert_eq!(read_facts(&[9], 302), None);
    }
}
