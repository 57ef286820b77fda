//! What can be said of blocks without running them.

use serde_json::Value;

use super::chapter::Block;
use super::{assert_none, chapters};

/// Languages of blocks; others are a slip of the pen. Without one it is text.
const LANGUAGES: [&str; 15] = [
    "",
    "dockerfile",
    "http",
    "ini",
    "js",
    "json",
    "nginx",
    "promql",
    "python",
    "rust",
    "sh",
    "sql",
    "text",
    "toml",
    "yaml",
];

/// What is wrong with a block.
fn fault(block: &Block) -> Option<String> {
    let known_marks: &[&str] = match block.language.as_str() {
        "sh" => &["no-run", "server"],
        _ => &["no-run"],
    };
    if !LANGUAGES.contains(&block.language.as_str()) {
        return Some(format!("a block of {:?}; known are {LANGUAGES:?}", block.language));
    }
    if let Some(mark) = block.marks.iter().find(|mark| !known_marks.contains(&mark.as_str())) {
        return Some(format!("a block of {} cannot be {mark}", block.language));
    }
    if block.is_marked("no-run") && !block.before.trim().ends_with([':', '.']) {
        return Some("no-run, and no sentence before it says why".to_owned());
    }
    if block.language == "json" {
        let error = serde_json::from_str::<Value>(&block.text).err()?;
        return Some(format!("no JSON: {error}"));
    }
    if block.language == "sh" {
        let read = std::process::Command::new("bash").args(["-n", "-c", &block.text]).output();
        let read = read.expect("bash");
        let why = String::from_utf8_lossy(&read.stderr).into_owned();
        return (!read.status.success()).then_some(why);
    }
    None
}

#[test]
fn every_block_can_be_read_and_says_why_it_does_not_run() {
    let mut faults = Vec::new();
    for chapter in chapters() {
        let found = chapter
            .blocks
            .iter()
            .filter_map(|block| Some(format!("{}: {}", chapter.place(block.line), fault(block)?)));
        faults.extend(found);
    }
    assert_none(&faults);
}
