//! `podium export` and `podium import`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::options::Place;
use super::place::StoredAt;
use super::say;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Kept;
use crate::transfer;

#[derive(Args)]
pub(super) struct ExportOptions {
    /// The directory to make
    #[arg(value_name = "DIRECTORY")]
    directory: PathBuf,
    #[command(flatten)]
    pub(super) place: Place,
}

#[derive(Args)]
pub(super) struct ImportOptions {
    /// The directory of an export
    #[arg(value_name = "DIRECTORY")]
    directory: PathBuf,
    /// The export is of this gateway, though its address was another
    #[arg(long)]
    as_this_gateway: bool,
    #[command(flatten)]
    pub(super) place: Place,
}

pub(super) fn export(kept: &Kept, options: &ExportOptions) -> anyhow::Result<ExitCode> {
    let StoredAt { location, gateway } = StoredAt::of(kept)?;
    let manifest = transfer::export(&location, &gateway, &options.directory, SystemClock.now())?;
    say(&format!(
        "{}: {} rows in {} files, as of {}",
        options.directory.display(),
        manifest.rows(),
        manifest.files.len(),
        manifest.taken_at
    ));
    Ok(ExitCode::SUCCESS)
}

pub(super) fn import(kept: &Kept, options: &ImportOptions) -> anyhow::Result<ExitCode> {
    let StoredAt { location, gateway } = StoredAt::of(kept)?;
    let ImportOptions { directory, as_this_gateway, .. } = options;
    let now = SystemClock.now();
    let (path, manifest) = transfer::import(directory, &location, &gateway, *as_this_gateway, now)?;
    say(&format!("{}: {} rows, as of {}", path.display(), manifest.rows(), manifest.taken_at));
    Ok(ExitCode::SUCCESS)
}
