//! All that is wrong with the configuration, told at once.
//!
//! A message says where the value stands and shows a correct example in the form of that place; it
//! never repeats the value, which may be a secret in the wrong place.

use std::collections::BTreeSet;

use super::origin::Origin;
use super::registry;
use super::sources::Sources;

/// All that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .messages.join("\n"))]
pub struct ConfigError {
    messages: Vec<String>,
    /// The variables that are at fault.
    refused: BTreeSet<String>,
}

impl ConfigError {
    /// Each fault, in a sentence with an example.
    pub fn messages(&self) -> &[String] {
        &self.messages
    }

    /// Whether the value of this variable is at fault.
    pub fn refuses(&self, variable: &str) -> bool {
        self.refused.contains(variable)
    }
}

/// The faults so far.
pub(super) struct Faults<'a> {
    pub(super) sources: &'a Sources,
    messages: Vec<String>,
    refused: BTreeSet<String>,
}

impl<'a> Faults<'a> {
    /// Begins with those of the places that values come from.
    pub(super) fn of(sources: &'a Sources) -> Self {
        Self { sources, messages: sources.faults.clone(), refused: BTreeSet::new() }
    }

    /// Whether nothing is wrong.
    pub(super) fn checked(self) -> Result<(), ConfigError> {
        match self.messages.is_empty() {
            true => Ok(()),
            false => Err(ConfigError { messages: self.messages, refused: self.refused }),
        }
    }

    pub(super) fn add(&mut self, name: &str, fault: &str) {
        let given = self.sources.given(name);
        if given.is_none() && self.sources.broken.contains_key(name) {
            // Its form is at fault already; it is not missing as well.
            return;
        }
        self.refused.insert(name.to_owned());
        let Some(named) = registry::by_variable(name) else {
            return self.messages.push(format!("{name} {fault}"));
        };
        let (place, example) = (named.place(), named.example());
        self.messages.push(match given.map(|given| &given.origin) {
            Some(origin @ Origin::File(..)) => format!(
                "{origin}: {place} {fault}. For example:\n  {} = {}",
                named.key(),
                named.kind().in_file(&example)
            ),
            Some(Origin::Flag(flag)) => {
                format!("--{flag} {fault}. For example:\n  --{flag} {example}")
            }
            Some(origin @ Origin::DotEnv(_)) => {
                format!("{origin}: {name} {fault}. For example:\n  {name}={example}")
            }
            Some(Origin::Environment(_)) | None => format!(
                "{name} {fault}. Set it in the environment, in a .env file, or as {place} in \
                 podium.toml, for example:\n  {name}={example}"
            ),
        });
    }

    /// The value of `name`, if it is set; a fault if it is not `expected`.
    pub(super) fn parsed<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let parsed = parse(self.sources.get(name)?);
        if parsed.is_none() {
            self.add(name, &format!("is not {expected}"));
        }
        parsed
    }

    pub(super) fn required<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        if self.sources.get(name).is_none() {
            self.add(name, "is missing");
        }
        self.parsed(name, expected, parse)
    }
}
