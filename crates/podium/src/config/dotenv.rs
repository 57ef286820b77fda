//! The `.env` file, as python-dotenv reads it.
//!
//! The files that exist were written for python-dotenv and Vite, so values with spaces,
//! comments and `$` must come out as they do there. The well-known crate expands `$NAME` in
//! values, which would alter a key silently, and refuses unquoted spaces.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::Path;

/// The file is there but the system does not let us read it.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the .env file cannot be read ({0}); make it readable, or remove it")]
pub(super) struct DotEnvError(ErrorKind);

/// The assignments of a file. Of a name that is assigned twice the last counts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct DotEnv {
    /// Each with the number of its line.
    pub(super) variables: HashMap<String, (usize, String)>,
    /// Numbers of the lines that are no assignments. The lines themselves may hold a key.
    pub(super) ignored_lines: Vec<usize>,
}

/// Reads `path`; nothing is assigned where there is no such file.
pub(super) fn read(path: &Path) -> Result<DotEnv, DotEnvError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(parse(&String::from_utf8_lossy(&bytes))),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(DotEnv::default())
        }
        Err(error) => Err(DotEnvError(error.kind())),
    }
}

pub(super) fn parse(text: &str) -> DotEnv {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut read = DotEnv::default();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match assignment(line) {
            Some((name, value)) => {
                read.variables.insert(name, (number, value));
            }
            None => read.ignored_lines.push(number),
        }
    }
    read
}

fn assignment(line: &str) -> Option<(String, String)> {
    let line = line.strip_prefix("export ").map_or(line, str::trim_start);
    // A name alone is allowed there, and sets nothing.
    let (name, value) = line.split_once('=').unwrap_or((line, ""));
    let name = name.trim().trim_matches('\'');
    let is_name = !name.is_empty()
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    is_name.then_some(())?;
    Some((name.to_owned(), value_of(value.trim())?))
}

/// A value without its quotes and comment; `None` where a quote does not end.
fn value_of(text: &str) -> Option<String> {
    let Some(quote) = text.chars().next().filter(|first| matches!(first, '"' | '\'')) else {
        let end = text.find(" #").or_else(|| text.find("\t#")).unwrap_or(text.len());
        return Some(text[..end].trim_end().to_owned());
    };
    let mut value = String::new();
    let mut letters = text.chars().skip(1);
    loop {
        match letters.next()? {
            letter if letter == quote => return Some(value),
            '\\' => match letters.next()? {
                'n' if quote == '"' => value.push('\n'),
                't' if quote == '"' => value.push('\t'),
                escaped if escaped == quote || escaped == '\\' => value.push(escaped),
                other => value.extend(['\\', other]),
            },
            letter => value.push(letter),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_out_as_in_python() {
        let read = parse(
            "\u{feff}# a comment\r\n\
             PLAIN=value\r\n\
             export SPACED = some words # and a comment\n\
             HASH=a#b\n\
             DOLLAR=sk-ab$cd\n\
             SINGLE='it''s \"fine\" # not a comment'\n\
             DOUBLE=\"line\\nbreak \\\" quote\"  # comment\n\
             EMPTY=\n\
             TWICE=1\nTWICE=2\n\
             EQUALS=a=b=c\n\
             ALONE\n",
        );
        assert_eq!(read.ignored_lines, [0; 0]);
        for (name, value) in [
            ("PLAIN", "value"),
            ("SPACED", "some words"),
            ("HASH", "a#b"),
            ("DOLLAR", "sk-ab$cd"),
            ("SINGLE", "it"),
            ("DOUBLE", "line\nbreak \" quote"),
            ("EMPTY", ""),
            ("TWICE", "2"),
            ("EQUALS", "a=b=c"),
            ("ALONE", ""),
        ] {
            let (_, read) = &read.variables[name];
            assert_eq!(read, value, "{name}");
        }
    }

    #[test]
    fn lines_that_are_no_assignments_are_told_by_number() {
        let read = parse("A=1\nnot an assignment\nB=\"open\nC=3\n");
        assert_eq!(read.ignored_lines, [2, 3]);
        assert_eq!(read.variables.len(), 2);
        assert_eq!(read.variables["C"], (4, "3".to_owned()));
    }
}
