//! A record of the calls that came in.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::watch;

use crate::faults::Target;

/// An HTTP call that was received, whatever became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// `GET`.
    pub method: String,
    /// `/team/list`.
    pub path: String,
    /// Decoded parameters in the order they were sent.
    pub query: Vec<(String, String)>,
    /// Whether the key was a valid one, of an admin or of someone else.
    pub key_accepted: bool,
    /// Whether `Accept-Encoding` allowed gzip.
    pub accepts_gzip: bool,
    /// The headers as they were sent, names in lower case.
    pub headers: Vec<(String, String)>,
    /// When it arrived, on the simulator's clock.
    pub at: Timestamp,
}

impl Call {
    /// The value of a parameter; the last one where it is repeated.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter was sent with this value.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.query.iter().any(|(found, sent)| found == name && sent == value)
    }
}

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
