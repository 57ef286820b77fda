//! Who looks at Podium: what they look at is to be fresh, and nobody asks for the rest.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use jiff::Timestamp;
use tokio::sync::Notify;

/// After this long without a question, nobody seems to look.
const IDLE_AFTER_MS: i64 = 600_000;

/// Those who ask and those who listen.
#[derive(Debug)]
pub(super) struct Audience {
    last_question_ms: AtomicI64,
    listeners: AtomicUsize,
    look: Notify,
    read_logs: Notify,
}

impl Audience {
    pub(super) fn new(started_at: Timestamp) -> Self {
        Self {
            last_question_ms: AtomicI64::new(started_at.as_millisecond()),
            listeners: AtomicUsize::new(0),
            look: Notify::new(),
            read_logs: Notify::new(),
        }
    }

    /// Somebody asked something.
    pub(super) fn asked_at(&self, now: Timestamp) {
        self.last_question_ms.store(now.as_millisecond(), Ordering::Relaxed);
    }

    /// Whether nobody has asked for long, and nobody listens.
    pub(super) fn is_away(&self, now: Timestamp) -> bool {
        let last = self.last_question_ms.load(Ordering::Relaxed);
        now.as_millisecond() - last > IDLE_AFTER_MS && !self.listens()
    }

    /// Whether somebody listens.
    pub(super) fn listens(&self) -> bool {
        self.listeners() > 0
    }

    /// How many listen.
    pub(super) fn listeners(&self) -> usize {
        self.listeners.load(Ordering::Relaxed)
    }

    /// One listens as long as the value lives.
    pub(super) fn listen(self: &Arc<Self>) -> Listening {
        self.listeners.fetch_add(1, Ordering::Relaxed);
        self.call_for_look();
        self.read_logs.notify_one();
        Listening(Arc::clone(self))
    }

    /// The next look at what moved is wanted now.
    pub(super) fn call_for_look(&self) {
        self.look.notify_one();
    }

    /// Ends once a look is called for.
    pub(super) async fn look_called_for(&self) {
        self.look.notified().await;
    }

    /// Ends once logs are called for.
    pub(super) async fn logs_called_for(&self) {
        self.read_logs.notified().await;
    }
}

/// Somebody who listens to changes.
#[derive(Debug)]
pub struct Listening(Arc<Audience>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.listeners.fetch_sub(1, Ordering::Relaxed);
    }
}
