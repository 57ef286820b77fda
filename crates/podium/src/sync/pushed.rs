//! Counts the requests that the gateway pushes.
//!
//! What may be counted and what was counted before is told by the store. That new requests call
//! for a look at the daily table is left to the caller.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::error::Error;
use super::refused::Refused;
use crate::clock::Clock;
use crate::store::{Added, LogDay, Reader, Store};
use crate::usage::{Day, Request};

/// What became of pushed requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Of those that were taken.
    pub added: Added,
    /// Those that are said to begin more than a day from now.
    pub in_future: usize,
    /// Those with names longer than 1,024 characters.
    pub too_long: usize,
}

/// The way in for pushed requests.
#[derive(Debug)]
pub(super) struct Intake {
    store: Store,
    clock: Arc<dyn Clock>,
    /// Whether any came since the start.
    seen: AtomicBool,
}

impl Intake {
    pub(super) fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, seen: AtomicBool::new(false) }
    }

    /// Counts `requests`; returns once they are on the disk.
    pub(super) async fn count(&self, mut requests: Vec<Request>) -> Result<Ingested, Error> {
        let Refused { in_future, too_long } = Refused::take_out_of(&mut requests, self.clock.now());
        let reader = self.store.read();
        let log_days = newly_pushed(&reader, &requests);
        let added = self.store.facts.add_requests(requests, log_days).await?;
        self.seen.store(true, Ordering::Relaxed);
        Ok(Ingested { added, in_future, too_long })
    }

    /// Whether requests were pushed since the start.
    pub(super) fn were_seen(&self) -> bool {
        self.seen.load(Ordering::Relaxed)
    }
}

/// The days of `requests` of which nothing was pushed before.
fn newly_pushed(reader: &Reader, requests: &[Request]) -> Vec<(Day, LogDay)> {
    let mut days: Vec<Day> = requests.iter().map(|r| Day::of(r.started_at)).collect();
    days.sort_unstable();
    days.dedup();
    let pushed = |day| {
        let known = reader.ledger.log_day(day).unwrap_or_default();
        (!known.pushed).then_some((day, LogDay { pushed: true, ..known }))
    };
    days.into_iter().filter_map(pushed).collect()
}
