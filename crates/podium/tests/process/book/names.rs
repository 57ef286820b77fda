//! Variables, endpoints and targets of make that the documentation names: all of them exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::chapter::Chapter;
use super::{assert_none, chapters, root};

/// What variables of ours, of the gateway's and of the backend before begin with.
const VARIABLES: [&str; 3] = ["PODIUM_", "LITELLM_", "VITE_"];
/// Places with what names variables, and the endings of such files.
const SOURCES: [&str; 6] = ["crates", "e2e", "tools", "deploy", "Makefile", ".ci"];
const ENDINGS: [&str; 8] = ["rs", "js", "mk", "sh", "py", "yml", "yaml", "Makefile"];

/// The words of `text` that begin like a variable. Where a word ends with `_`, its rest is left
/// open, as in `PODIUM_OIDC_…`.
fn variables(text: &str) -> BTreeSet<&str> {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    text.split(|letter| !is_part(letter))
        .filter(|word| VARIABLES.iter().any(|begin| word.starts_with(begin)))
        .filter(|word| word.chars().all(|letter| !letter.is_ascii_lowercase()))
        .collect()
}

fn source_text(path: &Path, into: &mut String) {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let is_made = ["node_modules", "target", "dist", "book"].contains(&name.as_str());
    if path.is_dir() && !is_made {
        for entry in fs::read_dir(path).expect("a folder") {
            source_text(&entry.expect("an entry").path(), into);
        }
    } else if path.is_file() {
        let ending = name.rsplit('.').next().unwrap_or_default();
        if ENDINGS.contains(&ending) || !name.contains('.') {
            into.push_str(&String::from_utf8_lossy(&fs::read(path).expect("a source")));
        }
    }
}

#[test]
fn every_variable_named_exists() {
    let mut sources = String::new();
    SOURCES.iter().for_each(|place| source_text(&root().join(place), &mut sources));
    let known = variables(&sources);
    let exists = |name: &str| match name.strip_suffix('_') {
        Some(_) => known.iter().any(|one| one.starts_with(name)),
        None => known.contains(name) || named_by_file(name, &known),
    };
    let mut faults = Vec::new();
    for chapter in chapters() {
        for (line, text) in (1..).zip(chapter.text.lines()) {
            let lost = variables(text).into_iter().filter(|name| !exists(name));
            faults.extend(lost.map(|name| format!("{}: no {name}", chapter.place(line))));
        }
    }
    assert_none(&faults);
}

/// Any secret may be read from a file: `…_FILE`, which is made of its name.
fn named_by_file(name: &str, known: &BTreeSet<&str>) -> bool {
    name.strip_suffix("_FILE").is_some_and(|name| known.contains(name))
}

/// The addresses of the document with their parameters, and those of the page.
struct Addresses {
    document: Value,
    page: Vec<String>,
}

impl Addresses {
    fn read() -> Self {
        let text = |name: &str| fs::read_to_string(root().join(name)).expect("a file");
        let document = serde_json::from_str(&text("openapi.json")).expect("JSON");
        let router = text("ui/src/state/router.ts");
        let (_, rest) = router.split_once("const VIEWS = [").expect("the page's views");
        let (views, _) = rest.split_once(']').expect("their end");
        let views = views.split('\'').filter(|word| word.chars().all(char::is_alphabetic));
        let page = views.filter(|word| !word.is_empty()).map(|word| format!("/{word}"));
        Self { document, page: page.chain(["/".to_owned(), "/docs".to_owned()]).collect() }
    }

    /// What is wrong with an address: no such endpoint, or a parameter that it does not have.
    fn fault(&self, address: &str) -> Option<String> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let is_page = self.page.iter().any(|one| one == path) || path.starts_with("/team/");
        if is_page || path == "/openapi.json" {
            return None;
        }
        let is_it = |template: &str| {
            let [template, path] = [template, path].map(|one| one.split('/').collect::<Vec<_>>());
            let fits = |(part, word): (&&str, &&str)| part == word || part.starts_with('{');
            template.len() == path.len() && template.iter().zip(&path).all(fits)
        };
        let paths = self.document["paths"].as_object().expect("paths");
        let Some((_, operations)) = paths.iter().find(|(template, _)| is_it(template)) else {
            return Some(format!("there is no endpoint {path}"));
        };
        let known: Vec<&str> = operations["get"]["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|parameter| parameter["name"].as_str())
            .collect();
        // Other names of a filter, and the token in an address, are not parameters of the document.
        let others = ["team_id", "api_key_alias", "token"];
        let names = query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, _)| name);
        names
            .filter(|name| !others.contains(name))
            .find(|name| !known.contains(name))
            .map(|name| format!("{path} has no parameter {name}; it has {known:?}"))
    }
}

/// Addresses of Podium's in a text: behind its host, or by themselves where `alone`.
fn addresses(text: &str, alone: bool) -> Vec<String> {
    const OURS: [&str; 8] =
        ["/api/", "/tokens", "/metrics", "/livez", "/readyz", "/preview.png", "/ingest", "/auth/"];
    let is_end = |letter: char| letter.is_whitespace() || "'\"`<>),;$\\…".contains(letter);
    let mut found: Vec<String> = text
        .split("localhost:8000/")
        .skip(1)
        .map(|rest| format!("/{}", rest.split(is_end).next().unwrap_or_default()))
        .collect();
    if alone {
        let words = text.split_whitespace().filter(|word| {
            OURS.iter().any(|begin| word.starts_with(begin)) && !word.ends_with(['/', '…'])
        });
        found.extend(words.map(|word| word.split(is_end).next().unwrap_or_default().to_owned()));
    }
    found
}

#[test]
fn every_endpoint_named_exists() {
    let known = Addresses::read();
    let faults_of = |chapter: &Chapter| -> Vec<String> {
        let code = chapter.code.iter().map(|piece| (piece.line, addresses(&piece.text, true)));
        let blocks = chapter.blocks.iter().map(|one| (one.line, addresses(&one.text, false)));
        code.chain(blocks)
            .flat_map(|(line, found)| found.into_iter().map(move |address| (line, address)))
            .filter_map(|(line, address)| {
                Some(format!("{}: {}", chapter.place(line), known.fault(&address)?))
            })
            .collect()
    };
    assert_none(&chapters().iter().flat_map(faults_of).collect::<Vec<_>>());
}

#[test]
fn every_target_of_make_named_exists() {
    let mut makefiles = fs::read_to_string(root().join("Makefile")).expect("Makefile");
    for entry in fs::read_dir(root().join("tools/make")).into_iter().flatten() {
        makefiles.push_str(&fs::read_to_string(entry.expect("an entry").path()).expect("a file"));
    }
    let known: BTreeSet<&str> = makefiles
        .lines()
        .filter(|line| !line.starts_with(['\t', ' ', '.', '#']))
        .filter_map(|line| line.split_once(':'))
        .flat_map(|(targets, _)| targets.split_whitespace())
        .collect();
    let faults: Vec<String> = chapters()
        .iter()
        .flat_map(|chapter| super::commands::named(chapter, "make"))
        .filter_map(|(place, words)| {
            let lost = words.into_iter().find(|word| {
                word.starts_with(|letter: char| letter.is_ascii_lowercase())
                    && !word.contains('=')
                    && !known.contains(word.as_str())
            })?;
            Some(format!("{place}: make has no target {lost}"))
        })
        .collect();
    assert_none(&faults);
}
