//! Reads the gateway's logs of single requests into quarter hours.
//!
//! Each day is read from its beginning, window by window, and how far is kept with what was
//! read, so that nothing is read twice after a restart. Requests are logged when they end but
//! asked for by when they began: so the last minutes are read again each time, and a day once
//! more after its end and when it is sealed, unless its quarter hours explain all of it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::refused::Refused;
use super::{Error, Inner};
use crate::gateway::{self, LogWindow, RequestLogs};
use crate::store::{self, Added};
use crate::usage::{Day, DayRange, Quarter, Request};

/// So much of what was read is read again, since most calls end within it.
const OVERLAP: SignedDuration = SignedDuration::from_mins(3);
/// A day is read again this long after its end, for the calls that ran longer.
const FIRST_CLOSE: SignedDuration = SignedDuration::from_mins(30);
/// And when it is sealed.
const LAST_CLOSE: SignedDuration = SignedDuration::from_hours(48);
/// Which requests of a day were counted is remembered this long; older ones are not taken.
pub(super) const REMEMBERED_DAYS: u32 = 35;
/// Windows are made to hold about so many rows: the gateway counts to 10,000.
const WINDOW_ROWS: usize = 6_000;
const DAY_S: i64 = 86_400;
/// Whether a gateway without logs keeps some now.
const ASK_AGAIN: Duration = Duration::from_secs(600);
/// Old quarter hours are dropped this often.
const TIDY: Duration = Duration::from_secs(3_600);
/// Today's logs that were read so long before Podium started are not waited for.
const RECENTLY: SignedDuration = SignedDuration::from_mins(10);
/// How often, at most, today's logs are asked for while somebody listens.
const LIVE: Duration = Duration::from_secs(6);
/// And how often at least, whatever the daily table says.
const AT_LEAST_EVERY: Duration = Duration::from_secs(300);

/// What reading remembers; held while a window is read, so that there is one at a time.
#[derive(Debug, Default)]
pub(super) struct Reading {
    /// How many seconds a window of a day is long, where windows of the usual rows were too long.
    width_s: HashMap<Day, i64>,
    /// When today's logs were last read, and how many requests the daily table had then.
    today: Option<(Instant, i64)>,
    /// When the gateway said that it has no logs.
    not_kept_at: Option<Instant>,
    tidied_at: Option<Instant>,
    /// How far the days were read that are not read to their end, or to now, yet.
    gone_to: HashMap<Day, Timestamp>,
    /// The window that is being stored, and its day.
    storing: Option<(Day, JoinHandle<Result<Added, store::Error>>)>,
}

