//! Reads the gateway's logs of single requests into quarter hours.
//!
//! Today's tail comes first, then one window of what is missing. How far each day is read is kept
//! with what was read, so that nothing is read twice after a restart.

mod unread;
mod widths;
mod windows;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Mutex as AsyncMutex;

use self::unread::{REMEMBERED_DAYS, Unread};
use self::windows::Windows;
use super::audience::Audience;
use super::driver::Recurring;
use super::error::Error;
use super::settings::Settings;
use super::status::LogStatus;
use super::upstream::Upstream;
use crate::clock::{Clock, Moment};
use crate::gateway;
use crate::store::Store;
use crate::tasks::Tasks;
use crate::usage::{Day, DayRange};

/// Old quarter hours are dropped this often.
const TIDY: Duration = Duration::from_secs(3_600);
/// How often, at most, today's logs are asked for while somebody listens.
const LIVE: Duration = Duration::from_secs(6);
/// And how often at least, whatever the daily table says.
const AT_LEAST_EVERY: Duration = Duration::from_secs(300);

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

/// The reading of logs.
#[derive(Debug)]
pub(super) struct LogReading {
    upstream: Arc<Upstream>,
    store: Store,
    clock: Arc<dyn Clock>,
    audience: Arc<Audience>,
    settings: Settings,
    unread: Unread,
    status: Arc<Mutex<LogStatus>>,
    /// Held while a window is read, so that there is one at a time.
    reading: AsyncMutex<LogTurn>,
}

#[derive(Debug)]
struct LogTurn {
    windows: Windows,
    /// When today's logs were last read, and how many requests the daily table had then.
    today: Option<(Moment, i64)>,
    tidied_at: Option<Moment>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// There are days that were not read yet.
    More,
    /// Everything was read a moment ago.
    InStep,
}

impl LogReading {
    pub(super) fn new(
        upstream: Arc<Upstream>,
        store: Store,
        clock: Arc<dyn Clock>,
        audience: Arc<Audience>,
        settings: Settings,
        tasks: Tasks,
    ) -> Self {
        let status = Arc::<Mutex<LogStatus>>::default();
        let windows = Windows::new(
            Arc::clone(&upstream),
            store.clone(),
            Arc::clone(&clock),
            tasks,
            Arc::clone(&status),
        );
        let unread = Unread::new(Arc::clone(&store.ledger), Arc::clone(&clock), settings.log_days);
        let reading = AsyncMutex::new(LogTurn { windows, today: None, tidied_at: None });
        Self { upstream, store, clock, audience, settings, unread, status, reading }
    }

    /// Whether any are read.
    pub(super) fn are_switched_on(&self) -> bool {
        self.settings.log_days > 0
    }

