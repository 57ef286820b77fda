//! Keeps the store in step with the gateway.
//!
//! A question about days that were never read fetches them now, once for all who wait. Behind
//! that, a driver follows the days that still move, back-fills the last ones, newest first,
//! and keeps the list of teams. Each day is checked against the gateway's own sums before it
//! is stored. How a gateway is asked is left to `gateway`, what a day looks like at rest to
//! `store`.

mod audit;
mod breaker;
mod driver;
mod keep_up;
mod logs;
mod once;
mod pace;
mod pushed;
mod queue;
mod refused;
mod status;
mod verify;
mod worker;

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Mutex as AsyncMutex, Notify};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::gateway::{self, UsageSource};
use crate::store::{self, UsageStore};
use crate::tasks::Tasks;
use crate::usage::{AuditedDay, Day, DayRange, Request};

use breaker::Breaker;
use keep_up::{KeepUp, Thoroughness};
pub use pushed::Ingested;
use pushed::Pushed;
use queue::{Priority, Queue};
pub use status::{Backfill, LogStatus, Status};

/// How sync goes about its work.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How often the gateway is asked what moved.
    pub refresh: Duration,
    /// How many of the last days are read without being asked for.
    pub backfill_days: u32,
    /// Of how many of the last days request logs are read without being asked for; 0: they are
    /// never read.
    pub log_days: u32,
    /// How many days quarter hours are kept.
    pub quarter_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            refresh: Duration::from_secs(30),
            backfill_days: 30,
            // A week in any time zone.
            log_days: 8,
            quarter_days: 400,
        }
    }
}

/// Why days or teams could not be had.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// The list of teams could not be read.
    #[error("{0}")]
    Teams(gateway::Error),
    /// Usage could not be read.
    #[error("{0}")]
    Usage(gateway::Error),
    /// What was read could not be kept.
    #[error("{0}")]
    Store(Arc<store::Error>),
    /// Podium is ending.
    #[error("Podium is shutting down")]
    ShuttingDown,
}

