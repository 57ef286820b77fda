//! Hands out the last days that are not stored, to be read without being asked for.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Mutex as AsyncMutex;

use super::days::{Days, last_month};
use super::error::Error;
use super::queue::{Priority, Queue};
use super::status::Backfill;
use super::upstream::Upstream;
use crate::usage::{Day, DayRange};

/// The back-fill of the last so many days.
#[derive(Debug)]
pub(super) struct Backfilling {
    upstream: Arc<Upstream>,
    days: Arc<Days>,
    queue: Arc<Queue>,
    day_count: u32,
    /// It was handed out down to this day.
    handed_out_to: AsyncMutex<Option<Day>>,
    progress: Mutex<Option<Backfill>>,
}

impl Backfilling {
    pub(super) fn new(
        upstream: Arc<Upstream>,
        days: Arc<Days>,
        queue: Arc<Queue>,
        day_count: u32,
    ) -> Self {
        Self {
            upstream,
            days,
            queue,
            day_count,
            handed_out_to: AsyncMutex::default(),
            progress: Mutex::default(),
        }
    }

    /// Hands out what lies before `unsealed` and is not stored, a month at a time, newest first.
    /// Stored days are compared once, since the gateway may have changed while Podium was away.
    pub(super) async fn hand_out(&self, unsealed: DayRange) -> Result<(), Error> {
        if self.days.are_read_in_vain() {
            return Ok(());
        }
        let all = DayRange::ending(unsealed.last(), self.day_count);
        let mut handed_out_to = self.handed_out_to.lock().await;
        loop {
            let last = handed_out_to.unwrap_or(unsealed.first()).previous();
            let Some(range) = last.and_then(|last| DayRange::new(all.first(), last)) else {
                return Ok(());
            };
            let month = last_month(range);
            self.hand_out_month(month).await?;
            *handed_out_to = Some(month.first());
        }
    }

    async fn hand_out_month(&self, month: DayRange) -> Result<(), Error> {
        match self.upstream.totals(month).await? {
            Some(totals) => {
                let moved = self.days.compare(month, &totals).await?;
                drop(self.queue.want(moved, Priority::Backfill, true));
            }
            None => {
                let missing = self.days.missing(month).await;
                drop(self.queue.want(missing, Priority::Backfill, false));
            }
        }
        Ok(())
    }

    /// Notes how far it is on `today`; what failed meanwhile is handed out again.
    pub(super) async fn note_progress(&self, today: Day) {
        let range = DayRange::ending(today, self.day_count.max(1));
        let done = self.days.stored_count(range).await;
        let progress = Backfill { done, total: range.day_count() };
        let before = self.progress.lock().unwrap_or_else(PoisonError::into_inner).replace(progress);
        if before != Some(progress) {
            tracing::info!(done = progress.done, total = progress.total, "days stored");
        }
        if progress.done < progress.total && self.queue.is_empty() {
            *self.handed_out_to.lock().await = None;
        }
    }

    /// How far it is; `None` before the first look.
    pub(super) fn progress(&self) -> Option<Backfill> {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
