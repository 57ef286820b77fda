//! What is in force, and what each value comes from: everything that may be shown of it.

use super::faults::ConfigError;
use super::origin::{Given, Origin};
use super::registry::{self, Kind, Named, Setting};
use super::sources::Sources;

/// A setting as it is in force.
#[derive(Debug)]
pub struct InForce {
    /// What is set.
    pub setting: &'static Setting,
    /// What may be shown of its value.
    pub value: Value,
    /// What it comes from; nothing where the default holds.
    pub origin: Option<Origin>,
}

/// What may be shown of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// The default holds.
    Default,
    /// As it was given.
    Text(String),
    /// A secret is there.
    Secret,
    /// What is there is at fault, and may be a secret in the wrong place.
    Refused,
}

/// All settings, in the order of the documentation.
pub fn in_force(sources: &Sources, error: Option<&ConfigError>) -> Vec<InForce> {
    registry::settings()
        .filter(|setting| !setting.place.is_empty())
        .map(|setting| one(sources, error, setting))
        .collect()
}

fn one(sources: &Sources, error: Option<&ConfigError>, setting: &'static Setting) -> InForce {
    let mut names = [false, true].map(|by_file| Named { setting, by_file }.variable()).to_vec();
    names.truncate(if setting.is_secret { 2 } else { 1 });
    let given = match setting.is_secret {
        true => sources.secret_places(setting.variable).find_map(|(itself, file)| {
            itself.map(|given| (given, false)).or(file.map(|file| (file, true)))
        }),
        false => sources.given(setting.variable).map(|given| (given, false)),
    };
    let is_refused = || names.iter().any(|name| error.is_some_and(|error| error.refuses(name)));
    let value = match given {
        None => {
            // What has the wrong form is there, and is not known. What is missing is not there.
            let broken = names.iter().find_map(|name| sources.broken.get(name));
            let value = if broken.is_some() { Value::Refused } else { Value::Default };
            return InForce { setting, value, origin: broken.cloned() };
        }
        Some(_) if is_refused() => Value::Refused,
        Some((given, false)) => shown(setting, given),
        Some((_, true)) => Value::Secret,
    };
    InForce { setting, value, origin: given.map(|(given, _)| given.origin.clone()) }
}

fn shown(setting: &Setting, given: &Given) -> Value {
    match setting.kind {
        Kind::Rows(rows) if setting.is_secret => {
            let names = given.text.split(rows.between).filter_map(|row| {
                let (name, _) = row.split_once(rows.assign)?;
                Some(format!("{}{} (set)", name.trim(), rows.assign))
            });
            Value::Text(names.collect::<Vec<_>>().join(", "))
        }
        _ if setting.is_secret => Value::Secret,
        _ => Value::Text(without_user(given.text.trim())),
    }
}

/// Addresses without the names and passwords in them.
fn without_user(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("://") {
        let end = after.find(['/', '?', '#', ',', ' ']).unwrap_or(after.len());
        let (authority, behind) = after.split_at(end);
        shown.push_str(before);
        shown.push_str("://");
        match authority.rsplit_once('@') {
            Some((_, host)) => shown.push_str(&format!("(hidden)@{host}")),
            None => shown.push_str(authority),
        }
        rest = behind;
    }
    shown + rest
}

#[cfg(test)]
mod tests;
