//! `GET /metrics`

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::api::App;
use crate::usage::Day;

/// Metrics for Prometheus
///
/// What Podium asks of the gateway, how fresh its copy is, and today's usage.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operation",
    responses((status = 200, description = "The text format of Prometheus", body = String, content_type = "text/plain"))
)]
pub(in crate::api) async fn get_metrics(State(app): State<App>) -> Response {
    let parts = &app.parts;
    let status = parts.sync.status();
    let reader = parts.store.read().await;
    let today = parts.clock.today();
    let mut text = String::new();
    let mut metric = |name: &str, kind: &str, help: &str, values: &[(String, f64)]| {
        let _ = writeln!(text, "# HELP podium_{name} {help}\n# TYPE podium_{name} {kind}");
        for (labels, value) in values {
            let _ = writeln!(text, "podium_{name}{labels} {value}");
        }
    };
    #[expect(clippy::cast_precision_loss, reason = "Prometheus has floats only")]
    let one = |value: i64| vec![(String::new(), value as f64)];
    #[expect(clippy::cast_precision_loss, reason = "Prometheus has floats only")]
    let asked: Vec<(String, f64)> = parts
        .sync
        .questions()
        .into_iter()
        .map(|(kind, count)| (format!("{{kind=\"{kind}\"}}"), count as f64))
        .collect();
    metric("gateway_requests_total", "counter", "Questions to the gateway since the start", &asked);
    let last_minute = i64::try_from(parts.sync.asked_last_minute()).unwrap_or(i64::MAX);
    metric(
        "gateway_requests_last_minute",
        "gauge",
        "Questions to the gateway within a minute, while somebody listens",
        &one(last_minute),
    );
    metric(
        "gateway_up",
        "gauge",
        "Whether the gateway answers",
        &one(i64::from(status.failing_since.is_none())),
    );
    let age = status.in_step_at.map(|at| parts.clock.now().duration_since(at).as_secs());
    if let Some(age) = age {
        metric("in_step_age_seconds", "gauge", "Age of the last look at what moved", &one(age));
    }
    let total = reader.day_total(today).unwrap_or_default();
    let explained = reader.explained(today);
    for (name, help, value) in [
        ("today_tokens", "Tokens of today in UTC, daily table", total.total_tokens),
        ("today_requests", "Requests of today in UTC, daily table", total.requests),
        ("today_failed_requests", "Failed requests of today in UTC", total.failed_requests),
        (
            "today_explained_tokens",
            "Tokens of today that quarter hours explain",
            explained.total_tokens,
        ),
    ] {
        metric(name, "gauge", help, &one(value));
    }
    #[expect(clippy::cast_precision_loss, reason = "Prometheus has floats only")]
    let pushed: Vec<(String, f64)> = app
        .ingest
        .counts()
        .into_iter()
        .map(|(outcome, count)| (format!("{{outcome=\"{outcome}\"}}"), count as f64))
        .collect();
    metric("ingest_requests_total", "counter", "Pushed payloads by what became of them", &pushed);
    let refused = i64::try_from(parts.sync.log_status().refused).unwrap_or(i64::MAX);
    metric(
        "log_requests_refused_total",
        "counter",
        "Rows of logs that were not taken",
        &one(refused),
    );
    let connections = &parts.connections;
    let open = i64::try_from(connections.open()).unwrap_or(i64::MAX);
    metric("connections", "gauge", "Open connections of clients", &one(open));
    let refused = i64::try_from(connections.refused()).unwrap_or(i64::MAX);
    metric(
        "connections_refused_total",
        "counter",
        "Connections that were closed at once, since there were too many",
        &one(refused),
    );
    let health = parts.store.health();
    let errors = i64::try_from(health.errors).unwrap_or(i64::MAX);
    metric("store_errors_total", "counter", "Changes that could not be kept", &one(errors));
    let is_kept = i64::from(health.failing.is_none());
    metric("store_up", "gauge", "Whether what is learned can be kept", &one(is_kept));
    let version = i64::try_from(reader.version()).unwrap_or(i64::MAX);
    metric("data_version", "counter", "Grows with every change of a figure", &one(version));
    let doubted = crate::usage::DayRange::new(Day::FIRST_WITH_DAY_BEFORE, today).map_or(0, |all| {
        reader.stored_days(all).iter().filter(|(_, s)| s.discrepancy.is_some()).count()
    });
    let doubted = i64::try_from(doubted).unwrap_or(i64::MAX);
    metric("unverified_days", "gauge", "Stored days whose sums do not agree", &one(doubted));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
