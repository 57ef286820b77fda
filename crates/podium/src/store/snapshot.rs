//! An immutable state of everything.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Error;
use super::contents::{Content, Contents};
use super::day;
use super::dictionary::Dictionary;
use super::ledger::LedgerState;
use super::packed::Packed;
use super::quarters::QuarterDay;
use crate::usage::{Day, Dimension, Metrics};

/// What readers see. Cloning shares everything.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    pub(super) ledger: Arc<LedgerState>,
    pub(super) facts: Arc<FactColumns>,
}

impl Snapshot {
    /// The ledger, to be edited: readers keep theirs.
    pub(super) fn ledger_mut(&mut self) -> &mut LedgerState {
        Arc::make_mut(&mut self.ledger)
    }

    /// Whether it calls something that was known by another name than `before` did.
    pub(super) fn has_other_names(&self, before: &Self) -> bool {
        let (now, then) = (&self.ledger, &before.ledger);
        let names = &before.facts.dictionary;
        let is_renamed = |dimension, id: &str, name: &str, before: Option<&str>| {
            before != Some(name) && names.names(dimension).known(id).is_some()
        };
        let keys = || {
            now.key_aliases.iter().any(|(key, alias)| {
                let before = then.key_aliases.get(key).map(AsRef::as_ref);
                is_renamed(Dimension::ApiKey, key, alias, before)
            })
        };
        let teams = || {
            now.team_aliases.iter().any(|(team, alias)| {
                let before = then.team_aliases.get(team).map(String::as_str);
                is_renamed(Dimension::Team, team, alias, before)
            })
        };
        let is_same_list = match (&now.teams, &then.teams) {
            (Some(now), Some(then)) => Arc::ptr_eq(now, then),
            (now, then) => now.is_none() && then.is_none(),
        };
        !is_same_list
            || !Arc::ptr_eq(&now.model_names, &then.model_names)
            || (!Arc::ptr_eq(&now.team_aliases, &then.team_aliases) && teams())
            || (!Arc::ptr_eq(&now.key_aliases, &then.key_aliases) && keys())
    }

    /// Notes which days are not as they were before, and whether names are, at the present version.
    pub(super) fn note_changes(&mut self, before: &Self, is_renamed: bool) {
        let version = self.ledger.version;
        if is_renamed {
            self.ledger_mut().names_changed = version;
        }
        let (now, then) = (&self.facts, &before.facts);
        let contents = differing(&now.days, &then.days, Arc::ptr_eq);
        let quarters = differing(&now.quarters, &then.quarters, Arc::ptr_eq);
        let changed: Vec<Day> = contents.chain(quarters).collect();
        let days = Arc::make_mut(&mut self.ledger_mut().days_changed);
        days.extend(changed.into_iter().map(|day| (day, version)));
    }

    /// The facts, to be edited.
    pub(super) fn facts_mut(&mut self) -> &mut FactColumns {
        Arc::make_mut(&mut self.facts)
    }
}

/// The facts in columns: those of each day that the ledger has.
#[derive(Clone, Debug)]
pub(super) struct FactColumns {
    pub(super) dictionary: Arc<Dictionary>,
    pub(super) days: Arc<BTreeMap<Day, Arc<Content>>>,
    pub(super) contents: Arc<Contents>,
    pub(super) quarters: Arc<BTreeMap<Day, Arc<QuarterDay>>>,
}

/// The days of which two maps do not hold the same.
fn differing<T>(
    now: &BTreeMap<Day, T>,
    then: &BTreeMap<Day, T>,
    is_same: fn(&T, &T) -> bool,
) -> impl Iterator<Item = Day> {
    let changed = now
        .iter()
        .filter(move |(day, value)| then.get(day).is_none_or(|before| !is_same(value, before)));
    let gone = then.keys().filter(|day| !now.contains_key(day));
    changed.map(|(day, _)| *day).chain(gone.copied())
}

impl FactColumns {
    /// The facts of a day that the ledger has.
    pub(super) fn day(&self, content: &Content) -> Result<Packed, Error> {
        self.contents.get(content, &self.dictionary)
    }

    /// The teams' totals on a day.
    pub(super) fn team_totals(&self, day: Day) -> Result<Option<BTreeMap<String, Metrics>>, Error> {
        let Some(content) = self.days.get(&day) else { return Ok(None) };
        Ok(Some(day::team_totals(&self.day(content)?, &self.dictionary)))
    }
}
