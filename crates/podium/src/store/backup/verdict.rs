//! Whether a copy is sound: as a database, and by the seals of all that is in it.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::BackupError;
use crate::store::Error;
use crate::store::database::known_schema;
use crate::store::extract::Extract;

/// The version of its schema, or what is wrong with it.
pub(in crate::store) type Verdict = Result<i64, String>;

/// A copy of usage. Days are compared with their seals, requests with what they add up to; what an
/// older schema holds is only read as a database.
pub(in crate::store) fn of_usage(path: &Path) -> Result<Verdict, BackupError> {
    sorted_out(|| {
        let connection = open(path)?;
        if let Some(fault) = fault_of(&connection)? {
            return Ok(Err(fault));
        }
        let schema: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
        if schema == known_schema() {
            Extract::of(connection)?.look_over()?;
        }
        Ok(Ok(schema))
    })
}

/// A copy of an access book.
pub(super) fn of_access(path: &Path) -> Result<Result<(), String>, BackupError> {
    sorted_out(|| {
        let connection = open(path)?;
        if let Some(fault) = fault_of(&connection)? {
            return Ok(Err(fault));
        }
        for table in ["token", "ended", "log"] {
            connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |_| Ok(()))?;
        }
        Ok(Ok(()))
    })
}

/// Damage is a verdict; what keeps us from looking is an error.
fn sorted_out<T>(
    look: impl FnOnce() -> Result<Result<T, String>, Error>,
) -> Result<Result<T, String>, BackupError> {
    match look() {
        Err(Error::Damaged(fault)) => Ok(Err(fault)),
        looked => Ok(looked?),
    }
}

fn open(path: &Path) -> Result<Connection, Error> {
    Ok(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?)
}

/// What SQLite finds wrong with a file, and what we never put into one.
fn fault_of(connection: &Connection) -> Result<Option<String>, Error> {
    let verdict: String =
        connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict != "ok" {
        return Ok(Some(verdict));
    }
    let foreign: i64 = connection.query_row(
        "SELECT count(*) FROM sqlite_schema WHERE type NOT IN ('table', 'index')",
        [],
        |row| row.get(0),
    )?;
    Ok((foreign > 0).then(|| "it has views or triggers, which are not Podium's".to_owned()))
}
