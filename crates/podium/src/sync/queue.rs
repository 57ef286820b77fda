//! The days that are wanted, by whom, and how urgently.
//!
//! However many want a day, it is read once. Asked-for days go first, newest first; the
//! back-fill never takes both workers.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use tokio::sync::{Notify, oneshot};

use super::error::Error;
use crate::usage::{Day, DayRange};

/// How a wanted day ended: it is stored, or why not.
pub(super) type Outcome = Result<(), Error>;

/// Who wants a day; the most urgent first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Priority {
    /// Somebody waits for the answer.
    Asked,
    /// The gateway says that it moved.
    Moved,
    /// One of the last days, for later.
    Backfill,
}

/// What a worker does next.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Work {
    /// Read this day in full.
    Day(Day),
    /// Find out which of these days have usage at all.
    Block(DayRange),
}

#[derive(Debug)]
struct Wanted {
    priority: Priority,
    /// A worker has it.
    active: bool,
    /// It is known to have usage, so that reading it in full is the next step.
    has_usage: bool,
    waiters: Vec<oneshot::Sender<Outcome>>,
}

/// Fewer unread days in a row than this are read right away.
const WORTH_A_LOOK_DAYS: usize = 4;
/// A month of totals: the gateway answers that within a second.
const BLOCK_DAYS: usize = 31;

/// Wanted days.
#[derive(Debug, Default)]
pub(super) struct Queue {
    days: Mutex<BTreeMap<Day, Wanted>>,
    more: Notify,
}

impl Queue {
    /// Wants `days`; the futures end when each was read or given up.
    pub(super) fn want(
        &self,
        days: impl IntoIterator<Item = Day>,
        priority: Priority,
        has_usage: bool,
    ) -> Vec<BoxFuture<'static, Outcome>> {
        let mut wanted = self.lock();
        let outcomes = days
            .into_iter()
            .map(|day| -> BoxFuture<'static, Outcome> {
                let entry = wanted.entry(day).or_insert(Wanted {
                    priority,
                    active: false,
                    has_usage,
                    waiters: Vec::new(),
                });
                entry.priority = entry.priority.min(priority);
                entry.has_usage |= has_usage;
                let (sender, receiver) = oneshot::channel();
                entry.waiters.push(sender);
                Box::pin(async { receiver.await.unwrap_or(Err(Error::ShuttingDown)) })
            })
            .collect();
        drop(wanted);
        self.more.notify_waiters();
        outcomes
    }

    /// The most urgent work; waits for some.
    pub(super) async fn take(&self) -> Work {
        loop {
            let more = self.more.notified();
            tokio::pin!(more);
            more.as_mut().enable();
            if let Some(work) = self.try_take() {
                return work;
            }
            more.await;
        }
    }

    fn try_take(&self) -> Option<Work> {
        let mut wanted = self.lock();
        let backfilling =
            wanted.values().any(|entry| entry.active && entry.priority == Priority::Backfill);
        let (day, priority, has_usage) = wanted
            .iter()
            .filter(|(_, entry)| !entry.active)
            .filter(|(_, entry)| entry.priority != Priority::Backfill || !backfilling)
            .min_by_key(|(day, entry)| (entry.priority, Reverse(**day)))
            .map(|(day, entry)| (*day, entry.priority, entry.has_usage))?;
        let mut block = vec![day];
        if !has_usage {
            let like_this =
                |entry: &Wanted| !entry.active && !entry.has_usage && entry.priority == priority;
            let mut next = day.previous();
            while let Some(day) = next.filter(|day| wanted.get(day).is_some_and(like_this)) {
                block.push(day);
                next = day.previous().filter(|_| block.len() < BLOCK_DAYS);
            }
        }
        if block.len() < WORTH_A_LOOK_DAYS {
            block.truncate(1);
        }
        for day in &block {
            if let Some(entry) = wanted.get_mut(day) {
                entry.active = true;
            }
        }
        Some(match block.as_slice() {
            [.., first] if block.len() > 1 => {
                Work::Block(DayRange::new(*first, day).unwrap_or(DayRange::single(day)))
            }
            _ => Work::Day(day),
        })
    }

    /// Ends `day` for all who wait for it.
    pub(super) fn finish(&self, day: Day, outcome: &Outcome) {
        let ended = self.lock().remove(&day);
        for waiter in ended.into_iter().flat_map(|entry| entry.waiters) {
            // Whoever no longer waits has gone away.
            let _ = waiter.send(outcome.clone());
        }
        self.more.notify_waiters();
    }

    /// Whether nobody wants anything.
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many days are wanted.
    pub(super) fn len(&self) -> usize {
        self.lock().len()
    }

    /// Waits until nobody wants anything.
    pub(super) async fn until_empty(&self) {
        loop {
            let more = self.more.notified();
            tokio::pin!(more);
            more.as_mut().enable();
            if self.is_empty() {
                return;
            }
            more.await;
        }
    }

    /// Puts a day back that a worker had; with `has_usage`, to be read in full next.
    pub(super) fn put_back(&self, day: Day, has_usage: bool) {
        if let Some(entry) = self.lock().get_mut(&day) {
            entry.active = false;
            entry.has_usage |= has_usage;
        }
        self.more.notify_waiters();
    }

    /// Ends every day that no worker has.
    pub(super) fn give_up_waiting(&self, outcome: &Outcome) {
        let waiting: Vec<Day> =
            self.lock().iter().filter(|(_, entry)| !entry.active).map(|(day, _)| *day).collect();
        for day in waiting {
            self.finish(day, outcome);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Day, Wanted>> {
        self.days.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
