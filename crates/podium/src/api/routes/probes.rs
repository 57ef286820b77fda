//! `GET /livez` and `GET /readyz`, for whoever supervises the process.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::App;
use crate::api::error::{ApiError, ErrorBody};

/// The answer of a probe.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Probe {
    /// `ok`.
    status: &'static str,
}

const OK: Json<Probe> = Json(Probe { status: "ok" });

/// Whether the process runs
#[utoipa::path(get, path = "/livez", tag = "operation", responses((status = 200, body = Probe)))]
pub(in crate::api) async fn get_livez() -> Json<Probe> {
    OK
}

/// Whether figures can be served
///
/// Ready once the gateway was reached, or if there is stored usage to answer from.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operation",
    responses(
        (status = 200, body = Probe),
        (status = 503, description = "Nothing is stored and the gateway was never reached", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_readyz(State(app): State<App>) -> Result<Json<Probe>, ApiError> {
    let status = app.parts.sync.status();
    if status.reached_at.is_some() || app.parts.store.read().await.teams().is_some() {
        return Ok(OK);
    }
    Err(ApiError::Unready(match status.last_error {
        Some(error) => format!("Not ready: {error}"),
        None => "Not ready: the gateway has not answered yet".to_owned(),
    }))
}
