//! Compares stored days with the gateway, whatever their age.
//!
//! A sealed day no longer moves, as far as anyone promises; this is how we would know.

use std::collections::BTreeMap;
use std::time::Instant;

use super::keep_up::{KeepUp, LOOK_DAYS};
use super::queue::Priority;
use super::{Error, Inner, unsealed_days};
use crate::usage::{AuditedDay, Cause, Day, DayRange, Finding, Totals};

/// A month is audited behind the scenes once in this many periods.
const AUDIT_PERIODS: u32 = 20;

impl Inner {
    /// Audits `range`, newest day first. Days that moved are read again before this returns;
    /// what was found is recorded.
    pub(super) async fn audit(&self, range: DayRange) -> Result<Vec<AuditedDay>, Error> {
        let mut audited = Vec::new();
        let mut rest = Some(range);
        while let Some(part) = rest {
            let month = part.newest(LOOK_DAYS);
            rest = month.first().previous().and_then(|last| DayRange::new(part.first(), last));
            audited.extend(self.audit_month(month).await?);
        }
        Ok(audited)
    }

    async fn audit_month(&self, month: DayRange) -> Result<Vec<AuditedDay>, Error> {
        let totals = match self.heard(self.source.totals(month).await).map_err(Error::Usage)? {
            Some(totals) => totals,
            None => self.totals_of_full_days(month).await?,
        };
        let audited = self.judge(month, &totals).await;
        let now = self.clock.now();
        let with =
            |cause: Cause| audited.iter().filter(move |day| day.cause == cause).map(|day| day.day);
        let equal: Vec<Day> = with(Cause::Equal).collect();
        if !equal.is_empty() {
            self.store.mark_checked(&equal, now).await?;
        }
        let unsealed = unsealed_days(now);
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
            self.store.record_findings(findings).await?;
        }
        let again = self.queue.want(with(Cause::Moved), Priority::Moved, true);
        futures_util::future::try_join_all(again).await?;
        Ok(audited)
    }

    /// For a gateway that cannot tell totals: each stored day in full.
    async fn totals_of_full_days(&self, range: DayRange) -> Result<BTreeMap<Day, Totals>, Error> {
        let reader = self.store.read().await;
        let mut totals = BTreeMap::new();
        for (day, _) in reader.stored_days(range) {
            let reading = self.heard(self.source.day(day).await).map_err(Error::Usage)?;
            if reading.usage.has_usage {
                totals.insert(day, reading.usage.totals());
            }
        }
        Ok(totals)
    }

    async fn judge(&self, range: DayRange, totals: &BTreeMap<Day, Totals>) -> Vec<AuditedDay> {
        let reader = self.store.read().await;
        let nothing = Totals::default();
        range
            .newest_first()
            .filter_map(|day| {
                let stored = reader.totals(day);
                let told = totals.get(&day);
                let gateway = told.unwrap_or(&nothing);
                let cause = match (&stored, reader.day_state(day)) {
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
            })
            .collect()
    }

    /// Audits the next month of sealed days, if it is time: in the end all of them, again and
    /// again.
    pub(super) async fn audit_in_turn(&self, state: &mut KeepUp) -> Result<(), Error> {
        let pause = self.settings.refresh * AUDIT_PERIODS;
        let due = *state.audit_due.get_or_insert_with(|| Instant::now() + pause);
        if Instant::now() < due {
            return Ok(());
        }
        state.audit_due = Some(Instant::now() + pause);
        let newest_sealed = unsealed_days(self.clock.now()).first().previous();
        let Some(last) = state.audited_to.and_then(Day::previous).or(newest_sealed) else {
            return Ok(());
        };
        let oldest = {
            let reader = self.store.read().await;
            let all = DayRange::new(Day::FIRST_WITH_DAY_BEFORE, last);
            all.and_then(|all| reader.stored_days(all).last().map(|(day, _)| *day))
        };
        let Some(range) = oldest.and_then(|oldest| DayRange::new(oldest, last)) else {
            state.audited_to = None;
            return Ok(());
        };
        let month = range.newest(LOOK_DAYS);
        state.audited_to = Some(month.first());
        self.audit_month(month).await.map(drop)
    }
}
