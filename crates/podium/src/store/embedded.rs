//! The store within the process: SQLite behind, an immutable snapshot in front.

mod counting;
mod place;
mod rebuild;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::watch;

use super::columns::{DayColumns, encode};
use super::database::days::{DayAtRest, DayWrite};
use super::database::{Database, Health, Stored, set_aside};
use super::health::{Kept, StoreHealth};
use super::snapshot::{Snapshot, StoredDay};
use super::{Added, DayState, Error, LogDay, UsageReader, UsageStore};
use crate::usage::{Day, DayUsage, Finding, Request, Team};
use place::File;

/// Findings beyond this many are forgotten, the oldest first.
const MOST_FINDINGS: usize = 1_000;

/// Where usage is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In this file.
    File(PathBuf),
    /// In memory only; gone with the process.
    Memory,
}

/// Usage in SQLite and in memory. Clones share it.
#[derive(Clone, Debug)]
pub struct EmbeddedStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    is_kept: bool,
    snapshot: ArcSwap<Snapshot>,
    /// Held while a change goes to the file and then to the readers.
    writer: Mutex<Option<File>>,
    kept: Mutex<Kept>,
    changes: watch::Sender<u64>,
    /// Which requests were counted, where nothing is kept; otherwise the file knows.
    seen: Mutex<counting::Seen>,
}

impl EmbeddedStore {
    /// Opens the store and reads back what is there. Versions start above `now`, in
    /// milliseconds, so that none is used twice over restarts.
    pub fn open(location: &Location, now: Timestamp) -> Result<Self, Error> {
        let start = u64::try_from(now.as_millisecond()).unwrap_or_default();
        let mut snapshot = Snapshot { version: start, revision: start, ..Snapshot::default() };
        let database = match location {
            Location::Memory => None,
            Location::File(path) => {
                let (database, stored) = open_or_set_aside(path, now)?;
                let is_whole = stored.distrusted.is_empty();
                restore(&mut snapshot, stored);
                let mut file = File::new(database, path, now);
                if !is_whole && !file.is_sound() {
                    file.replace(&mut snapshot)?;
                }
                Some(file)
            }
        };
        Ok(Self {
            inner: Arc::new(Inner {
                is_kept: database.is_some(),
                changes: watch::Sender::new(snapshot.revision),
                snapshot: ArcSwap::from_pointee(snapshot),
                writer: Mutex::new(database),
                kept: Mutex::default(),
                seen: Mutex::default(),
            }),
        })
    }

    /// Whether what is stored outlives the process.
    pub fn is_kept(&self) -> bool {
        self.inner.is_kept
    }

    /// Looks a file over as it is: a damaged one stays where it is.
    pub fn inspect(location: &Location) -> Result<Health, Error> {
        let Location::File(path) = location else {
            return Ok(Health { path: None, fault: None });
        };
        let sound = || {
            let mut database = Database::open(path)?;
            let distrusted = database.load()?.distrusted;
            if !distrusted.is_empty() {
                return Ok(Some(distrusted.to_string()));
            }
            database.fault()
        };
        let fault = match sound() {
            Err(Error::Damaged(fault)) => Some(fault),
            looked => looked?,
        };
        Ok(Health { path: Some(path.clone()), fault })
    }

    /// Carries out one change away from the threads that serve requests: first in the file,
    /// then for readers. `change` gets the next snapshot to edit and says whether a figure or
    /// a name changed. `what` names the kind of change, for how it goes.
    async fn change<T: Send + 'static>(
        &self,
        what: &'static str,
        mut change: impl FnMut(&mut Snapshot, Option<&mut Database>) -> Result<(bool, T), Error>
        + Send
        + 'static,
    ) -> Result<T, Error> {
        let inner = Arc::clone(&self.inner);
        let work = move || {
            let mut writer = inner.writer.lock().unwrap_or_else(PoisonError::into_inner);
            let mut next = Snapshot::clone(&inner.snapshot.load());
            let mut changed = attempt(&mut next, writer.as_mut(), &mut change);
            if let (Err(Error::Damaged(fault)), Some(file)) = (&changed, writer.as_mut()) {
                tracing::error!(fault, "the data file is damaged; it is written anew from memory");
                next = Snapshot::clone(&inner.snapshot.load());
                changed = file
                    .replace(&mut next)
                    .and_then(|()| attempt(&mut next, Some(file), &mut change))
                    // What had to be forgotten is news.
                    .map(|(_, outcome)| (true, outcome));
            }
            let error = changed.as_ref().err();
            inner.kept.lock().unwrap_or_else(PoisonError::into_inner).note(what, error);
            let (figures_changed, outcome) = changed?;
            next.revision += 1;
            next.version += u64::from(figures_changed);
            let revision = next.revision;
            inner.snapshot.store(Arc::new(next));
            inner.changes.send_replace(revision);
            Ok(outcome)
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(done) => done,
            Err(_) => Err(Error::Database("a write was given up; see the log".to_owned())),
        }
    }
}

