//! The gateway's URLs: pure functions from a world and a request to an answer.
//!
//! Each route has a file, in which parameters are read in the order in which the real gateway
//! checks them. Nothing in here waits, and faults are put on top later, by `server`.

mod activity;
mod caller;
mod chat;
mod health;
mod models;
mod query;
mod router;
mod spend_logs;
mod teams;

pub(crate) use caller::Caller;
pub(crate) use query::Query;
pub(crate) use router::{Incoming, answer};

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
