//! One key, one model, one day: what a daily row tells, and what requests must add up to.

use super::story::Trouble;
use crate::world::Counters;

/// What a key did with a model on a day. Failed requests have prompt tokens too, which cost
/// nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) counters: Counters,
    pub(super) failed_prompt_tokens: i64,
    /// What went wrong with the model on that day.
    pub(super) trouble: Option<Trouble>,
}
