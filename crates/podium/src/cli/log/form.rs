//! How a line looks: for people, or as a JSON object.

use std::fmt::{self, Write as _};

use jiff::Timestamp;
use tracing::Level;
use tracing::field::{Field, Visit};

use super::escaped;

/// The two forms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Time, level, message and `name=value`.
    Human { has_colours: bool },
    /// An object with these and all fields beside each other.
    Json,
}

/// What a line tells besides its fields.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head<'a> {
    pub(super) at: Timestamp,
    pub(super) level: Level,
    pub(super) target: &'a str,
    /// Of the request in which it was said.
    pub(super) request_id: Option<&'a str>,
    /// While traces are sent.
    pub(super) trace_id: Option<&'a str>,
}

/// Message and fields of a line, as they are told.
pub(super) struct Fields {
    form: Form,
    message: String,
    written: String,
    has_request_id: bool,
}

impl Fields {
    pub(super) fn new(form: Form) -> Self {
        let (message, written) = (String::new(), String::new());
        Self { form, message, written, has_request_id: false }
    }

    fn name(&mut self, name: &str) {
        self.has_request_id |= name == "request_id";
        let (before, after) = match self.form {
            Form::Human { .. } => (" ", "="),
            Form::Json => (",\"", "\":"),
        };
        self.written.extend([before, name.trim_start_matches("r#"), after]);
    }

    fn text(&mut self, name: &str, text: &str) {
        self.name(name);
        match self.form {
            Form::Human { .. } => escaped::value(&mut self.written, text),
            Form::Json => escaped::json(&mut self.written, text),
        }
    }

    /// Numbers and the like, which look the same in both forms.
    fn bare(&mut self, name: &str, value: impl fmt::Display) {
        self.name(name);
        let _ = write!(self.written, "{value}");
    }

    /// The whole line, with its end.
    pub(super) fn line(mut self, head: Head<'_>) -> String {
        let request_id = head.request_id.filter(|_| !self.has_request_id);
        for (name, value) in [("request_id", request_id), ("trace_id", head.trace_id)] {
            if let Some(value) = value {
                self.text(name, value);
            }
        }
        let mut line = String::with_capacity(96 + self.message.len() + self.written.len());
        match self.form {
            Form::Human { has_colours } => {
                let (dim, colour, end) = match (has_colours, head.level) {
                    (false, _) => ("", "", ""),
                    (true, Level::ERROR) => ("\x1b[2m", "\x1b[31m", "\x1b[0m"),
                    (true, Level::WARN) => ("\x1b[2m", "\x1b[33m", "\x1b[0m"),
                    (true, Level::INFO) => ("\x1b[2m", "\x1b[32m", "\x1b[0m"),
                    (true, _) => ("\x1b[2m", "\x1b[34m", "\x1b[0m"),
                };
                let (at, level) = (head.at, head.level.as_str());
                let _ = write!(line, "{dim}{at:.6}{end} {colour}{level:>5}{end} ");
                escaped::plain(&mut line, &self.message);
            }
            Form::Json => {
                let (at, level) = (head.at, head.level.as_str());
                let _ = write!(line, "{{\"timestamp\":\"{at:.6}\",\"level\":\"{level}\"");
                line.push_str(",\"message\":");
                escaped::json(&mut line, &self.message);
                line.push_str(",\"target\":");
                escaped::json(&mut line, head.target);
            }
        }
        line.push_str(&self.written);
        line.push_str(if self.form == Form::Json { "}\n" } else { "\n" });
        line
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.bare(field.name(), value);
        } else {
            self.text(field.name(), &value.to_string());
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.bare(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.bare(field.name(), value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.bare(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.bare(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.message.push_str(value);
        } else {
            self.text(field.name(), value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // What the bridge for the crate `log` adds of its own.
        if !field.name().starts_with("log.") {
            self.record_str(field, &format!("{value:?}"));
        }
    }
}