impl Error {
    /// The same failure, met while usage was to be read.
    fn of_usage(self) -> Self {
        match self {
            Self::Teams(error) => Self::Usage(error),
            other => other,
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// Why nobody knows the hours of some days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoLogs {
    /// The gateway has no logs of them.
    NotKept,
    /// The key may not read them.
    KeyMayNot,
    /// Podium is set not to read them.
    SwitchedOff,
    /// Podium reads those of so many days only.
    TooOld {
        /// How many.
        days: u32,
    },
}

/// At most two questions are under way at the gateway: a big answer stalls it for everyone.
const WORKERS: usize = 2;

/// Longer ranges of unread days first ask where the gateway's usage begins.
const LONG_RANGE_DAYS: usize = 62;

/// What sync consists of; clones share it.
#[derive(Clone, Debug)]
pub struct Sync {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    source: Arc<dyn UsageSource>,
    store: Arc<dyn UsageStore>,
    clock: Arc<dyn Clock>,
    started_at: Timestamp,
    settings: Settings,
    tasks: Tasks,
    pace: pace::Pace,
    queue: Queue,
    breaker: Breaker,
    status: Mutex<Status>,
    keep_up: AsyncMutex<KeepUp>,
    /// Held while the teams are read, so that all who wait share one question.
    teams: AsyncMutex<()>,
    /// Held while the beginning of usage is looked for.
    beginning: AsyncMutex<()>,
    key_refused: AtomicBool,
    /// Whether the key was seen to see everybody: the usage that any other key is shown is not the
    /// whole truth about a day.
    sees_everybody: AtomicBool,
    last_question_ms: AtomicI64,
    wake: Notify,
    logs: AsyncMutex<logs::Reading>,
    log_status: Mutex<LogStatus>,
    pushed: Pushed,
    wake_logs: Notify,
    /// Who listens to changes as they happen; looks are frequent while somebody does.
    listeners: AtomicUsize,
}

impl Sync {
    /// Sync between `source` and `store`, at rest: nothing is asked before [`Sync::spawn`].
    pub fn new(
        source: Arc<dyn UsageSource>,
        store: Arc<dyn UsageStore>,
        clock: Arc<dyn Clock>,
        settings: Settings,
        tasks: Tasks,
    ) -> Self {
        let started_at = clock.now();
        let pushed = Pushed::new(Arc::clone(&store), Arc::clone(&clock));
        Self {
            inner: Arc::new(Inner {
                source,
                store,
                clock,
                started_at,
                settings,
                tasks,
                pace: pace::Pace::default(),
                queue: Queue::default(),
                breaker: Breaker::default(),
                status: Mutex::default(),
                keep_up: AsyncMutex::default(),
                teams: AsyncMutex::default(),
                beginning: AsyncMutex::default(),
                key_refused: AtomicBool::new(false),
                sees_everybody: AtomicBool::new(false),
                last_question_ms: AtomicI64::new(started_at.as_millisecond()),
                wake: Notify::new(),
                logs: AsyncMutex::default(),
                log_status: Mutex::default(),
                pushed,
                wake_logs: Notify::new(),
                listeners: AtomicUsize::new(0),
            }),
        }
    }

    /// Starts the workers and, with `follow`, the driver; all end with `cancel`.
    pub fn spawn(&self, cancel: &CancellationToken, follow: bool) {
        let tasks = &self.inner.tasks;
        for _ in 0..WORKERS {
            tasks.spawn("worker", worker::run(Arc::clone(&self.inner), cancel.clone()));
        }
        if follow {
            tasks.spawn("driver", driver::run(Arc::clone(&self.inner), cancel.clone()));
            if self.inner.settings.log_days > 0 {
                tasks.spawn("logs", logs::run(Arc::clone(&self.inner), cancel.clone()));
            }
        }
    }

    /// Returns once the teams and every day of `range` are stored. Stored ones cost nothing;
    /// the others are fetched now. The fetch goes on if the caller goes away.
    pub async fn ensure(&self, range: DayRange) -> Result<(), Error> {
        self.inner.note_question();
        self.ensure_teams().await?;
        self.inner.ensure_days(range).await
    }

    async fn ensure_teams(&self) -> Result<(), Error> {
        if self.inner.store.read().await.teams().is_some() {
            return Ok(());
        }
        let inner = Arc::clone(&self.inner);
        self.inner
            .tasks
            .run("teams", async move {
                let _one_at_a_time = inner.teams.lock().await;
                if inner.store.read().await.teams().is_some() {
                    return Ok(());
                }
                inner.breaker.admit().await.map_err(Error::Teams)?;
                inner.read_teams().await
            })
            .await
            .unwrap_or(Err(Error::ShuttingDown))
    }

    /// Has one look at all that may have moved, however recent the last one, and waits until
    /// that, and what waits for the workers, is read.
    pub async fn look(&self) -> Result<(), Error> {
        self.inner.keep_up(Thoroughness::Everything).await?;
        self.inner.queue.until_empty().await;
        if self.inner.settings.log_days > 0 {
            self.inner.read_all_due_logs().await?;
        }
        Ok(())
    }

    /// Reads the days of `range` that are missing or moved, and waits for them; `progress`
    /// hears how many days are done, and of how many.
    pub async fn run_once(
        &self,
        range: DayRange,
        progress: impl FnMut(usize, usize) + Send,
    ) -> Result<(), Error> {
        self.inner.run_once(range, progress).await
    }

    /// Compares the days of `range` with the gateway's totals, newest first. Days that moved
    /// are read again before this returns.
    pub async fn audit(&self, range: DayRange) -> Result<Vec<AuditedDay>, Error> {
        self.inner.breaker.admit().await.map_err(Error::Usage)?;
        self.inner.ensure_rights().await?;
        self.inner.audit(range).await
    }

    /// The days of `range` whose request logs are read without being asked for.
    pub fn days_with_logs(&self, range: DayRange) -> Option<DayRange> {
        let settings = self.inner.settings;
        let read = DayRange::ending(self.inner.clock.today(), settings.log_days);
        range.from(read.first()).filter(|_| settings.log_days > 0)
    }

    /// Why the hours of `range` are not known although its logs were asked for.
    pub fn why_no_logs(&self, range: DayRange) -> NoLogs {
        let inner = &self.inner;
        if inner.settings.log_days == 0 {
            NoLogs::SwitchedOff
        } else if range.last() < inner.remembered_from() {
            NoLogs::TooOld { days: logs::REMEMBERED_DAYS }
        } else if self.log_status().not_allowed {
            NoLogs::KeyMayNot
        } else {
            NoLogs::NotKept
        }
    }

    /// Returns once the request logs of `range` are read, as far as the gateway has them.
    pub async fn ensure_logs(&self, range: DayRange) -> Result<(), Error> {
        let inner = Arc::clone(&self.inner);
        let tasks = self.inner.tasks.clone();
        tasks
            .run("asked logs", async move { inner.ensure_logs(range).await })
            .await
            .unwrap_or(Err(Error::ShuttingDown))
    }

    /// Counts requests that were pushed; returns once they are on the disk.
    pub async fn ingest(&self, requests: Vec<Request>) -> Result<Ingested, Error> {
        let ingested = self.inner.pushed.count(requests).await?;
        if ingested.added.new > 0 {
            // The daily table has them soon.
            self.inner.wake.notify_one();
        }
        Ok(ingested)
    }

    /// Looks are frequent as long as the value lives.
    pub fn listen(&self) -> Listening {
        self.inner.listeners.fetch_add(1, Ordering::Relaxed);
        self.inner.wake.notify_one();
        self.inner.wake_logs.notify_one();
        Listening(Arc::clone(&self.inner))
    }

    /// How reading request logs stands.
    pub fn log_status(&self) -> LogStatus {
        let polled = self.inner.log_status.lock().unwrap_or_else(PoisonError::into_inner).clone();
        LogStatus { pushed: self.inner.pushed.were_seen(), ..polled }
    }

    /// How many questions the gateway was asked within the last minute, while somebody listens.
    pub fn asked_last_minute(&self) -> u64 {
        self.inner.pace.asked_last_minute(self.inner.asked())
    }

    /// How often the gateway was asked since the start, by kind of question.
    pub fn questions(&self) -> Vec<(&'static str, u64)> {
        self.inner.source.questions()
    }

    /// How sync stands.
    pub fn status(&self) -> Status {
        self.inner.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Somebody who listens to changes.
#[derive(Debug)]
pub struct Listening(Arc<Inner>);

impl Drop for Listening {
    fn drop(&mut self) {
        self.0.listeners.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Inner {
    /// Remembers that somebody is looking, and has a look at the gateway if the last one is
    /// older than the period.
    fn note_question(&self) {
        let now = self.clock.now();
        self.last_question_ms.store(now.as_millisecond(), Ordering::Relaxed);
        let refresh = i64::try_from(self.settings.refresh.as_millis()).unwrap_or(i64::MAX);
        let last_run = self.status().last_run_at;
        if last_run.is_some_and(|at| now.as_millisecond() - at.as_millisecond() > refresh) {
            self.wake.notify_one();
        }
    }

    fn status(&self) -> std::sync::MutexGuard<'_, Status> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many questions were asked in all.
    fn asked(&self) -> u64 {
        self.source.questions().iter().map(|(_, count)| count).sum()
    }

    /// Notes how a question to the gateway ended, for the status and for who asks next.
    fn heard<T>(&self, answer: Result<T, gateway::Error>) -> Result<T, gateway::Error> {
        let now = self.clock.now();
        match &answer {
            Ok(_) => {
                self.key_refused.store(false, Ordering::Relaxed);
                self.breaker.reset();
                self.status().reached(now);
            }
            Err(error) => {
                self.key_refused.store(*error == gateway::Error::KeyRefused, Ordering::Relaxed);
                if error.is_of_the_key() {
                    self.sees_everybody.store(false, Ordering::Relaxed);
                }
                if error.concerns_the_whole_gateway() {
                    self.breaker.failed(error);
                }
                self.status().failed(now, error);
            }
        }
        answer
    }

    async fn read_teams(&self) -> Result<(), Error> {
        if self.key_refused.load(Ordering::Relaxed) {
            // The gateway books a refused question for teams as a failed request, but not this.
            self.heard(self.source.check_key().await).map_err(Error::Teams)?;
        }
        let teams = self.heard(self.source.teams().await).map_err(Error::Teams)?;
        self.sees_everybody.store(true, Ordering::Relaxed);
        self.store.replace_teams(teams, self.clock.now()).await?;
        Ok(())
    }

    /// Returns once the key was seen to see everybody: who may list all teams may see their usage.
    async fn ensure_rights(&self) -> Result<(), Error> {
        if self.sees_everybody.load(Ordering::Relaxed) {
            return Ok(());
        }
        let _one_at_a_time = self.teams.lock().await;
        if self.sees_everybody.load(Ordering::Relaxed) {
            return Ok(());
        }
        self.read_teams().await
    }

    async fn ensure_days(self: &Arc<Self>, range: DayRange) -> Result<(), Error> {
        let mut missing = self.missing(range).await;
        if !missing.is_empty() {
            self.breaker.admit().await.map_err(Error::Usage)?;
            // The teams are known; it is about their usage now.
            self.ensure_rights().await.map_err(Error::of_usage)?;
        }
        if missing.len() > LONG_RANGE_DAYS {
            self.find_beginning().await?;
            missing = self.missing(range).await;
        }
        if missing.is_empty() {
            return Ok(());
        }
        let outcomes = self.queue.want(missing, Priority::Asked, false);
        futures_util::future::try_join_all(outcomes).await.map(drop)
    }

    /// The days of `range` that were never read, newest first.
    async fn missing(&self, range: DayRange) -> Vec<Day> {
        let reader = self.store.read().await;
        let first = reader.empty_before().unwrap_or(range.first());
        let Some(range) = range.from(first) else {
            return Vec::new();
        };
        range.newest_first().filter(|day| reader.day_state(*day).is_none()).collect()
    }

    /// Learns before which day the gateway has nothing, so that years without usage cost two
    /// questions.
    async fn find_beginning(&self) -> Result<(), Error> {
        let _one_at_a_time = self.beginning.lock().await;
        if self.store.read().await.empty_before().is_some() {
            return Ok(());
        }
        let today = self.clock.today();
        let all =
            DayRange::new(Day::FIRST_WITH_DAY_BEFORE, today).unwrap_or(DayRange::single(today));
        let oldest = self.heard(self.source.oldest_day(all).await).map_err(Error::Usage)?;
        self.store.set_empty_before(oldest.unwrap_or(today)).await?;
        Ok(())
    }
}

/// The days that may still move: those that ended less than two days ago, and today.
fn unsealed_days(now: jiff::Timestamp) -> DayRange {
    const UNSEALED_DAYS: u32 = 3;
    DayRange::ending(Day::of(now), UNSEALED_DAYS)
}
