//! The configuration file: which one it is, and what may be read of it.
//!
//! What it gives becomes text as the variables have it, so that there is one parser for each
//! setting. It is read once, at the start, and no further than a file of this kind can be long.

mod document;
mod keys;
mod value;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use super::origin::{Layer, Origin};

/// Larger files are something else.
const MOST_BYTES: u64 = 1 << 20;
const NAME: &str = "podium.toml";
/// Where it is for the whole machine.
const OF_THE_MACHINE: &str = "/etc/podium";

/// A file that was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) path: PathBuf,
    pub(super) layer: Layer,
    pub(super) faults: Vec<String>,
    /// Variables whose value has the wrong form, and where that stands.
    pub(super) broken: BTreeMap<String, Origin>,
    /// Something that does no harm by itself.
    pub(super) warning: Option<String>,
    /// Whether all of it was understood as TOML.
    pub(super) is_whole: bool,
}

/// Reads the file that was named, or the first that there is. An error says what to do.
pub(super) fn find_and_read(
    named: Option<PathBuf>,
    directory: &Path,
) -> Result<Option<Read>, String> {
    let is_named = named.is_some();
    let candidates = match named {
        Some(path) => vec![path],
        None => usual_places(directory),
    };
    for path in candidates {
        match File::open(&path) {
            Ok(file) => return read(file, path).map(Some),
            Err(error) if !is_named && is_absent(error.kind()) => {}
            // The directory is somebody else's, as with the HOME of whoever started a service.
            Err(_) if !is_named && path.symlink_metadata().is_err() => {}
            Err(error) => return Err(unreadable(&path, error.kind())),
        }
    }
    Ok(None)
}

/// Where the file is looked for: beside whoever starts Podium, per user, for the machine.
fn usual_places(directory: &Path) -> Vec<PathBuf> {
    let of_the_user = directories::ProjectDirs::from("", "", "podium");
    [Some(directory.to_owned()), of_the_user.map(|user| user.config_dir().to_owned())]
        .into_iter()
        .flatten()
        .chain([PathBuf::from(OF_THE_MACHINE)])
        .map(|place| place.join(NAME))
        .collect()
}

fn is_absent(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::NotFound | ErrorKind::NotADirectory)
}

fn unreadable(path: &Path, kind: ErrorKind) -> String {
    let path = path.display();
    if is_absent(kind) {
        return format!(
            "the configuration file {path} does not exist. Name another with --config or \
             PODIUM_CONFIG, or begin one: podium config example > podium.toml"
        );
    }
    format!(
        "the configuration file {path} cannot be read ({kind}). Make it readable, or name another \
         with --config or PODIUM_CONFIG"
    )
}

fn read(file: File, path: PathBuf) -> Result<Read, String> {
    let metadata = file.metadata().map_err(|error| unreadable(&path, error.kind()))?;
    if metadata.is_dir() {
        return Err(format!(
            "the configuration file {} is a directory. Name the file in it",
            path.display()
        ));
    }
    let mut bytes = Vec::new();
    file.take(MOST_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(&path, error.kind()))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(format!(
            "the configuration file {} is larger than 1 MB. Name another with --config or \
             PODIUM_CONFIG",
            path.display()
        ));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + good.iter().filter(|byte| **byte == b'\n').count();
        format!("{} line {line} is not text. Save the file as UTF-8", path.display())
    })?;
    let base = path.parent().unwrap_or(Path::new("")).to_owned();
    let document = document::read(text.strip_prefix('\u{feff}').unwrap_or(&text), &path, &base);
    let is_seen_by_others = metadata.is_file() && metadata.mode() & 0o077 != 0;
    let warning = document.secret.filter(|_| is_seen_by_others).map(|place| {
        format!(
            "others on this machine may read {}, and a secret stands in it: {place}; chmod 600 it, \
             or name a file that holds the secret in {place}_file",
            path.display()
        )
    });
    Ok(Read {
        layer: document.layer,
        faults: document.faults,
        broken: document.broken,
        is_whole: document.is_whole,
        warning,
        path,
    })
}

#[cfg(test)]
mod tests;
