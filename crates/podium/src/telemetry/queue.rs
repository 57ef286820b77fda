//! Spans that are done and wait to be sent: a bounded number of them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use super::spans::Finished;

/// The queue between those who finish spans and the one who sends them.
#[derive(Debug)]
pub(super) struct Queue {
    waiting: Mutex<Vec<Finished>>,
    most: usize,
    /// With so many, sending need not wait.
    batch: usize,
    lost: AtomicU64,
    filled: Notify,
}

impl Queue {
    pub(super) fn new(most: usize, batch: usize) -> Self {
        let waiting = Mutex::default();
        Self { waiting, most, batch, lost: AtomicU64::new(0), filled: Notify::new() }
    }

    /// Adds a span, or drops it where there is no room. Never waits.
    pub(super) fn put(&self, span: Finished) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= self.most {
            self.lost.fetch_add(1, Ordering::Relaxed);
            return;
        }
        waiting.push(span);
        if waiting.len() == self.batch {
            self.filled.notify_one();
        }
    }

    /// The oldest spans, as many as go together.
    pub(super) fn take(&self) -> Vec<Finished> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let batch = waiting.len().min(self.batch);
        waiting.drain(..batch).collect()
    }

    /// Waits until there are enough to be sent.
    pub(super) async fn filled(&self) {
        self.filled.notified().await;
    }

    /// Counts spans that are given up.
    pub(super) fn lose(&self, spans: usize) {
        self.lost.fetch_add(spans as u64, Ordering::Relaxed);
    }

    /// How many were dropped since it was last asked.
    pub(super) fn take_lost(&self) -> u64 {
        self.lost.swap(0, Ordering::Relaxed)
    }
}
