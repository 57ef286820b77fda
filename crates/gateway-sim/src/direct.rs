//! Answers without a socket, for those who try many worlds in a moment.

use jiff::Timestamp;

use crate::api::{self, Incoming, Query};
use crate::faults::Faults;
use crate::version::Version;
use crate::world::World;

impl World {
    /// The status and the body with which this world's gateway answers a `GET` with its master key.
    pub fn get(
        &mut self,
        version: &Version,
        now: Timestamp,
        path: &str,
        query: &str,
    ) -> (u16, Vec<u8>) {
        let incoming = Incoming {
            method: "GET",
            path,
            query: &Query::parse(query),
            authorization: Some("Bearer sk-sim"),
            body: &[],
            master_key: "sk-sim",
            version,
            faults: &Faults::default(),
            now,
            database_away: false,
            shuffle: None,
        };
        let answer = api::answer(self, &incoming);
        (answer.status, answer.body)
    }
}
