//! `podium backup` and `podium restore`

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::options::Place;
use super::place::StoredAt;
use super::{complain, say};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Kept;
use crate::store::{BackupError, RestoreWish, back_up_to, back_up_to_file, restore};

#[derive(Args)]
pub(super) struct BackupOptions {
    /// The file to write; `-` writes to standard output
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    pub(super) place: Place,
}

#[derive(Args)]
pub(super) struct RestoreOptions {
    /// The backup; `-` reads from standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Set usage that is there aside, and restore in its place
    #[arg(long)]
    force: bool,
    /// The backup is of this gateway, though its address was another
    #[arg(long)]
    as_this_gateway: bool,
    /// Restore usage alone: tokens, ended sessions and the access log stay as they are
    #[arg(long)]
    usage_only: bool,
    #[command(flatten)]
    pub(super) place: Place,
}

pub(super) fn backup(kept: &Kept, options: &BackupOptions) -> anyhow::Result<ExitCode> {
    let StoredAt { location, gateway } = StoredAt::of(kept)?;
    let now = SystemClock.now();
    let to_pipe = options.file == Path::new("-");
    let manifest = match to_pipe {
        true => back_up_to(&location, &gateway, &mut io::stdout().lock(), now)?,
        false => back_up_to_file(&location, &gateway, &options.file, options.force, now)?,
    };
    let what = if manifest.has_access() { "usage and access" } else { "usage" };
    let told = format!(
        "{}: {what} as of {}, {} bytes unpacked; read back, and sound",
        if to_pipe { "standard output".to_owned() } else { options.file.display().to_string() },
        manifest.taken_at,
        manifest.bytes()
    );
    if to_pipe {
        complain(&told)
    } else {
        say(&told)
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn put_back(kept: &Kept, options: &RestoreOptions) -> anyhow::Result<ExitCode> {
    let StoredAt { location, gateway } = StoredAt::of(kept)?;
    let RestoreOptions { force, as_this_gateway, usage_only, .. } = *options;
    let wish = RestoreWish { force, as_this_gateway, usage_only };
    let mut backup: Box<dyn io::Read> = match options.file == Path::new("-") {
        true => Box::new(io::stdin().lock()),
        false => Box::new(
            File::open(&options.file).map_err(BackupError::io("cannot read", &options.file))?,
        ),
    };
    let restored = restore(&mut backup, &location, &gateway, wish, SystemClock.now())?;
    say(&format!(
        "{}: as of {}, made by Podium {}",
        restored.path.display(),
        restored.manifest.taken_at,
        restored.manifest.podium
    ));
    if restored.replaced {
        say("what was there is set aside under names with .replaced-");
    }
    Ok(ExitCode::SUCCESS)
}
