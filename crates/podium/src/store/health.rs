//! Whether what is learned can be kept.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::Error;

/// How keeping usage goes. Figures are told from memory in any case.
#[derive(Clone, Debug, Default)]
pub struct StoreHealth {
    /// How many changes were kept since the start.
    pub writes: u64,
    /// How many changes could not be kept since the start.
    pub errors: u64,
    /// Since when some cannot, and why in words without paths; `None` while all goes well.
    pub failing: Option<StoreFailure>,
}

/// How much room stored usage takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreSize {
    /// Bytes of the data file; nothing where nothing is kept.
    pub file_bytes: Option<u64>,
    /// Bytes of what is written and not yet moved into it.
    pub wal_bytes: Option<u64>,
    /// Bytes of days that are in memory.
    pub memory_bytes: u64,
    /// How many combinations of team, key and value usage is told apart by.
    pub series: usize,
}

/// Why usage cannot be kept.
#[derive(Clone, Copy, Debug)]
pub struct StoreFailure {
    /// Since when.
    pub since: Instant,
    /// When it was last tried in vain.
    pub tried_at: Instant,
    /// In words for people.
    pub cause: &'static str,
}

/// While changes cannot be kept, what is read for them is read no more often than this.
const TRY_AGAIN: Duration = Duration::from_secs(60);

impl StoreHealth {
    /// Whether reading something from the gateway is in vain, since it cannot be kept.
    pub fn is_reading_in_vain(&self) -> bool {
        self.failing.is_some_and(|failing| failing.tried_at.elapsed() < TRY_AGAIN)
    }
}

/// What kinds of changes fail. One kind may go well while another fails: with a full disk there
/// may be room for a date, but not for a day.
#[derive(Debug, Default)]
pub(super) struct Kept {
    writes: u64,
    errors: u64,
    failing: BTreeMap<&'static str, StoreFailure>,
}

impl Kept {
    pub(super) fn health(&self) -> StoreHealth {
        let failing = self.failing.values().copied().reduce(|a, b| StoreFailure {
            since: a.since.min(b.since),
            tried_at: a.tried_at.max(b.tried_at),
            cause: a.cause,
        });
        StoreHealth { writes: self.writes, errors: self.errors, failing }
    }

    /// Notes how a change of a kind went; says so in the log when that changes something.
    pub(super) fn note(&mut self, what: &'static str, error: Option<&Error>) {
        let was_failing = !self.failing.is_empty();
        match error {
            None => {
                self.writes += 1;
                if self.failing.remove(what).is_some() && self.failing.is_empty() {
                    tracing::warn!("the store works again");
                }
            }
            Some(error) => {
                self.errors += 1;
                let now = Instant::now();
                let failing =
                    StoreFailure { since: now, tried_at: now, cause: error.for_outsiders() };
                let known = self.failing.entry(what).or_insert(failing);
                (known.tried_at, known.cause) = (now, failing.cause);
                if !was_failing {
                    tracing::warn!(%error, what, "the store fails; figures are told from memory");
                }
            }
        }
    }
}

impl Error {
    /// What is wrong, in words that name no files.
    pub fn for_outsiders(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "the data file is in use by another Podium",
            Self::Open { .. } => "the data file cannot be opened",
            Self::Newer { .. } => "the data file was written by a newer Podium",
            Self::Damaged(_) => "the data file is damaged",
            Self::DamagedDay { .. } => "a stored day is damaged; it is read anew",
            Self::Database(_) => "the data file cannot be used (the disk may be full)",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_kind_that_goes_well_does_not_hide_another_that_fails() {
        let mut kept = Kept::default();
        kept.note("day", Some(&Error::Database("full".to_owned())));
        kept.note("checked", None);
        let health = kept.health();
        assert!(health.failing.is_some() && health.is_reading_in_vain());
        assert_eq!(health.errors, 1);
        kept.note("day", None);
        assert!(kept.health().failing.is_none());
        assert_eq!((kept.health().errors, kept.health().writes), (1, 2));
    }
}
