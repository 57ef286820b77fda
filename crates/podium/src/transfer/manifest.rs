//! What an export says of itself.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::TransferError;
use super::schema::tables;
use crate::usage::Day;

pub(super) const NAME: &str = "manifest.json";
const FORMAT: &str = "podium-export";
/// Grows with every change that a reader of the one before would misread.
const VERSION: u32 = 1;
/// A manifest is not longer.
const MOST_BYTES: u64 = 1 << 20;

/// What an export says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportManifest {
    format: String,
    version: u32,
    /// The version of Podium that wrote it.
    pub podium: String,
    /// Whose usage it is: a hash of the gateway's address.
    pub gateway: String,
    /// The moment of which it is.
    pub taken_at: Timestamp,
    /// The gateway has nothing before this day.
    pub empty_before: Option<Day>,
    /// Requests of days before this one are not counted any more.
    pub seen_from: Option<Day>,
    /// When the list of teams was read.
    pub teams_read_at: Option<Timestamp>,
    /// The files, in their order.
    pub files: Vec<ExportedFile>,
}

/// A file of an export.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFile {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// How long it is.
    pub bytes: u64,
    /// What `sha256sum` says of it.
    pub sha256: String,
}

impl ExportManifest {
    pub(super) fn new(gateway: &str, taken_at: Timestamp) -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            podium: env!("CARGO_PKG_VERSION").to_owned(),
            gateway: gateway.to_owned(),
            taken_at,
            empty_before: None,
            seen_from: None,
            teams_read_at: None,
            files: Vec::new(),
        }
    }

    /// The manifest of an export that this program understands.
    pub(super) fn read(directory: &Path) -> Result<Self, TransferError> {
        let no_export = |why: String| TransferError::NoExport(directory.to_owned(), why);
        let file =
            File::open(directory.join(NAME)).map_err(|error| no_export(error.to_string()))?;
        let mut text = Vec::new();
        let read = file.take(MOST_BYTES).read_to_end(&mut text);
        read.map_err(|error| no_export(error.to_string()))?;
        let value: serde_json::Value =
            serde_json::from_slice(&text).map_err(|_| no_export("it is not JSON".to_owned()))?;
        if value["format"] != FORMAT {
            return Err(no_export("it is not an export's".to_owned()));
        }
        if let Some(found) = value["version"].as_u64().filter(|found| *found > VERSION.into()) {
            return Err(TransferError::Newer { found, known: VERSION });
        }
        let manifest: Self = serde_json::from_value(value)
            .map_err(|_| no_export("it is not complete".to_owned()))?;
        let listed = manifest.files.iter().map(|file| file.name.clone());
        if !listed.eq(tables().iter().map(super::TableSpec::file)) {
            return Err(no_export("it lists other files than an export has".to_owned()));
        }
        Ok(manifest)
    }

    pub(super) fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The rows of all files.
    pub fn rows(&self) -> u64 {
        self.files.iter().map(|file| file.rows).fold(0, u64::saturating_add)
    }
}
