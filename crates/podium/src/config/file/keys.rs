//! Keys of the file: what they name, and what is meant by those that nobody knows.

use crate::config::registry::{self, Named, SECTIONS, Section};
use crate::config::unknown::{nearest, told};

/// What a key of a section names.
pub(super) fn named(section: &'static Section, key: &str) -> Option<Named> {
    let find = |key: &str| section.settings.iter().find(|setting| setting.key() == key);
    if let Some(setting) = find(key) {
        return Some(Named { setting, by_file: false });
    }
    let setting = find(key.strip_suffix("_file")?).filter(|setting| setting.is_secret)?;
    Some(Named { setting, by_file: true })
}

/// What is said of a key that its section does not have.
pub(super) fn unknown_key(section: &Section, key: &str) -> String {
    let known: Vec<String> = registry::names()
        .filter(|named| named.setting.place.split('.').next() == Some(section.name))
        .map(Named::key)
        .collect();
    let meant = match nearest(key, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean {meant}?"),
        None => elsewhere(key)
            .unwrap_or_else(|| format!("[{}] knows {}", section.name, known.join(", "))),
    };
    format!("there is no {} in [{}]; {meant}", told(key), section.name)
}

/// What is said of a section that there is not.
pub(super) fn unknown_section(name: &str) -> String {
    let known = SECTIONS.iter().map(|section| section.name);
    let meant = match nearest(name, known.clone()) {
        Some(name) => format!("did you mean [{name}]?"),
        None => {
            let known: Vec<_> = known.map(|name| format!("[{name}]")).collect();
            format!("there are {}", known.join(", "))
        }
    };
    format!("there is no section [{}]; {meant}", told(name))
}

/// What is said of a key outside of all sections.
pub(super) fn outside(name: &str) -> String {
    let meant = elsewhere(name)
        .unwrap_or_else(|| "keys stand in sections, such as base_url below [gateway]".to_owned());
    format!("there is no {} outside of the sections; {meant}", told(name))
}

/// Which key of another section, or which variable, this is the name of.
fn elsewhere(key: &str) -> Option<String> {
    let named = registry::names().find(|named| {
        let is_variable = key.eq_ignore_ascii_case(&named.variable());
        !named.setting.place.is_empty() && (named.key() == key || is_variable)
    })?;
    let place = named.place();
    let (section, key) = place.split_once('.')?;
    Some(format!("did you mean {key} in [{section}]?"))
}
