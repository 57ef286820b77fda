//! Keeps the list of teams, and the public names of their models.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as AsyncMutex;

use super::error::Error;
use super::upstream::{Upstream, rest_after};
use crate::clock::{Clock, Moment};
use crate::store::Store;
use crate::usage::{Day, Totals, UNASSIGNED};

/// Names of models are asked for every so many periods.
const MODEL_PERIODS: u32 = 20;

/// The teams, and when to read them again.
#[derive(Debug)]
pub(super) struct Teams {
    upstream: Arc<Upstream>,
    store: Store,
    clock: Arc<dyn Clock>,
    refresh: Duration,
    /// Held while the teams are read, so that all who wait share one question.
    reading: AsyncMutex<()>,
    due: Mutex<TeamsDue>,
}

#[derive(Debug, Default)]
struct TeamsDue {
    /// The teams are read again no sooner than this.
    teams: Option<Moment>,
    /// The gateway is asked for its models no sooner than this.
    models: Option<Moment>,
    /// Teams that were spoken of but are not listed: deleted ones.
    unlisted: HashSet<String>,
}

impl Teams {
    pub(super) fn new(
        upstream: Arc<Upstream>,
        store: Store,
        clock: Arc<dyn Clock>,
        refresh: Duration,
    ) -> Self {
        Self {
            upstream,
            store,
            clock,
            refresh,
            reading: AsyncMutex::default(),
            due: Mutex::default(),
        }
    }

    /// Reads the list now.
    pub(super) async fn read(&self) -> Result<(), Error> {
        let teams = self.upstream.teams().await?;
        self.store.ledger.replace_teams(teams, self.clock.now()).await?;
        Ok(())
    }

    /// Whether the list was ever read.
    pub(super) async fn are_known(&self) -> bool {
        self.store.ledger.state().teams().is_some()
    }

    /// Returns once the list was read, for somebody who waits for it.
    pub(super) async fn ensure(&self) -> Result<(), Error> {
        let _one_at_a_time = self.reading.lock().await;
        if self.are_known().await {
            return Ok(());
        }
        self.upstream.admit().await.map_err(Error::Teams)?;
        self.read().await
    }

    /// Returns once the key was seen to see everybody: who may list all teams may see their usage.
    pub(super) async fn ensure_rights(&self) -> Result<(), Error> {
        if self.upstream.sees_everybody() {
            return Ok(());
        }
        let _one_at_a_time = self.reading.lock().await;
        if self.upstream.sees_everybody() {
            return Ok(());
        }
        self.read().await
    }

    /// Reads the list again if it is time.
    pub(super) async fn refresh(&self) -> Result<(), Error> {
        let is_known = self.are_known().await;
        let started = self.clock.moment();
        if is_known && self.due().teams.is_some_and(|due| started < due) {
            return Ok(());
        }
        let _one_at_a_time = self.reading.lock().await;
        self.read().await?;
        // Once a period at most; new teams show in the totals, too.
        let rest = rest_after(self.clock.since(started)).max(self.refresh);
        self.due().teams = Some(self.clock.moment() + rest);
        Ok(())
    }

    /// The next refresh reads the list, however recent the last one.
    pub(super) fn expire(&self) {
        self.due().teams = None;
    }

    /// Has the list read again where a team is spoken of that is not known, once for each.
    pub(super) async fn look_for_new(&self, totals: &BTreeMap<Day, Totals>) {
        let reader = self.store.read();
        let listed: HashSet<&str> = reader
            .ledger
            .teams()
            .unwrap_or_default()
            .iter()
            .map(|team| team.team_id.as_str())
            .collect();
        let mut due = self.due();
        let mut told = totals.values().flat_map(|totals| totals.teams.keys());
        let is_new = |id: &String| {
            !listed.contains(id.as_str()) && id != UNASSIGNED && !due.unlisted.contains(id)
        };
        if let Some(new) = told.find(|id| is_new(id)) {
            due.unlisted.insert(new.clone());
            due.teams = None;
        }
    }

    /// Learns the public names of teams' own models, where some are not known. A key that may not
    /// ask leaves them as usage calls them.
    pub(super) async fn name_models(&self) -> Result<(), Error> {
        let now = self.clock.moment();
        let is_due = self.due().models.is_none_or(|due| due <= now);
        if !is_due || !self.store.read().has_unnamed_models() {
            return Ok(());
        }
        self.due().models = Some(now + self.refresh * MODEL_PERIODS);
        let Ok(models) = self.upstream.public_models().await else { return Ok(()) };
        let named =
            models.into_iter().filter_map(|model| Some((model.model_group, model.public_name?)));
        Ok(self.store.ledger.name_models(named.collect()).await?)
    }

    fn due(&self) -> MutexGuard<'_, TeamsDue> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
