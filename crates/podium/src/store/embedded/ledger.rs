//! The small things, in the file and in the snapshot.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::watch;

use super::EmbeddedStore;
use crate::store::Error;
use crate::store::health::{StoreHealth, StoreSize};
use crate::store::ledger::{Ledger, LedgerState};
use crate::usage::{Day, Finding, Team};

/// Findings beyond this many are forgotten, the oldest first.
const MOST_FINDINGS: usize = 1_000;

#[async_trait]
impl Ledger for EmbeddedStore {
    fn state(&self) -> Arc<LedgerState> {
        Arc::clone(&self.inner.snapshot.load().ledger)
    }

    async fn replace_teams(&self, teams: Vec<Team>, read_at: Timestamp) -> Result<(), Error> {
        self.change("teams", move |next, database| {
            let changed = next.ledger.teams() != Some(&*teams);
            if !changed {
                return Ok((false, ()));
            }
            if let Some(database) = database {
                database.replace_teams(&teams, read_at)?;
            }
            let ledger = next.ledger_mut();
            let aliases = Arc::make_mut(&mut ledger.team_aliases);
            for team in &teams {
                match &team.alias {
                    Some(alias) => aliases.insert(team.team_id.clone(), alias.clone()),
                    None => aliases.remove(&team.team_id),
                };
            }
            ledger.teams = Some(Arc::new(teams.clone()));
            Ok((true, ()))
        })
        .await
    }

    async fn name_models(&self, names: HashMap<String, String>) -> Result<(), Error> {
        self.change("model names", move |next, _| {
            let is_news = *next.ledger.model_names != names;
            if is_news {
                next.ledger_mut().model_names = Arc::new(names.clone());
            }
            Ok((is_news, ()))
        })
        .await
    }

    async fn mark_checked(&self, days: &[Day], checked_at: Timestamp) -> Result<(), Error> {
        let days = days.to_vec();
        self.change("checked", move |next, database| {
            if let Some(database) = database {
                database.mark_checked(&days, checked_at)?;
            }
            let stored = Arc::make_mut(&mut next.ledger_mut().days);
            for day in &days {
                if let Some(stored) = stored.get_mut(day) {
                    stored.state.checked_at = checked_at;
                }
            }
            Ok((false, ()))
        })
        .await
    }

    async fn set_empty_before(&self, day: Day) -> Result<(), Error> {
        self.change("beginning", move |next, database| {
            if let Some(database) = database {
                database.set_empty_before(day)?;
            }
            next.ledger_mut().empty_before = Some(day);
            Ok((false, ()))
        })
        .await
    }

    async fn record_findings(&self, findings: Vec<Finding>) -> Result<(), Error> {
        self.change("findings", move |next, database| {
            if let Some(database) = database {
                database.record_findings(&findings, MOST_FINDINGS)?;
            }
            let kept = Arc::make_mut(&mut next.ledger_mut().findings);
            kept.extend(findings.iter().cloned());
            kept.drain(..kept.len().saturating_sub(MOST_FINDINGS));
            Ok((false, ()))
        })
        .await
    }

    fn health(&self) -> StoreHealth {
        self.inner.kept.lock().unwrap_or_else(PoisonError::into_inner).health()
    }

    fn size(&self) -> StoreSize {
        let bytes = |suffix: &str| {
            let mut path = self.inner.path.clone()?.into_os_string();
            path.push(suffix);
            std::fs::metadata(path).ok().map(|file| file.len())
        };
        let facts = Arc::clone(&self.inner.snapshot.load().facts);
        let held: usize = facts.days.values().map(|content| content.held_bytes()).sum();
        StoreSize {
            file_bytes: bytes(""),
            wal_bytes: bytes("-wal"),
            memory_bytes: facts.contents.kept_bytes() + held as u64,
            series: facts.dictionary.series().len(),
        }
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changes.subscribe()
    }
}
