//! The log: Podium's own lines at the chosen levels, those of its libraries only as warnings.
//! Libraries may log headers at finer levels, and those hold the key.
//!
//! A line is text for people or a JSON object; either way it is one line, whatever names hold.
//! Lines are written by a thread of their own (`writer.rs`), so that nobody who is answered waits
//! for a slow reader.

mod escaped;
mod form;
mod lines;
mod writer;

use std::io::IsTerminal as _;
use std::panic::PanicHookInfo;
use std::time::Duration;

use tracing_subscriber::filter::FilterFn;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use self::form::Form;
use self::lines::Lines;
use self::writer::Writer;
use crate::config::{ACCESS_LOG, LogFormat, LogSettings};
use crate::telemetry::{Exporter, Settings, TRACED};

/// At the end, so long is waited for whoever reads the log.
const LAST_LINES: Duration = Duration::from_millis(500);

/// Starts the log on standard error, and traces where they are wanted. What sends these is to be
/// started once there is a runtime.
pub(super) fn start(settings: LogSettings) -> Option<Exporter> {
    let LogSettings { levels, format, traces } = settings;
    let has_colours = std::io::stderr().is_terminal();
    let form = match format {
        LogFormat::Human => Form::Human { has_colours },
        LogFormat::Json => Form::Json,
    };
    let (traces, exporter, complaint) = match traces {
        Settings::Off => (None, None, None),
        Settings::Unable(reason) => (None, None, Some(reason)),
        Settings::On(otlp) => match Exporter::new(*otlp) {
            Some((traces, exporter)) => (Some(traces), Some(exporter), None),
            None => (None, None, Some("the HTTP client does not start")),
        },
    };
    let is_traced = traces.is_some();
    let finest = levels.finest();
    let filter = FilterFn::new(move |metadata| match metadata.target() {
        TRACED => is_traced,
        // It has a switch of its own.
        ACCESS_LOG => true,
        // Lines at any level tell to which request they belong.
        target if metadata.is_span() => target.starts_with("podium"),
        target => levels.show(target, *metadata.level()),
    });
    let filter = filter.with_max_level_hint(finest);
    let registry = tracing_subscriber::registry().with(filter);
    let lines = Lines::new(form, Writer::start(std::io::stderr()));
    // A second start in one process (tests) keeps the first log.
    let _ = registry.with(traces).with(lines).try_init();
    std::panic::set_hook(Box::new(log_panic));
    if let Some(reason) = complaint {
        tracing::warn!(reason, "traces are not sent");
    }
    exporter
}

/// Waits until all lines are written, but not for long.
pub(super) fn finish() {
    tracing::dispatcher::get_default(|dispatch| {
        if let Some(lines) = dispatch.downcast_ref::<Lines>() {
            lines.writer().finish(LAST_LINES);
        }
    });
}

/// Says why a command cannot be done: as it is to people, and to programs as a line of the log.
pub(super) fn complain(reason: &str) {
    let is_for_programs = tracing::dispatcher::get_default(|dispatch| {
        dispatch.downcast_ref::<Lines>().is_some_and(|lines| lines.form() == Form::Json)
    });
    if is_for_programs {
        tracing::error!(reason, "this command cannot be done");
    } else {
        finish();
        super::complain(&format!("podium: {reason}"));
    }
}

/// A panic in one line, as all that is logged. The backtrace comes with `RUST_BACKTRACE`.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let place = place.as_deref().unwrap_or("somewhere");
    let payload = panic.payload();
    let text = payload.downcast_ref::<&str>().copied();
    let cause = text.or(payload.downcast_ref::<String>().map(String::as_str));
    let cause = cause.unwrap_or("no text");
    let backtrace = std::backtrace::Backtrace::capture();
    if backtrace.status() == std::backtrace::BacktraceStatus::Captured {
        tracing::error!(place, cause, %backtrace, "a part of Podium panicked");
    } else {
        tracing::error!(place, cause, "a part of Podium panicked");
    }
}
