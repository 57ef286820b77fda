//! Usage at rest, in SQLite.
//!
//! One process writes the file; others may read it beside (see `backup`). Every change is one
//! transaction, on the disk when it is done. Everything carries a seal (see `seal`): what does not agree with its own is not
//! believed, forgotten, and read anew from the gateway.

pub(super) mod days;
mod facts_in_rows;
mod findings;
mod migrate;
pub(super) mod names;
pub(super) mod outline;
pub(super) mod quarters;
mod requests;
mod sums;

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use rusqlite::types::{FromSql, Value};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension};

use self::days::DayAtRest;
pub(super) use self::migrate::known_schema;
use self::names::StoredNames;
use self::quarters::{StoredQuarters, SumsOfDay};
use super::Error;
use super::dictionary::Dictionary;
use super::incoming;
use super::lock::{Lock, Taken};
use super::seal::{Seal, from_blob, to_blob};
use crate::usage::{Day, Finding};

/// How long another Podium may take to let go of the file when it is being replaced.
const WAIT_FOR_FILE_MS: u64 = 3_000;

/// What SQLite may leave of its log once everything in it is in the file: a backup that read for long
/// makes it longer.
const LOG_BYTES: u64 = 16 << 20;

#[derive(Debug)]
pub(super) struct Database {
    connection: Connection,
    /// Let go of after the connection.
    lock: Option<Lock>,
    /// The seals of quarter hours, and what the rows of a day add up to, as they are in the file.
    quarter_seals: BTreeMap<i64, u128>,
    sums_of_days: BTreeMap<i64, SumsOfDay>,
    /// Days whose identities were compared with what they should add up to.
    looked_at: HashSet<i64>,
}

/// What `podium check` says of the store.
#[derive(Clone, Debug)]
pub struct Health {
    /// The database file; `None` where nothing is kept.
    pub path: Option<PathBuf>,
    /// Whether there is no such file yet. One was made to see that it can be, and is gone again.
    pub is_new: bool,
    /// What is wrong with the file as a whole, or with parts of it.
    pub fault: Option<String>,
}

/// Everything that is at rest and can be trusted.
#[derive(Default)]
pub(super) struct Stored {
    pub(super) dictionary: Dictionary,
    pub(super) days: Vec<DayAtRest>,
    pub(super) names: StoredNames,
    pub(super) empty_before: Option<Day>,
    pub(super) findings: Vec<Finding>,
    pub(super) quarters: StoredQuarters,
    pub(super) seen_from: Option<Day>,
    pub(super) distrusted: Distrusted,
}

/// What is in the file but not what was written.
#[derive(Debug, Default)]
pub(super) struct Distrusted {
    /// Days of usage, as the file calls them.
    days: Vec<Value>,
    /// States of logs, as the file calls their days.
    log_days: Vec<Value>,
    /// Days whose quarter hours are not all there.
    request_days: Vec<Day>,
    names: usize,
    findings: usize,
}

impl Distrusted {
    pub(super) fn is_empty(&self) -> bool {
        self.days.is_empty()
            && self.log_days.is_empty()
            && self.request_days.is_empty()
            && self.names == 0
            && self.findings == 0
    }
}

impl fmt::Display for Distrusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let named = |day: &Value| match day {
            Value::Text(day) if Day::parse(day).is_ok() => day.clone(),
            _ => "a day that cannot be read".to_owned(),
        };
        let days = |days: &[Value]| days.iter().map(named).collect::<Vec<_>>().join(", ");
        let requests = self.request_days.iter().map(Day::to_string).collect::<Vec<_>>().join(", ");
        let parts = [
            ("days", days(&self.days)),
            ("quarter hours of", requests),
            ("how far logs were read of", days(&self.log_days)),
            ("names", self.names.to_string()),
            ("findings", self.findings.to_string()),
        ];
        let told = parts.iter().filter(|(_, what)| !what.is_empty() && what != "0");
        let told: Vec<String> = told.map(|(part, what)| format!("{part}: {what}")).collect();
        write!(f, "not as it was written: {}", told.join("; "))
    }
}

