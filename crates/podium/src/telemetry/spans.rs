//! Makes spans of `tracing` into spans of a trace, and hands those that are done to the queue.
//!
//! Fields with these names mean something, all others become attributes:
//! - `otel.name`: the span's name, where it is not the one in the source
//! - `otel.kind`: `server` or `client`
//! - `otel.failed`: whether what it stands for went wrong
//! - `traceparent`: the span of somebody else's above it

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Span, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::TraceContext;
use super::queue::Queue;
use super::sampler::Sampler;
use crate::clock::SystemClock;

/// More attributes than any span has.
const MOST_ATTRIBUTES: usize = 32;
/// Longer texts are cut.
const MOST_TEXT_BYTES: usize = 1_024;

/// A layer that records spans.
#[derive(Debug)]
pub struct Traces {
    queue: Arc<Queue>,
    sampler: Sampler,
}

/// A span that is done.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) context: TraceContext,
    pub(super) parent: Option<u64>,
    /// Whether the parent is of another process.
    pub(super) is_parent_remote: bool,
    pub(super) told: Told,
    pub(super) began_at_ns: u64,
    pub(super) ended_at_ns: u64,
}

/// What a span tells of itself.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) name: Cow<'static, str>,
    pub(super) kind: Kind,
    pub(super) has_failed: bool,
    pub(super) attributes: Vec<(&'static str, Value)>,
    above: Option<TraceContext>,
}

/// What a span is to those on the other side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Internal,
    Server,
    Client,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(String),
    Number(i64),
    Real(f64),
    Truth(bool),
}

/// A span under way, beside its context.
#[derive(Debug)]
struct Open {
    told: Told,
    parent: Option<u64>,
    is_parent_remote: bool,
    began: Instant,
    began_at_ns: u64,
}

/// The context of a span, while traces are recorded.
pub fn trace_of(span: &Span) -> Option<TraceContext> {
    let context = span.with_subscriber(|(id, dispatch)| {
        let span = dispatch.downcast_ref::<Registry>()?.span(id)?;
        span.extensions().get::<TraceContext>().copied()
    });
    context.flatten()
}

impl Traces {
    pub(super) fn new(queue: Arc<Queue>, sampler: Sampler) -> Self {
        Self { queue, sampler }
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Traces {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        let mut told = Told { name: span.name().into(), ..Told::default() };
        attributes.record(&mut told);
        let within =
            span.parent().and_then(|above| above.extensions().get::<TraceContext>().copied());
        let remote = told.above.filter(|_| within.is_none());
        let parent = within.or(remote);
        let trace_id = parent.map_or_else(|| fastrand::u128(1..), |above| above.trace_id);
        let is_sampled = match within {
            Some(within) => within.is_sampled,
            None => self.sampler.samples(trace_id, remote),
        };
        let context = TraceContext { trace_id, span_id: fastrand::u64(1..), is_sampled };
        let mut extensions = span.extensions_mut();
        extensions.insert(context);
        if is_sampled {
            extensions.insert(Open {
                told,
                parent: parent.map(|above| above.span_id),
                is_parent_remote: remote.is_some(),
                began: Instant::now(),
                began_at_ns: SystemClock::exact().as_nanosecond().try_into().unwrap_or_default(),
            });
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            values.record(&mut open.told);
        }
    }

    fn on_close(&self, id: Id, ctx: Context<'_, S>) {
        let Some(span) = ctx.span(&id) else { return };
        let mut extensions = span.extensions_mut();
        let (Some(context), Some(open)) = (extensions.remove(), extensions.remove::<Open>()) else {
            return;
        };
        let Open { told, parent, is_parent_remote, began, began_at_ns } = open;
        let took = u64::try_from(began.elapsed().as_nanos()).unwrap_or_default();
        let ended_at_ns = began_at_ns.saturating_add(took);
        self.queue.put(Finished {
            context,
            parent,
            is_parent_remote,
            told,
            began_at_ns,
            ended_at_ns,
        });
    }
}

impl Told {
    fn add(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("otel.name", Value::Text(name)) => self.name = name.into(),
            ("otel.kind", Value::Text(kind)) => {
                self.kind = match kind.as_str() {
                    "server" => Kind::Server,
                    "client" => Kind::Client,
                    _ => Kind::Internal,
                }
            }
            ("otel.failed", Value::Truth(has_failed)) => self.has_failed = has_failed,
            (TraceContext::HEADER, Value::Text(above)) => self.above = TraceContext::parse(&above),
            (name, value) if self.attributes.len() < MOST_ATTRIBUTES => {
                self.attributes.push((name, value));
            }
            _ => {}
        }
    }
}

impl Visit for Told {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, Value::Real(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, Value::Number(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, Value::Number(value.try_into().unwrap_or(i64::MAX)));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, Value::Truth(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        let mut end = value.len().min(MOST_TEXT_BYTES);
        while !value.is_char_boundary(end) {
            end -= 1;
        }
        self.add(field, Value::Text(value[..end].to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}
