//! An immutable state of everything.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::Error;
use super::day;
use super::dictionary::Dictionary;
use super::facts::{FactsThen, Reader};
use super::kernel;
use super::ledger::LedgerState;
use super::packed::Packed;
use super::quarters::QuarterDay;
use crate::usage::{Day, Dimension, Metrics, SumQuestion, Sums};

/// What readers see. Cloning shares everything.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshot {
    pub(super) ledger: Arc<LedgerState>,
    pub(super) facts: Arc<FactColumns>,
}

impl Snapshot {
    pub(super) fn reader(&self) -> Reader {
        Reader { ledger: Arc::clone(&self.ledger), facts: Arc::clone(&self.facts) as _ }
    }

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
#[derive(Clone, Debug, Default)]
pub(super) struct FactColumns {
    pub(super) dictionary: Arc<Dictionary>,
    pub(super) days: Arc<BTreeMap<Day, Packed>>,
    pub(super) quarters: Arc<BTreeMap<Day, Arc<QuarterDay>>>,
}

#[async_trait]
impl FactsThen for FactColumns {
    async fn sum(&self, question: &SumQuestion) -> Result<Sums, Error> {
        Ok(kernel::sum(self, question))
    }

    fn ids(&self, dimension: Dimension) -> Vec<Arc<str>> {
        self.dictionary.names(dimension).all().to_vec()
    }

    fn team_totals(&self, day: Day) -> Option<BTreeMap<String, Metrics>> {
        self.days.get(&day).map(|packed| day::team_totals(packed, &self.dictionary))
    }
}
