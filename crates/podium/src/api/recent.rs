//! How fresh ranges of days are: worked out once a revision of the store, not once a request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::services::Freshness;
use crate::usage::DayRange;

/// More ranges than people look at at once.
const MOST_RANGES: usize = 256;

/// The freshness of ranges whose days are all stored.
#[derive(Debug, Default)]
pub(super) struct Recent(Mutex<HashMap<DayRange, Known>>);

#[derive(Debug)]
struct Known {
    revision: u64,
    freshness: Arc<Freshness>,
}

impl Recent {
    /// What was worked out for this revision, as long as no day has become stale since.
    pub(super) fn get(
        &self,
        days: DayRange,
        revision: u64,
        now: Timestamp,
    ) -> Option<Arc<Freshness>> {
        let ranges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = ranges.get(&days).filter(|known| known.revision == revision)?;
        known.freshness.holds_at(now).then(|| Arc::clone(&known.freshness))
    }

    pub(super) fn put(&self, days: DayRange, revision: u64, freshness: &Arc<Freshness>) {
        let mut ranges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if ranges.len() >= MOST_RANGES {
            ranges.retain(|_, known| known.revision == revision);
        }
        if ranges.len() >= MOST_RANGES {
            ranges.clear();
        }
        ranges.insert(days, Known { revision, freshness: Arc::clone(freshness) });
    }
}
