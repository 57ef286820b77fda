//! Puts a backup in the place of what is stored: first all of it is looked over, then it counts.

use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::manifest::{BackupManifest, PackedFile, USAGE};
use super::{BackupError, archive, verdict};
use crate::store::database::known_schema;
use crate::store::{Location, access_book, database, incoming};

/// How a backup is restored.
#[derive(Clone, Copy, Debug, Default)]
pub struct RestoreWish {
    /// What is there is set aside.
    pub force: bool,
    /// It is of this gateway, whatever its address was.
    pub as_this_gateway: bool,
    /// The access book stays as it is.
    pub usage_only: bool,
}

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// What the backup says of itself.
    pub manifest: BackupManifest,
    /// Where it is now.
    pub path: PathBuf,
    /// Whether there was something that was set aside.
    pub replaced: bool,
}

/// Restores a backup of the gateway `gateway`. Where it fails nothing is changed.
pub fn restore(
    backup: &mut dyn Read,
    location: &Location,
    gateway: &str,
    wish: RestoreWish,
    now: Timestamp,
) -> Result<Restored, BackupError> {
    let Location::File(usage) = location else { return Err(BackupError::ImportedToMemory) };
    let _lock = database::lock(usage)?;
    incoming::finish(usage).map_err(BackupError::io("cannot finish restoring", usage))?;
    let replaced = usage.exists();
    if replaced && !wish.force {
        return Err(BackupError::UsageThere(usage.clone()));
    }
    incoming::clear(usage).map_err(BackupError::io("cannot write beside", usage))?;
    let restored = unpack(backup, usage, gateway, wish).and_then(|manifest| {
        incoming::commit(usage, now).map_err(BackupError::io("cannot move into place", usage))?;
        Ok(Restored { manifest, path: usage.clone(), replaced })
    });
    if restored.is_err() && !incoming::is_waiting(usage) {
        let _ = incoming::clear(usage);
    }
    restored
}

/// Unpacks a backup beside the place of its files, and looks them over.
fn unpack(
    backup: &mut dyn Read,
    usage: &Path,
    gateway: &str,
    wish: RestoreWish,
) -> Result<BackupManifest, BackupError> {
    let place = |file: &PackedFile| match file.name.as_str() {
        USAGE => incoming::place_of(usage),
        _ => incoming::place_of(&access_book::beside(usage)),
    };
    let manifest = archive::read(backup, |manifest, file| {
        if manifest.gateway != gateway && !wish.as_this_gateway {
            return Err(BackupError::OtherGateway);
        }
        if manifest.schema > known_schema() {
            return Err(BackupError::Newer(manifest.podium.clone()));
        }
        if wish.usage_only && file.name != USAGE {
            return Ok(None);
        }
        create(&place(file)).map(Some)
    })?;
    for file in &manifest.files {
        let path = place(file);
        let damaged = |fault| BackupError::Damaged(format!("{}: {fault}", file.name));
        if file.name == USAGE {
            let schema = verdict::of_usage(&path)?.map_err(damaged)?;
            if schema > known_schema() {
                return Err(BackupError::Newer(manifest.podium.clone()));
            }
        } else if !wish.usage_only {
            verdict::of_access(&path)?.map_err(damaged)?;
        }
    }
    Ok(manifest)
}

fn create(path: &Path) -> Result<File, BackupError> {
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).mode(0o600).open(path);
    opened.map_err(BackupError::io("cannot write", path))
}
