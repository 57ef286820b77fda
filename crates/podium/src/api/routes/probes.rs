//! `GET /livez` and `GET /readyz`, for whoever supervises the process.

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::status::StoreStatus;
use crate::api::asked::Asked;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::{App, Parts};

/// The answer of a probe.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Probe {
    /// `ok`; with `verbose` also `degraded` (figures are served, but something fails) or
    /// `unready`.
    status: &'static str,
    /// With `verbose`: what was looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize, ToSchema)]
struct Check {
    /// `usage`: there is something to answer from; `gateway`: it answers; `store`: what is
    /// learned can be kept.
    name: &'static str,
    /// Whether all is well.
    ok: bool,
    /// What is the matter.
    detail: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct ProbeParameters {
    /// Tell what was looked at.
    verbose: Option<String>,
}

/// Whether the process runs
#[utoipa::path(get, path = "/livez", tag = "operation", responses((status = 200, body = Probe)))]
pub(in crate::api) async fn get_livez() -> Json<Probe> {
    Json(Probe { status: "ok", checks: Vec::new() })
}

/// Whether figures can be served
///
/// Ready once the gateway was reached, or if there is stored usage to answer from. With `verbose`,
/// also what else is the matter: a gateway that fails or a full disk leave Podium ready, since it
/// answers from what it has.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    params(ProbeParameters),
    responses(
        (status = 200, body = Probe),
        (status = 503, description = "Nothing is stored and the gateway was never reached", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_readyz(
    State(app): State<App>,
    asker: Asked,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = query.unwrap_or_default();
    let is_verbose = form_urlencoded::parse(query.as_bytes())
        .any(|(name, value)| name == "verbose" && !matches!(&*value, "0" | "false"));
    let unready = why_unready(&app.parts).await;
    if is_verbose {
        return Ok(verbose(&app.parts, unready, asker.scope().sees_everything()));
    }
    match unready {
        None => Ok(Json(Probe { status: "ok", checks: Vec::new() }).into_response()),
        Some(why) => Err(ApiError::Unready(why)),
    }
}

async fn why_unready(parts: &Parts) -> Option<String> {
    let status = parts.sync.status();
    if status.reached_at.is_some() || parts.store.ledger.state().teams().is_some() {
        return None;
    }
    Some(match status.last_error {
        Some(error) => format!("Not ready: {error}"),
        None => "Not ready: the gateway has not answered yet".to_owned(),
    })
}

/// What is the matter is for those who look after Podium; others hear where something is.
fn verbose(parts: &Parts, unready: Option<String>, tells: bool) -> Response {
    let status = parts.sync.status();
    let store = StoreStatus::of(parts);
    let gateway = status.last_error.map(|error| error.to_string());
    let code = if unready.is_some() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    let checks =
        [("usage", unready), ("gateway", gateway), ("store", store.error.map(str::to_owned))];
    let checks = checks.map(|(name, detail)| {
        let ok = detail.is_none();
        Check { name, ok, detail: detail.filter(|_| tells) }
    });
    let status = match &checks {
        [usage, ..] if !usage.ok => "unready",
        checks if checks.iter().all(|check| check.ok) => "ok",
        _ => "degraded",
    };
    (code, Json(Probe { status, checks: checks.into() })).into_response()
}
