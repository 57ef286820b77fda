//! What access keeps: tokens as hashes, sessions that were ended, and the access log.
//!
//! A file beside the usage's, in SQLite's own shared mode: the command line makes tokens while a
//! server runs. It holds no usage, and usage holds nothing of it.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::{Error, Location, database, incoming};

const SCHEMA: &str = include_str!("access_book.sql");
/// How long another process may take to let go of the file.
const WAIT: Duration = Duration::from_secs(3);
/// Lines of the log that are kept.
const MOST_LINES: usize = 20_000;
/// Lines are forgotten this many at a time.
const FORGOTTEN_EVERY: u64 = 100;

/// A token at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// What it goes by.
    pub id: String,
    /// The hash of its text.
    pub hash: Vec<u8>,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: String,
    /// The teams that it sees, by id.
    pub teams: Vec<String>,
    /// Whether it may stand in an address.
    pub in_address: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Option<String>,
    /// Until when it is good.
    pub expires_at: Option<Timestamp>,
    /// When it was last shown.
    pub last_used_at: Option<Timestamp>,
}

/// The book. Two connections, so that nobody who asks waits for the disk.
#[derive(Debug)]
pub struct AccessBook {
    reading: Mutex<Connection>,
    writing: Mutex<Connection>,
    written_lines: AtomicU64,
    /// Where nothing is kept both connections have one memory, and changes are counted here.
    changes: Option<AtomicU64>,
}

impl AccessBook {
    /// Opens or makes the book beside the file of the usage.
    pub fn open(usage: &Location) -> Result<Self, Error> {
        match usage {
            Location::Memory => Self::in_memory(),
            Location::File(path) => {
                if incoming::is_waiting(path) {
                    // A restored book whose restoring was cut off.
                    let _lock = database::lock(path)?;
                    let finished = incoming::finish(path);
                    finished.map_err(|error| Error::Database(error.to_string()))?;
                }
                Self::at(&beside(path))
            }
        }
    }

    /// A book that is gone with the process.
    pub fn in_memory() -> Result<Self, Error> {
        // A name of its own, since a process may have several.
        let name = format!("file:access-{:x}?mode=memory&cache=shared", fastrand::u128(..));
        let open = || Connection::open(&name);
        let (reading, writing) = (open()?, open()?);
        writing.execute_batch(SCHEMA)?;
        let (reading, writing) = (Mutex::new(reading), Mutex::new(writing));
        let changes = Some(AtomicU64::new(0));
        Ok(Self { reading, writing, written_lines: AtomicU64::new(0), changes })
    }

    fn at(path: &Path) -> Result<Self, Error> {
        let cannot = |error: rusqlite::Error| Error::Open {
            path: path.display().to_string(),
            cause: error.to_string(),
        };
        if let Some(directory) = path.parent() {
            std::fs::create_dir_all(directory).map_err(|error| Error::Open {
                path: path.display().to_string(),
                cause: error.to_string(),
            })?;
        }
        // It names people, so nobody else on the machine may read it.
        let _ = OpenOptions::new().create(true).append(true).mode(0o600).open(path);
        let open = || -> Result<Connection, rusqlite::Error> {
            let connection = Connection::open(path)?;
            connection.busy_timeout(WAIT)?;
            connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;")?;
            Ok(connection)
        };
        let writing = open().map_err(cannot)?;
        writing.execute_batch(SCHEMA).map_err(cannot)?;
        let reading = open().map_err(cannot)?;
        let (reading, writing) = (Mutex::new(reading), Mutex::new(writing));
        Ok(Self { reading, writing, written_lines: AtomicU64::new(0), changes: None })
    }

