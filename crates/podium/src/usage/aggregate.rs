//! Questions about usage: sums over a range of days, grouped by dimensions.

use std::ops::Range;
use std::sync::Arc;

use super::{Day, DayRange, Histogram, Metrics, Quarter};

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
    /// The provider's name of the model; only quarter hours know.
    Model,
    /// Who runs the model; only quarter hours know.
    Provider,
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

/// Which usage counts: for each dimension these names, or all where there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter {
    /// Ids of teams.
    pub team_ids: Vec<String>,
    /// Hashes of API keys.
    pub api_keys: Vec<String>,
    /// Public names of models.
    pub model_groups: Vec<String>,
    /// Providers.
    pub providers: Vec<String>,
}

/// Asks for sums over quarter hours, one row for each slot and combination of `by` that has
/// usage.
#[derive(Clone, Debug)]
pub struct QuarterAggregate {
    /// The quarter hours that are summed together, each in one slot at most.
    pub slots: Vec<Vec<Range<Quarter>>>,
    /// The dimensions of a row besides its slot; the others are summed over.
    pub by: Vec<Dimension>,
    /// What counts.
    pub filter: Filter,
    /// Whether rows have the distribution of times.
    pub with_times: bool,
}

/// Sums over quarter hours.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QuarterSums {
    /// What the rows are of.
    pub groups: Vec<QuarterGroup>,
    /// The sums, in the order of the question's slots.
    pub rows: Vec<QuarterRow>,
}

/// What a sum is of. A dimension that was not asked for is `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QuarterGroup {
    /// The team's id.
    pub team_id: Option<Arc<str>>,
    /// The API key's hash.
    pub api_key: Option<Arc<str>>,
    /// The model group's name.
    pub model_group: Option<Arc<str>>,
    /// The provider's name of the model.
    pub model: Option<Arc<str>>,
    /// Who runs the model.
    pub provider: Option<Arc<str>>,
}

/// One sum over quarter hours.
#[derive(Clone, Debug, PartialEq)]
pub struct QuarterRow {
    /// The slot's place in the question.
    pub slot: usize,
    /// The group's place among the groups.
    pub group: usize,
    /// The sums.
    pub metrics: Metrics,
    /// How long answered requests took.
    pub durations: Histogram,
    /// How long streamed ones took to their first token.
    pub first_tokens: Histogram,
}
