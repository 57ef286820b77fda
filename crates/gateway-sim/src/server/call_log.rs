//! A record of the calls that came in.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use crate::call::Call;
use crate::faults::Target;

/// So many calls are remembered, then the oldest are forgotten.
const MOST_CALLS: usize = 100_000;

#[derive(Debug, Default)]
pub(super) struct CallLog {
    calls: Mutex<VecDeque<Call>>,
    /// Calls since the start; tells those who wait that another one came.
    total: watch::Sender<u64>,
}

impl CallLog {
    fn calls(&self) -> MutexGuard<'_, VecDeque<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, call: Call) {
        let mut calls = self.calls();
        if calls.len() == MOST_CALLS {
            calls.pop_front();
        }
        calls.push_back(call);
        drop(calls);
        self.total.send_modify(|total| *total += 1);
    }

    /// A number that grows with each call.
    pub(super) fn count(&self) -> u64 {
        *self.total.borrow()
    }

    pub(super) fn all(&self) -> Vec<Call> {
        self.calls().iter().cloned().collect()
    }

    pub(super) fn clear(&self) {
        self.calls().clear();
    }

    /// Waits until the log has this many calls to a target.
    pub(super) async fn until(&self, target: &Target, calls: usize) {
        let seen =
            |_: &u64| self.calls().iter().filter(|call| target.matches(call)).count() >= calls;
        // The sender is ours, so it cannot be gone.
        let _ = self.total.subscribe().wait_for(seen).await;
    }
}
