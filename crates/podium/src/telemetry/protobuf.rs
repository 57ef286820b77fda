//! Spans as OTLP has them on the wire: `ExportTraceServiceRequest` in Protocol Buffers
//! (opentelemetry-proto 1.x, trace/v1). Only what Podium tells is written.

use super::spans::{Finished, Kind, Value};

/// A message that is being written.
#[derive(Default)]
struct Message(Vec<u8>);

/// How a field is written.
const VARINT: u64 = 0;
const FIXED_64: u64 = 1;
const LENGTH: u64 = 2;
const FIXED_32: u64 = 5;

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn tag(&mut self, field: u64, form: u64) {
        self.varint(field << 3 | form);
    }

    fn number(mut self, field: u64, value: u64) -> Self {
        self.tag(field, VARINT);
        self.varint(value);
        self
    }

    fn fixed_64(mut self, field: u64, value: u64) -> Self {
        self.tag(field, FIXED_64);
        self.0.extend(value.to_le_bytes());
        self
    }

    fn fixed_32(mut self, field: u64, value: u32) -> Self {
        self.tag(field, FIXED_32);
        self.0.extend(value.to_le_bytes());
        self
    }

    fn bytes(mut self, field: u64, bytes: impl AsRef<[u8]>) -> Self {
        self.tag(field, LENGTH);
        self.varint(bytes.as_ref().len() as u64);
        self.0.extend(bytes.as_ref());
        self
    }

    fn message(self, field: u64, message: Message) -> Self {
        self.bytes(field, message.0)
    }
}

/// What is said of Podium itself: encoded once.
pub(super) fn resource(attributes: &[(String, String)]) -> Vec<u8> {
    let attributes = attributes.iter();
    let resource = attributes.fold(Message::default(), |resource, (key, value)| {
        resource.message(1, attribute(key, &Value::Text(value.clone())))
    });
    Message::default().message(1, resource).0
}

/// A request with these spans, of what [`resource`] told.
pub(super) fn request(resource: &[u8], spans: &[Finished]) -> Vec<u8> {
    let scope = Message::default().bytes(1, "podium").bytes(2, env!("CARGO_PKG_VERSION"));
    let scope_spans = spans
        .iter()
        .fold(Message::default().message(1, scope), |all, finished| all.message(2, span(finished)));
    let resource_spans = Message(resource.to_vec()).message(2, scope_spans);
    Message::default().message(1, resource_spans).0
}

fn span(finished: &Finished) -> Message {
    let Finished { context, parent, told, .. } = finished;
    let mut span = Message::default()
        .bytes(1, context.trace_id.to_be_bytes())
        .bytes(2, context.span_id.to_be_bytes());
    if let Some(parent) = parent {
        span = span.bytes(4, parent.to_be_bytes());
    }
    let kind = match told.kind {
        Kind::Internal => 1,
        Kind::Server => 2,
        Kind::Client => 3,
    };
    span = span
        .bytes(5, told.name.as_bytes())
        .number(6, kind)
        .fixed_64(7, finished.began_at_ns)
        .fixed_64(8, finished.ended_at_ns);
    for (key, value) in &told.attributes {
        span = span.message(9, attribute(key, value));
    }
    if told.has_failed {
        const ERROR: u64 = 2;
        span = span.message(15, Message::default().number(3, ERROR));
    }
    // Sampled, it is known whether the parent is of another process, and whether it is.
    let flags = 0x001 | 0x100 | if finished.is_parent_remote { 0x200 } else { 0 };
    span.fixed_32(16, flags)
}

fn attribute(key: &str, value: &Value) -> Message {
    let value = match value {
        Value::Text(text) => Message::default().bytes(1, text),
        Value::Truth(truth) => Message::default().number(2, u64::from(*truth)),
        Value::Number(number) => Message::default().number(3, number.cast_unsigned()),
        Value::Real(real) => Message::default().fixed_64(4, real.to_bits()),
    };
    Message::default().bytes(1, key).message(2, value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_protocol_buffers_have_them() {
        // The examples of the format's own documentation.
        assert_eq!(Message::default().number(1, 150).0, [0x08, 0x96, 0x01]);
        assert_eq!(Message::default().bytes(2, "testing").0, b"\x12\x07testing");
        assert_eq!(Message::default().number(3, (-2_i64).cast_unsigned()).0.len(), 11);
        assert_eq!(Message::default().fixed_32(16, 1).0, [0x85, 0x01, 1, 0, 0, 0]);
    }
}
