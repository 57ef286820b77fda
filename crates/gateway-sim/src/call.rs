//! A call that came in.

use jiff::Timestamp;

/// An HTTP call that was received, whatever became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// `GET`.
    pub method: String,
    /// `/team/list`.
    pub path: String,
    /// Decoded parameters in the order they were sent.
    pub query: Vec<(String, String)>,
    /// Whether the key was a valid one, of an admin or of someone else.
    pub key_accepted: bool,
    /// Whether `Accept-Encoding` allowed gzip.
    pub accepts_gzip: bool,
    /// The headers as they were sent, names in lower case.
    pub headers: Vec<(String, String)>,
    /// When it arrived, on the simulator's clock.
    pub at: Timestamp,
}

impl Call {
    /// The value of a parameter; the last one where it is repeated.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.query.iter().rev().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// Whether a parameter was sent with this value.
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.query.iter().any(|(found, sent)| found == name && sent == value)
    }
}
