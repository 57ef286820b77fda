//! Links between the files, and ways to all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

use super::chapter::{Chapter, Piece};
use super::{assert_none, chapters, root};

/// Files at the top, beside README.md, that are linked from and to.
const BESIDE: [&str; 4] = ["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];

fn all() -> Vec<Chapter> {
    let there = BESIDE.into_iter().filter(|name| root().join(name).exists());
    chapters().into_iter().chain(there.map(Chapter::read)).collect()
}

/// The path from the project's folder to which a link leads, and the anchor there; nothing for
/// links to elsewhere.
fn target(chapter: &Chapter, link: &str) -> Option<(String, Option<String>)> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = match link.split_once('#') {
        Some((path, anchor)) => (path, Some(anchor.to_owned())),
        None => (link, None),
    };
    if path.is_empty() {
        return Some((chapter.name.clone(), anchor));
    }
    let from = Path::new(&chapter.name).parent().unwrap_or(Path::new(""));
    let mut plain = PathBuf::new();
    for part in from.join(path).components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    Some((plain.to_string_lossy().into_owned(), anchor))
}

/// What is wrong with a link.
fn fault(all: &BTreeMap<String, Chapter>, chapter: &Chapter, link: &Piece) -> Option<String> {
    let (path, anchor) = target(chapter, &link.text)?;
    let place = chapter.place(link.line);
    if !root().join(&path).exists() {
        return Some(format!("{place}: {} leads to {path}, which is not there", link.text));
    }
    let (anchor, there) = (anchor?, all.get(&path)?);
    let known = &there.anchors;
    (!known.contains(&anchor))
        .then(|| format!("{place}: {path} has no heading #{anchor}; it has {known:?}"))
}

#[test]
fn every_link_leads_somewhere() {
    let all: BTreeMap<String, Chapter> =
        all().into_iter().map(|chapter| (chapter.name.clone(), chapter)).collect();
    let faults: Vec<String> = all
        .values()
        .flat_map(|chapter| chapter.links.iter().filter_map(|link| fault(&all, chapter, link)))
        .collect();
    assert_none(&faults);
}

#[test]
fn every_chapter_is_found_from_the_contents() {
    let chapters = chapters();
    let leads_to = |name: &str| -> BTreeSet<String> {
        let chapter = chapters.iter().find(|chapter| chapter.name == name).expect(name);
        chapter.links.iter().filter_map(|link| Some(target(chapter, &link.text)?.0)).collect()
    };
    assert!(leads_to("README.md").contains("docs/README.md"), "README.md → contents");
    // From each alone: who reads it sees the title of everything there is. mdBook reads the second.
    let mut faults = Vec::new();
    for contents in ["docs/README.md", "docs/SUMMARY.md"] {
        let found = leads_to(contents);
        let others = chapters.iter().filter(|chapter| {
            let is_contents = ["docs/README.md", "docs/SUMMARY.md"].contains(&&*chapter.name);
            chapter.name.starts_with("docs/") && !is_contents
        });
        let lost = others.filter(|chapter| !found.contains(&chapter.name));
        faults.extend(lost.map(|lost| format!("{contents} does not name {}", lost.name)));
    }
    assert_none(&faults);
}
