//! One look at what moved: an idempotent run without input.

use std::collections::{BTreeMap, HashSet};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use jiff::Timestamp;

use super::queue::Priority;
use super::{Backfill, Error, Inner, unsealed_days};
use crate::store::UsageReader;
use crate::usage::{Day, DayRange, DayUsage, Totals, UNASSIGNED};

/// What one run leaves for the next.
#[derive(Debug, Default)]
pub(super) struct KeepUp {
    /// The teams are read again no sooner than this.
    teams_due: Option<Instant>,
    /// The days that may still move are compared again no later than this.
    totals_due: Option<Instant>,
    /// Days that can only be read in full are read again no sooner than this.
    days_due: Option<Instant>,
    /// Teams that were spoken of but are not listed: deleted ones.
    unlisted: HashSet<String>,
    /// The gateway is asked for its models no sooner than this.
    models_due: Option<Instant>,
    /// The back-fill was handed out down to this day.
    backfilled_to: Option<Day>,
    /// The next month is audited no sooner than this.
    pub(super) audit_due: Option<Instant>,
    /// The audit has come down to this day.
    pub(super) audited_to: Option<Day>,
}

/// Whether questions that are dear to the gateway are asked before they are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thoroughness {
    WhatIsDue,
    Everything,
}

/// A question that took the gateway a second is not asked more often than every twenty.
const REST: u32 = 20;
/// An unverified day is read again after this long, even if its totals stand still.
const DOUBT_LASTS: Duration = Duration::from_secs(300);
/// Totals of a month at once.
pub(super) const LOOK_DAYS: u32 = 31;

impl Inner {
    /// Brings teams and the days that may still move up to date, and hands out the back-fill.
    pub(super) async fn keep_up(&self, thoroughness: Thoroughness) -> Result<(), Error> {
        let mut state = self.keep_up.lock().await;
        if thoroughness == Thoroughness::Everything {
            (state.teams_due, state.days_due, state.totals_due) = (None, None, None);
        }
        self.refresh_teams(&mut state).await?;
        let unsealed = unsealed_days(self.clock.now());
        self.refresh_days(unsealed, &mut state).await?;
        self.hand_out_backfill(unsealed, &mut state).await?;
        self.note_backfill(&mut state).await;
        self.name_models(&mut state).await?;
        self.audit_in_turn(&mut state).await
    }

    async fn refresh_teams(&self, state: &mut KeepUp) -> Result<(), Error> {
        let known = self.store.read().await.teams().is_some();
        if known && state.teams_due.is_some_and(|due| Instant::now() < due) {
            return Ok(());
        }
        let started = Instant::now();
        let _one_at_a_time = self.teams.lock().await;
        self.read_teams().await?;
        // Once a period at most; new teams show in the totals, too.
        let rest = (started.elapsed() * REST).max(self.settings.refresh);
        state.teams_due = Some(Instant::now() + rest);
        Ok(())
    }

    /// Learns the public names of teams' own models, where some are not known. A key that may not
    /// ask leaves them as usage calls them.
    async fn name_models(&self, state: &mut KeepUp) -> Result<(), Error> {
        let is_due = state.models_due.is_none_or(|due| due <= Instant::now());
        if !is_due || !self.store.read().await.has_unnamed_models() {
            return Ok(());
        }
        state.models_due = Some(Instant::now() + self.settings.refresh * REST);
        let Ok(models) = self.source.public_models().await else { return Ok(()) };
        let named =
            models.into_iter().filter_map(|model| Some((model.model_group, model.public_name?)));
        Ok(self.store.name_models(named.collect()).await?)
    }

    async fn refresh_days(&self, range: DayRange, state: &mut KeepUp) -> Result<(), Error> {
        let is_due = state.totals_due.is_none_or(|due| due <= Instant::now());
        let is_today_known = self.store.read().await.day_state(range.last()).is_some();
        if !is_due && is_today_known && self.pace.reads_today_at_once() {
            return self.read_moved(vec![range.last()]).await;
        }
        state.totals_due = Some(Instant::now() + self.settings.refresh);
        let totals = self.heard(self.source.totals(range).await).map_err(Error::Usage)?;
        match totals {
            Some(totals) => {
                self.look_for_new_teams(&totals, state).await;
                let moved = self.compare(range, &totals).await?;
                self.read_moved(moved).await
            }
            None if state.days_due.is_none_or(|due| due <= Instant::now()) => {
                let started = Instant::now();
                let done = self.read_in_full(range).await;
                state.days_due = Some(Instant::now() + started.elapsed() * REST);
                done
            }
            None => Ok(()),
        }
    }

    /// Lists the teams again where one is spoken of that is not known, at most twice a minute.
    async fn look_for_new_teams(&self, totals: &BTreeMap<Day, Totals>, state: &mut KeepUp) {
        let reader = self.store.read().await;
        let listed: HashSet<&str> =
            reader.teams().unwrap_or_default().iter().map(|team| team.team_id.as_str()).collect();
        let mut told = totals.values().flat_map(|totals| totals.teams.keys());
        let is_new = |id: &String| {
            !listed.contains(id.as_str()) && id != UNASSIGNED && !state.unlisted.contains(id)
        };
        if let Some(new) = told.find(|id| is_new(id)) {
            state.unlisted.insert(new.clone());
            state.teams_due = None;
        }
    }

