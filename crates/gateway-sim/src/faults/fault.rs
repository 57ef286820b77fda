//! The faults there are.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

/// One thing that goes wrong with a call.
#[derive(Clone)]
pub enum Fault {
    /// An error status in place of the answer.
    Status(u16, ErrorBody),
    /// 429 with `Retry-After` in seconds.
    TooManyRequests {
        /// The header's value.
        retry_after_s: u64,
    },
    /// The database is away: 503 `no_db_connection` for any key, 500 on aggregated routes, and
    /// `/health/readiness` says so.
    DatabaseAway,
    /// An error whose body repeats the key that was sent, as careless gateways do.
    EchoKey {
        /// Its status.
        status: u16,
    },
    /// The answer is right but begins after a while.
    Delay(Duration),
    /// The answer begins and then stays silent, with the connection open.
    Silence {
        /// How much of the body is sent.
        after_bytes: usize,
    },
    /// The connection is reset before anything is answered.
    ResetBefore,
    /// The connection is reset in the middle of the body.
    ResetAfter {
        /// How much of the body is sent.
        bytes: usize,
    },
    /// Half of the JSON text, as a complete HTTP answer.
    Truncated,
    /// A text that is not JSON, announced as JSON.
    Malformed,
    /// Another JSON value in place of the answer: a list, null, an object without `results`…
    OtherJson(Value),
    /// The answer without one of its outermost fields.
    Without(&'static str),
    /// Unknown fields of all kinds in every object.
    ExtraFields,
    /// Null in every place that may be null: names, metadata, counts of keys, cached tokens.
    Nulls,
    /// Every number as text: `"12"`.
    NumbersAsText,
    /// Every whole number as `12.0`.
    NumbersAsFloats,
    /// `has_more` as `"true"` or `"false"`.
    HasMoreAsText,
    /// Any other change of the answer's JSON.
    Edit(Arc<dyn Fn(&mut Value) + Send + Sync>),
    /// The right answer followed by blanks, up to a size; gzip makes it small again on the wire.
    HugeBody {
        /// The size before compression.
        bytes: usize,
    },
    /// Rows of one date come in another order at each read (LiteLLM issue 30164).
    UnstablePages,
}

impl Fault {
    /// A change of the answer's JSON.
    pub fn edit(edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Fault {
        Fault::Edit(Arc::new(edit))
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Status(status, body) => write!(f, "Status({status}, {body:?})"),
            Fault::TooManyRequests { retry_after_s } => {
                write!(f, "TooManyRequests({retry_after_s} s)")
            }
            Fault::DatabaseAway => f.write_str("DatabaseAway"),
            Fault::EchoKey { status } => write!(f, "EchoKey({status})"),
            Fault::Delay(delay) => write!(f, "Delay({delay:?})"),
            Fault::Silence { after_bytes } => write!(f, "Silence(after {after_bytes} bytes)"),
            Fault::ResetBefore => f.write_str("ResetBefore"),
            Fault::ResetAfter { bytes } => write!(f, "ResetAfter({bytes} bytes)"),
            Fault::Truncated => f.write_str("Truncated"),
            Fault::Malformed => f.write_str("Malformed"),
            Fault::OtherJson(value) => write!(f, "OtherJson({value})"),
            Fault::Without(field) => write!(f, "Without({field})"),
            Fault::ExtraFields => f.write_str("ExtraFields"),
            Fault::Nulls => f.write_str("Nulls"),
            Fault::NumbersAsText => f.write_str("NumbersAsText"),
            Fault::NumbersAsFloats => f.write_str("NumbersAsFloats"),
            Fault::HasMoreAsText => f.write_str("HasMoreAsText"),
            Fault::Edit(_) => f.write_str("Edit"),
            Fault::HugeBody { bytes } => write!(f, "HugeBody({bytes} bytes)"),
            Fault::UnstablePages => f.write_str("UnstablePages"),
        }
    }
}

/// The body of an error status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorBody {
    /// A text.
    Plain(&'static str),
    /// `{"error":{"message":…,"type":…,"param":…,"code":"…"}}`.
    Error(&'static str),
    /// `{"detail":"…"}`.
    Detail(&'static str),
    /// `{"detail":{"error":"…"}}`.
    DetailError(&'static str),
    /// The error page of a proxy in front of the gateway.
    Html,
    /// Nothing.
    Empty,
}
