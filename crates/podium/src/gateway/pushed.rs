//! Requests that a gateway pushes: LiteLLM's generic API callback sends a JSON array of standard
//! logging payloads (its default), one of them, or one a line.
//!
//! The payloads are taken apart before any is read, so that one that is no JSON costs itself alone.

use super::Error;
use super::request::{NotCounted, WireRequest};
use crate::usage::{Request, RequestSource};

/// What a body of pushed payloads holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pushed {
    /// The requests, as they came.
    pub requests: Vec<Request>,
    /// Payloads that are no usage, such as refused management calls.
    pub not_usage: usize,
    /// Payloads that are no JSON, or lack what it takes to count them.
    pub unreadable: usize,
}

/// Reads a body; an error where nothing in it is an object.
pub fn read_pushed(bytes: &[u8]) -> Result<Pushed, Error> {
    let mut pushed = Pushed::default();
    let mut objects = 0;
    for payload in payloads(bytes) {
        let read = serde_json::from_slice::<WireRequest>(payload);
        objects += usize::from(payload.first() == Some(&b'{'));
        match read.map(|payload| payload.read(RequestSource::Push)) {
            Ok(Ok(request)) => pushed.requests.push(request),
            Ok(Err(NotCounted::Management)) => pushed.not_usage += 1,
            Ok(Err(NotCounted::Unreadable)) | Err(_) => pushed.unreadable += 1,
        }
    }
    let is_empty_list = bytes.trim_ascii() == b"[]" || bytes.trim_ascii().is_empty();
    if objects == 0 && !is_empty_list { Err(Error::NotJson) } else { Ok(pushed) }
}

/// The payloads of a body, without what stands between them.
fn payloads(bytes: &[u8]) -> Vec<&[u8]> {
    let bytes = bytes.trim_ascii();
    let (inner, is_list) = match bytes.strip_prefix(b"[") {
        Some(inner) => (inner.strip_suffix(b"]").unwrap_or(inner), true),
        None => (bytes, false),
    };
    match split(inner, if is_list { b',' } else { b'\n' }) {
        Some(parts) => parts,
        // Something is not closed; lines still are what they are.
        None if !is_list => bytes.split(|byte| *byte == b'\n').filter_map(filled).collect(),
        None => vec![inner],
    }
}

fn filled(part: &[u8]) -> Option<&[u8]> {
    let part = part.trim_ascii();
    (!part.is_empty()).then_some(part)
}

/// Splits at a separator that is in no text and within no object or list; `None` where one of
/// those does not end.
fn split(bytes: &[u8], separator: u8) -> Option<Vec<&[u8]>> {
    let (mut depth, mut in_text, mut is_escaped) = (0_u32, false, false);
    let (mut parts, mut start) = (Vec::new(), 0);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if in_text => is_escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.checked_sub(1)?,
            _ if *byte == separator && depth == 0 => {
                parts.extend(filled(&bytes[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.extend(filled(&bytes[start..]));
    (depth == 0 && !in_text).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"id":"a","startTime":1795510800,"total_tokens":5,"model":"m"}"#;

    fn counts(body: &str) -> (usize, usize) {
        let pushed = read_pushed(body.as_bytes()).expect(body);
        (pushed.requests.len(), pushed.unreadable)
    }

    #[test]
    fn one_odd_payload_costs_itself_alone() {
        let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
        for odd in [
            "NaN",
            r#"{"id":"x","startTime":NaN}"#,
            r#"{"id":"x","startTime":1795510800,"response_cost":1e400}"#,
            r#"{"id":"\ud800","startTime":1795510800}"#,
            "5",
            "null",
            "[]",
            r#""text, with a comma and a ]""#,
            r#"{"id":"x","startTime":}"#,
            &deep,
        ] {
            assert_eq!(counts(&format!("[{GOOD},{odd},{GOOD}]")), (2, 1), "{odd}");
            assert_eq!(counts(&format!("{GOOD}\n{odd}\n{GOOD}\n")), (2, 1), "{odd}");
        }
        let mut invalid = format!("{GOOD}\n").into_bytes();
        invalid.extend_from_slice(b"{\"id\":\"\xff\",\"startTime\":1795510800}\n");
        let pushed = read_pushed(&invalid).expect("one is good");
        assert_eq!((pushed.requests.len(), pushed.unreadable), (1, 1));
        assert_eq!(counts(&format!("{GOOD}\n{{\"id\":\"cut off")), (1, 1));
    }

    #[test]
    fn what_is_no_payload_at_all_is_an_error() {
        for body in ["<html>", "hello", "5", "null", "[1, 2]", "[", "{"[..0].trim()] {
            let read = read_pushed(body.as_bytes());
            assert_eq!(read.is_err(), !body.is_empty(), "{body}");
        }
        assert_eq!(counts("[]"), (0, 0));
    }
}