    /// Notes which days are as the gateway says, stores those that turned out empty, and
    /// returns the others.
    pub(super) async fn compare(
        &self,
        range: DayRange,
        totals: &BTreeMap<Day, Totals>,
    ) -> Result<Vec<Day>, Error> {
        let reader = self.store.read().await;
        let now = self.clock.now();
        let (mut unchanged, mut moved, mut empty) = (Vec::new(), Vec::new(), Vec::new());
        for day in range.newest_first() {
            match (reader.day_state(day), totals.get(&day)) {
                (None, None) => empty.push(day),
                (Some(state), None) if !state.has_usage => unchanged.push(day),
                (Some(_), Some(totals)) if is_stored(reader.as_ref(), day, totals, now) => {
                    unchanged.push(day);
                }
                _ => moved.push(day),
            }
        }
        for day in empty {
            self.store_day(DayUsage::empty(day), None).await?;
        }
        if !unchanged.is_empty() {
            self.store.mark_checked(&unchanged, now).await?;
        }
        Ok(moved)
    }

    async fn read_moved(&self, moved: Vec<Day>) -> Result<(), Error> {
        if self.store.health().is_reading_in_vain() {
            return Ok(());
        }
        let outcomes = self.queue.want(moved, Priority::Moved, true);
        join_all(outcomes).await.into_iter().collect()
    }

    /// For a gateway that cannot tell totals: what one small answer holds, then day by day.
    async fn read_in_full(&self, range: DayRange) -> Result<(), Error> {
        let readings = self.heard(self.source.newest_days(range).await).map_err(Error::Usage)?;
        let reader = self.store.read().await;
        let now = self.clock.now();
        let mut rest: Vec<Day> = range.newest_first().skip(readings.len()).collect();
        let mut unchanged = Vec::new();
        for reading in readings {
            let (day, usage) = (reading.usage.day, &reading.usage);
            let same_names = knows_names(reader.as_ref(), usage);
            if super::verify::discrepancy(&reading).is_some() {
                rest.push(day);
            } else if same_names && is_stored(reader.as_ref(), day, &usage.totals(), now) {
                unchanged.push(day);
            } else {
                self.store_day(reading.usage, None).await?;
            }
        }
        if !unchanged.is_empty() {
            self.store.mark_checked(&unchanged, now).await?;
        }
        self.read_moved(rest).await
    }

    /// Hands out the last days that are not stored, a month a run, newest first. Stored days
    /// are compared once, since the gateway may have changed while Podium was away.
    async fn hand_out_backfill(&self, unsealed: DayRange, state: &mut KeepUp) -> Result<(), Error> {
        if self.store.health().is_reading_in_vain() {
            return Ok(());
        }
        let all = DayRange::ending(unsealed.last(), self.settings.backfill_days);
        loop {
            let last = state.backfilled_to.unwrap_or(unsealed.first()).previous();
            let Some(range) = last.and_then(|last| DayRange::new(all.first(), last)) else {
                return Ok(());
            };
            let range = range.newest(LOOK_DAYS);
            match self.heard(self.source.totals(range).await).map_err(Error::Usage)? {
                Some(totals) => {
                    let moved = self.compare(range, &totals).await?;
                    drop(self.queue.want(moved, Priority::Backfill, true));
                }
                None => {
                    let missing = self.missing(range).await;
                    drop(self.queue.want(missing, Priority::Backfill, false));
                }
            }
            state.backfilled_to = Some(range.first());
        }
    }

    /// Notes how far the back-fill is; what failed meanwhile is handed out again.
    async fn note_backfill(&self, state: &mut KeepUp) {
        let range = DayRange::ending(self.clock.today(), self.settings.backfill_days.max(1));
        let reader = self.store.read().await;
        let progress = Backfill { done: reader.stored_days(range).len(), total: range.day_count() };
        let before = self.status().backfill.replace(progress);
        if before != Some(progress) {
            tracing::info!(done = progress.done, total = progress.total, "days stored");
        }
        if progress.done < progress.total && self.queue.is_empty() {
            state.backfilled_to = None;
        }
    }
}

/// Whether the names of keys in `usage` are those that are known.
pub(super) fn knows_names(reader: &dyn UsageReader, usage: &DayUsage) -> bool {
    let mut names = usage.key_aliases.iter();
    names.all(|(key, alias)| reader.key_alias(key).as_deref() == Some(alias.as_str()))
}

/// Whether `day` is stored with these totals, whole and beyond doubt.
pub(super) fn is_stored(
    reader: &dyn UsageReader,
    day: Day,
    totals: &Totals,
    now: Timestamp,
) -> bool {
    let doubted_long = reader.day_state(day).is_some_and(|state| {
        state.discrepancy.is_some()
            && now.duration_since(state.fetched_at).unsigned_abs() > DOUBT_LASTS
    });
    !doubted_long
        && !reader.lacks_facets(day)
        && reader.totals(day).is_some_and(|stored| stored.matches(totals))
}
