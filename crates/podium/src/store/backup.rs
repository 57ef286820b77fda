//! Backups: the usage and the access book of one moment in one file, taken beside a server that runs.
//!
//! Both files are read as of the same moment and copied page by page: who writes meanwhile does not
//! wait. The copies are looked over as a whole before anybody calls them a backup. What they are packed
//! into is an ordinary archive (`tar`, compressed with zstd), its first entry a list of the others.

mod archive;
mod copy;
mod file;
mod manifest;
mod restore;
mod verdict;

use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

pub(super) use self::copy::{finish_restoring, hold_moment};
pub use self::file::{back_up_to, back_up_to_file};
pub use self::manifest::BackupManifest;
pub use self::restore::{RestoreWish, Restored, restore};
pub(super) use self::verdict::of_usage as verdict_of_usage;
use super::{Error, Location};

/// Why there is no backup, or nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The store itself.
    #[error(transparent)]
    Store(#[from] Error),
    /// Nothing is kept.
    #[error(
        "usage is kept in memory only (PODIUM_DATA_DIR=:memory:), so there is nothing to back up; \
         keep it in a directory with --data-dir"
    )]
    InMemory,
    /// Nothing is kept where an import was to go.
    #[error(
        "usage is kept in memory only (PODIUM_DATA_DIR=:memory:), where nothing can be restored or \
         imported; choose a directory with --data-dir"
    )]
    ImportedToMemory,
    /// There is something where an import was to go.
    #[error(
        "there is usage at {0} already, and an import needs an empty place; move it away, or choose \
         another directory with --data-dir"
    )]
    NotEmpty(PathBuf),
    /// An older Podium wrote what is stored.
    #[error(
        "{path} was written by an older Podium; start this one once (podium serve, or podium audit), \
         which brings it to version {known} of the schema, and try again"
    )]
    OlderSchema {
        /// The data file.
        path: PathBuf,
        /// The version that this program knows.
        known: i64,
    },
    /// No usage was ever kept there.
    #[error(
        "there is no usage at {0}; name the gateway and the directory of the server with --base-url \
         and --data-dir"
    )]
    Nothing(PathBuf),
    /// The backup's name is a directory's, or none.
    #[error("{0} is no name for a file; a backup is written into one")]
    NoFile(PathBuf),
    /// The file is there.
    #[error("{0} is there already; give the backup another name, or replace it with --force")]
    FileThere(PathBuf),
    /// It would be lost together with what it is of.
    #[error(
        "{0} lies in the data directory and would be lost together with it; choose another place"
    )]
    BesideUsage(PathBuf),
    /// Another process writes it.
    #[error("another backup to this file is under way in {0}; wait for its end")]
    UnderWay(PathBuf),
    /// Another process lets nobody read.
    #[error(
        "the Podium that uses {0} lets nobody read beside it: it is an older one, or the directory \
         is on a file system that cannot share; stop it first"
    )]
    NotShared(PathBuf),
    /// What is stored is not what was written.
    #[error(
        "what is stored in {path} is not as it was written ({fault}), so it was not backed up; \
         start Podium, which reads what is damaged anew, and try again"
    )]
    Unsound {
        /// The data file.
        path: PathBuf,
        /// What is wrong.
        fault: String,
    },
    /// The file is no backup, or not what was written.
    #[error("the backup is damaged: {0}; nothing was changed. Take another one")]
    Damaged(String),
    /// A newer Podium made it.
    #[error(
        "the backup was made by a newer Podium ({0}); nothing was changed. Use that version to restore it"
    )]
    Newer(String),
    /// It is of another gateway.
    #[error(
        "the backup is of another gateway than the one in --base-url, whose figures would be wrong \
         with it; if it is the same gateway under a new address, say so with --as-this-gateway"
    )]
    OtherGateway,
    /// There is usage already.
    #[error("there is usage at {0} already; --force sets it aside and restores in its place")]
    UsageThere(PathBuf),
    /// Reading or writing failed: disk full, for example.
    #[error("{what}: {cause}")]
    Io {
        /// What was being done, with the path.
        what: String,
        /// What the system says.
        cause: io::Error,
    },
}

impl BackupError {
    /// To be used with `map_err`: what was being done with a path.
    pub(crate) fn io(what: &str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let what = format!("{what} {}", path.display());
        move |cause| Self::Io { what, cause }
    }
}

/// Consistent copies of what is stored, sound as far as anybody can tell.
#[derive(Debug)]
struct Copies {
    manifest: BackupManifest,
    /// In the order of the list.
    paths: Vec<PathBuf>,
}

impl Copies {
    /// Copies what is stored at `location` into `directory`, as of this moment, and looks it over.
    /// `gateway` says whose usage it is.
    fn take(
        location: &Location,
        gateway: &str,
        directory: &Path,
        now: Timestamp,
    ) -> Result<Self, BackupError> {
        let Location::File(usage) = location else { return Err(BackupError::InMemory) };
        let paths = copy::both(usage, directory)?;
        let unsound = |fault| BackupError::Unsound { path: usage.clone(), fault };
        let mut schema = 0;
        for path in &paths {
            let is_usage = path.file_name() == Some(manifest::USAGE.as_ref());
            match is_usage {
                true => schema = verdict::of_usage(path)?.map_err(unsound)?,
                false => verdict::of_access(path)?.map_err(unsound)?,
            }
        }
        let manifest = BackupManifest::of(&paths, gateway, schema, now)?;
        Ok(Self { manifest, paths })
    }

    /// What the backup says of itself.
    fn manifest(&self) -> &BackupManifest {
        &self.manifest
    }

    /// Writes the backup.
    fn write(&self, out: &mut dyn io::Write) -> Result<(), BackupError> {
        archive::write(&self.manifest, &self.paths, out)
    }
}

/// Reads a backup to its end, and says what it is if each byte of it is what was written.
fn read_back(backup: &mut dyn io::Read) -> Result<BackupManifest, BackupError> {
    archive::read(backup, |_, _| Ok(None))
}

#[cfg(test)]
mod tests;
