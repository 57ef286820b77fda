//! All that is stored, read piece by piece, by whoever is not going to serve it: nothing is held in memory
//! but what is small.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::days::DayAtRest;
use super::names::StoredNames;
use super::quarters::{SumsOfDay, day_facts};
use super::requests::day_number;
use super::{Database, Distrusted, decoded, timestamp};
use crate::store::dictionary::Dictionary;
use crate::store::quarters::PlacedFact;
use crate::store::{Error, LogDay};
use crate::usage::{Day, Finding, Quarter};

/// What is small of all that is stored.
#[derive(Default)]
pub(in crate::store) struct Outline {
    pub(in crate::store) dictionary: Dictionary,
    pub(in crate::store) days: Vec<DayAtRest>,
    pub(in crate::store) names: StoredNames,
    pub(in crate::store) teams_read_at: Option<Timestamp>,
    pub(in crate::store) findings: Vec<Finding>,
    pub(in crate::store) empty_before: Option<Day>,
    pub(in crate::store) seen_from: Option<Day>,
    pub(in crate::store) log_days: BTreeMap<Day, LogDay>,
    sums: BTreeMap<Day, SumsOfDay>,
}

/// A request that was counted: its identity, when it began in milliseconds since 1970, how it was seen.
pub(in crate::store) type Identity = (u128, i64, u8);

impl Database {
    /// What is small, if all of it is as it was written.
    pub(in crate::store) fn outline(&mut self) -> Result<Outline, Error> {
        let (mut outline, mut distrusted) = (Outline::default(), Distrusted::default());
        self.load_series(&mut outline.dictionary)?;
        self.load_quarter_series(&mut outline.dictionary)?;
        outline.days = self.load_days(&mut distrusted)?;
        outline.names = self.load_names()?;
        distrusted.names = outline.names.distrusted;
        let (findings, doubtful) = self.load_findings()?;
        (outline.findings, distrusted.findings) = (findings, doubtful);
        for (day, log_day, sums) in self.sealed_log_days(&mut distrusted)? {
            self.sums_of_days.insert(day_number(day), sums);
            outline.sums.insert(day, sums);
            outline.log_days.insert(day, log_day);
        }
        if !distrusted.is_empty() {
            return Err(Error::Damaged(distrusted.to_string()));
        }
        let day_of = |name| -> Result<Option<Day>, Error> {
            let day: Option<String> = self.setting(name)?;
            Ok(day.and_then(|day| Day::parse(&day).ok()))
        };
        (outline.empty_before, outline.seen_from) = (day_of("empty_before")?, day_of("seen_from")?);
        outline.teams_read_at = self.setting("teams_read_at_ms")?.and_then(timestamp);
        self.find_strays(&outline)?;
        Ok(outline)
    }

    /// Quarter hours and requests of days without a state of their logs belong to nobody.
    fn find_strays(&self, outline: &Outline) -> Result<(), Error> {
        let known: BTreeSet<i64> = outline.sums.keys().map(|day| day_number(*day)).collect();
        for of_days in
            ["SELECT DISTINCT quarter / 96 FROM quarter", "SELECT DISTINCT day FROM request"]
        {
            let mut statement = self.connection.prepare(of_days)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                if !decoded(row.get(0))?.is_some_and(|day: i64| known.contains(&day)) {
                    let what = "quarter hours or requests of a day whose logs are not known";
                    return Err(Error::Damaged(what.to_owned()));
                }
            }
        }
        Ok(())
    }

    /// The quarter hours of a day, by quarter hour and series.
    pub(in crate::store) fn quarters_of(
        &self,
        day: Day,
        outline: &Outline,
    ) -> Result<Vec<PlacedFact>, Error> {
        let damaged = || Error::Damaged(format!("quarter hours of {day}"));
        let first = Quarter::first_of(day).0;
        let mut statement = self.connection.prepare_cached(
            "SELECT quarter, facts FROM quarter WHERE quarter BETWEEN ?1 AND ?2 ORDER BY quarter",
        )?;
        let mut rows = statement.query([first, first + Quarter::PER_DAY - 1])?;
        let (mut facts, mut sum) = (Vec::new(), 0_u128);
        while let Some(row) = rows.next()? {
            let at = Quarter(decoded(row.get(0))?.ok_or_else(damaged)?);
            let bytes: Vec<u8> = decoded(row.get(1))?.ok_or_else(damaged)?;
            let (read, seal) = day_facts(at, &bytes, &outline.dictionary).ok_or_else(damaged)?;
            sum = sum.wrapping_add(seal);
            facts.extend(read.into_iter().map(|(series, fact)| ((at, series), fact)));
        }
        let told = outline.sums.get(&day).map_or(0, |sums| sums.quarters);
        if sum == told { Ok(facts) } else { Err(damaged()) }
    }

    /// The requests of a day that were counted, in the order of their identities. What they add up to
    /// was compared before, by `look_at_identities`.
    pub(in crate::store) fn identities(&self, day: Day) -> Result<Vec<Identity>, Error> {
        let damaged = || Error::Damaged(format!("which requests of {day} were counted"));
        let mut statement = self.connection.prepare_cached(
            "SELECT identity, started_ms, seen FROM request WHERE day = ?1
             ORDER BY identity, started_ms",
        )?;
        let mut rows = statement.query([day_number(day)])?;
        let mut identities = Vec::new();
        while let Some(row) = rows.next()? {
            let read = decoded((|| {
                let identity: [u8; 16] = row.get(0)?;
                Ok((u128::from_be_bytes(identity), row.get(1)?, row.get(2)?))
            })())?;
            identities.push(read.ok_or_else(damaged)?);
        }
        Ok(identities)
    }
}
