//! The id of a request: the one that its sender gave it, or a new one.

use std::fmt;
use std::sync::Arc;

/// Longer ones are no ids.
const MOST_BYTES: usize = 128;

/// Visible ASCII of at most 128 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The header in which it travels.
    pub const HEADER: &str = "x-request-id";

    /// The id that a sender gave, if it is one.
    pub fn given(text: &[u8]) -> Option<Self> {
        let is_sane = (1..=MOST_BYTES).contains(&text.len())
            && text.iter().all(|byte| byte.is_ascii_graphic());
        let text = std::str::from_utf8(text).ok()?;
        is_sane.then(|| Self(text.into()))
    }

    /// A new one.
    pub fn new() -> Self {
        Self(format!("{:032x}", fastrand::u128(..)).into())
    }

    /// A new one for a question that Podium asks of its own accord.
    pub fn of_podium() -> Self {
        Self(format!("podium-{:016x}", fastrand::u64(..)).into())
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for RequestId {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sane_ids_are_taken() {
        let longest = "x".repeat(MOST_BYTES);
        for sane in ["a", "4bf92f35-77b3", "Root=1-67891233-abcdef", longest.as_str()] {
            assert_eq!(RequestId::given(sane.as_bytes()).expect(sane).as_str(), sane);
        }
        let too_long = "x".repeat(MOST_BYTES + 1);
        for other in ["", " ", "a b", "a\nb", "a\u{1b}[0m", "ä", too_long.as_str()] {
            assert_eq!(RequestId::given(other.as_bytes()), None, "{other:?}");
        }
        assert_eq!(RequestId::given(b"\xff"), None);
    }

    #[test]
    fn new_ids_are_sane_and_different() {
        let (one, other) = (RequestId::new(), RequestId::new());
        assert_ne!(one, other);
        assert_eq!(RequestId::given(one.as_str().as_bytes()), Some(one));
        assert!(RequestId::of_podium().as_str().starts_with("podium-"));
    }
}
