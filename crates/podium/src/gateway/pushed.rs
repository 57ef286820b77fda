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

/// More payloads than any batch has. Tiny ones take many times their bytes once they are read.
const MOST_PAYLOADS: usize = 100_000;

/// Reads a body; an error where nothing in it is an object, or there is too much in it.
pub fn read_pushed(bytes: &[u8]) -> Result<Pushed, Error> {
    let mut pushed = Pushed::default();
    let mut objects = 0;
    for (place, payload) in payloads(bytes).enumerate() {
        if place == MOST_PAYLOADS {
            return Err(Error::TooLarge);
        }
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
fn payloads(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let bytes = bytes.trim_ascii();
    let (inner, is_list) = match bytes.strip_prefix(b"[") {
        Some(inner) => (inner.strip_suffix(b"]").unwrap_or(inner), true),
        None => (bytes, false),
    };
    let separator = match (is_list, is_closed(inner)) {
        (true, true) => Separator::Outside(b','),
        (false, true) => Separator::Outside(b'\n'),
        // Something is not closed; lines still are what they are.
        (false, false) => Separator::Any(b'\n'),
        (true, false) => Separator::None,
    };
    Payloads { rest: inner, separator }.map(<[u8]>::trim_ascii).filter(|part| !part.is_empty())
}

/// What stands between payloads.
#[derive(Clone, Copy)]
enum Separator {
    /// This byte, in no text and within no object or list.
    Outside(u8),
    /// This byte, wherever it stands.
    Any(u8),
    /// Nothing: there is only one.
    None,
}

/// Takes a body apart, one payload after the other: a list of all of them could be larger than it.
struct Payloads<'a> {
    rest: &'a [u8],
    separator: Separator,
}

impl<'a> Iterator for Payloads<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.rest.is_empty() {
            return None;
        }
        let mut place = Place::default();
        let end = self.rest.iter().position(|byte| match self.separator {
            Separator::Outside(separator) => place.pass(*byte) && *byte == separator,
            Separator::Any(separator) => *byte == separator,
            Separator::None => false,
        });
        let (part, rest) = match end {
            Some(end) => (&self.rest[..end], &self.rest[end + 1..]),
            None => (self.rest, &[][..]),
        };
        self.rest = rest;
        Some(part)
    }
}

/// Where in the texts, objects and lists of JSON one is.
#[derive(Default)]
struct Place {
    depth: i64,
    in_text: bool,
    is_escaped: bool,
}

impl Place {
    /// Goes past a byte; whether it stands outside of all of them.
    fn pass(&mut self, byte: u8) -> bool {
        match byte {
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' if self.in_text => self.is_escaped = true,
            b'"' => self.in_text = !self.in_text,
            _ if self.in_text => {}
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth -= 1,
            _ => return self.depth == 0,
        }
        false
    }
}

/// Whether all that begins in JSON ends in it, and the other way round.
fn is_closed(bytes: &[u8]) -> bool {
    let mut place = Place::default();
    let never_ends_before = bytes.iter().all(|byte| {
        place.pass(*byte);
        place.depth >= 0
    });
    never_ends_before && place.depth == 0 && !place.in_text
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

    #[test]
    fn a_body_of_very_many_payloads_is_refused_before_it_takes_memory() {
        let many = |count: usize| format!("[{}1]", "1,".repeat(count - 1));
        assert_eq!(read_pushed(many(MOST_PAYLOADS).as_bytes()), Err(Error::NotJson));
        assert_eq!(read_pushed(many(MOST_PAYLOADS + 1).as_bytes()), Err(Error::TooLarge));
    }
}
