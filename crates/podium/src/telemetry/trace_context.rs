//! The context of a trace as it travels in the header `traceparent` (W3C Trace Context, level 1).

use std::fmt;

/// Where in which trace something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// The same for all spans of a trace, never zero.
    pub trace_id: u128,
    /// The span, never zero.
    pub span_id: u64,
    /// Whether the spans of this trace are recorded.
    pub is_sampled: bool,
}

impl TraceContext {
    /// The header in which it travels.
    pub const HEADER: &str = "traceparent";
    /// The header beside it, which is passed on as it is.
    pub const STATE_HEADER: &str = "tracestate";

    /// Reads a header. Later versions may say more behind what is known.
    pub fn parse(text: &str) -> Option<Self> {
        let (version, rest) = text.trim().split_once('-')?;
        let version = hex(version, 2)?;
        let mut parts = rest.splitn(4, '-');
        let (trace_id, span_id, flags) = (parts.next()?, parts.next()?, parts.next()?);
        let is_known = version < 0xff && (version > 0 || parts.next().is_none());
        let trace_id = hex(trace_id, 32).filter(|id| *id != 0 && is_known)?;
        let span_id = hex(span_id, 16).filter(|id| *id != 0)?.try_into().ok()?;
        Some(Self { trace_id, span_id, is_sampled: hex(flags, 2)? & 1 == 1 })
    }
}

/// Exactly so many digits, in lower case.
fn hex(text: &str, digits: usize) -> Option<u128> {
    let is_hex = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    (text.len() == digits && is_hex).then(|| u128::from_str_radix(text, 16).ok()).flatten()
}

impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let flags = u8::from(self.is_sampled);
        write!(f, "00-{:032x}-{:016x}-{flags:02x}", self.trace_id, self.span_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_read_and_written() {
        let text = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let context = TraceContext::parse(text).expect("a context");
        assert!(context.is_sampled);
        assert_eq!(context.to_string(), text);
        let later = text.replacen("00-", "cc-", 1) + "-more";
        assert_eq!(TraceContext::parse(&later), Some(context));
    }

    #[test]
    fn what_is_no_context_is_none() {
        let (trace, span) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        let zeros = "0".repeat(32);
        for text in [
            String::new(),
            "00".to_owned(),
            format!("00-{trace}-{span}"),
            format!("00-{trace}-{span}-01-more"),
            format!("ff-{trace}-{span}-01"),
            format!("00-{zeros}-{span}-01"),
            format!("00-{trace}-{}-01", &zeros[..16]),
            format!("00-{}-{span}-01", trace.to_uppercase()),
            format!("00-+{}-{span}-01", &trace[1..]),
            format!("00-{trace}-{span}-1"),
        ] {
            assert_eq!(TraceContext::parse(&text), None, "{text}");
        }
    }
}
