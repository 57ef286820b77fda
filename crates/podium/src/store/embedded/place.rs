//! The data file's place, and what happens when the file goes away.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::rebuild;
use crate::store::Error;
use crate::store::database::{Database, SetAside, set_aside};
use crate::store::snapshot::Snapshot;

/// The database and the file that it is in.
#[derive(Debug)]
pub(super) struct File {
    pub(super) database: Database,
    path: PathBuf,
    opened_at: Timestamp,
    /// Device and inode.
    identity: Option<(u64, u64)>,
}

fn identity(path: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))
}

impl File {
    pub(super) fn new(database: Database, path: &Path, opened_at: Timestamp) -> Self {
        Self { database, path: path.to_owned(), opened_at, identity: identity(path) }
    }

    /// The database; where its file was deleted or replaced meanwhile, in a new one. What is open
    /// still has everything.
    pub(super) fn in_place(&mut self) -> Result<&mut Database, Error> {
        if identity(&self.path) != self.identity {
            tracing::error!("the data file was deleted or replaced; it is written anew");
            self.write_anew()?;
        }
        Ok(&mut self.database)
    }

    /// Whether all that is in the file is as it was written.
    pub(super) fn is_sound(&mut self) -> bool {
        self.database.load().is_ok_and(|stored| stored.distrusted.is_empty())
            && self.database.fault().is_ok_and(|fault| fault.is_none())
    }

    /// Sets the damaged file aside and goes on in a new one, with what is in memory and what can
    /// still be read of the old one.
    pub(super) fn replace(&mut self, snapshot: &mut Snapshot) -> Result<(), Error> {
        // SQLite's files must not be in use when they are moved.
        self.database.close()?;
        let cannot = |error: std::io::Error| Error::Database(error.to_string());
        let aside = set_aside(&self.path, self.opened_at).map_err(cannot)?;
        self.database.begin_anew(&self.path)?;
        self.identity = identity(&self.path);
        rebuild::fill(&mut self.database, snapshot, &SetAside::open(&aside), self.opened_at)
    }

    fn write_anew(&mut self) -> Result<(), Error> {
        let cannot = |error: std::io::Error| Error::Database(error.to_string());
        if let Some(directory) = self.path.parent() {
            std::fs::create_dir_all(directory).map_err(cannot)?;
        }
        let mut new = self.path.clone().into_os_string();
        new.push(".new");
        let new = PathBuf::from(new);
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(cannot(error));
            }
            _ => {}
        }
        self.database.copy_to(&new)?;
        // Whatever somebody put there is not ours to overwrite, and what SQLite had beside the old
        // file must not be taken for the new one's.
        set_aside(&self.path, self.opened_at).map_err(cannot)?;
        std::fs::rename(&new, &self.path).map_err(cannot)?;
        self.database.reopen(&self.path)?;
        self.identity = identity(&self.path);
        Ok(())
    }
}
