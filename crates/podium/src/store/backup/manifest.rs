//! What a backup says of itself: the first entry of the archive.

use std::fs::File;
use std::path::PathBuf;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::BackupError;
use crate::hashing;

/// The archive's entries.
pub(super) const NAME: &str = "manifest.json";
pub(super) const USAGE: &str = "usage.sqlite3";
pub(super) const ACCESS: &str = "access.sqlite3";

const FORMAT: &str = "podium-backup";
/// Another layout of the archive has another.
const VERSION: u32 = 1;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupManifest {
    format: String,
    version: u32,
    /// The version of Podium that made it.
    pub podium: String,
    /// The version of the usage's schema.
    pub schema: i64,
    /// Whose usage it is: a hash of the gateway's address.
    pub gateway: String,
    /// The moment of which it is.
    pub taken_at: Timestamp,
    /// The files in it, in their order.
    pub files: Vec<PackedFile>,
}

/// A file in a backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PackedFile {
    /// What it is called there.
    pub name: String,
    /// How long it is.
    pub bytes: u64,
    /// What `sha256sum` says of it.
    pub sha256: String,
}

impl BackupManifest {
    /// The list of some files as they are now.
    pub(super) fn of(
        paths: &[PathBuf],
        gateway: &str,
        schema: i64,
        taken_at: Timestamp,
    ) -> Result<Self, BackupError> {
        let describe = |path: &PathBuf| -> Result<PackedFile, BackupError> {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let told = File::open(path).and_then(hashing::of_all);
            let (bytes, sha256) = told.map_err(BackupError::io("cannot read", path))?;
            Ok(PackedFile { name, bytes, sha256 })
        };
        Ok(Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            podium: env!("CARGO_PKG_VERSION").to_owned(),
            schema,
            gateway: gateway.to_owned(),
            taken_at,
            files: paths.iter().map(describe).collect::<Result<_, _>>()?,
        })
    }

    /// A list that this program understands.
    pub(super) fn parse(text: &[u8]) -> Result<Self, BackupError> {
        let damaged = |what: &str| BackupError::Damaged(format!("its manifest {what}"));
        let value: serde_json::Value =
            serde_json::from_slice(text).map_err(|_| damaged("is not JSON"))?;
        if value["format"] != FORMAT {
            return Err(damaged("is not a backup's"));
        }
        if value["version"].as_u64().is_some_and(|version| version > VERSION.into()) {
            let podium = value["podium"].as_str().unwrap_or("of no known version");
            let is_version = podium.len() < 40 && podium.bytes().all(|b| b.is_ascii_graphic());
            return Err(BackupError::Newer(if is_version { podium } else { "?" }.to_owned()));
        }
        let manifest: Self =
            serde_json::from_value(value).map_err(|_| damaged("is not complete"))?;
        let names: Vec<&str> = manifest.files.iter().map(|file| file.name.as_str()).collect();
        if !matches!(names.as_slice(), [USAGE] | [USAGE, ACCESS]) {
            return Err(damaged("lists other files than a backup has"));
        }
        Ok(manifest)
    }

    pub(super) fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// Whether it has an access book.
    pub fn has_access(&self) -> bool {
        self.files.iter().any(|file| file.name == ACCESS)
    }

    /// How long all of its files are.
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes).fold(0, u64::saturating_add)
    }
}
