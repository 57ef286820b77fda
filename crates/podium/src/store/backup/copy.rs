//! Copies of both files as of one moment.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{BackupError, manifest};
use crate::store::{Error, access_book, database, incoming};

/// Pages that are copied at a time.
const PAGES: i32 = 1_024;
/// How long a moment is waited for in which the file may be read.
const WAIT: Duration = Duration::from_secs(3);

const PAUSE: Duration = Duration::from_millis(10);

/// Copies usage and, where there is one, the access book into a directory; the paths of the copies.
pub(super) fn both(usage: &Path, directory: &Path) -> Result<Vec<PathBuf>, BackupError> {
    finish_restoring(usage)?;
    if !usage.exists() {
        return Err(BackupError::Nothing(usage.to_owned()));
    }
    let mut files = vec![(usage.to_owned(), directory.join(manifest::USAGE))];
    let book = access_book::beside(usage);
    if book.exists() {
        files.push((book, directory.join(manifest::ACCESS)));
    }
    // All of them are held at this moment before the first is copied.
    let mut moments = Vec::new();
    for (source, copy) in files {
        moments.push((hold_moment(&source)?, copy));
    }
    moments.into_iter().map(|(moment, copy)| write_copy(&moment, copy)).collect()
}

/// Does what a restore that was cut off has left to do.
pub(in crate::store) fn finish_restoring(usage: &Path) -> Result<(), BackupError> {
    if incoming::is_waiting(usage) {
        let _lock = database::lock(usage)?;
        incoming::finish(usage).map_err(BackupError::io("cannot finish restoring", usage))?;
    }
    Ok(())
}

/// A connection that sees the file as it is now, whatever is written to it from here on.
pub(in crate::store) fn hold_moment(path: &Path) -> Result<Connection, BackupError> {
    let open = |flags| -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(WAIT)?;
        connection.execute_batch("BEGIN")?;
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(connection)
    };
    // Who may write can read what a killed server left in SQLite's log, too.
    let opened = open(OpenFlags::SQLITE_OPEN_READ_WRITE)
        .or_else(|error| open(OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|_| error));
    opened.map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            BackupError::NotShared(path.to_owned())
        }
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::SystemIoFailure) => {
            Error::Open { path: path.display().to_string(), cause: error.to_string() }.into()
        }
        _ => BackupError::Unsound { path: path.to_owned(), fault: error.to_string() },
    })
}

fn write_copy(moment: &Connection, path: PathBuf) -> Result<PathBuf, BackupError> {
    let copied = || -> rusqlite::Result<()> {
        let mut copy = Connection::open(&path)?;
        copy.execute_batch("PRAGMA synchronous = OFF")?;
        {
            let backup = Backup::new(moment, &mut copy)?;
            loop {
                match backup.step(PAGES)? {
                    StepResult::Done => break,
                    StepResult::More => {}
                    // Somebody has the file for a moment.
                    _ => std::thread::sleep(PAUSE),
                }
            }
        }
        // So that it is one file.
        copy.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(()))
    };
    copied().map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            BackupError::Unsound { path: path.clone(), fault: error.to_string() }
        }
        _ => BackupError::Io {
            what: format!("cannot write {}", path.display()),
            cause: std::io::Error::other(error.to_string()),
        },
    })?;
    Ok(path)
}
