//! Writes all that is stored into a directory, day by day.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use parquet::errors::ParquetError;

use super::TransferError;
use super::manifest::{self, ExportManifest, ExportedFile};
use super::records::{Value, day_row, finding_row, quarter_row, request_row, text, usage_row};
use super::schema::{
    API_KEYS, COUNTED_REQUESTS, DAYS, FACET_USAGE, FINDINGS, KEY_USAGE, LOG_DAYS, MODEL_USAGE,
    QUARTER_HOURS, TEAM_USAGE, TEAMS, TableSpec, tables,
};
use super::writer::TableWriter;
use crate::hashing;
use crate::store::{Extract, Location, NameRecords};
use crate::usage::Dimension;

/// Files on their way into a directory that nobody sees before it is whole.
struct Export {
    partial: PathBuf,
    tables: Vec<(TableSpec, TableWriter)>,
}

/// Exports what is stored at `location` into the new directory `target`, as of this moment. `gateway`
/// says whose usage it is.
pub fn export(
    location: &Location,
    gateway: &str,
    target: &Path,
    now: Timestamp,
) -> Result<ExportManifest, TransferError> {
    let is_free = || match fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_none(),
        Err(_) => !target.exists(),
    };
    let name = target.file_name().filter(|_| is_free());
    let name = name.ok_or_else(|| TransferError::Taken(target.to_owned()))?;
    let extract = Extract::open(location)?;
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(".partial");
    let mut export = Export::begin(target.with_file_name(hidden))?;
    export.write(&extract)?;
    let mut manifest = ExportManifest::new(gateway, now);
    manifest.empty_before = extract.empty_before();
    manifest.seen_from = extract.seen_from();
    manifest.teams_read_at = extract.names().teams.map(|(_, read_at)| read_at);
    export.finish(&mut manifest)?;
    if !is_free() {
        return Err(TransferError::Taken(target.to_owned()));
    }
    let cannot = || TransferError::io("cannot make", target);
    // An empty directory that was there gives way.
    let _ = fs::remove_dir(target);
    fs::rename(&export.partial, target).map_err(cannot())?;
    let parent = target.parent().filter(|path| !path.as_os_str().is_empty());
    let parent = File::open(parent.unwrap_or(Path::new(".")));
    parent.and_then(|parent| parent.sync_all()).map_err(cannot())?;
    Ok(manifest)
}

impl Export {
    fn begin(partial: PathBuf) -> Result<Self, TransferError> {
        let cannot = || TransferError::io("cannot write", &partial);
        // What a killed process left is of no use.
        if partial.exists() {
            fs::remove_dir_all(&partial).map_err(cannot())?;
        }
        DirBuilder::new().mode(0o700).create(&partial).map_err(cannot())?;
        let mut export = Self { partial, tables: Vec::new() };
        for table in tables() {
            let path = export.partial.join(table.file());
            let file = create(&path)?;
            let writer = TableWriter::new(&table, file).map_err(cannot_write(&path))?;
            export.tables.push((table, writer));
        }
        Ok(export)
    }

    fn put(&mut self, table: usize, row: Vec<Value>) -> Result<(), TransferError> {
        let (spec, writer) = &mut self.tables[table];
        let path = || self.partial.join(spec.file());
        writer.write(row).map_err(|error| cannot_write(&path())(error))
    }

    fn write(&mut self, extract: &Extract) -> Result<(), TransferError> {
        for record in extract.days() {
            let day = record.day;
            self.put(DAYS, day_row(&record))?;
            let usage = extract.usage_of(day)?;
            for team in &usage.teams {
                self.put(TEAM_USAGE, usage_row(day, None, team, 1))?;
            }
            for key in &usage.keys {
                self.put(KEY_USAGE, usage_row(day, None, key, 2))?;
            }
            for (facet, records) in &usage.facets {
                let (table, named) = match facet {
                    Dimension::Model => (MODEL_USAGE, None),
                    facet => (FACET_USAGE, Some(facet.name())),
                };
                for record in records {
                    self.put(table, usage_row(day, named, record, 3))?;
                }
            }
        }
        for day in extract.log_days() {
            let logs = extract.logs_of(day)?;
            let state = logs.log_day;
            let pushed = Value::Boolean(state.pushed);
            let times = [state.read_until.into(), state.read_at.into(), pushed];
            self.put(LOG_DAYS, [Value::from(day)].into_iter().chain(times).collect())?;
            for quarter in &logs.quarters {
                self.put(QUARTER_HOURS, quarter_row(quarter))?;
            }
            for request in &logs.requests {
                self.put(COUNTED_REQUESTS, request_row(day, request))?;
            }
        }
        self.write_names(&extract.names())?;
        extract.findings().iter().try_for_each(|finding| self.put(FINDINGS, finding_row(finding)))
    }

    fn write_names(&mut self, names: &NameRecords) -> Result<(), TransferError> {
        let listed = names.teams.iter().flat_map(|(teams, _)| teams);
        for (position, team) in (0_i64..).zip(listed) {
            let alias = team.alias.as_deref().map_or(Value::Absent, text);
            self.put(TEAMS, vec![text(&team.team_id), alias, Value::Integer(position)])?;
        }
        for (team_id, alias) in &names.other_teams {
            self.put(TEAMS, vec![text(team_id), text(alias), Value::Absent])?;
        }
        for (api_key, alias) in &names.api_keys {
            self.put(API_KEYS, vec![text(api_key), text(alias)])?;
        }
        Ok(())
    }

    fn finish(&mut self, manifest: &mut ExportManifest) -> Result<(), TransferError> {
        for (table, writer) in std::mem::take(&mut self.tables) {
            let path = self.partial.join(table.file());
            let rows = writer.finish().map_err(cannot_write(&path))?;
            let cannot = || TransferError::io("cannot read back", &path);
            let mut file = File::open(&path).map_err(cannot())?;
            let (bytes, sha256) = hashing::of_all(&mut file).map_err(cannot())?;
            manifest.files.push(ExportedFile { name: table.file(), rows, bytes, sha256 });
        }
        let path = self.partial.join(manifest::NAME);
        let mut file = create(&path)?;
        let written = file.write_all(manifest.text().as_bytes()).and_then(|()| file.sync_all());
        written.map_err(TransferError::io("cannot write", &path))
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        // Nothing is there any more where all went well.
        let _ = fs::remove_dir_all(&self.partial);
    }
}

/// It tells what a team spent, so nobody else on the machine may read it.
fn create(path: &Path) -> Result<File, TransferError> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    file.map_err(TransferError::io("cannot write", path))
}

fn cannot_write(path: &Path) -> impl FnOnce(ParquetError) -> TransferError {
    let what = format!("cannot write {}", path.display());
    move |error| TransferError::Io { what, cause: std::io::Error::other(error.to_string()) }
}
