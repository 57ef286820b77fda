//! A small collector of traces: takes what is sent over OTLP, and reads the Protocol Buffers with
//! nothing but the field numbers of opentelemetry-proto.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::stream::within;

/// A collector, listening as long as this value lives.
pub(crate) struct Collector {
    address: std::net::SocketAddr,
    seen: watch::Receiver<Seen>,
    task: tokio::task::JoinHandle<()>,
}

/// All that came.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) heads: Vec<String>,
    pub(crate) bodies: Vec<Vec<u8>>,
    pub(crate) resource: BTreeMap<String, Value>,
    pub(crate) spans: Vec<Span>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Span {
    pub(crate) trace_id: String,
    pub(crate) span_id: String,
    pub(crate) parent: String,
    pub(crate) name: String,
    pub(crate) kind: u64,
    pub(crate) began_ns: u64,
    pub(crate) ended_ns: u64,
    pub(crate) attributes: BTreeMap<String, Value>,
    pub(crate) has_failed: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Text(String),
    Number(i64),
    Other,
}

impl Collector {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (seeing, seen) = watch::channel(Seen::default());
        let seeing = Arc::new(seeing);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let seeing = Arc::clone(&seeing);
                tokio::spawn(async move { while_open(stream, &seeing).await });
            }
        });
        Self { address, seen, task }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn seen(&self) -> Seen {
        self.seen.borrow().clone()
    }

    /// The first span that `is` likes, once it came.
    pub(crate) async fn span(&self, what: &str, is: impl Fn(&Span) -> bool) -> Span {
        let mut seen = self.seen.clone();
        let coming = async {
            loop {
                let found = seen.borrow_and_update().spans.iter().find(|span| is(span)).cloned();
                if let Some(found) = found {
                    return found;
                }
                seen.changed().await.expect("the collector lives");
            }
        };
        within(what, coming).await
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Answers requests with 200 and nothing.
async fn while_open(stream: TcpStream, seeing: &watch::Sender<Seen>) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            (stream.read_line(&mut head).await.ok()? > 0).then_some(())?;
        }
        let length = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        let mut body = vec![0; length?];
        stream.read_exact(&mut body).await.ok()?;
        seeing.send_modify(|seen| seen.take(head, body));
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await.ok()?;
    }
}

impl Seen {
    fn take(&mut self, head: String, body: Vec<u8>) {
        for resource_spans in messages(&body, 1) {
            for resource in messages(resource_spans, 1) {
                self.resource.extend(attributes(resource, 1));
            }
            for scope_spans in messages(resource_spans, 2) {
                self.spans.extend(messages(scope_spans, 2).map(Span::of));
            }
        }
        self.heads.push(head);
        self.bodies.push(body);
    }
}

impl Span {
    fn of(message: &[u8]) -> Self {
        let hex = |number| {
            let bytes = messages(message, number).next().unwrap_or_default();
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
        };
        let status = messages(message, 15).next().unwrap_or_default();
        Self {
            trace_id: hex(1),
            span_id: hex(2),
            parent: hex(4),
            name: text(messages(message, 5).next().unwrap_or_default()),
            kind: number(message, 6),
            began_ns: number(message, 7),
            ended_ns: number(message, 8),
            attributes: attributes(message, 9).collect(),
            has_failed: number(status, 3) == 2,
        }
    }

    #[track_caller]
    pub(crate) fn text(&self, name: &str) -> &str {
        match self.attributes.get(name) {
            Some(Value::Text(text)) => text,
            other => panic!("{name}: {other:?} in {self:?}"),
        }
    }

    #[track_caller]
    pub(crate) fn number(&self, name: &str) -> i64 {
        match self.attributes.get(name) {
            Some(Value::Number(number)) => *number,
            other => panic!("{name}: {other:?} in {self:?}"),
        }
    }
}

fn attributes(message: &[u8], number: u64) -> impl Iterator<Item = (String, Value)> {
    messages(message, number).map(|pair| {
        let name = text(messages(pair, 1).next().unwrap_or_default());
        let value = messages(pair, 2).next().unwrap_or_default();
        let value = fields(value).next().map(|(field, value)| match (field, value) {
            (1, Field::Bytes(bytes)) => Value::Text(text(bytes)),
            (3, Field::Number(number)) => Value::Number(number.cast_signed()),
            _ => Value::Other,
        });
        (name, value.unwrap_or(Value::Other))
    })
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

enum Field<'m> {
    Number(u64),
    Bytes(&'m [u8]),
}

fn messages(message: &[u8], number: u64) -> impl Iterator<Item = &[u8]> {
    fields(message).filter_map(move |(field, value)| match value {
        Field::Bytes(bytes) if field == number => Some(bytes),
        _ => None,
    })
}

fn number(message: &[u8], number: u64) -> u64 {
    let found = fields(message).find_map(|(field, value)| match value {
        Field::Number(value) if field == number => Some(value),
        _ => None,
    });
    found.unwrap_or_default()
}

/// The fields of a message, in order.
fn fields(mut rest: &[u8]) -> impl Iterator<Item = (u64, Field<'_>)> {
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let tag = varint(&mut rest);
        let fixed = |rest: &mut &[u8], bytes| {
            let (value, after) = rest.split_at(bytes);
            *rest = after;
            value.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
        };
        let value = match tag & 7 {
            0 => Field::Number(varint(&mut rest)),
            1 => Field::Number(fixed(&mut rest, 8)),
            5 => Field::Number(fixed(&mut rest, 4)),
            2 => {
                let length = usize::try_from(varint(&mut rest)).expect("a length");
                let (bytes, after) = rest.split_at(length);
                rest = after;
                Field::Bytes(bytes)
            }
            other => panic!("no such form of a field: {other}"),
        };
        Some((tag >> 3, value))
    })
}

fn varint(rest: &mut &[u8]) -> u64 {
    let mut value = 0;
    for place in 0..10 {
        let byte = rest[0];
        *rest = &rest[1..];
        value |= u64::from(byte & 0x7f) << (7 * place);
        if byte & 0x80 == 0 {
            return value;
        }
    }
    panic!("a number without end")
}
