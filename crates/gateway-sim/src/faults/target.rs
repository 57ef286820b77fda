//! Which calls a fault strikes.

use crate::call::Call;

/// Calls to a path, perhaps only those with certain parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    path: String,
    whole_path: bool,
    params: Vec<(String, String)>,
}

impl Target {
    /// All paths that begin with a text.
    pub fn prefix(path: &str) -> Target {
        Target { path: path.to_owned(), whole_path: false, params: Vec::new() }
    }

    /// One path: `exact("/team/daily/activity")` leaves `/team/daily/activity/aggregated` alone.
    pub fn exact(path: &str) -> Target {
        Target { path: path.to_owned(), whole_path: true, params: Vec::new() }
    }

    /// Only calls that were sent with a parameter: `.with("page", "2")`.
    pub fn with(mut self, param: &str, value: &str) -> Target {
        self.params.push((param.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn matches(&self, call: &Call) -> bool {
        let path = if self.whole_path {
            call.path == self.path
        } else {
            call.path.starts_with(&self.path)
        };
        path && self.params.iter().all(|(param, value)| call.has(param, value))
    }
}

impl From<&str> for Target {
    fn from(prefix: &str) -> Target {
        Target::prefix(prefix)
    }
}
