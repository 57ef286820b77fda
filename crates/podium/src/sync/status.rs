//! How sync stands: values that anyone may look at.

use std::time::Duration;

use jiff::Timestamp;

use crate::gateway;

/// The state of sync with the gateway.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// When the gateway last answered.
    pub reached_at: Option<Timestamp>,
    /// Since when it fails; `None` while it answers.
    pub failing_since: Option<Timestamp>,
    /// What the last failure was; `None` while the gateway answers.
    pub last_error: Option<gateway::Error>,
    /// When the last look at what moved ended, well or not.
    pub last_run_at: Option<Timestamp>,
    /// When such a look last went well.
    pub in_step_at: Option<Timestamp>,
    /// How far the back-fill is; `None` before the first look.
    pub backfill: Option<Backfill>,
}

/// Progress of reading the last days without being asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backfill {
    /// Days that are stored.
    pub done: usize,
    /// Days that are to be stored.
    pub total: usize,
}

/// How reading request logs stands.
#[derive(Clone, Debug, Default)]
pub struct LogStatus {
    /// Whether logs were read from the gateway.
    pub polled: bool,
    /// Whether requests were pushed.
    pub pushed: bool,
    /// Whether the gateway was seen to have no request logs.
    pub not_kept: bool,
    /// Whether this key was seen not to be allowed to read them.
    pub not_allowed: bool,
    /// Up to when today's logs are read.
    pub read_until: Option<Timestamp>,
    /// How many of their rows were not taken: dated ahead, or with overlong names.
    pub refused: usize,
    /// The last failure; `None` while it goes well.
    pub error: Option<gateway::Error>,
}

/// What keeps the gateway from being asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct Restraint {
    /// Whether it fails as a whole, so that people's questions to it are held back.
    pub breaker_is_open: bool,
    /// How long it still wants to be left alone.
    pub left_alone_for: Duration,
}

/// What days were read, and what is to be done.
#[derive(Clone, Copy, Debug, Default)]
pub struct DayWork {
    /// Days read in full since the start, each reading counted.
    pub read: u64,
    /// Days that wait to be read or are being read.
    pub waiting: usize,
}

/// How the gateway was reached.
#[derive(Clone, Debug, Default)]
pub(super) struct Reach {
    pub(super) reached_at: Option<Timestamp>,
    pub(super) failing_since: Option<Timestamp>,
    pub(super) last_error: Option<gateway::Error>,
}

impl Reach {
    pub(super) fn reached(&mut self, now: Timestamp) {
        if let Some(since) = self.failing_since.take() {
            tracing::info!(%since, "the gateway answers again");
        }
        self.last_error = None;
        self.reached_at = Some(now);
    }

    pub(super) fn failed(&mut self, now: Timestamp, error: &gateway::Error) {
        if self.last_error.as_ref() != Some(error) {
            tracing::warn!(%error, "the gateway cannot be read");
        }
        self.failing_since.get_or_insert(now);
        self.last_error = Some(error.clone());
    }
}
