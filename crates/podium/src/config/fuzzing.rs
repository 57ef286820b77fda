//! Ways in for fuzzing: a `.env` file as all of the configuration.

use super::{Config, Sources, dotenv};

/// What a `.env` file configures, with its variables as they were read.
pub(crate) fn configured(text: &str) -> (Vec<(String, String)>, Result<Config, String>) {
    let read = dotenv::parse(text);
    let variables: Vec<_> =
        read.variables.into_iter().map(|(name, (_, value))| (name, value)).collect();
    let given: Vec<_> =
        variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let config =
        Config::from_sources(&Sources::of(&given), false).map_err(|error| error.to_string());
    (variables, config)
}