    fn reading(&self) -> MutexGuard<'_, Connection> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write<T>(&self, write: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, Error> {
        let written = write(&self.writing.lock().unwrap_or_else(PoisonError::into_inner))?;
        if let Some(changes) = &self.changes {
            changes.fetch_add(1, Ordering::Relaxed);
        }
        Ok(written)
    }

    /// Changes with every change, those of other processes included. Cheap.
    pub fn version(&self) -> u64 {
        if let Some(changes) = &self.changes {
            return changes.load(Ordering::Relaxed);
        }
        let version = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        let told = self.reading().query_row("PRAGMA data_version", [], version);
        told.map_or(u64::MAX, i64::unsigned_abs)
    }

    /// All tokens that were not revoked, in the order in which they were made.
    pub fn tokens(&self) -> Result<Vec<StoredToken>, Error> {
        let connection = self.reading();
        let mut rows = connection.prepare_cached(
            "SELECT id, hash, name, role, teams, in_address, created_at, created_by, expires_at, \
             last_used_at FROM token ORDER BY rowid",
        )?;
        let tokens = rows.query_map([], |row| {
            let teams: String = row.get(4)?;
            Ok(StoredToken {
                id: row.get(0)?,
                hash: row.get(1)?,
                name: row.get(2)?,
                role: row.get(3)?,
                teams: serde_json::from_str(&teams).unwrap_or_default(),
                in_address: row.get(5)?,
                created_at: instant(row.get(6)?),
                created_by: row.get(7)?,
                expires_at: row.get::<_, Option<i64>>(8)?.map(instant),
                last_used_at: row.get::<_, Option<i64>>(9)?.map(instant),
            })
        })?;
        Ok(tokens.collect::<Result<_, _>>()?)
    }

    /// Keeps a token.
    pub fn add_token(&self, token: &StoredToken) -> Result<(), Error> {
        let teams = serde_json::to_string(&token.teams).unwrap_or_else(|_| "[]".to_owned());
        self.write(|connection| {
            connection.execute(
                "INSERT INTO token (id, hash, name, role, teams, in_address, created_at, \
                 created_by, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                params![
                    token.id,
                    token.hash,
                    token.name,
                    token.role,
                    teams,
                    token.in_address,
                    token.created_at.as_millisecond(),
                    token.created_by,
                    token.expires_at.map(Timestamp::as_millisecond),
                ],
            )
        })?;
        Ok(())
    }

    /// Forgets a token, and tells its name; nothing where there is none of this id.
    pub fn remove_token(&self, id: &str) -> Result<Option<String>, Error> {
        let name = |row: &rusqlite::Row<'_>| row.get(0);
        let removed = self.write(|connection| {
            connection
                .prepare_cached("DELETE FROM token WHERE id = ?1 RETURNING name")?
                .query_map([id], name)?
                .collect::<Result<Vec<String>, _>>()
        })?;
        Ok(removed.into_iter().next())
    }

    /// Notes when a token was used.
    pub fn note_use(&self, id: &str, at: Timestamp) -> Result<(), Error> {
        let values = params![id, at.as_millisecond()];
        self.write(|connection| {
            connection.execute("UPDATE token SET last_used_at = ?2 WHERE id = ?1", values)
        })?;
        Ok(())
    }

    /// Ends what goes by this name (a session, or all sessions of an account that began until
    /// `ended_at`), and remembers it until `forget_at`.
    pub fn end(&self, name: &str, ended_at: Timestamp, forget_at: Timestamp) -> Result<(), Error> {
        let (ended, forget) = (ended_at.as_millisecond(), forget_at.as_millisecond());
        self.write(|connection| {
            connection.execute("DELETE FROM ended WHERE forget_at < ?1", [ended])?;
            connection.execute(
                "INSERT INTO ended (name, ended_at, forget_at) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (name) DO UPDATE SET \
                 ended_at = max(ended_at, excluded.ended_at), \
                 forget_at = max(forget_at, excluded.forget_at)",
                params![name, ended, forget],
            )
        })?;
        Ok(())
    }

    /// What was ended, and when.
    pub fn ended(&self) -> Result<Vec<(String, Timestamp)>, Error> {
        let connection = self.reading();
        let mut rows = connection.prepare_cached("SELECT name, ended_at FROM ended")?;
        let ended = rows.query_map([], |row| Ok((row.get(0)?, instant(row.get(1)?))))?;
        Ok(ended.collect::<Result<_, _>>()?)
    }

    /// Writes a line into the log; of very many the newest are kept.
    pub fn log(&self, at: Timestamp, line: &str) -> Result<(), Error> {
        let written = self.written_lines.fetch_add(1, Ordering::Relaxed);
        let forgets = written.is_multiple_of(FORGOTTEN_EVERY);
        self.write(|connection| {
            connection.execute(
                "INSERT INTO log (at, line) VALUES (?1, ?2)",
                params![at.as_millisecond(), line],
            )?;
            if forgets {
                connection.execute(
                    "DELETE FROM log WHERE id <= (SELECT max(id) FROM log) - ?1",
                    [i64::try_from(MOST_LINES).unwrap_or(i64::MAX)],
                )?;
            }
            Ok(())
        })
    }

    /// The newest lines of the log, newest first.
    pub fn log_lines(&self, most: usize) -> Result<Vec<String>, Error> {
        let connection = self.reading();
        let mut rows =
            connection.prepare_cached("SELECT line FROM log ORDER BY id DESC LIMIT ?1")?;
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let lines = rows.query_map([most], |row| row.get(0))?;
        Ok(lines.collect::<Result<_, _>>()?)
    }
}

