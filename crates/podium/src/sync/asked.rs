//! Reads the days that somebody asks for and waits for.

use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::future::try_join_all;
use futures_util::stream::FuturesUnordered;

use super::beginning::Beginning;
use super::days::{Days, months};
use super::error::Error;
use super::queue::{Priority, Queue};
use super::teams::Teams;
use super::upstream::Upstream;
use crate::usage::DayRange;

/// Longer ranges of unread days first ask where the gateway's usage begins.
const LONG_RANGE_DAYS: usize = 62;

/// Who waits for days, and what that takes.
#[derive(Debug)]
pub(super) struct AskedDays {
    upstream: Arc<Upstream>,
    teams: Arc<Teams>,
    beginning: Beginning,
    days: Arc<Days>,
    queue: Arc<Queue>,
}

impl AskedDays {
    pub(super) fn new(
        upstream: Arc<Upstream>,
        teams: Arc<Teams>,
        beginning: Beginning,
        days: Arc<Days>,
        queue: Arc<Queue>,
    ) -> Self {
        Self { upstream, teams, beginning, days, queue }
    }

    /// Returns once every day of `range` is stored.
    pub(super) async fn ensure(&self, range: DayRange) -> Result<(), Error> {
        let mut missing = self.days.missing(range).await;
        if !missing.is_empty() {
            self.upstream.admit().await.map_err(Error::Usage)?;
            // The teams are known; it is about their usage now.
            self.teams.ensure_rights().await.map_err(Error::of_usage)?;
        }
        if missing.len() > LONG_RANGE_DAYS {
            self.beginning.find().await?;
            missing = self.days.missing(range).await;
        }
        if missing.is_empty() {
            return Ok(());
        }
        try_join_all(self.queue.want(missing, Priority::Asked, false)).await.map(drop)
    }

    /// Reads what is missing or moved in `range` and waits for it; `progress` hears how many days
    /// are done, and of how many.
    pub(super) async fn bring_up_to_date(
        &self,
        range: DayRange,
        mut progress: impl FnMut(usize, usize) + Send,
    ) -> Result<(), Error> {
        self.teams.read().await?;
        self.beginning.find().await?;
        let mut outcomes = FuturesUnordered::new();
        for month in self.days.since_beginning(range).await.into_iter().flat_map(months) {
            outcomes.extend(match self.upstream.totals(month).await? {
                Some(totals) => {
                    let moved = self.days.compare(month, &totals).await?;
                    self.queue.want(moved, Priority::Asked, true)
                }
                None => self.queue.want(month.newest_first(), Priority::Asked, false),
            });
        }
        let total = outcomes.len();
        progress(0, total);
        let mut ends = outcomes.enumerate();
        let mut first_error = None;
        while let Some((done, outcome)) = ends.next().await {
            progress(done + 1, total);
            first_error = first_error.or(outcome.err());
        }
        first_error.map_or(Ok(()), Err)
    }
}
