//! Of which days logs are to be read.
//!
//! Requests are logged when they end but asked for by when they began: so a day is read once more
//! after its end and when it is sealed, unless its quarter hours explain all of it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use crate::clock::Clock;
use crate::store::Ledger;
use crate::usage::{Day, DayRange};

/// A day is read again this long after its end, for the calls that ran longer.
const FIRST_CLOSE: SignedDuration = SignedDuration::from_mins(30);
/// And when it is sealed.
const LAST_CLOSE: SignedDuration = SignedDuration::from_hours(48);
/// Which requests of a day were counted is remembered this long; older ones are not taken.
pub(super) const REMEMBERED_DAYS: u32 = 35;
/// Today's logs that were read so long before Podium started are not waited for.
const RECENTLY: SignedDuration = SignedDuration::from_mins(10);

/// What is not read, by what the store knows.
#[derive(Debug)]
pub(super) struct Unread {
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    log_days: u32,
    started_at: Timestamp,
}

impl Unread {
    pub(super) fn new(ledger: Arc<dyn Ledger>, clock: Arc<dyn Clock>, log_days: u32) -> Self {
        let started_at = clock.now();
        Self { ledger, clock, log_days, started_at }
    }

    /// The first day whose requests are still taken.
    pub(super) fn remembered_from(&self) -> Day {
        self.clock.today().minus(REMEMBERED_DAYS)
    }

    /// The newest of the last days whose logs are not read, or are to be read once more.
    pub(super) async fn next(&self, now: Timestamp) -> Option<Day> {
        let days = DayRange::ending(Day::of(now), self.log_days.min(REMEMBERED_DAYS));
        for day in days.newest_first().skip(1) {
            if self.is_unread(day, now).await {
                return Some(day);
            }
        }
        None
    }

    /// Whether the logs of `day` were not read yet; what comes after that is read behind the
    /// scenes, and nobody waits for it.
    pub(super) async fn is_worth_waiting_for(&self, day: Day, now: Timestamp) -> bool {
        let read_until = self.ledger.state().log_day(day).and_then(|log| log.read_until);
        let first_read = self.started_at.saturating_sub(RECENTLY).unwrap_or(now);
        let was_read = read_until.is_some_and(|until| until >= day.end().min(first_read));
        !was_read && self.is_unread(day, now).await
    }

    /// Whether reading logs could tell something new about `day`.
    async fn is_unread(&self, day: Day, now: Timestamp) -> bool {
        let ledger = self.ledger.state();
        let Some(total) = ledger.day_total(day) else {
            // Unless the days themselves are read, nobody knows what to expect.
            return day == Day::of(now);
        };
        let explained = ledger.explained(day);
        let is_explained =
            explained.requests >= total.requests && explained.total_tokens >= total.total_tokens;
        let log_day = ledger.log_day(day).unwrap_or_default();
        let due = |after: SignedDuration| {
            let at = day.end().saturating_add(after).unwrap_or(Timestamp::MAX);
            now >= at && log_day.read_at.is_none_or(|read_at| read_at < at)
        };
        match log_day.read_until {
            Some(until) if until >= end_of_reading(day, now) => {
                !is_explained && (due(FIRST_CLOSE) || due(LAST_CLOSE))
            }
            _ => day == Day::of(now) || !is_explained,
        }
    }
}

/// Up to when the logs of `day` can be read at `now`, in whole seconds: the gateway knows no finer
/// ends of windows.
pub(super) fn end_of_reading(day: Day, now: Timestamp) -> Timestamp {
    let end = day.end().min(now);
    Timestamp::from_second(end.as_second()).unwrap_or(end)
}