/// A failure of the system: the file itself may be sound.
fn is_outside(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::PermissionDenied
            | ErrorCode::OutOfMemory
            | ErrorCode::ReadOnly
            | ErrorCode::OperationInterrupted
            | ErrorCode::SystemIoFailure
            | ErrorCode::DiskFull
            | ErrorCode::CannotOpen
            | ErrorCode::FileLockingProtocolFailed
            | ErrorCode::NoLargeFileSupport
    )
}

/// The file is shorter than its header says.
const SHORT_READ: i32 = 522;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let is_short = error.sqlite_error().is_some_and(|e| e.extended_code == SHORT_READ);
        match error.sqlite_error_code() {
            Some(code) if is_outside(code) && !is_short => Self::Database(error.to_string()),
            // A schema, a page or a value that is not what we wrote.
            _ => Self::Damaged(error.to_string()),
        }
    }
}

/// A row, or `None` where it holds values that we never wrote.
fn decoded<T>(row: rusqlite::Result<T>) -> Result<Option<T>, Error> {
    match row {
        Ok(row) => Ok(Some(row)),
        Err(error @ rusqlite::Error::SqliteFailure(..)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

impl Database {
    /// Opens or makes the file and brings its schema up to date.
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let lock = lock(path)?;
        Self::open_under(lock, path)
    }

    /// The same where the lock was taken before.
    pub(super) fn open_under(lock: Option<Lock>, path: &Path) -> Result<Self, Error> {
        incoming::finish(path).map_err(|error| cannot_open(path, &error))?;
        let mut database = Self {
            connection: connect(path, lock.is_some())?,
            lock,
            quarter_seals: BTreeMap::new(),
            sums_of_days: BTreeMap::new(),
            looked_at: HashSet::new(),
        };
        database.migrate(path)?;
        Ok(database)
    }

    /// What a connection reads that others write by, or may: nothing is changed.
    pub(super) fn reading(connection: Connection) -> Self {
        Self {
            connection,
            lock: None,
            quarter_seals: BTreeMap::new(),
            sums_of_days: BTreeMap::new(),
            looked_at: HashSet::new(),
        }
    }

    /// Reads everything back that is as it was written.
    pub(super) fn load(&mut self) -> Result<Stored, Error> {
        let mut dictionary = Dictionary::default();
        let mut distrusted = Distrusted::default();
        self.load_series(&mut dictionary)?;
        let days = self.load_days(&mut distrusted)?;
        let names = self.load_names()?;
        distrusted.names = names.distrusted;
        let quarters = self.load_quarters(&mut dictionary, &mut distrusted)?;
        let (findings, distrusted_findings) = self.load_findings()?;
        distrusted.findings = distrusted_findings;
        let day_of = |name| -> Result<Option<Day>, Error> {
            let day: Option<String> = self.setting(name)?;
            Ok(day.and_then(|day| Day::parse(&day).ok()))
        };
        let (empty_before, seen_from) = (day_of("empty_before")?, day_of("seen_from")?);
        Ok(Stored {
            dictionary,
            days,
            names,
            empty_before,
            findings,
            quarters,
            seen_from,
            distrusted,
        })
    }

    /// Takes out of the file what was not believed, so that it is read anew.
    pub(super) fn forget(&mut self, stored: &Stored) -> Result<(), Error> {
        let distrusted = &stored.distrusted;
        self.forget_days(&distrusted.days)?;
        self.forget_requests(&distrusted.request_days)?;
        self.forget_log_days(&distrusted.log_days)?;
        if distrusted.names > 0 {
            self.keep_only_names(&stored.names)?;
        }
        if distrusted.findings > 0 {
            self.connection.execute("DELETE FROM finding", [])?;
            self.record_findings(&stored.findings, usize::MAX)?;
        }
        Ok(())
    }

    /// A setting that is as it was written.
    fn setting<T: FromSql>(&self, name: &str) -> Result<Option<T>, Error> {
        let row = self
            .connection
            .query_row("SELECT value, seal FROM setting WHERE name = ?1", [name], |row| {
                Ok((row.get::<_, Value>(0)?, from_blob(row.get(1)?)))
            })
            .optional();
        let Some((value, seal)) = decoded(row)?.flatten() else { return Ok(None) };
        if seal.map(to_blob) != Some(setting_seal(name, &value)) {
            return Ok(None);
        }
        Ok(T::column_result((&value).into()).ok())
    }

    pub(super) fn set_empty_before(&mut self, day: Day) -> Result<(), Error> {
        let transaction = self.connection.transaction()?;
        set(&transaction, "empty_before", day.to_string().into())?;
        Ok(transaction.commit()?)
    }

    /// Writes all that this connection has to a new file: also where the old one is gone, since it
    /// lives as long as somebody has it open.
    pub(super) fn copy_to(&self, path: &Path) -> Result<(), Error> {
        let path = path.to_string_lossy();
        self.connection.execute("VACUUM INTO ?1", [&*path])?;
        Ok(())
    }

    /// Leaves to the system when what is written is on the disk, while it is of no use before it is
    /// whole.
    pub(super) fn hurry(&self) -> Result<(), Error> {
        Ok(self.connection.execute_batch("PRAGMA synchronous = OFF")?)
    }

    /// Puts everything into the one file, and lets go of it.
    pub(super) fn settle(self) -> Result<(), Error> {
        Ok(self.connection.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))?)
    }

    /// Lets go of the file.
    pub(super) fn close(&mut self) -> Result<(), Error> {
        self.connection = Connection::open_in_memory()?;
        Ok(())
    }

    /// Goes on in the file at `path`, which holds the same.
    pub(super) fn reopen(&mut self, path: &Path) -> Result<(), Error> {
        if !self.lock.as_ref().is_some_and(Lock::is_in_place) {
            self.lock = lock(path)?;
        }
        self.connection = connect(path, self.lock.is_some())?;
        Ok(())
    }

    /// Goes on in a new, empty file.
    pub(super) fn begin_anew(&mut self, path: &Path) -> Result<(), Error> {
        let lock = match self.lock.take().filter(Lock::is_in_place) {
            Some(lock) => Some(lock),
            None => lock(path)?,
        };
        *self = Self::open_under(lock, path)?;
        Ok(())
    }

    /// What SQLite itself finds wrong with the file.
    pub(super) fn fault(&self) -> Result<Option<String>, Error> {
        let verdict: String =
            self.connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        Ok((verdict != "ok").then_some(verdict))
    }
}

