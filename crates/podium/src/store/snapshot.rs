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
use crate::usage::{Day, Metrics};

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