fn instant(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MIN)
}

/// Where the book of a usage file is: `gateway.sqlite3` has `gateway.access.sqlite3` beside it.
pub(super) fn beside(usage: &Path) -> PathBuf {
    usage.with_extension("access.sqlite3")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn token(id: &str) -> StoredToken {
        StoredToken {
            id: id.to_owned(),
            hash: vec![1, 2, 3],
            name: "grafana".to_owned(),
            role: "viewer".to_owned(),
            teams: vec!["t-1".to_owned()],
            in_address: true,
            created_at: at("2026-11-24T12:00:00Z"),
            created_by: Some("ada".to_owned()),
            expires_at: Some(at("2026-12-24T12:00:00Z")),
            last_used_at: None,
        }
    }

    #[test]
    fn tokens_and_ends_are_there_for_the_next_process() {
        let directory = tempfile::tempdir().expect("a directory");
        let usage = Location::File(directory.path().join("gateway.sqlite3"));
        let (here, there) = (AccessBook::open(&usage), AccessBook::open(&usage));
        let (here, there) = (here.expect("a book"), there.expect("the same book"));
        let version = here.version();
        there.add_token(&token("a")).expect("it is kept");
        assert_ne!(here.version(), version, "the other process made it");
        assert_eq!(here.tokens().expect("they are read"), [token("a")]);
        there.note_use("a", at("2026-11-25T12:00:00Z")).expect("it is noted");
        let used = here.tokens().expect("they are read")[0].last_used_at;
        assert_eq!(used, Some(at("2026-11-25T12:00:00Z")));
        assert_eq!(here.remove_token("a").expect("it goes").as_deref(), Some("grafana"));
        assert_eq!(here.remove_token("a").expect("it is gone"), None);
        assert!(there.tokens().expect("they are read").is_empty());
        let (noon, evening) = (at("2026-11-24T12:00:00Z"), at("2026-11-24T20:00:00Z"));
        here.end("session x", noon, evening).expect("it is kept");
        here.end("session y", evening, evening).expect("it is kept");
        let ended = there.ended().expect("they are read");
        assert_eq!(ended, [("session x".to_owned(), noon), ("session y".to_owned(), evening)]);
    }

    #[test]
    fn where_nothing_is_kept_each_book_is_its_own() {
        let (one, other) = (AccessBook::in_memory(), AccessBook::in_memory());
        let (one, other) = (one.expect("a book"), other.expect("another"));
        let version = one.version();
        one.add_token(&token("a")).expect("it is kept");
        assert_ne!(one.version(), version);
        assert_eq!(one.tokens().expect("they are read").len(), 1);
        assert!(other.tokens().expect("they are read").is_empty());
    }

    #[test]
    fn of_very_many_lines_the_newest_are_kept() {
        let book = AccessBook::in_memory().expect("a book");
        let noon = at("2026-11-24T12:00:00Z");
        for number in 0..MOST_LINES + 150 {
            book.log(noon, &number.to_string()).expect("it is kept");
        }
        let lines = book.log_lines(usize::MAX).expect("they are read");
        assert_eq!(lines[0], (MOST_LINES + 149).to_string());
        assert!(lines.len() <= MOST_LINES + 100, "{}", lines.len());
    }
}
