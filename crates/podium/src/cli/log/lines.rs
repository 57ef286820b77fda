//! Makes events of `tracing` into lines, with the id of the request in which they happened.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer};
use tracing_subscriber::registry::LookupSpan;

use super::form::{Fields, Form, Head};
use super::writer::Writer;
use crate::clock::SystemClock;
use crate::config::ACCESS_LOG;
use crate::telemetry::TraceContext;

/// A layer that writes lines.
#[derive(Debug)]
pub(super) struct Lines {
    form: Form,
    writer: Writer,
}

/// The id of a request, beside its span.
struct OfRequest(String);

impl Lines {
    pub(super) fn new(form: Form, writer: Writer) -> Self {
        Self { form, writer }
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    pub(super) fn writer(&self) -> &Writer {
        &self.writer
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Lines {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let mut found = RequestIdField(None);
        attributes.record(&mut found);
        if let (Some(request_id), Some(span)) = (found.0, ctx.span(id)) {
            span.extensions_mut().insert(OfRequest(request_id));
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let mut fields = Fields::new(self.form);
        event.record(&mut fields);
        let spans = || ctx.event_scope(event).into_iter().flatten();
        let request_id =
            spans().find_map(|span| span.extensions().get::<OfRequest>().map(|of| of.0.clone()));
        let trace_id = spans()
            .find_map(|span| span.extensions().get::<TraceContext>().map(|trace| trace.trace_id));
        let trace_id = trace_id.map(|id| format!("{id:032x}"));
        let metadata = event.metadata();
        let line = fields.line(Head {
            at: SystemClock::exact(),
            level: *metadata.level(),
            target: metadata.target(),
            request_id: request_id.as_deref(),
            trace_id: trace_id.as_deref(),
        });
        self.writer.push(&line, metadata.target() == ACCESS_LOG);
    }
}

/// Finds the field of that name.
struct RequestIdField(Option<String>);

impl Visit for RequestIdField {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "request_id" {
            self.0 = Some(value.to_owned());
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "request_id" {
            self.0 = Some(format!("{value:?}"));
        }
    }
}