/// Reads until `cancel`.
pub(super) async fn run(inner: Arc<Inner>, cancel: CancellationToken) {
    let mut failures = 0_u32;
    loop {
        let started = Instant::now();
        let done = tokio::select! {
            () = cancel.cancelled() => return,
            done = inner.read_logs_with_news() => done,
        };
        let took = started.elapsed();
        let pause = match done {
            // Reading history leaves the gateway as much time for others.
            Ok(Progress::More) => took,
            Ok(Progress::InStep) => {
                let listened_to = inner.listeners.load(Ordering::Relaxed) > 0;
                if listened_to { LIVE.min(inner.settings.refresh) } else { inner.settings.refresh }
            }
            Err(_) => inner.settings.refresh,
        };
        failures = if done.is_ok() { 0 } else { failures + 1 };
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
            () = inner.wake_logs.notified(), if failures == 0 => {}
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Progress {
    /// There are days that were not read yet.
    More,
    /// Everything was read a moment ago.
    InStep,
}

impl Inner {
    /// The same, but today's logs only where the daily table tells of more requests than are
    /// known, and did not when they were last read.
    async fn read_logs_with_news(&self) -> Result<Progress, Error> {
        if self.has_news().await {
            return self.read_due_logs().await;
        }
        let mut reading = self.logs.lock().await;
        if self.is_no_use_asking(&reading) || self.store.health().is_reading_in_vain() {
            return Ok(Progress::InStep);
        }
        let now = self.clock.now();
        match self.next_unread(now).await {
            Some(day) => self.read_window(day, now, &mut reading).await.map(|_| Progress::More),
            None => Ok(Progress::InStep),
        }
    }

    async fn has_news(&self) -> bool {
        let Some((read_at, requests_then)) = self.logs.lock().await.today else { return true };
        let reader = self.store.read().await;
        let today = self.clock.today();
        let requests = reader.day_total(today).map_or(0, |total| total.requests);
        let is_news = requests != requests_then && requests > reader.explained(today).requests;
        read_at.elapsed() >= AT_LEAST_EVERY
            || (is_news && read_at.elapsed() >= LIVE.min(self.settings.refresh))
    }

    /// Reads what came since the last time, then one window of what is missing.
    async fn read_due_logs(&self) -> Result<Progress, Error> {
        let mut reading = self.logs.lock().await;
        self.tidy(&mut reading).await?;
        if self.is_no_use_asking(&reading) || self.store.health().is_reading_in_vain() {
            return Ok(Progress::InStep);
        }
        let now = self.clock.now();
        let today = Day::of(now);
        let requests = self.store.read().await.day_total(today).map_or(0, |total| total.requests);
        reading.today = Some((Instant::now(), requests));
        if !self.read_window(today, now, &mut reading).await? {
            return Ok(Progress::More);
        }
        match self.next_unread(now).await {
            Some(day) => self.read_window(day, now, &mut reading).await.map(|_| Progress::More),
            None => Ok(Progress::InStep),
        }
    }

    /// Reads everything that is due, for who wants to wait for it.
    pub(super) async fn read_all_due_logs(&self) -> Result<(), Error> {
        while self.read_due_logs().await? == Progress::More {}
        Ok(())
    }

    /// Reads the logs of the days of `range` that were not read.
    pub(super) async fn ensure_logs(&self, range: DayRange) -> Result<(), Error> {
        if self.settings.log_days == 0 {
            return Ok(());
        }
        let seen_from = self.remembered_from();
        for day in range.newest_first().take_while(|day| *day >= seen_from) {
            loop {
                let now = self.clock.now();
                if !self.is_worth_waiting_for(day, now).await {
                    break;
                }
                let mut reading = self.logs.lock().await;
                if self.key_refused.load(Ordering::Relaxed) {
                    return Err(Error::Usage(gateway::Error::KeyRefused));
                }
                if self.is_no_use_asking(&reading) {
                    return Ok(());
                }
                if self.is_worth_waiting_for(day, now).await
                    && self.read_window(day, now, &mut reading).await?
                {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The gateway said that it has no logs, or refuses the key, which the look at what moved
    /// tries again in a way that is not booked as a failed request.
    fn is_no_use_asking(&self, reading: &Reading) -> bool {
        self.key_refused.load(Ordering::Relaxed)
            || reading.not_kept_at.is_some_and(|at| at.elapsed() < ASK_AGAIN)
    }

    fn log_status(&self) -> std::sync::MutexGuard<'_, super::LogStatus> {
        self.log_status.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    pub(super) fn remembered_from(&self) -> Day {
        self.clock.today().minus(REMEMBERED_DAYS)
    }

    /// The newest of the last days whose logs are not read, or are to be read once more.
    async fn next_unread(&self, now: Timestamp) -> Option<Day> {
        let days = DayRange::ending(Day::of(now), self.settings.log_days.min(REMEMBERED_DAYS));
        for day in days.newest_first().skip(1) {
            if self.is_unread(day, now).await {
                return Some(day);
            }
        }
        None
    }

    /// Whether the logs of `day` were not read yet; what comes after that is read behind the
    /// scenes, and nobody waits for it.
    async fn is_worth_waiting_for(&self, day: Day, now: Timestamp) -> bool {
        let read_until = self.store.read().await.log_day(day).and_then(|log| log.read_until);
        let first_read = self.started_at.saturating_sub(RECENTLY).unwrap_or(now);
        let was_read = read_until.is_some_and(|until| until >= day.end().min(first_read));
        !was_read && self.is_unread(day, now).await
    }

    /// Whether reading logs could tell something new about `day`.
    async fn is_unread(&self, day: Day, now: Timestamp) -> bool {
        let reader = self.store.read().await;
        let Some(total) = reader.day_total(day) else {
            // Unless the days themselves are read, nobody knows what to expect.
            return day == Day::of(now);
        };
        let explained = reader.explained(day);
        let is_explained =
            explained.requests >= total.requests && explained.total_tokens >= total.total_tokens;
        let log_day = reader.log_day(day).unwrap_or_default();
        let due = |after: SignedDuration| {
            let at = day.end().saturating_add(after).unwrap_or(Timestamp::MAX);
            now >= at && log_day.read_at.is_none_or(|read_at| read_at < at)
        };
        match log_day.read_until {
            Some(until) if until >= whole_second(day.end().min(now)) => {
                !is_explained && (due(FIRST_CLOSE) || due(LAST_CLOSE))
            }
            _ => day == Day::of(now) || !is_explained,
        }
    }

    /// Reads the next window of `day` and says whether the day is read up to `now` or its end.
    async fn read_window(
        &self,
        day: Day,
        now: Timestamp,
        reading: &mut Reading,
    ) -> Result<bool, Error> {
        let start = Quarter::first_of(day).start();
        let end = whole_second(day.end().min(now));
        let mut log_day = self.store.read().await.log_day(day).unwrap_or_default();
        let is_again = log_day.read_until.is_some_and(|until| until >= day.end());
        let overlapping = || {
            let known = log_day.read_until.filter(|_| !is_again)?;
            known.checked_sub(OVERLAP).ok()
        };
        let from = reading.gone_to.remove(&day).or_else(overlapping).unwrap_or(start);
        let (requests, until) = self.read_from(day, from.max(start), end, reading).await?;
        let Some(mut requests) = requests else {
            return Ok(true);
        };
        let refused = Refused::take_out_of(&mut requests, self.clock.now());
        self.log_status().refused += refused.count();
        if until < end {
            reading.gone_to.insert(day, until);
        }
        if log_day.read_until.is_none() || (is_again && until >= day.end()) {
            log_day.read_at = Some(now);
        }
        log_day.read_until = log_day.read_until.max(Some(until));
        self.stored(reading).await?;
        let store = Arc::clone(&self.store);
        let storing = async move { store.add_requests(requests, vec![(day, log_day)]).await };
        reading.storing = Some((day, self.tasks.spawn("storing", storing)));
        if until >= end {
            self.stored(reading).await?;
        }
        let mut status = self.log_status();
        (status.polled, status.error) = (true, None);
        (status.not_kept, status.not_allowed) = (false, false);
        if day == Day::of(now) {
            status.read_until = Some(until);
        }
        Ok(until >= end)
    }

    /// Waits until the window read last is stored; while it is, the next one is read.
    async fn stored(&self, reading: &mut Reading) -> Result<(), Error> {
        let Some((day, storing)) = reading.storing.take() else {
            return Ok(());
        };
        let stored = storing.await.map_err(|_| Error::ShuttingDown)?;
        if stored.is_err() {
            // What could not be stored is read again.
            reading.gone_to.remove(&day);
        }
        stored.map(drop).map_err(Error::from)
    }

    /// The requests from `from` to as far as one window reaches, and that end; `None` where the
    /// gateway has no logs.
    async fn read_from(
        &self,
        day: Day,
        from: Timestamp,
        end: Timestamp,
        reading: &mut Reading,
    ) -> Result<(Option<Vec<Request>>, Timestamp), Error> {
        let mut width_s = self.width_s(day, reading).await;
        loop {
            let until = from.checked_add(SignedDuration::from_secs(width_s)).unwrap_or(end);
            let window = LogWindow { from, until: until.min(end) };
            let logs = self.source.requests(window).await.inspect_err(|error| {
                self.log_status().error = Some(error.clone());
            });
            match logs.map_err(Error::Usage)? {
                nothing @ (RequestLogs::NotKept | RequestLogs::NotAllowed) => {
                    reading.not_kept_at = Some(Instant::now());
                    let mut status = self.log_status();
                    status.not_kept = nothing == RequestLogs::NotKept;
                    status.not_allowed = nothing == RequestLogs::NotAllowed;
                    return Ok((None, window.until));
                }
                RequestLogs::TooMany => {
                    width_s = (window.until.as_second() - from.as_second()).div_euclid(2).max(1);
                    reading.width_s.insert(day, width_s);
                }
                RequestLogs::All(requests) => {
                    let is_sparse = requests.len() < WINDOW_ROWS / 3;
                    if window.until >= end {
                        reading.width_s.remove(&day);
                    } else if is_sparse && let Some(known) = reading.width_s.get_mut(&day) {
                        *known = known.saturating_mul(2).min(DAY_S);
                    }
                    return Ok((Some(requests), window.until));
                }
            }
        }
    }

    /// How many seconds hold about [`WINDOW_ROWS`] requests of `day`.
    async fn width_s(&self, day: Day, reading: &Reading) -> i64 {
        let total = self.store.read().await.day_total(day);
        let requests = total.map_or(0, |total| total.requests).max(1);
        let rows = i64::try_from(WINDOW_ROWS).unwrap_or(i64::MAX);
        let even = (DAY_S.saturating_mul(rows) / requests).clamp(1, DAY_S);
        reading.width_s.get(&day).map_or(even, |known| (*known).min(even))
    }

    /// Drops what is older than it is to be kept.
    async fn tidy(&self, reading: &mut Reading) -> Result<(), Error> {
        if reading.tidied_at.is_some_and(|at| at.elapsed() < TIDY) {
            return Ok(());
        }
        reading.tidied_at = Some(Instant::now());
        let keep_from = self.clock.today().minus(self.settings.quarter_days);
        self.store.forget_quarters(keep_from, self.remembered_from()).await?;
        Ok(())
    }
}

/// The whole second that holds `at`: the gateway knows no finer ends of windows.
fn whole_second(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}
