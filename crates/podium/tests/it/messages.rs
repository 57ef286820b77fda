//! Each warning and error of the log stands in docs/TROUBLESHOOTING.md, with what to do.

use std::collections::BTreeSet;

use crate::invariants::sources;

const TROUBLESHOOTING: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/TROUBLESHOOTING.md");

/// The last text within each `warn!` and `error!` of a source, which is its message.
fn messages(source: &str) -> Vec<String> {
    let mut found = Vec::new();
    for of in ["tracing::warn!(", "tracing::error!("] {
        for call in source.split(of).skip(1) {
            found.extend(last_text(call));
        }
    }
    found
}

/// The last literal before the parenthesis that closes what the text begins within.
fn last_text(call: &str) -> Option<String> {
    let (mut depth, mut last, mut letters) = (0, None, call.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '(' => depth += 1,
            ')' if depth == 0 => return last,
            ')' => depth -= 1,
            '"' => last = Some(literal(&mut letters)),
            _ => {}
        }
    }
    last
}

/// The rest of a literal; a backslash at the end of a line joins it with the next.
fn literal(letters: &mut std::str::Chars<'_>) -> String {
    let mut text = String::new();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => match letters.next() {
                Some('\n') => {
                    let rest = letters.as_str();
                    *letters = rest.trim_start().chars();
                }
                Some(escaped) => text.push(escaped),
                None => break,
            },
            letter => text.push(letter),
        }
    }
    text
}

/// The messages that the table names, in backticks at the beginning of a row.
fn explained() -> BTreeSet<String> {
    let text = std::fs::read_to_string(TROUBLESHOOTING).expect("docs/TROUBLESHOOTING.md");
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    rows.map(|(message, _)| message.to_owned()).collect()
}

#[test]
fn the_message_of_a_call_is_found() {
    let source = r#"tracing::warn!(%error, part = f(x), "it fails; \
         ask again"); tracing::error!(reason = "a", "b \"c\"")"#;
    assert_eq!(messages(source), ["it fails; ask again", "b \"c\""]);
}

#[test]
fn each_warning_and_error_is_explained() {
    let said: BTreeSet<String> =
        sources().iter().flat_map(|(_, source)| messages(source)).collect();
    assert!(said.len() > 30, "{said:?}");
    let explained = explained();
    let unexplained: Vec<_> = said.difference(&explained).collect();
    assert!(unexplained.is_empty(), "not in docs/TROUBLESHOOTING.md: {unexplained:#?}");
    let unsaid: Vec<_> = explained.difference(&said).collect();
    assert!(unsaid.is_empty(), "in docs/TROUBLESHOOTING.md, but never said: {unsaid:#?}");
}
