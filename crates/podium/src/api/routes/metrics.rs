//! `GET /metrics`

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::access::Scope;
use crate::api::App;
use crate::api::asked::Asked;
use crate::api::error::ApiError;
use crate::query::{Include, ListedTeams, View, today};
use crate::store::Reader;
use crate::usage::{Day, DayRange};

/// Metrics for Prometheus
///
/// What Podium asks of the gateway, how fresh its copy is, and today's usage.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operation",
    responses((status = 200, description = "The text format of Prometheus", body = String, content_type = "text/plain"))
)]
pub(in crate::api) async fn get_metrics(
    State(app): State<App>,
    asker: Asked,
) -> Result<Response, ApiError> {
    let reader = app.parts.store.read();
    let mut text = Text::default();
    if asker.scope().sees_everything() {
        of_gateway(&mut text, &app);
        of_today(&mut text, &reader, app.parts.clock.today());
        of_clients(&mut text, &app);
        of_store(&mut text, &app, &reader);
    } else {
        of_own_today(&mut text, &app, &reader, asker.scope()).await?;
    }
    let headers = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    Ok((headers, text.0).into_response())
}

/// What those who do not see everything see of today; how Podium stands is not for them.
async fn of_own_today(
    text: &mut Text,
    app: &App,
    reader: &Reader,
    scope: &Scope,
) -> Result<(), ApiError> {
    let (now, date) = (app.parts.clock.now(), app.parts.clock.today());
    let days = DayRange::single(date);
    let teams = ListedTeams::of(reader, days, Include::default(), scope).await?;
    let today = today(View { reader, teams: &teams, now }, scope, date).await?.total;
    for (name, help, count) in [
        ("today_tokens", "Tokens of today in UTC that are shown to you", today.tokens()),
        ("today_requests", "Requests of today in UTC", today.requests()),
        ("today_failed_requests", "Failed requests of today in UTC", today.failed_requests()),
    ] {
        if let Some(count) = count {
            text.gauge(name, help, count);
        }
    }
    Ok(())
}

/// The text format of Prometheus.
#[derive(Default)]
struct Text(String);

impl Text {
    fn metric(&mut self, name: &str, kind: &str, help: &str, values: &[(String, i64)]) {
        let _ = writeln!(self.0, "# HELP podium_{name} {help}\n# TYPE podium_{name} {kind}");
        for (labels, value) in values {
            let _ = writeln!(self.0, "podium_{name}{labels} {value}");
        }
    }

    fn gauge(&mut self, name: &str, help: &str, value: impl TryInto<i64>) {
        self.one(name, "gauge", help, value);
    }

    fn counter(&mut self, name: &str, help: &str, value: impl TryInto<i64>) {
        self.one(name, "counter", help, value);
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl TryInto<i64>) {
        let value = value.try_into().unwrap_or(i64::MAX);
        self.metric(name, kind, help, &[(String::new(), value)]);
    }

    /// A counter for each value of a label.
    fn counters(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl Iterator<Item = (&'static str, u64)>,
    ) {
        let labelled = |(of, count): (&str, u64)| {
            (format!("{{{label}=\"{of}\"}}"), i64::try_from(count).unwrap_or(i64::MAX))
        };
        self.metric(name, "counter", help, &values.map(labelled).collect::<Vec<_>>());
    }
}

fn of_gateway(text: &mut Text, app: &App) {
    let parts = &app.parts;
    let status = parts.sync.status();
    let asked = parts.sync.questions().into_iter();
    let help = "Questions to the gateway since the start";
    text.counters("gateway_requests_total", help, "kind", asked);
    text.gauge(
        "gateway_requests_last_minute",
        "Questions to the gateway within a minute, while somebody listens",
        parts.sync.asked_last_minute(),
    );
    text.gauge("gateway_up", "Whether the gateway answers", status.failing_since.is_none());
    if let Some(at) = status.in_step_at {
        let age = parts.clock.now().duration_since(at).as_secs();
        text.gauge("in_step_age_seconds", "Age of the last look at what moved", age);
    }
    let refused = parts.sync.log_status().refused;
    text.counter("log_requests_refused_total", "Rows of logs that were not taken", refused);
}

fn of_today(text: &mut Text, reader: &Reader, today: Day) {
    let total = reader.ledger.day_total(today).unwrap_or_default();
    text.gauge("today_tokens", "Tokens of today in UTC, daily table", total.total_tokens);
    text.gauge("today_requests", "Requests of today in UTC, daily table", total.requests);
    text.gauge("today_failed_requests", "Failed requests of today in UTC", total.failed_requests);
    let explained = reader.ledger.explained(today).total_tokens;
    let help = "Tokens of today that quarter hours explain";
    text.gauge("today_explained_tokens", help, explained);
}

fn of_clients(text: &mut Text, app: &App) {
    let pushed = app.ingest.counts().into_iter();
    let help = "Pushed payloads by what became of them";
    text.counters("ingest_requests_total", help, "outcome", pushed);
    let connections = &app.parts.connections;
    text.gauge("connections", "Open connections of clients", connections.open());
    text.counter(
        "connections_refused_total",
        "Connections that were closed at once, since there were too many",
        connections.refused(),
    );
}

fn of_store(text: &mut Text, app: &App, reader: &Reader) {
    let health = app.parts.store.ledger.health();
    text.counter("store_errors_total", "Changes that could not be kept", health.errors);
    let is_kept = health.failing.is_none();
    text.gauge("store_up", "Whether what is learned can be kept", is_kept);
    text.counter("data_version", "Grows with every change of a figure", reader.ledger.version());
    let today = app.parts.clock.today();
    let doubted = DayRange::new(Day::FIRST_WITH_DAY_BEFORE, today).map_or(0, |all| {
        reader
            .ledger
            .stored_days(all)
            .iter()
            .filter(|(_, state)| state.discrepancy.is_some())
            .count()
    });
    text.gauge("unverified_days", "Stored days whose sums do not agree", doubted);
}
