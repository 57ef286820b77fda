//! How Podium stands: for those alone who see everything.

use jiff::Timestamp;

use super::exposition::Exposition;
use super::process::tell_process;
use crate::api::App;
use crate::store::Reader;
use crate::usage::{Day, DayRange};

/// Days before today that may still move.
const UNSEALED_BEFORE_TODAY: u32 = 2;

/// Tells of the gateway, of how fresh the copy is, of the store, of those who ask, and of the
/// process.
pub(in crate::api) fn tell_health(to: &mut Exposition, app: &App, reader: &Reader) {
    let now = app.parts.clock.now();
    let mut build = to.gauges("podium_build_info", "The running version; always 1");
    build.add(&[("version", env!("CARGO_PKG_VERSION"))], 1_u64);
    tell_gateway(to, app, now);
    tell_sync(to, app, reader, now);
    tell_store(to, app, reader);
    tell_clients(to, app);
    app.meter.tell(to);
    tell_process(to);
}

fn seconds_since(moment: Timestamp, now: Timestamp) -> f64 {
    now.duration_since(moment).as_secs_f64().max(0.0)
}

fn tell_gateway(to: &mut Exposition, app: &App, now: Timestamp) {
    let sync = &app.parts.sync;
    let (status, restraint) = (sync.status(), sync.restraint());
    to.gauge(
        "podium_gateway_up",
        "Whether the gateway answered when it was last asked",
        status.failing_since.is_none(),
    );
    to.gauge(
        "podium_gateway_failing_seconds",
        "For how long the gateway has not answered; 0 while it does",
        status.failing_since.map_or(0.0, |since| seconds_since(since, now)),
    );
    let mut asked =
        to.counters("podium_gateway_requests", "Questions to the gateway, tries again included");
    for (kind, count) in sync.questions() {
        asked.add(&[("kind", kind)], count);
    }
    to.gauge(
        "podium_gateway_requests_last_minute",
        "Questions to the gateway within a minute, while somebody listens",
        sync.asked_last_minute(),
    );
    let times = sync.question_times();
    let asked = times.iter().filter(|times| times.durations.count() > 0);
    to.durations(
        "podium_gateway_request_duration_seconds",
        "Time that the gateway takes to answer, by kind of question and outcome",
        asked
            .map(|times| (vec![("kind", times.kind), ("outcome", times.outcome)], times.durations)),
    );
    to.gauge(
        "podium_gateway_breaker_open",
        "Whether people's questions to the gateway are held back, since it fails as a whole",
        restraint.breaker_is_open,
    );
    to.gauge(
        "podium_gateway_backoff_seconds",
        "For how long the gateway asked to be left alone from now on",
        restraint.left_alone_for.as_secs_f64(),
    );
}

fn tell_sync(to: &mut Exposition, app: &App, reader: &Reader, now: Timestamp) {
    let sync = &app.parts.sync;
    let (status, logs, work) = (sync.status(), sync.log_status(), sync.day_work());
    if let Some(at) = status.in_step_at {
        let help = "Age of the last look that found Podium in step with the gateway";
        to.gauge("podium_in_step_age_seconds", help, seconds_since(at, now));
    }
    let today = Day::of(now);
    let moving = DayRange::ending(today, 1 + UNSEALED_BEFORE_TODAY);
    let compared = reader.ledger.stored_days(moving);
    if let Some(oldest) = compared.iter().map(|(_, state)| state.checked_at).min() {
        let help = "Age of the last comparison with the gateway, of the day that has waited longest \
                    among those that may still move";
        to.gauge("podium_oldest_check_age_seconds", help, seconds_since(oldest, now));
    }
    if let Some(until) = logs.read_until {
        let help = "Age of the end of what request logs were read up to";
        to.gauge("podium_request_logs_age_seconds", help, seconds_since(until, now));
    }
    let all = DayRange::new(Day::FIRST_WITH_DAY_BEFORE, today).unwrap_or(moving);
    let stored = reader.ledger.stored_days(all);
    let unverified = stored.iter().filter(|(_, state)| state.discrepancy.is_some()).count();
    let help = "Days by state: stored and equal to the gateway's sums, stored although its sums do \
                not agree, waiting to be read";
    let mut days = to.gauges("podium_day_states", help);
    days.add(&[("state", "verified")], stored.len() - unverified);
    days.add(&[("state", "unverified")], unverified);
    days.add(&[("state", "waiting")], work.waiting);
    to.counter("podium_day_reads", "Days that were read in full, each reading counted", work.read);
    if let Some(backfill) = status.backfill {
        #[expect(clippy::cast_precision_loss, reason = "some thousand days at most")]
        let share = backfill.done as f64 / backfill.total.max(1) as f64;
        to.gauge("podium_backfill_ratio", "Which share of the last days is stored", share);
    }
    to.gauge(
        "podium_audit_findings",
        "Differences from the gateway that audits found on sealed days; the last thousand are kept",
        reader.ledger.findings(all).len(),
    );
    to.counter(
        "podium_log_requests_refused",
        "Rows of request logs that were not taken: dated ahead, or with overlong names",
        logs.refused,
    );
}

fn tell_store(to: &mut Exposition, app: &App, reader: &Reader) {
    let ledger = &app.parts.store.ledger;
    let (health, size) = (ledger.health(), ledger.size());
    to.gauge("podium_store_up", "Whether what is learned can be kept", health.failing.is_none());
    to.counter("podium_store_writes", "Changes that were kept", health.writes);
    to.counter("podium_store_errors", "Changes that could not be kept", health.errors);
    let mut bytes = to.gauges(
        "podium_store_bytes",
        "Room that stored usage takes: the data file, its log of writes, days in memory",
    );
    for (part, size) in
        [("file", size.file_bytes), ("wal", size.wal_bytes), ("memory", Some(size.memory_bytes))]
    {
        if let Some(size) = size {
            bytes.add(&[("part", part)], size);
        }
    }
    let help = "Combinations of team, API key and value by which usage is told apart";
    to.gauge("podium_store_series", help, size.series);
    let version = reader.ledger.version();
    to.gauge("podium_data_version", "Grows with every change of a figure or a name", version);
    let (entries, bytes) = app.cache.size();
    to.gauge("podium_answer_cache_entries", "Answers that are kept", entries);
    to.gauge("podium_answer_cache_bytes", "Room that kept answers take", bytes);
}

fn tell_clients(to: &mut Exposition, app: &App) {
    let help = "Pushed payloads by what became of them";
    let mut pushed = to.counters("podium_ingest_requests", help);
    for (outcome, count) in app.ingest.counts() {
        pushed.add(&[("outcome", outcome)], count);
    }
    let connections = &app.parts.connections;
    to.gauge("podium_connections", "Open connections of clients", connections.open());
    to.counter(
        "podium_connections_refused",
        "Connections that were closed at once, since there were too many",
        connections.refused(),
    );
    to.gauge(
        "podium_listeners",
        "Who listens to changes as they happen",
        app.parts.sync.listeners(),
    );
}