    /// How reading them stands.
    pub(super) fn status(&self) -> LogStatus {
        self.status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The days of `range` that are read without being asked for.
    pub(super) fn days_read(&self, range: DayRange) -> Option<DayRange> {
        let read = DayRange::ending(self.clock.today(), self.settings.log_days);
        range.from(read.first()).filter(|_| self.are_switched_on())
    }

    /// Why there are none of `range` although they were asked for.
    pub(super) fn why_none(&self, range: DayRange) -> NoLogs {
        if !self.are_switched_on() {
            NoLogs::SwitchedOff
        } else if range.last() < self.unread.remembered_from() {
            NoLogs::TooOld { days: REMEMBERED_DAYS }
        } else if self.status().not_allowed {
            NoLogs::KeyMayNot
        } else {
            NoLogs::NotKept
        }
    }

    /// Reads the logs of the days of `range` that were not read.
    pub(super) async fn ensure(&self, range: DayRange) -> Result<(), Error> {
        if !self.are_switched_on() {
            return Ok(());
        }
        let seen_from = self.unread.remembered_from();
        for day in range.newest_first().take_while(|day| *day >= seen_from) {
            self.ensure_day(day).await?;
        }
        Ok(())
    }

    async fn ensure_day(&self, day: Day) -> Result<(), Error> {
        loop {
            let now = self.clock.now();
            if !self.unread.is_worth_waiting_for(day, now).await {
                return Ok(());
            }
            let mut reading = self.reading.lock().await;
            if self.upstream.is_key_refused() {
                return Err(Error::Usage(gateway::Error::KeyRefused));
            }
            if self.is_no_use_asking(&reading) {
                return Ok(());
            }
            // Somebody else may have read it meanwhile.
            if self.unread.is_worth_waiting_for(day, now).await
                && reading.windows.read_next(day, now).await?
            {
                return Ok(());
            }
        }
    }

    /// Reads everything that is due, for who wants to wait for it.
    pub(super) async fn read_all_due(&self) -> Result<(), Error> {
        while self.are_switched_on() && self.read_due().await? == Progress::More {}
        Ok(())
    }

    /// Reads what came since the last time, then one window of what is missing.
    async fn read_due(&self) -> Result<Progress, Error> {
        let mut reading = self.reading.lock().await;
        self.tidy(&mut reading).await?;
        if self.is_no_use_asking(&reading) || self.store.ledger.health().is_reading_in_vain() {
            return Ok(Progress::InStep);
        }
        let now = self.clock.now();
        let today = Day::of(now);
        let requests = self.store.ledger.state().day_total(today).map_or(0, |total| total.requests);
        reading.today = Some((self.clock.moment(), requests));
        if !reading.windows.read_next(today, now).await? {
            return Ok(Progress::More);
        }
        self.read_missing(now, &mut reading).await
    }

    /// The same, but today's logs only where the daily table tells of more requests than are
    /// known, and did not when they were last read.
    async fn read_due_with_news(&self) -> Result<Progress, Error> {
        if self.has_news().await {
            return self.read_due().await;
        }
        let mut reading = self.reading.lock().await;
        if self.is_no_use_asking(&reading) || self.store.ledger.health().is_reading_in_vain() {
            return Ok(Progress::InStep);
        }
        self.read_missing(self.clock.now(), &mut reading).await
    }

    async fn has_news(&self) -> bool {
        let Some((read_at, requests_then)) = self.reading.lock().await.today else { return true };
        let reader = self.store.read();
        let today = self.clock.today();
        let requests = reader.ledger.day_total(today).map_or(0, |total| total.requests);
        let is_news =
            requests != requests_then && requests > reader.ledger.explained(today).requests;
        let age = self.clock.since(read_at);
        age >= AT_LEAST_EVERY || (is_news && age >= LIVE.min(self.settings.refresh))
    }

    /// Reads one window of the newest day that is not read.
    async fn read_missing(&self, now: Timestamp, reading: &mut LogTurn) -> Result<Progress, Error> {
        match self.unread.next(now).await {
            Some(day) => reading.windows.read_next(day, now).await.map(|_| Progress::More),
            None => Ok(Progress::InStep),
        }
    }

    /// The gateway said that it has no logs, or refuses the key, which the look at what moved
    /// tries again in a way that is not booked as a failed request.
    fn is_no_use_asking(&self, reading: &LogTurn) -> bool {
        self.upstream.is_key_refused() || reading.windows.are_not_kept()
    }

    /// Drops what is older than it is to be kept.
    async fn tidy(&self, reading: &mut LogTurn) -> Result<(), Error> {
        if reading.tidied_at.is_some_and(|at| self.clock.since(at) < TIDY) {
            return Ok(());
        }
        reading.tidied_at = Some(self.clock.moment());
        let keep_from = self.clock.today().minus(self.settings.quarter_days);
        self.store.facts.forget_quarters(keep_from, self.unread.remembered_from()).await?;
        Ok(())
    }
}

impl Recurring for LogReading {
    const NAME: &'static str = "logs";

    type Done = Progress;

    async fn run(&self) -> Result<Progress, Error> {
        self.read_due_with_news().await
    }

    fn pause(&self, done: &Result<Progress, Error>, since: Duration) -> Duration {
        match done {
            // Reading history leaves the gateway as much time for others.
            Ok(Progress::More) => since,
            Ok(Progress::InStep) if self.audience.listens() => LIVE.min(self.settings.refresh),
            _ => self.settings.refresh,
        }
    }

    async fn called_for(&self) {
        self.audience.logs_called_for().await;
    }
}
