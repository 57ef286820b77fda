//! Moves what is stored from one store to another, as files that other programs read, too.
//!
//! An export is a directory of Parquet files and a manifest. Names stand for everything, never a code of
//! the store's, and each file is in the order of its names: the same usage makes the same files. An import
//! believes nothing of them before it has compared it: lengths and hashes, types, the sizes of pages, the
//! order, and whether parts add up to their wholes.

mod export;
mod import;
mod manifest;
mod pages;
mod reader;
mod records;
mod schema;
mod writer;

use std::io;
use std::path::{Path, PathBuf};

pub use self::export::export;
pub use self::import::import;
pub use self::manifest::{ExportManifest, ExportedFile};
pub use self::schema::{ColumnSpec, Kind, TableSpec, tables};
use crate::store::{BackupError, Error, IntakeError};

/// Why nothing was exported or imported.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    /// What is stored cannot be read, or not written.
    #[error(transparent)]
    Store(#[from] BackupError),
    /// The export's place is taken.
    #[error("{0} is there already; give the export a directory of its own, which it makes")]
    Taken(PathBuf),
    /// There is no export at a place.
    #[error("{0} is no export: it has no manifest.json that can be read ({1})")]
    NoExport(PathBuf, String),
    /// A newer Podium wrote it.
    #[error(
        "the export was written by a newer Podium (format {found}, this one knows {known}); use that version"
    )]
    Newer {
        /// Its version of the format.
        found: u64,
        /// The newest one that this program knows.
        known: u32,
    },
    /// It is of another gateway.
    #[error(
        "the export is of another gateway than the one in --base-url, whose figures would be wrong \
         with it; if it is the same gateway under a new address, say so with --as-this-gateway"
    )]
    OtherGateway,
    /// A file is not what an export has.
    #[error("{file} is not as an export has it: {fault}; nothing was imported")]
    Wrong {
        /// The file's name.
        file: String,
        /// What is wrong with it.
        fault: String,
    },
    /// Reading or writing failed.
    #[error("{what}: {cause}")]
    Io {
        /// What was being done, with the path.
        what: String,
        /// What the system says.
        cause: io::Error,
    },
}

impl TransferError {
    fn io(what: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let what = format!("{what} {}", path.display());
        move |cause| Self::Io { what, cause }
    }

    fn wrong(file: &str, fault: impl Into<String>) -> Self {
        Self::Wrong { file: file.to_owned(), fault: fault.into() }
    }

    /// A record of a file that the store does not take.
    fn refused(file: &str) -> impl FnOnce(IntakeError) -> Self {
        move |error| match error {
            IntakeError::Backup(error) => error.into(),
            IntakeError::Store(error) => error.into(),
            IntakeError::Wrong(fault) => Self::wrong(file, fault),
        }
    }
}

impl From<Error> for TransferError {
    fn from(error: Error) -> Self {
        Self::Store(error.into())
    }
}

#[cfg(test)]
mod tests;
