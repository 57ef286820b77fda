//! Keeps the store in step with the gateway.
//!
//! A question about days that were never read fetches them now, once for all who wait. Behind
//! that, a driver follows the days that still move, back-fills the last ones, newest first,
//! and keeps the list of teams. Each day is checked against the gateway's own sums before it
//! is stored. How a gateway is asked is left to `gateway`, what a day looks like at rest to
//! `store`.
//!
//! `parts` tells which part knows which; each owns its state.

mod asked;
mod audience;
mod audit;
mod backfill;
mod beginning;
mod breaker;
mod days;
mod driver;
mod error;
mod following;
mod logs;
mod looks;
mod moving;
mod pace;
mod parts;
mod pushed;
mod queue;
mod refused;
mod settings;
mod status;
mod teams;
mod upstream;
pub(crate) mod verify;
mod worker;

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::gateway::{QuestionTimes, UsageSource};
use crate::store::Store;
use crate::tasks::Tasks;
use crate::usage::{AuditedDay, DayRange, Request};

pub use audience::Listening;
pub use error::Error;
pub use logs::NoLogs;
pub use pushed::Ingested;
pub use settings::Settings;
pub use status::{Backfill, DayWork, LogStatus, Restraint, Status};

use driver::Recurring;
use looks::Thoroughness;
use parts::SyncParts;

/// At most two questions are under way at the gateway: a big answer stalls it for everyone.
const WORKERS: usize = 2;

/// What sync consists of; clones share it.
#[derive(Clone, Debug)]
pub struct Sync {
    parts: Arc<SyncParts>,
    clock: Arc<dyn Clock>,
    tasks: Tasks,
}

impl Sync {
    /// Sync between `source` and `store`, at rest: nothing is asked before [`Sync::spawn`].
    pub fn new(
        source: Arc<dyn UsageSource>,
        store: Store,
        clock: Arc<dyn Clock>,
        settings: Settings,
        tasks: Tasks,
    ) -> Self {
        let parts = SyncParts::new(source, store, Arc::clone(&clock), settings, tasks.clone());
        Self { parts: Arc::new(parts), clock, tasks }
    }

    /// Starts the workers and, with `follow`, what follows the gateway; all end with `cancel`.
    pub fn spawn(&self, cancel: &CancellationToken, follow: bool) {
        let SyncParts { workers, following, logs, .. } = self.parts.as_ref();
        for _ in 0..WORKERS {
            self.tasks.spawn("worker", Arc::clone(workers).work(cancel.clone()));
        }
        if follow {
            self.follow(following, cancel);
            if logs.are_switched_on() {
                self.follow(logs, cancel);
            }
        }
    }

    fn follow<W: Recurring>(&self, work: &Arc<W>, cancel: &CancellationToken) {
        let run = driver::run(Arc::clone(work), Arc::clone(&self.clock), cancel.clone());
        self.tasks.spawn(W::NAME, run);
    }

    /// Returns once the teams and every day of `range` are stored. Stored ones cost nothing;
    /// the others are fetched now. The fetch goes on if the caller goes away.
    pub async fn ensure(&self, range: DayRange) -> Result<(), Error> {
        self.parts.following.note_question();
        self.ensure_teams().await?;
        self.parts.asked.ensure(range).await
    }

    /// The same for somebody who knows that they are stored.
    pub fn note_question(&self) {
        self.parts.following.note_question();
    }

    async fn ensure_teams(&self) -> Result<(), Error> {
        if self.parts.teams.are_known().await {
            return Ok(());
        }
        let teams = Arc::clone(&self.parts.teams);
        self.tasks
            .run("teams", async move { teams.ensure().await })
            .await
            .unwrap_or(Err(Error::ShuttingDown))
    }

    /// Has one look at all that may have moved, however recent the last one, and waits until
    /// that, and what waits for the workers, is read.
    pub async fn look(&self) -> Result<(), Error> {
        self.parts.looks.look(Thoroughness::Everything).await?;
        self.parts.queue.until_empty().await;
        self.parts.logs.read_all_due().await
    }

    /// Reads the days of `range` that are missing or moved, and waits for them; `progress`
    /// hears how many days are done, and of how many.
    pub async fn run_once(
        &self,
        range: DayRange,
        progress: impl FnMut(usize, usize) + Send,
    ) -> Result<(), Error> {
        self.parts.asked.bring_up_to_date(range, progress).await
    }

    /// Compares the days of `range` with the gateway's totals, newest first. Days that moved
    /// are read again before this returns.
    pub async fn audit(&self, range: DayRange) -> Result<Vec<AuditedDay>, Error> {
        self.parts.upstream.admit().await.map_err(Error::Usage)?;
        self.parts.teams.ensure_rights().await?;
        self.parts.audits.audit(range).await
    }

    /// The days of `range` whose request logs are read without being asked for.
    pub fn days_with_logs(&self, range: DayRange) -> Option<DayRange> {
        self.parts.logs.days_read(range)
    }

    /// Why the hours of `range` are not known although its logs were asked for.
    pub fn why_no_logs(&self, range: DayRange) -> NoLogs {
        self.parts.logs.why_none(range)
    }

    /// Returns once the request logs of `range` are read, as far as the gateway has them.
    pub async fn ensure_logs(&self, range: DayRange) -> Result<(), Error> {
        let logs = Arc::clone(&self.parts.logs);
        self.tasks
            .run("asked logs", async move { logs.ensure(range).await })
            .await
            .unwrap_or(Err(Error::ShuttingDown))
    }

    /// Counts requests that were pushed; returns once they are on the disk.
    pub async fn ingest(&self, requests: Vec<Request>) -> Result<Ingested, Error> {
        let ingested = self.parts.pushed.count(requests).await?;
        if ingested.added.new > 0 {
            // The daily table has them soon.
            self.parts.audience.call_for_look();
        }
        Ok(ingested)
    }

    /// Looks are frequent as long as the value lives.
    pub fn listen(&self) -> Listening {
        self.parts.audience.listen()
    }

    /// How reading request logs stands.
    pub fn log_status(&self) -> LogStatus {
        let pushed = self.parts.pushed.were_seen();
        LogStatus { pushed, ..self.parts.logs.status() }
    }

    /// How many questions the gateway was asked within the last minute, while somebody listens.
    pub fn asked_last_minute(&self) -> u64 {
        self.parts.pace.asked_last_minute(self.parts.upstream.asked())
    }

    /// How often the gateway was asked since the start, by kind of question.
    pub fn questions(&self) -> Vec<(&'static str, u64)> {
        self.parts.upstream.questions()
    }

    /// How long questions to the gateway took.
    pub fn question_times(&self) -> Vec<QuestionTimes> {
        self.parts.upstream.timings()
    }

    /// What keeps the gateway from being asked.
    pub fn restraint(&self) -> Restraint {
        self.parts.upstream.restraint()
    }

    /// What days were read, and what is to be done.
    pub fn day_work(&self) -> DayWork {
        let (days, queue) = (&self.parts.days, &self.parts.queue);
        DayWork { read: days.read_count(), waiting: queue.len() }
    }

    /// How many listen to changes.
    pub fn listeners(&self) -> usize {
        self.parts.audience.listeners()
    }

    /// How sync stands.
    pub fn status(&self) -> Status {
        let (reach, ends) = (self.parts.upstream.reach(), self.parts.following.ends());
        Status {
            reached_at: reach.reached_at,
            failing_since: reach.failing_since,
            last_error: reach.last_error,
            last_run_at: ends.last_run_at,
            in_step_at: ends.in_step_at,
            backfill: self.parts.backfilling.progress(),
        }
    }
}
