//! What ties lines of the log, spans and questions together: ids of requests, the context of a trace
//! (W3C Trace Context), and spans that are sent to a collector (OTLP).
//!
//! Spans are `tracing`'s. Those with the target [`TRACED`] exist only while traces are sent, and cost
//! nothing otherwise. What a span tells are names of routes and kinds of work, numbers and statuses:
//! no query, no key, no name of a team or a person.

mod asking;
mod exporter;
mod protobuf;
mod queue;
mod request_id;
mod sampler;
mod settings;
mod spans;
mod trace_context;

pub use asking::{Asking, outgoing};
pub use exporter::{Exporter, Exporting};
pub use request_id::RequestId;
pub use settings::{Otlp, Settings};
pub use spans::{Traces, trace_of};
pub use trace_context::TraceContext;

/// The target of spans that are there for traces alone.
pub const TRACED: &str = "podium::traced";
