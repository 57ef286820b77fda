//! Compares stored days with the gateway, whatever their age.
//!
//! A sealed day no longer moves, as far as anyone promises; this is how we would know.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::Mutex as AsyncMutex;

use super::days::{last_month, months, unsealed};
use super::error::Error;
use super::queue::{Priority, Queue};
use super::upstream::Upstream;
use crate::clock::{Clock, Moment};
use crate::store::{Reader, Store};
use crate::usage::{AuditedDay, Cause, Day, DayRange, Finding, Totals};

/// A month is audited behind the scenes once in this many periods.
const PERIODS: u32 = 20;

/// The audits, and which month is next behind the scenes.
#[derive(Debug)]
pub(super) struct Auditing {
    upstream: Arc<Upstream>,
    store: Store,
    clock: Arc<dyn Clock>,
    queue: Arc<Queue>,
    pause: Duration,
    turn: AsyncMutex<Turn>,
}

#[derive(Debug, Default)]
struct Turn {
    /// The next month is audited no sooner than this.
    due: Option<Moment>,
    /// The audit has come down to this day.
    audited_to: Option<Day>,
}

impl Auditing {
    pub(super) fn new(
        upstream: Arc<Upstream>,
        store: Store,
        clock: Arc<dyn Clock>,
        queue: Arc<Queue>,
        refresh: Duration,
    ) -> Self {
        let turn = AsyncMutex::default();
        Self { upstream, store, clock, queue, pause: refresh * PERIODS, turn }
    }

    /// Auditing `range`, newest day first. Days that moved are read again before this returns;
    /// what was found is recorded.
    pub(super) async fn audit(&self, range: DayRange) -> Result<Vec<AuditedDay>, Error> {
        let mut audited = Vec::new();
        for month in months(range) {
            audited.extend(self.audit_month(month).await?);
        }
        Ok(audited)
    }

    /// Auditing the next month of sealed days, if it is time: in the end all of them, again and
    /// again.
    pub(super) async fn audit_in_turn(&self) -> Result<(), Error> {
        match self.next_month().await {
            Some(month) => self.audit_month(month).await.map(drop),
            None => Ok(()),
        }
    }

    async fn next_month(&self) -> Option<DayRange> {
        let mut turn = self.turn.lock().await;
        let now = self.clock.moment();
        if now < *turn.due.get_or_insert(now + self.pause) {
            return None;
        }
        turn.due = Some(now + self.pause);
        let newest_sealed = unsealed(self.clock.now()).first().previous();
        let last = turn.audited_to.and_then(Day::previous).or(newest_sealed)?;
        let reader = self.store.read();
        let all = DayRange::new(Day::FIRST_WITH_DAY_BEFORE, last);
        let oldest = all.and_then(|all| reader.ledger.stored_days(all).last().map(|(day, _)| *day));
        let range = oldest.and_then(|oldest| DayRange::new(oldest, last));
        let month = range.map(last_month);
        turn.audited_to = month.map(|month| month.first());
        month
    }

    async fn audit_month(&self, month: DayRange) -> Result<Vec<AuditedDay>, Error> {
        let totals = match self.upstream.totals(month).await? {
            Some(totals) => totals,
            None => self.totals_of_full_days(month).await?,
        };
        let audited = judge(&self.store.read(), month, &totals);
        let now = self.clock.now();
        let equal: Vec<Day> = days_with(Cause::Equal, &audited).collect();
        if !equal.is_empty() {
            self.store.ledger.mark_checked(&equal, now).await?;
        }
        self.record(&audited, now).await?;
        let again = self.queue.want(days_with(Cause::Moved, &audited), Priority::Moved, true);
        futures_util::future::try_join_all(again).await?;
        Ok(audited)
    }

    /// For a gateway that cannot tell totals: each stored day in full.
    async fn totals_of_full_days(&self, range: DayRange) -> Result<BTreeMap<Day, Totals>, Error> {
        let reader = self.store.read();
        let mut totals = BTreeMap::new();
        for (day, _) in reader.ledger.stored_days(range) {
            let reading = self.upstream.day(day).await?;
            if reading.usage.has_usage {
                totals.insert(day, reading.usage.totals());
            }
        }
        Ok(totals)
    }

    /// Keeps what is not as it should be.
    async fn record(&self, audited: &[AuditedDay], now: Timestamp) -> Result<(), Error> {
        let unsealed = unsealed(now);
        let findings: Vec<Finding> = audited
            .iter()
            .filter(|day| matches!(day.cause, Cause::Moved | Cause::Unverified))
            // Days that may still move do so all the time.
            .filter(|day| day.cause == Cause::Unverified || !unsealed.contains(day.day))
            .map(|day| Finding { found_at: now, found: day.clone() })
            .collect();
        for Finding { found, .. } in &findings {
            let (day, cause, difference) = (found.day, found.cause.name(), found.difference());
            tracing::warn!(%day, cause, ?difference, "the audit found a difference");
        }
        if !findings.is_empty() {
            self.store.ledger.record_findings(findings).await?;
        }
        Ok(())
    }
}

/// How each day of `range` that either side has compares.
fn judge(reader: &Reader, range: DayRange, totals: &BTreeMap<Day, Totals>) -> Vec<AuditedDay> {
    let nothing = Totals::default();
    let judged = |day| {
        let stored = reader.totals(day);
        let told = totals.get(&day);
        let gateway = told.unwrap_or(&nothing);
        let cause = match (&stored, reader.ledger.day_state(day)) {
            (Some(stored), Some(state)) if stored.matches(gateway) => {
                if state.discrepancy.is_some() { Cause::Unverified } else { Cause::Equal }
            }
            (Some(_), _) => Cause::Moved,
            // Neither side has anything.
            (None, _) if told.is_none() => return None,
            (None, _) => Cause::NotStored,
        };
        let ours = stored.map(|stored| stored.day);
        Some(AuditedDay { day, ours, gateway: gateway.day, cause })
    };
    range.newest_first().filter_map(judged).collect()
}

fn days_with(cause: Cause, audited: &[AuditedDay]) -> impl Iterator<Item = Day> {
    audited.iter().filter(move |day| day.cause == cause).map(|day| day.day)
}
