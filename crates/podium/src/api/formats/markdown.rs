//! A table for people and chats.

use std::io::{self, Write};

use super::SheetWriter;
use crate::services::{Cell, CellType, Grid};

pub(super) struct MarkdownWriter<'a> {
    out: Box<dyn Write + Send + 'a>,
    begun: bool,
}

impl<'a> MarkdownWriter<'a> {
    pub(super) fn new(out: Box<dyn Write + Send + 'a>) -> Self {
        Self { out, begun: false }
    }
}

impl SheetWriter for MarkdownWriter<'_> {
    fn write(&mut self, sheet: &dyn Grid) -> io::Result<()> {
        if !self.begun {
            self.begun = true;
            let names = sheet.columns().iter().map(|column| column.name.as_str());
            line(&mut self.out, names.map(str::to_owned))?;
            let rules = sheet.columns().iter().map(|column| match column.cells {
                CellType::String => "---",
                _ => "---:",
            });
            line(&mut self.out, rules.map(str::to_owned))?;
        }
        for row in 0..sheet.row_count() {
            line(&mut self.out, sheet.cells(row).into_iter().map(text))?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

fn line(out: &mut dyn Write, cells: impl Iterator<Item = String>) -> io::Result<()> {
    let cells: Vec<String> = cells.collect();
    writeln!(out, "| {} |", cells.join(" | "))
}

/// Names may hold what Markdown would take for a table or markup.
fn text(cell: Cell<'_>) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Count(count) => count.to_string(),
        Cell::Amount(amount) => amount.to_string(),
        Cell::Instant(at) => at.to_string(),
        Cell::Text(text) => {
            let mut escaped = String::with_capacity(text.len());
            for character in text.chars() {
                match character {
                    '\n' | '\r' | '\t' => escaped.push(' '),
                    '|' | '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' | '#' => {
                        escaped.push('\\');
                        escaped.push(character);
                    }
                    other => escaped.push(other),
                }
            }
            escaped
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_break_the_table() {
        assert_eq!(text(Cell::Text("a|b\n<i>")), "a\\|b \\<i\\>");
        assert_eq!(text(Cell::Null), "");
        assert_eq!(text(Cell::Amount(0.5)), "0.5");
    }
}
