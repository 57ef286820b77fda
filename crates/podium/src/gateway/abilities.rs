//! What a gateway, or this key for it, was seen not to do. Asked again after a while: gateways are
//! updated, keys get other rights, and a failure may have been one of the hour. And how large its
//! days are, so that nothing is asked for that an answer cannot hold.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::Error;

/// A newer question that an older one can stand in for.
#[derive(Debug)]
pub(super) struct Newer {
    what: &'static str,
    ask_again: Duration,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    lacking_since: Option<Instant>,
    failures: u32,
}

/// A failure of the gateway's own lasts if it comes so many times in a row while the older
/// question is answered.
const LASTING: u32 = 3;

impl Newer {
    pub(super) fn new(what: &'static str, ask_again: Duration) -> Self {
        Self { what, ask_again, seen: Mutex::default() }
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is worth asking.
    pub(super) fn is_there(&self) -> bool {
        self.seen().lacking_since.is_none_or(|since| since.elapsed() >= self.ask_again)
    }

    /// It answered.
    pub(super) fn worked(&self) {
        *self.seen() = Seen::default();
    }

    /// It failed with `error`, and the older question was answered right after.
    pub(super) fn failed_alone(&self, error: &Error) {
        let mut seen = self.seen();
        seen.failures += 1;
        if error.may_pass() && seen.failures < LASTING {
            return;
        }
        if seen.lacking_since.is_none() {
            tracing::info!(%error, "this gateway, or this key, does without {}", self.what);
        }
        seen.lacking_since = Some(Instant::now());
    }
}

/// A number of rows a page that this gateway was seen to allow.
#[derive(Debug)]
pub(super) struct PageRows {
    most: u32,
    ask_again: Duration,
    learned: Mutex<Option<(u32, Instant)>>,
}

impl PageRows {
    /// None was refused yet; at most `most` are asked for.
    pub(super) fn new(most: u32, ask_again: Duration) -> Self {
        Self { most, ask_again, learned: Mutex::default() }
    }

    pub(super) fn get(&self) -> u32 {
        let learned = *self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        learned.filter(|(_, at)| at.elapsed() < self.ask_again).map_or(self.most, |(rows, _)| rows)
    }

    /// More than these were refused.
    pub(super) fn learn(&self, rows: u32) {
        let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        if learned.is_none_or(|(known, at)| rows < known || at.elapsed() >= self.ask_again) {
            *learned = Some((rows, Instant::now()));
        }
    }
}

/// How large a day was.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DaySize {
    /// API keys.
    pub(super) keys: usize,
    /// Rows of the gateway's table; it may have been more.
    pub(super) rows: usize,
    /// Bytes of the answers that told it.
    pub(super) bytes: usize,
}

impl DaySize {
    fn or_larger(self, other: Self) -> Self {
        Self {
            keys: self.keys.max(other.keys),
            rows: self.rows.max(other.rows),
            bytes: self.bytes.max(other.bytes),
        }
    }
}

/// How large the days were that were read last: the next one is about as large.
#[derive(Debug, Default)]
pub(super) struct DaySizes(Mutex<VecDeque<DaySize>>);

/// A week, so that a quiet weekend is not taken for the rule.
const DAYS_REMEMBERED: usize = 7;

impl DaySizes {
    /// A day was read.
    pub(super) fn saw(&self, size: DaySize) {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if last.len() == DAYS_REMEMBERED {
            last.pop_front();
        }
        last.push_back(size);
    }

    /// The most of everything that one of the last days had.
    pub(super) fn largest(&self) -> DaySize {
        let last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.iter().copied().fold(DaySize::default(), DaySize::or_larger)
    }
}
