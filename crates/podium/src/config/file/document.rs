//! What a document of TOML sets, as text by variable. All of its faults are told, each with its
//! line; values are not, since they may be secrets in the wrong place.

use std::collections::BTreeMap;
use std::path::Path;

use toml::de::{DeTable, DeValue};

use super::keys::{named, outside, unknown_key, unknown_section};
use super::value;
use crate::config::origin::{Given, Layer, Origin};
use crate::config::registry::{Named, SECTIONS, Section};

/// So many faults are told; who has more has another kind of file.
const MOST_FAULTS: usize = 20;
/// So many are put into words, which takes time.
const MOST_IN_WORDS: usize = 200;

const NO_TOML: &str = "this is not TOML";
const SECOND_GATEWAY: &str =
    "there is a second [[gateway]], and Podium follows one gateway alone; keep one of them";

/// What a document sets.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) layer: Layer,
    pub(super) faults: Vec<String>,
    pub(super) broken: BTreeMap<String, Origin>,
    pub(super) is_whole: bool,
    /// The place of a secret that stands in it.
    pub(super) secret: Option<String>,
}

/// Reads a document. Its relative paths are below `base`.
pub(super) fn read(text: &str, path: &Path, base: &Path) -> Document {
    let (root, errors) = DeTable::parse_recoverable(text);
    let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1));
    let mut reader = Reader {
        path,
        base,
        line_starts: line_starts.collect(),
        faults: Vec::new(),
        more: 0,
        document: Document { is_whole: errors.is_empty(), ..Document::default() },
    };
    for error in &errors {
        let line = error.span().map_or(1, |span| reader.line(span.start));
        reader.add(line, || match error.message() {
            "duplicate key" => "this key or section is there already".to_owned(),
            message => format!("{NO_TOML}: {message}"),
        });
    }
    for (name, value) in root.get_ref() {
        reader.top(name.get_ref(), reader.line(name.span().start), value.get_ref());
    }
    reader.end()
}

struct Reader<'a> {
    path: &'a Path,
    base: &'a Path,
    line_starts: Vec<usize>,
    faults: Vec<(usize, String)>,
    /// How many faults there are beyond those in words.
    more: usize,
    document: Document,
}

impl Reader<'_> {
    fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at)
    }

    fn add(&mut self, line: usize, what: impl FnOnce() -> String) {
        match self.faults.len() < MOST_IN_WORDS {
            true => self.faults.push((line, what())),
            false => self.more += 1,
        }
    }

    /// Something outside of all sections.
    fn top(&mut self, name: &str, line: usize, value: &DeValue<'_>) {
        let section = SECTIONS.iter().find(|section| section.name == name);
        match (section, value) {
            (Some(section), DeValue::Table(table)) => self.section(section, table),
            (Some(section), DeValue::Array(entries)) if section.name == "gateway" => {
                for (number, entry) in (1..).zip(entries.iter()) {
                    let line = self.line(entry.span().start);
                    match entry.get_ref() {
                        DeValue::Table(table) if number == 1 => self.section(section, table),
                        DeValue::Table(_) => self.add(line, || SECOND_GATEWAY.to_owned()),
                        other => self.no_section(name, line, other),
                    }
                }
            }
            (Some(_), other) => self.no_section(name, line, other),
            (None, DeValue::Table(_)) => self.add(line, || unknown_section(name)),
            (None, _) => self.add(line, || outside(name)),
        }
    }

    fn no_section(&mut self, name: &str, line: usize, value: &DeValue<'_>) {
        let form = value::form(value);
        self.add(line, || format!("{name} is {form}, and must be a section: [{name}]"));
    }

    fn section(&mut self, section: &'static Section, table: &DeTable<'_>) {
        for (key, value) in table {
            let line = self.line(key.span().start);
            match named(section, key.get_ref()) {
                Some(named) => self.set(named, line, value.get_ref()),
                None => self.add(line, || unknown_key(section, key.get_ref())),
            }
        }
    }

    fn set(&mut self, named: Named, line: usize, value: &DeValue<'_>) {
        let origin = Origin::File(self.path.to_owned(), line);
        match value::text(named.kind(), value, self.base) {
            Ok(text) => {
                let is_secret = named.setting.is_secret && !named.by_file;
                if is_secret && !text.trim().is_empty() && self.document.secret.is_none() {
                    self.document.secret = Some(named.place());
                }
                self.document.layer.insert(named.variable(), Given { text, origin });
            }
            Err(fault) => {
                self.document.broken.insert(named.variable(), origin);
                let example = named.kind().in_file(&named.example());
                let (place, key) = (named.place(), named.key());
                self.add(line, || format!("{place} {fault}. For example:\n  {key} = {example}"));
            }
        }
    }

    /// The faults in the order of the lines. What is no TOML is told once a line.
    fn end(mut self) -> Document {
        self.faults.sort();
        self.faults.dedup_by(|one, before| {
            one.0 == before.0 && one.1.starts_with(NO_TOML) && before.1.starts_with(NO_TOML)
        });
        let more = self.more + self.faults.len().saturating_sub(MOST_FAULTS);
        let path = self.path.display();
        let told = self.faults.iter().take(MOST_FAULTS);
        self.document.faults =
            told.map(|(line, what)| format!("{path} line {line}: {what}")).collect();
        if more > 0 {
            self.document.faults.push(format!("{path} has {more} more faults"));
        }
        self.document
    }
}
