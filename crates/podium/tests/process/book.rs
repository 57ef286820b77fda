//! The documentation holds what it says: links lead somewhere, names exist, commands run.
//!
//! Every fenced block of README.md and of `docs/` is looked at. What it is for stands behind the
//! fence: `sh`, `python`, `js` and `sql` run, one after the other, in a fresh directory for each
//! file, in front of a simulated gateway; `http://localhost:8000` is a `podium demo` until a
//! block marked `sh server` starts another. A block marked `no-run` is only looked through, and
//! the sentence before it says why. `json`, `yaml` and `toml` are read. Where the sentence before
//! a block of `json` or `text` says "prints", the block is compared with what the command before
//! it printed: JSON by its shape, text by its pieces between `…`.

mod blocks;
mod chapter;
mod commands;
mod links;
mod names;
mod pictures;
mod printed;
mod run;
mod script;
mod shape;

use std::path::{Path, PathBuf};

use chapter::Chapter;

/// The folder of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project")
}

/// README.md and everything in `docs/`, by name.
fn chapters() -> Vec<Chapter> {
    let docs = std::fs::read_dir(root().join("docs")).expect("docs/");
    let mut names: Vec<String> = docs
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".md"))
        .map(|name| format!("docs/{name}"))
        .collect();
    names.push("README.md".to_owned());
    names.sort();
    names.iter().map(|name| Chapter::read(name)).collect()
}

/// Fails with all faults at once, each on a line of its own.
#[track_caller]
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}
