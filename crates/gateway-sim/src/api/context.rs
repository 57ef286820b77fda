//! What a route that reads gets to see.

use jiff::Timestamp;

use super::caller::Caller;
use super::query::Query;
use crate::version::Version;
use crate::world::{Key, World};

/// What a route that reads gets to see.
pub(crate) struct Context<'a> {
    pub(crate) world: &'a World,
    pub(crate) version: &'a Version,
    pub(crate) caller: &'a Caller,
    /// The key that the caller came with, unless it stands in no table, as the master key.
    pub(crate) own_key: Option<&'a Key>,
    pub(crate) now: Timestamp,
    pub(crate) query: &'a Query,
    /// Rows are in another order for each value; `None`: in the order of their ids.
    pub(crate) shuffle: Option<u64>,
}
