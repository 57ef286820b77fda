//! The store within the process: SQLite behind, an immutable snapshot in front.

mod counting;
mod facts;
mod ledger;
mod place;
mod reading;
mod rebuild;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use jiff::Timestamp;
use tokio::sync::watch;

use super::contents::Contents;
use super::database::days::DayAtRest;
use super::database::{Database, Health, Stored, set_aside};
use super::health::Kept;
use super::ledger::{LedgerState, StoredDay};
use super::snapshot::{FactColumns, Snapshot};
use super::{Error, Store};
use crate::telemetry::TRACED;
use place::File;
use reading::ReadFile;

/// Where usage is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// In this file.
    File(PathBuf),
    /// In memory only; gone with the process.
    Memory,
}

/// The file, where there is one; whoever reads or writes it waits for the others.
type SharedFile = Arc<Mutex<Option<File>>>;

/// How much memory facts may take where nothing else is said.
const USUAL_MEMORY: u64 = 256 << 20;

/// Usage in SQLite and in memory. Clones share it.
#[derive(Clone, Debug)]
pub struct EmbeddedStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    /// The data file, where there is one.
    path: Option<PathBuf>,
    snapshot: ArcSwap<Snapshot>,
    /// Held while a change goes to the file and then to the readers.
    writer: SharedFile,
    kept: Mutex<Kept>,
    changes: watch::Sender<u64>,
    /// Which requests were counted, where nothing is kept; otherwise the file knows.
    seen: Mutex<counting::Seen>,
}

impl EmbeddedStore {
    /// Opens the store and reads back what is there. Versions start above `now`, in
    /// milliseconds, so that none is used twice over restarts.
    pub fn open(location: &Location, now: Timestamp) -> Result<Self, Error> {
        Self::open_within(location, now, USUAL_MEMORY)
    }

    /// The same with at most so many bytes of what the file has in memory.
    pub fn open_within(location: &Location, now: Timestamp, memory: u64) -> Result<Self, Error> {
        let start = u64::try_from(now.as_millisecond()).unwrap_or_default();
        let writer = SharedFile::default();
        let (snapshot, file) = match location {
            Location::Memory => {
                (restore(Stored::default(), start, Contents::new(None, memory)), None)
            }
            Location::File(path) => {
                let (database, stored) = open_or_set_aside(path, now)?;
                let is_whole = stored.distrusted.is_empty();
                let read_file = Arc::new(ReadFile(Arc::clone(&writer)));
                let contents = Contents::new(Some(read_file), memory);
                let mut snapshot = restore(stored, start, contents);
                let mut file = File::new(database, path, now);
                if !is_whole && !file.is_sound() {
                    file.replace(&mut snapshot)?;
                }
                (snapshot, Some(file))
            }
        };
        let path = match location {
            Location::Memory => None,
            Location::File(path) => Some(path.clone()),
        };
        *writer.lock().unwrap_or_else(PoisonError::into_inner) = file;
        Ok(Self {
            inner: Arc::new(Inner {
                path,
                changes: watch::Sender::new(snapshot.ledger.revision),
                snapshot: ArcSwap::from_pointee(snapshot),
                writer,
                kept: Mutex::default(),
                seen: Mutex::default(),
            }),
        })
    }

    /// Both of its interfaces.
    pub fn store(&self) -> Store {
        Store { ledger: Arc::new(self.clone()), facts: Arc::new(self.clone()) }
    }

    /// Looks a file over as it is: a damaged one stays where it is.
    pub fn inspect(location: &Location) -> Result<Health, Error> {
        let Location::File(path) = location else {
            return Ok(Health { path: None, is_new: false, fault: None });
        };
        let missing: Vec<_> = path.ancestors().take_while(|place| !place.exists()).collect();
        let looked = Database::open(path).and_then(|mut database| {
            let fault = fault_in(&mut database);
            // Whoever looks may be another user than the one who serves. The file goes while it is
            // locked, so that nobody else has begun to write it, and once it is closed, which
            // removes what SQLite has beside it.
            if !missing.is_empty() && database.close().is_ok() {
                let _ = std::fs::remove_file(path);
            }
            fault
        });
        for directory in missing.iter().skip(1) {
            let _ = std::fs::remove_dir(directory);
        }
        let fault = match looked {
            Err(Error::Damaged(fault)) => Some(fault),
            looked => looked?,
        };
        Ok(Health { path: Some(path.clone()), is_new: !missing.is_empty(), fault })
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
        let span =
            tracing::info_span!(target: TRACED, "write", otel.name = format!("write {what}"));
        let work = move || {
            let _of_trace = span.enter();
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
            let before = inner.snapshot.load();
            next.ledger_mut().revision += 1;
            let is_renamed = next.has_other_names(&before);
            if figures_changed || is_renamed {
                next.ledger_mut().version += 1;
                next.note_changes(&before, is_renamed);
            }
            let revision = next.ledger.revision;
            inner.snapshot.store(Arc::new(next));
            inner.changes.send_replace(revision);
            Ok(outcome)
        };
        match crate::tasks::spawn_blocking(work).await {
            Ok(done) => done,
            Err(_) => Err(Error::Database("a write was given up; see the log".to_owned())),
        }
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

/// What is wrong in a file that could be opened.
fn fault_in(database: &mut Database) -> Result<Option<String>, Error> {
    let mut stored = database.load()?;
    database.look_over(&mut stored)?;
    if !stored.distrusted.is_empty() {
        return Ok(Some(stored.distrusted.to_string()));
    }
    database.fault()
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

fn restore(stored: Stored, start: u64, contents: Contents) -> Snapshot {
    let Stored { dictionary, days: at_rest, names, .. } = stored;
    let quarters = counting::quarter_days(stored.quarters.quarters, &dictionary);
    let explained = quarters.iter().map(|(day, hours)| (*day, hours.total)).collect();
    let (mut days, mut in_file) = (BTreeMap::new(), BTreeMap::new());
    for DayAtRest { day, state, total, content, with_facets } in at_rest {
        in_file.insert(day, Arc::new(content));
        days.insert(day, StoredDay { state, total, with_facets });
    }
    let key_aliases = names.key_aliases.into_iter();
    let ledger = LedgerState {
        version: start,
        revision: start,
        names_changed: start,
        days: Arc::new(days),
        teams: names.teams.map(Arc::new),
        team_aliases: Arc::new(names.team_aliases.into_iter().collect()),
        key_aliases: Arc::new(key_aliases.map(|(key, alias)| (key, Arc::from(alias))).collect()),
        empty_before: stored.empty_before,
        findings: Arc::new(stored.findings),
        log_days: Arc::new(stored.quarters.log_days.into_iter().collect()),
        explained: Arc::new(explained),
        seen_from: stored.seen_from,
        ..LedgerState::default()
    };
    let facts = FactColumns {
        dictionary: Arc::new(dictionary),
        days: Arc::new(in_file),
        contents: Arc::new(contents),
        quarters: Arc::new(quarters),
    };
    Snapshot { ledger: Arc::new(ledger), facts: Arc::new(facts) }
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
mod older_files;
#[cfg(test)]
mod tests;
