//! `GET /metrics`

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::api::App;
use crate::api::asked::Asked;
use crate::api::error::ApiError;
use crate::api::metrics::{Exposition, Format, tell_health, tell_today, tell_usage};

/// Metrics for Prometheus
///
/// Usage by team, model and provider as counters, today's sums, and for those who see everything how
/// Podium stands: the gateway, how fresh the copy is, the store, requests, the process. `Accept`
/// chooses between OpenMetrics 1.0 and the text format 0.0.4. The metrics are explained in
/// docs/METRICS.md.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operation",
    responses((status = 200, description = "The text format of Prometheus, or OpenMetrics", content(
        (String = "text/plain"),
        (String = "application/openmetrics-text"),
    )))
)]
pub(in crate::api) async fn get_metrics(
    State(app): State<App>,
    asked: Asked,
) -> Result<Response, ApiError> {
    let format = Format::wanted(&asked.headers);
    let desk = app.scrapes.clone();
    let runtime = tokio::runtime::Handle::current();
    let scope = asked.scope().clone();
    let text = desk.compute(move || {
        let (reader, now) = (app.parts.store.read(), app.parts.clock.now());
        let mut told = Exposition::default();
        runtime.block_on(async {
            match app.counters.counted(&reader, now, &scope).await {
                Ok(counted) => counted.iter().for_each(|counted| tell_usage(&mut told, counted)),
                // How Podium stands is told all the more.
                Err(error) => tracing::warn!(%error, "usage cannot be counted for metrics"),
            }
            tell_today(&mut told, &reader, now, &scope).await
        })?;
        if scope.sees_everything() {
            tell_health(&mut told, &app, &reader);
        }
        told.write(format).map_err(|_| ApiError::Fault)
    });
    let headers = [
        (header::CONTENT_TYPE, format.content_type()),
        (header::VARY, HeaderValue::from_static("Accept")),
    ];
    Ok((headers, text.await?).into_response())
}
