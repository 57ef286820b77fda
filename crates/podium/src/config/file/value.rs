//! A value of TOML as the text that its variable would have.

use std::path::Path;

use toml::de::{DeArray, DeTable, DeValue};

use crate::config::registry::{Kind, Rows};

/// The text of a value, or what is wrong with its form.
pub(super) fn text(kind: Kind, value: &DeValue<'_>, base: &Path) -> Result<String, String> {
    match (kind, value) {
        (Kind::Path, DeValue::String(path)) => below(base, path),
        (_, DeValue::String(text)) => Ok(text.clone().into_owned()),
        (Kind::Number | Kind::Time | Kind::Size, DeValue::Integer(number)) => {
            i64::from_str_radix(number.as_str(), number.radix())
                .map(|number| number.to_string())
                .map_err(|_| "is too large a number".to_owned())
        }
        (Kind::Time | Kind::Size, DeValue::Float(number)) => {
            let number = number.as_str().parse::<f64>().ok().filter(|number| number.is_finite());
            number.map(|number| number.to_string()).ok_or_else(|| "is no finite number".to_owned())
        }
        (Kind::Truth, DeValue::Boolean(truth)) => Ok(truth.to_string()),
        (Kind::List(separators), DeValue::Array(entries)) => list(entries, separators, &[]),
        (Kind::Rows(form), DeValue::Table(table)) => rows(form, table),
        (kind, value) => Err(wrong(value, kind.expected())),
    }
}

/// What form a value has, in words.
pub(super) fn form(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or a time of day",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn wrong(value: &DeValue<'_>, expected: &str) -> String {
    format!("is {}, and must be {expected}", form(value))
}

/// A path that is relative to the file; what is none stays as it is.
fn below(base: &Path, path: &str) -> Result<String, String> {
    if path.trim().is_empty() || path == ":memory:" {
        return Ok(path.to_owned());
    }
    let path = base.join(path).into_os_string().into_string();
    path.map_err(|_| "is relative to a directory whose name is not text in UTF-8".to_owned())
}

fn list(entries: &DeArray<'_>, separators: &[char], further: &[char]) -> Result<String, String> {
    let mut joined = String::new();
    for entry in entries.iter() {
        let DeValue::String(text) = entry.get_ref() else {
            return Err(format!("lists {}, and must list texts in quotes", form(entry.get_ref())));
        };
        if text.trim().is_empty() {
            return Err("lists an empty text".to_owned());
        }
        if let Some(parting) = text.chars().find(|c| separators.contains(c) || further.contains(c))
        {
            return Err(format!("lists a text that holds {parting:?}; make two of it"));
        }
        if !joined.is_empty() {
            joined.push(separators.first().copied().unwrap_or(','));
        }
        joined.push_str(text);
    }
    Ok(joined)
}

fn rows(form: Rows, table: &DeTable<'_>) -> Result<String, String> {
    let mut joined = String::new();
    for (name, value) in table {
        let name = name.get_ref();
        let parts = |c: char| c == form.assign || form.between.contains(&c);
        if name.trim().is_empty() || name.contains(parts) {
            return Err(format!(
                "has a name that is empty or holds {:?} or a separator",
                form.assign
            ));
        }
        let texts = match value.get_ref() {
            DeValue::String(text) if form.within.is_empty() => one(form, text)?,
            DeValue::String(text) if !text.contains(form.between) => text.clone().into_owned(),
            DeValue::String(_) => return Err("has a text that holds a separator".to_owned()),
            DeValue::Array(entries) if !form.within.is_empty() => {
                list(entries, form.within, form.between)?
            }
            other => {
                return Err(format!(
                    "has {}, and must be {}",
                    self::form(other),
                    Kind::Rows(form).expected()
                ));
            }
        };
        if !joined.is_empty() {
            joined.push(form.between.first().copied().unwrap_or('\n'));
        }
        joined.push_str(&format!("{name}{}{texts}", form.assign));
    }
    Ok(joined)
}

/// A text that may hold separators as long as nothing behind one looks like a row.
fn one(form: Rows, text: &str) -> Result<String, String> {
    let mut behind = text.split(form.between).skip(1);
    let ends = form.between.first().is_some_and(|end| text.contains(*end));
    if text.trim().is_empty() || ends || behind.any(|part| part.contains(form.assign)) {
        return Err("has a text that is empty, or that is several rows".to_owned());
    }
    Ok(text.to_owned())
}
