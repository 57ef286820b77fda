//! Usage itself: what days and requests add up to.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use super::Error;
use super::ledger::{DayState, LedgerState, LogDay};
use crate::usage::{Day, DayUsage, Dimension, Metrics, Request, SumQuestion, Sums, Totals};

/// What became of a batch of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Requests that were not counted before.
    pub new: usize,
    /// Those that were.
    pub repeated: usize,
    /// Those so old that nobody could say.
    pub too_old: usize,
}

/// Keeps facts. A day is replaced whole, a request counts once however often it comes, and both are
/// durable before readers see them.
#[async_trait]
pub trait Facts: Send + Sync + std::fmt::Debug {
    /// Everything as it is now.
    fn read(&self) -> Reader;

    /// Replaces a day's facts and state.
    async fn replace_day(&self, usage: DayUsage, state: DayState) -> Result<(), Error>;

    /// Counts requests in their quarter hours, each once however often it comes, and notes how
    /// far logs were read.
    async fn add_requests(
        &self,
        requests: Vec<Request>,
        log_days: Vec<(Day, LogDay)>,
    ) -> Result<Added, Error>;

    /// Forgets quarter hours before `keep_from`, and which requests of days before `seen_from`
    /// were counted. Requests of days before either are not taken any more.
    async fn forget_quarters(&self, keep_from: Day, seen_from: Day) -> Result<(), Error>;
}

/// Facts of one moment. They never change.
#[async_trait]
pub trait FactsThen: Send + Sync + std::fmt::Debug {
    /// Sums of facts, in the order of the question's slots.
    async fn sum(&self, question: &SumQuestion) -> Result<Sums, Error>;

    /// The ids of a dimension that usage was ever known of.
    fn ids(&self, dimension: Dimension) -> Vec<Arc<str>>;

    /// The stored totals of the teams on `day`; `None` if it was never read.
    fn team_totals(&self, day: Day) -> Option<BTreeMap<String, Metrics>>;
}

/// The ledger and the facts of one moment, so that all parts of an answer fit together.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The small things.
    pub ledger: Arc<LedgerState>,
    /// Usage.
    pub facts: Arc<dyn FactsThen>,
}

impl Reader {
    /// The stored totals of `day` and of its teams; `None` if it was never read.
    pub fn totals(&self, day: Day) -> Option<Totals> {
        Some(Totals { day: self.ledger.day_total(day)?, teams: self.facts.team_totals(day)? })
    }

    /// Whether there are teams' own models whose public names are not known.
    pub fn has_unnamed_models(&self) -> bool {
        // LiteLLM 1.106 calls them so: `model_name_{team}_{uuid}`.
        let models = self.facts.ids(Dimension::Model);
        let mut own = models.iter().filter(|name| name.starts_with("model_name_"));
        own.any(|name| self.ledger.public_model_name(name).is_none())
    }
}
