//! A value and what it comes from.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;

/// What a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A flag of this name, without the dashes.
    Flag(&'static str),
    /// The environment variable of this name.
    Environment(String),
    /// This line of `.env`.
    DotEnv(usize),
    /// This line of the configuration file.
    File(PathBuf, usize),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(name) => write!(f, "flag --{name}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::DotEnv(line) => write!(f, ".env line {line}"),
            Self::File(path, line) => write!(f, "{} line {line}", path.display()),
        }
    }
}

/// A value and what it comes from.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) text: String,
    pub(super) origin: Origin,
}

/// What one place gives, by variable.
pub(super) type Layer = HashMap<String, Given>;