#[cfg(test)]
impl Database {
    /// Changes the last byte of a day's facts.
    pub(super) fn damage_content(&self, day: Day) -> Result<(), Error> {
        let mut content = self.content(day)?.expect("the day is there");
        *content.last_mut().expect("it has bytes") ^= 1;
        let update = "UPDATE day_content SET content = ?2 WHERE day = ?1";
        self.connection.execute(update, (day.to_string(), content))?;
        Ok(())
    }

    /// Lets the file grow no further, as a full disk does.
    pub(super) fn limit_to_its_size(&self) -> Result<(), Error> {
        let pages: i64 = self.connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
        Ok(self.connection.pragma_update(None, "max_page_count", pages)?)
    }
}

/// Whether what a connection reads has the schema that this program writes.
pub(super) fn copy_is_current(connection: &Connection) -> Result<bool, Error> {
    let schema: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(schema == known_schema())
}

fn is_writable(path: &Path) -> bool {
    std::fs::OpenOptions::new().append(true).open(path).is_ok()
}

fn setting_seal(name: &str, value: &Value) -> [u8; 16] {
    let seal = Seal::of("setting").text(name);
    to_blob(match value {
        Value::Integer(number) => seal.number(*number).done(),
        Value::Text(text) => seal.text(text).done(),
        _ => seal.done(),
    })
}

