//! What a route that reads gets to see.

use super::caller::Caller;
use super::query::Query;
use crate::version::Version;
use crate::world::World;

/// What a route that reads gets to see.
pub(crate) struct Context<'a> {
    pub(crate) world: &'a World,
    pub(crate) version: &'a Version,
    pub(crate) caller: &'a Caller,
    pub(crate) query: &'a Query,
    /// Rows are in another order for each value; `None`: in the order of their ids.
    pub(crate) shuffle: Option<u64>,
}
