//! The token with which a gateway may push its requests.

use std::fmt;

/// Compares, and tells nothing.
#[derive(Clone)]
pub struct IngestToken(Vec<u8>);

impl IngestToken {
    /// The token, if it is one that can be sent and is not easily guessed.
    pub fn parse(text: &str) -> Option<Self> {
        let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        (text.len() >= 16 && is_visible).then(|| Self(text.as_bytes().to_vec()))
    }

    /// Whether `given` is the token; takes as long whatever is wrong with it.
    pub fn is(&self, given: &[u8]) -> bool {
        let differing = self
            .0
            .iter()
            .zip(given.iter().chain(std::iter::repeat(&0)))
            .fold(0, |differing, (a, b)| differing | (a ^ b));
        differing == 0 && given.len() == self.0.len()
    }
}

impl fmt::Debug for IngestToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IngestToken")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_is_the_token() {
        let token = IngestToken::parse("0123456789abcdef").expect("long enough");
        assert!(token.is(b"0123456789abcdef"));
        for wrong in ["", "0123456789abcde", "0123456789abcdef0", "0123456789abcdeF", "\0"] {
            assert!(!token.is(wrong.as_bytes()), "{wrong}");
        }
        assert!(IngestToken::parse("short").is_none());
        assert!(IngestToken::parse("has a space in it").is_none());
        assert!(!format!("{token:?}").contains("0123"));
    }
}