/// Moves a damaged file out of the way, together with SQLite's files beside it, and says where
/// it is now. Nothing of it is lost: somebody may want to look.
pub(super) fn set_aside(path: &Path, now: Timestamp) -> std::io::Result<PathBuf> {
    incoming::set_aside(path, "damaged", now)
}

fn cannot_open(path: &Path, cause: &dyn fmt::Display) -> Error {
    Error::Open { path: path.display().to_string(), cause: cause.to_string() }
}

/// Takes the lock on the file, and makes its directory. Nothing where nothing can be locked.
pub(super) fn lock(path: &Path) -> Result<Option<Lock>, Error> {
    if let Some(directory) = path.parent() {
        std::fs::create_dir_all(directory).map_err(|error| cannot_open(path, &error))?;
    }
    match Lock::take(path).map_err(|error| cannot_open(path, &error))? {
        Taken::Ours(lock) => Ok(Some(lock)),
        Taken::InUse => Err(Error::InUse { path: path.display().to_string() }),
        Taken::Impossible => Ok(None),
    }
}

/// A connection that may write. Others may read beside it, unless the system cannot: then SQLite has
/// the file to itself.
fn connect(path: &Path, is_locked: bool) -> Result<Connection, Error> {
    match connect_as(path, if is_locked { "NORMAL" } else { "EXCLUSIVE" }) {
        Err(Error::Open { .. }) if is_locked && is_writable(path) => connect_as(path, "EXCLUSIVE"),
        connected => connected,
    }
}

fn connect_as(path: &Path, locking: &str) -> Result<Connection, Error> {
    let connection = Connection::open(path).map_err(|error| cannot_open(path, &error))?;
    connection.busy_timeout(std::time::Duration::from_millis(WAIT_FOR_FILE_MS))?;
    let taken = connection.execute_batch(&format!(
        "PRAGMA locking_mode = {locking};
         PRAGMA journal_mode = WAL;
         PRAGMA synchronous = FULL;
         PRAGMA cache_size = -4096;
         PRAGMA journal_size_limit = {LOG_BYTES};
         PRAGMA foreign_keys = ON;
         BEGIN IMMEDIATE; COMMIT;",
    ));
    let Err(error) = taken else { return Ok(connection) };
    Err(match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::InUse { path: path.display().to_string() }
        }
        // A header that forbids writing, in a file that may be written to.
        Some(ErrorCode::ReadOnly) if is_writable(path) => Error::Damaged(error.to_string()),
        Some(code) if is_outside(code) => cannot_open(path, &error),
        _ => error.into(),
    })
}

/// A damaged file of which somebody may still read something. It stays as it is.
pub(super) struct SetAside(Option<Connection>);

impl SetAside {
    pub(super) fn open(path: &Path) -> Self {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let path = std::path::absolute(path).ok();
        let url = path.and_then(|path| url::Url::from_file_path(path).ok());
        let open = |url| Connection::open_with_flags(format!("{url}?immutable=1"), flags).ok();
        Self(url.and_then(open))
    }

    /// What it says are the packed facts of a day.
    pub(super) fn content(&self, day: Day) -> Option<Vec<u8>> {
        days::content(self.0.as_ref()?, day).ok().flatten()
    }
}

fn set(transaction: &Connection, name: &str, value: Value) -> Result<(), Error> {
    let seal = setting_seal(name, &value);
    transaction.execute(
        "INSERT OR REPLACE INTO setting (name, value, seal) VALUES (?1, ?2, ?3)",
        (name, value, seal),
    )?;
    Ok(())
}

/// The instant of so many milliseconds since 1970; `None` beyond the calendar.
fn timestamp(milliseconds: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(milliseconds).ok()
}