#[async_trait]
impl UsageStore for EmbeddedStore {
    async fn read(&self) -> Arc<dyn UsageReader> {
        self.inner.snapshot.load_full()
    }

    async fn replace_day(&self, usage: DayUsage, state: DayState) -> Result<(), Error> {
        self.change("day", move |next, database| {
            Ok((replace_day(next, database, &usage, state.clone())?, ()))
        })
        .await
    }

    async fn replace_teams(&self, teams: Vec<Team>, read_at: Timestamp) -> Result<(), Error> {
        self.change("teams", move |next, database| {
            let changed = next.teams.as_deref() != Some(&teams);
            if !changed {
                return Ok((false, ()));
            }
            if let Some(database) = database {
                database.replace_teams(&teams, read_at)?;
            }
            let aliases = Arc::make_mut(&mut next.team_aliases);
            for team in &teams {
                match &team.alias {
                    Some(alias) => aliases.insert(team.team_id.clone(), alias.clone()),
                    None => aliases.remove(&team.team_id),
                };
            }
            next.teams = Some(Arc::new(teams.clone()));
            Ok((true, ()))
        })
        .await
    }

    async fn name_models(&self, names: HashMap<String, String>) -> Result<(), Error> {
        self.change("model names", move |next, _| {
            let is_news = *next.model_names != names;
            if is_news {
                next.model_names = Arc::new(names.clone());
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
            let stored = Arc::make_mut(&mut next.days);
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
            next.empty_before = Some(day);
            Ok((false, ()))
        })
        .await
    }

    async fn record_findings(&self, findings: Vec<Finding>) -> Result<(), Error> {
        self.change("findings", move |next, database| {
            if let Some(database) = database {
                database.record_findings(&findings, MOST_FINDINGS)?;
            }
            let kept = Arc::make_mut(&mut next.findings);
            kept.extend(findings.iter().cloned());
            kept.drain(..kept.len().saturating_sub(MOST_FINDINGS));
            Ok((false, ()))
        })
        .await
    }

    async fn add_requests(
        &self,
        requests: Vec<Request>,
        log_days: Vec<(Day, LogDay)>,
    ) -> Result<Added, Error> {
        let inner = Arc::clone(&self.inner);
        self.change("requests", move |next, database| {
            let mut seen = inner.seen.lock().unwrap_or_else(PoisonError::into_inner);
            counting::add_requests(next, database, &mut seen, &requests, &log_days)
        })
        .await
    }

    async fn forget_quarters(&self, keep_from: Day, seen_from: Day) -> Result<(), Error> {
        let inner = Arc::clone(&self.inner);
        self.change("old requests", move |next, database| {
            let seen_from = next.seen_from.map_or(seen_from, |before| before.max(seen_from));
            if let Some(database) = database {
                database.forget_quarters(keep_from, seen_from)?;
            }
            let mut seen = inner.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.retain(|day, _| *day >= seen_from);
            let is_news = next.quarters.keys().next().is_some_and(|day| *day < keep_from);
            if is_news {
                Arc::make_mut(&mut next.quarters).retain(|day, _| *day >= keep_from);
                Arc::make_mut(&mut next.log_days).retain(|day, _| *day >= keep_from);
            }
            next.seen_from = Some(seen_from);
            Ok((is_news, ()))
        })
        .await
    }

    fn health(&self) -> StoreHealth {
        self.inner.kept.lock().unwrap_or_else(PoisonError::into_inner).health()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.inner.changes.subscribe()
    }
}

/// One try at a change.
fn attempt<T>(
    next: &mut Snapshot,
    file: Option<&mut File>,
    change: &mut impl FnMut(&mut Snapshot, Option<&mut Database>) -> Result<(bool, T), Error>,
) -> Result<(bool, T), Error> {
    change(next, file.map(File::in_place).transpose()?)
}

/// Opens the file and reads it back. A damaged one is set aside, and everything is read anew
/// from the gateway.
fn open_or_set_aside(path: &Path, now: Timestamp) -> Result<(Database, Stored), Error> {
    let open = || {
        let mut database = Database::open(path)?;
        let stored = database.load()?;
        if !stored.distrusted.is_empty() {
            tracing::error!(
                what = %stored.distrusted,
                "parts of the data file are not believed; they are read anew"
            );
            database.forget(&stored)?;
        }
        Ok((database, stored))
    };
    match open() {
        Err(Error::Damaged(fault)) => {
            let aside = set_aside(path, now).map_err(|error| Error::Open {
                path: path.display().to_string(),
                cause: format!("it is damaged ({fault}) and cannot be moved away ({error})"),
            })?;
            tracing::error!(
                fault,
                aside = %aside.display(),
                "the data file is damaged; it was set aside, and usage is read anew"
            );
            open()
        }
        opened => opened,
    }
}

fn replace_day(
    next: &mut Snapshot,
    database: Option<&mut Database>,
    usage: &DayUsage,
    state: DayState,
) -> Result<bool, Error> {
    let known_series = next.dictionary.series().len();
    let known = encode(usage, |team, api_key, value| {
        next.dictionary.known_series_code(team, api_key, value)
    });
    let facts = known.unwrap_or_else(|| {
        let dictionary = Arc::make_mut(&mut next.dictionary);
        let code = |team, api_key, value| Some(dictionary.series_code(team, api_key, value));
        encode(usage, code).unwrap_or_default()
    });
    if let Some(database) = database {
        database.replace_day(&DayWrite {
            day: usage.day,
            state: &state,
            total: &usage.total,
            facts: &facts,
            with_facets: true,
            dictionary: &next.dictionary,
            known_series,
            key_aliases: usage.key_aliases.iter().map(|(k, a)| (k.as_str(), a.as_str())).collect(),
            team_aliases: usage
                .team_aliases
                .iter()
                .map(|(t, a)| (t.as_str(), a.as_str()))
                .collect(),
        })?;
    }
    learn_names(next, usage);
    let columns = Arc::new(DayColumns::new(usage.total, facts, &next.dictionary));
    Arc::make_mut(&mut next.days)
        .insert(usage.day, StoredDay { state, columns, with_facets: true });
    Ok(true)
}

/// Keys' names are those seen last; teams' names only count for teams that are not listed,
/// since the list knows better.
fn learn_names(next: &mut Snapshot, usage: &DayUsage) {
    let is_news = |(api_key, alias): &(&String, &String)| {
        next.key_aliases.get(*api_key).map(AsRef::as_ref) != Some(alias.as_str())
    };
    let news: Vec<(String, Arc<str>)> = usage
        .key_aliases
        .iter()
        .filter(is_news)
        .map(|(api_key, alias)| (api_key.clone(), Arc::from(alias.as_str())))
        .collect();
    if !news.is_empty() {
        Arc::make_mut(&mut next.key_aliases).extend(news);
    }
    let listed = |team_id: &str| {
        next.teams.iter().flat_map(|teams| teams.iter()).any(|team| team.team_id == team_id)
    };
    let news: Vec<(String, String)> = usage
        .team_aliases
        .iter()
        .filter(|(team_id, alias)| {
            next.team_aliases.get(*team_id) != Some(*alias) && !listed(team_id)
        })
        .map(|(team_id, alias)| (team_id.clone(), alias.clone()))
        .collect();
    if !news.is_empty() {
        Arc::make_mut(&mut next.team_aliases).extend(news);
    }
}

fn restore(snapshot: &mut Snapshot, mut stored: Stored) {
    let facts = std::mem::take(&mut stored.quarters.quarters);
    snapshot.quarters = Arc::new(counting::quarter_days(facts, &stored.dictionary));
    snapshot.log_days = Arc::new(stored.quarters.log_days.into_iter().collect());
    snapshot.seen_from = stored.seen_from;
    let days: BTreeMap<Day, StoredDay> = stored
        .days
        .into_iter()
        .map(|DayAtRest { day, state, total, facts, with_facets }| {
            let columns = Arc::new(DayColumns::new(total, facts, &stored.dictionary));
            (day, StoredDay { state, columns, with_facets })
        })
        .collect();
    snapshot.days = Arc::new(days);
    snapshot.dictionary = Arc::new(stored.dictionary);
    snapshot.teams = stored.names.teams.map(Arc::new);
    snapshot.team_aliases = Arc::new(stored.names.team_aliases.into_iter().collect());
    snapshot.key_aliases = Arc::new(
        stored
            .names
            .key_aliases
            .into_iter()
            .map(|(api_key, alias)| (api_key, Arc::from(alias)))
            .collect::<HashMap<String, Arc<str>>>(),
    );
    snapshot.empty_before = stored.empty_before;
    snapshot.findings = Arc::new(stored.findings);
}

#[cfg(test)]
impl EmbeddedStore {
    /// From here on, the disk is full as far as this store can see.
    fn limit_file_to_its_size(&self) {
        let writer = self.inner.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.as_ref().expect("a file").database.limit_to_its_size().expect("a limit");
    }
}

#[cfg(test)]
mod flip_tests;
#[cfg(test)]
mod tests;
