//! Reads the logs of one day window by window, and keeps with each how far it was.
//!
//! Requests are logged when they end but asked for by when they began: so the last minutes are
//! read again each time. While a window is stored, the next one is read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::JoinHandle;

use super::unread::end_of_reading;
use super::widths::Widths;
use crate::clock::{Clock, Moment};
use crate::gateway::{LogWindow, RequestLogs};
use crate::store::{self, Added, LogDay, Store};
use crate::sync::error::Error;
use crate::sync::refused::Refused;
use crate::sync::status::LogStatus;
use crate::sync::upstream::Upstream;
use crate::tasks::Tasks;
use crate::usage::{Day, Quarter, Request};

/// So much of what was read is read again, since most calls end within it.
const OVERLAP: SignedDuration = SignedDuration::from_mins(3);
/// Whether a gateway without logs keeps some now.
const ASK_AGAIN: Duration = Duration::from_secs(600);

/// How far each day is read, and what was learned on the way.
#[derive(Debug)]
pub(super) struct Windows {
    upstream: Arc<Upstream>,
    store: Store,
    clock: Arc<dyn Clock>,
    tasks: Tasks,
    status: Arc<Mutex<LogStatus>>,
    widths: Widths,
    /// When the gateway said that it has no logs.
    not_kept_at: Option<Moment>,
    /// How far the days were read that are not read to their end, or to now, yet.
    gone_to: HashMap<Day, Timestamp>,
    /// The window that is being stored, and its day.
    storing: Option<(Day, JoinHandle<Result<Added, store::Error>>)>,
}

impl Windows {
    pub(super) fn new(
        upstream: Arc<Upstream>,
        store: Store,
        clock: Arc<dyn Clock>,
        tasks: Tasks,
        status: Arc<Mutex<LogStatus>>,
    ) -> Self {
        Self {
            upstream,
            store,
            clock,
            tasks,
            status,
            widths: Widths::default(),
            not_kept_at: None,
            gone_to: HashMap::new(),
            storing: None,
        }
    }

    /// Whether the gateway said a moment ago that it has no logs.
    pub(super) fn are_not_kept(&self) -> bool {
        self.not_kept_at.is_some_and(|at| self.clock.since(at) < ASK_AGAIN)
    }

    /// Reads the next window of `day` and says whether the day is read up to `now` or its end.
    pub(super) async fn read_next(&mut self, day: Day, now: Timestamp) -> Result<bool, Error> {
        let end = end_of_reading(day, now);
        let mut log_day = self.store.ledger.state().log_day(day).unwrap_or_default();
        let is_again = log_day.read_until.is_some_and(|until| until >= day.end());
        let from = self.begin(day, log_day.read_until.filter(|_| !is_again));
        let Some((mut requests, until)) = self.read_from(day, from, end).await? else {
            return Ok(true);
        };
        let refused = Refused::take_out_of(&mut requests, self.clock.now());
        self.status().refused += refused.count();
        if until < end {
            self.gone_to.insert(day, until);
        }
        if log_day.read_until.is_none() || (is_again && until >= day.end()) {
            log_day.read_at = Some(now);
        }
        log_day.read_until = log_day.read_until.max(Some(until));
        self.store_next(day, requests, log_day).await?;
        if until >= end {
            self.stored().await?;
        }
        self.note_read(until, day == Day::of(now));
        Ok(until >= end)
    }

    /// Where the next window of `day` begins, the logs of which were read until then.
    fn begin(&mut self, day: Day, read_until: Option<Timestamp>) -> Timestamp {
        let start = Quarter::first_of(day).start();
        let overlapping = || read_until?.checked_sub(OVERLAP).ok();
        self.gone_to.remove(&day).or_else(overlapping).unwrap_or(start).max(start)
    }

    /// The requests from `from` to as far as one window reaches, and that end; `None` where the
    /// gateway has no logs.
    async fn read_from(
        &mut self,
        day: Day,
        from: Timestamp,
        end: Timestamp,
    ) -> Result<Option<(Vec<Request>, Timestamp)>, Error> {
        let total = self.store.ledger.state().day_total(day);
        let mut width_s = self.widths.of(day, total.map_or(0, |total| total.requests));
        loop {
            let until = from.checked_add(SignedDuration::from_secs(width_s)).unwrap_or(end);
            let window = LogWindow { from, until: until.min(end) };
            let logs = self.upstream.requests(window).await.inspect_err(|error| {
                self.status().error = Some(error.clone());
            });
            match logs.map_err(Error::Usage)? {
                nothing @ (RequestLogs::NotKept | RequestLogs::NotAllowed) => {
                    self.not_kept_at = Some(self.clock.moment());
                    let mut status = self.status();
                    status.not_kept = nothing == RequestLogs::NotKept;
                    status.not_allowed = nothing == RequestLogs::NotAllowed;
                    return Ok(None);
                }
                RequestLogs::TooMany => width_s = self.widths.halve(day, window),
                RequestLogs::All(requests) if window.until >= end => {
                    self.widths.forget(day);
                    return Ok(Some((requests, window.until)));
                }
                RequestLogs::All(requests) => {
                    self.widths.held(day, requests.len());
                    return Ok(Some((requests, window.until)));
                }
            }
        }
    }

    /// Begins to store a window, once the one before it is stored.
    async fn store_next(
        &mut self,
        day: Day,
        requests: Vec<Request>,
        log_day: LogDay,
    ) -> Result<(), Error> {
        self.stored().await?;
        let store = self.store.clone();
        let storing = async move { store.facts.add_requests(requests, vec![(day, log_day)]).await };
        self.storing = Some((day, self.tasks.spawn("storing", storing)));
        Ok(())
    }

    /// Waits until the window read last is stored.
    async fn stored(&mut self) -> Result<(), Error> {
        let Some((day, storing)) = self.storing.take() else {
            return Ok(());
        };
        let stored = storing.await.map_err(|_| Error::ShuttingDown)?;
        if stored.is_err() {
            // What could not be stored is read again.
            self.gone_to.remove(&day);
        }
        stored.map(drop).map_err(Error::from)
    }

    fn note_read(&self, until: Timestamp, is_today: bool) {
        let mut status = self.status();
        (status.polled, status.error) = (true, None);
        (status.not_kept, status.not_allowed) = (false, false);
        if is_today {
            status.read_until = Some(until);
        }
    }

    fn status(&self) -> MutexGuard<'_, LogStatus> {
        self.status.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
