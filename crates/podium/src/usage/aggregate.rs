//! Questions about usage: sums over a range of days, grouped by dimensions.

use std::sync::Arc;

use super::{Day, DayRange, Metrics};

/// What sums can be grouped by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// The UTC day.
    Day,
    /// The team.
    Team,
    /// The API key.
    ApiKey,
    /// The model group: the public name that callers use.
    ModelGroup,
}

/// Asks for sums over `range`, one row for each combination of `by` that has usage.
///
/// Sums come from the coarsest figures that can answer: without `ApiKey` and `ModelGroup`
/// from the gateway's own team totals, with `ApiKey` alone from its key totals, and with
/// `ModelGroup` from the joined facts. The levels are not the same where the gateway books
/// usage without a key or a model.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// The days that count.
    pub range: DayRange,
    /// The dimensions of a row; the others are summed over.
    pub by: &'static [Dimension],
}

impl Aggregate {
    /// Whether rows are told apart by `dimension`.
    pub fn has(&self, dimension: Dimension) -> bool {
        self.by.contains(&dimension)
    }
}

/// One sum. A dimension that was not asked for is `None`.
#[derive(Clone, Debug, PartialEq)]
pub struct AggregateRow {
    /// The day.
    pub day: Option<Day>,
    /// The team's id.
    pub team_id: Option<Arc<str>>,
    /// The API key's hash.
    pub api_key: Option<Arc<str>>,
    /// The model group's name.
    pub model_group: Option<Arc<str>>,
    /// The sums.
    pub metrics: Metrics,
}
