//! A request that has arrived, and what decides about its answer.

use jiff::Timestamp;

use super::caller::{Caller, bearer};
use super::query::Query;
use crate::faults::Faults;
use crate::version::Version;
use crate::world::World;

/// A request that has arrived, and what decides about its answer.
pub(crate) struct Incoming<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a Query,
    pub(crate) authorization: Option<&'a str>,
    pub(crate) body: &'a [u8],
    pub(crate) master_key: &'a str,
    pub(crate) version: &'a Version,
    pub(crate) faults: &'a Faults,
    pub(crate) now: Timestamp,
    pub(crate) database_away: bool,
    pub(crate) shuffle: Option<u64>,
}

impl Incoming<'_> {
    /// The key as it was sent.
    pub(crate) fn bearer(&self) -> Option<&str> {
        self.authorization.map(bearer)
    }

    pub(crate) fn caller(&self, world: &World) -> Caller {
        Caller::of(self.authorization, self.master_key, world, self.path, self.now)
    }
}
