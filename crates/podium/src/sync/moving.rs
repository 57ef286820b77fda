//! Follows the days that may still move: one cheap question for their totals, and a full read of
//! those that are other than what is stored.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Mutex as AsyncMutex;

use super::days::Days;
use super::error::Error;
use super::pace::Pace;
use super::queue::{Priority, Queue};
use super::teams::Teams;
use super::upstream::{Upstream, rest_after};
use crate::clock::{Clock, Moment};
use crate::usage::{Day, DayRange};

/// The days that may still move, and when to ask for them.
#[derive(Debug)]
pub(super) struct MovingDays {
    upstream: Arc<Upstream>,
    teams: Arc<Teams>,
    days: Arc<Days>,
    queue: Arc<Queue>,
    pace: Arc<Pace>,
    clock: Arc<dyn Clock>,
    refresh: Duration,
    due: AsyncMutex<MovingDue>,
}

#[derive(Debug, Default)]
struct MovingDue {
    /// The totals are compared again no later than this.
    totals: Option<Moment>,
    /// Days that can only be read in full are read again no sooner than this.
    full_reads: Option<Moment>,
}

impl MovingDays {
    pub(super) fn new(
        upstream: Arc<Upstream>,
        teams: Arc<Teams>,
        days: Arc<Days>,
        queue: Arc<Queue>,
        pace: Arc<Pace>,
        clock: Arc<dyn Clock>,
        refresh: Duration,
    ) -> Self {
        Self { upstream, teams, days, queue, pace, clock, refresh, due: AsyncMutex::default() }
    }

    /// The next refresh asks for everything, however recent the last one.
    pub(super) async fn expire(&self) {
        *self.due.lock().await = MovingDue::default();
    }

    /// Brings `range` up to date. While today moves and is cheap to read, it is read at once, and
    /// the totals of all are compared once a period.
    pub(super) async fn refresh(&self, range: DayRange) -> Result<(), Error> {
        let mut due = self.due.lock().await;
        let now = self.clock.moment();
        let is_due = due.totals.is_none_or(|due| due <= now);
        let is_today_known = self.days.is_known(range.last()).await;
        if !is_due && is_today_known && self.pace.reads_today_at_once() {
            return self.read_moved(vec![range.last()]).await;
        }
        due.totals = Some(now + self.refresh);
        match self.upstream.totals(range).await? {
            Some(totals) => {
                self.teams.look_for_new(&totals).await;
                let moved = self.days.compare(range, &totals).await?;
                self.read_moved(moved).await
            }
            None if due.full_reads.is_none_or(|due| due <= self.clock.moment()) => {
                let started = self.clock.moment();
                let done = self.read_in_full(range).await;
                let ended = self.clock.moment();
                due.full_reads = Some(ended + rest_after(ended.since(started)));
                done
            }
            None => Ok(()),
        }
    }

    /// For a gateway that cannot tell totals: what one small answer holds, then day by day.
    async fn read_in_full(&self, range: DayRange) -> Result<(), Error> {
        let readings = self.upstream.newest_days(range).await?;
        let mut rest: Vec<Day> = range.newest_first().skip(readings.len()).collect();
        rest.extend(self.days.take_changed(readings).await?);
        self.read_moved(rest).await
    }

    async fn read_moved(&self, moved: Vec<Day>) -> Result<(), Error> {
        if self.days.are_read_in_vain() {
            return Ok(());
        }
        let outcomes = self.queue.want(moved, Priority::Moved, true);
        join_all(outcomes).await.into_iter().collect()
    }
}
