//! Text of others within a line: names, paths and headers may hold line breaks, and sequences with
//! which a terminal does as it is told. None of them gets through.

use std::fmt::Write as _;

/// Whether a character may do something to a terminal, a reader of lines, or the order of text.
fn is_unsafe(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// Adds a text to a line for people.
pub(super) fn plain(line: &mut String, text: &str) {
    for letter in text.chars() {
        match letter {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            letter if is_unsafe(letter) => {
                let _ = write!(line, "\\u{{{:x}}}", u32::from(letter));
            }
            letter => line.push(letter),
        }
    }
}

/// Adds a value to a line for people: in quotation marks where its end would not be seen.
pub(super) fn value(line: &mut String, text: &str) {
    let is_plain = |letter: char| !matches!(letter, ' ' | '"' | '=' | '\\') && !is_unsafe(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        line.push_str(text);
        return;
    }
    line.push('"');
    for part in text.split_inclusive(['"', '\\']) {
        let last = part.chars().next_back().filter(|last| matches!(last, '"' | '\\'));
        plain(line, part.strip_suffix(['"', '\\']).unwrap_or(part));
        if let Some(last) = last {
            line.extend(['\\', last]);
        }
    }
    line.push('"');
}

/// Adds a text in JSON, quotation marks included.
pub(super) fn json(line: &mut String, text: &str) {
    line.push('"');
    for letter in text.chars() {
        match letter {
            '"' => line.push_str("\\\""),
            '\\' => line.push_str("\\\\"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            letter if is_unsafe(letter) => {
                let mut units = [0; 2];
                for unit in letter.encode_utf16(&mut units) {
                    let _ = write!(line, "\\u{unit:04x}");
                }
            }
            letter => line.push(letter),
        }
    }
    line.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(add: fn(&mut String, &str), text: &str) -> String {
        let mut line = String::new();
        add(&mut line, text);
        line
    }

    #[test]
    fn values_end_where_one_sees_it() {
        assert_eq!(written(value, "12.5ms"), "12.5ms");
        assert_eq!(written(value, ""), "\"\"");
        assert_eq!(written(value, "a b"), "\"a b\"");
        assert_eq!(written(value, "x\" level=ERROR"), "\"x\\\" level=ERROR\"");
        assert_eq!(written(value, "c:\\"), "\"c:\\\\\"");
        assert_eq!(written(value, "a\nb\u{1b}[31m"), "\"a\\nb\\u{1b}[31m\"");
    }

    proptest! {
        #[test]
        fn nothing_forges_a_line(text in any::<String>()) {
            for line in [written(plain, &text), written(value, &text), written(json, &text)] {
                prop_assert!(!line.chars().any(is_unsafe), "{line:?}");
            }
            let read: String = serde_json::from_str(&written(json, &text)).unwrap();
            prop_assert_eq!(read, text);
        }
    }
}
