//! Where a backup is written: under a name of its own until it is whole and was read back.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::{BackupError, BackupManifest, Copies, read_back};
use crate::store::{Location, incoming};

/// A directory for what is not finished, gone with this value. One that a killed process left is
/// used anew.
struct Workshop {
    path: PathBuf,
    /// Held, so that nobody else works there.
    _lock: File,
}

impl Workshop {
    fn open(path: PathBuf) -> Result<Self, BackupError> {
        let cannot = BackupError::io("cannot write", &path);
        let made = || -> io::Result<Option<File>> {
            match DirBuilder::new().mode(0o700).create(&path) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => {}
            }
            let directory = File::open(&path)?;
            match directory.try_lock() {
                Err(TryLockError::WouldBlock) => return Ok(None),
                // Where nothing can be locked nobody is kept out.
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            for entry in fs::read_dir(&path)? {
                fs::remove_file(entry?.path())?;
            }
            Ok(Some(directory))
        };
        match made().map_err(cannot)? {
            Some(lock) => Ok(Self { path, _lock: lock }),
            None => Err(BackupError::UnderWay(path)),
        }
    }

    /// Writes a backup and reads it back.
    fn make(
        &self,
        location: &Location,
        gateway: &str,
        now: Timestamp,
    ) -> Result<(File, PathBuf, BackupManifest), BackupError> {
        let copies = Copies::take(location, gateway, &self.path, now)?;
        let path = self.path.join("backup");
        let mut options = OpenOptions::new();
        let opened = options.read(true).write(true).create_new(true).mode(0o600).open(&path);
        let mut file = opened.map_err(BackupError::io("cannot write", &path))?;
        copies.write(&mut file)?;
        file.sync_all().map_err(BackupError::io("cannot write", &path))?;
        file.seek(SeekFrom::Start(0)).map_err(BackupError::io("cannot read", &path))?;
        let manifest = read_back(&mut file)?;
        if manifest != *copies.manifest() {
            return Err(BackupError::Damaged("its manifest is not what was written".to_owned()));
        }
        Ok((file, path, manifest))
    }
}

impl Drop for Workshop {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Backs up what is stored at `location` into a file that is there whole or not at all.
pub fn back_up_to_file(
    location: &Location,
    gateway: &str,
    target: &Path,
    force: bool,
    now: Timestamp,
) -> Result<BackupManifest, BackupError> {
    let name = target.file_name().ok_or_else(|| BackupError::NoFile(target.to_owned()))?;
    let is_free = || match fs::symlink_metadata(target) {
        Ok(found) if found.is_dir() => Err(BackupError::NoFile(target.to_owned())),
        Ok(_) if !force => Err(BackupError::FileThere(target.to_owned())),
        _ => Ok(()),
    };
    is_free()?;
    let parent = target.parent().filter(|path| !path.as_os_str().is_empty());
    let parent = parent.unwrap_or_else(|| Path::new("."));
    if is_inside_data(location, parent) {
        return Err(BackupError::BesideUsage(target.to_owned()));
    }
    let mut workshop = std::ffi::OsString::from(".");
    workshop.push(name);
    workshop.push(".partial");
    let workshop = Workshop::open(parent.join(workshop))?;
    let (_, whole, manifest) = workshop.make(location, gateway, now)?;
    is_free()?;
    let cannot = |cause| BackupError::Io {
        what: format!("cannot move the backup to {}", target.display()),
        cause,
    };
    fs::rename(whole, target).map_err(cannot)?;
    incoming::sync_directory(target).map_err(cannot)?;
    Ok(manifest)
}

/// The same to whoever reads `out`: nothing is written before the backup is whole.
pub fn back_up_to(
    location: &Location,
    gateway: &str,
    out: &mut dyn Write,
    now: Timestamp,
) -> Result<BackupManifest, BackupError> {
    let temporary = std::env::temp_dir();
    let directory = tempfile::tempdir().map_err(BackupError::io("cannot write", &temporary))?;
    let workshop = Workshop::open(directory.path().join("workshop"))?;
    let (mut file, path, manifest) = workshop.make(location, gateway, now)?;
    file.seek(SeekFrom::Start(0)).map_err(BackupError::io("cannot read", &path))?;
    let sent = io::copy(&mut file, out).and_then(|_| out.flush());
    sent.map_err(|cause| BackupError::Io { what: "cannot write the backup".into(), cause })?;
    Ok(manifest)
}

fn is_inside_data(location: &Location, directory: &Path) -> bool {
    let Location::File(usage) = location else { return false };
    let data = usage.parent().and_then(|data| data.canonicalize().ok());
    let directory = directory.canonicalize();
    data.zip(directory.ok()).is_some_and(|(data, directory)| directory.starts_with(data))
}
