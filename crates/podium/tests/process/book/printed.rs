//! What the blocks of a chapter printed, beside what the documentation shows.

use std::path::PathBuf;

use serde_json::Value;

use super::chapter::{Block, Chapter};
use super::script::runs;
use super::shape;

/// What the blocks of a chapter printed.
pub(super) struct Printed<'a> {
    pub(super) chapter: &'a Chapter,
    /// Where the script was written.
    pub(super) folder: PathBuf,
}

impl Printed<'_> {
    fn of(&self, number: usize, kind: &str) -> Option<String> {
        let bytes = std::fs::read(self.folder.join(kind).join(number.to_string())).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The block at which the script ended.
    pub(super) fn last(&self, how: &str) -> String {
        let begun = |number: &usize| self.of(*number, "out").is_some();
        let Some(number) = (0..self.chapter.blocks.len()).rev().find(begun) else {
            return format!("{}: {how} before anything ran", self.chapter.name);
        };
        let block = &self.chapter.blocks[number];
        let [out, err] = ["out", "err"].map(|kind| self.of(number, kind).unwrap_or_default());
        let place = self.chapter.place(block.line);
        format!("{place}: {how}\n{}printed:\n{}\n{}", block.text, end_of(&out), end_of(&err))
    }

    /// Blocks that show what was printed, and where that is something else.
    pub(super) fn differences(&self) -> Vec<String> {
        let mut before = None;
        let mut differences = Vec::new();
        for (number, block) in self.chapter.blocks.iter().enumerate() {
            if runs(block) {
                before = self.of(number, "out");
            } else if block.before.contains("prints") && !block.is_marked("no-run") {
                let place = self.chapter.place(block.line);
                let printed = before.as_deref().unwrap_or_default();
                let difference = difference(block, printed);
                differences.extend(
                    difference
                        .map(|what| format!("{place}: {what}\nprinted:\n{}", end_of(printed))),
                );
            }
        }
        differences
    }
}

fn difference(block: &Block, printed: &str) -> Option<String> {
    match block.language.as_str() {
        "text" => shape::missing_line(&block.text, printed)
            .map(|line| format!("this line was not printed: {line}")),
        "json" => {
            let shown: Value = serde_json::from_str(&block.text).ok()?;
            match serde_json::from_str(printed) {
                Ok(printed) => shape::difference(&shown, &printed, ""),
                Err(error) => Some(format!("no JSON was printed: {error}")),
            }
        }
        _ => None,
    }
}

/// The last part of an output, which may be long.
pub(super) fn end_of(text: &str) -> &str {
    const SHOWN: usize = 2_000;
    let begin = text.len().saturating_sub(SHOWN);
    let begin = (begin..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or_default();
    text[begin..].trim_end()
}
