//! `GET /api/v1/access-log`

use axum::Json;
use axum::extract::{RawQuery, State};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::access::LogEntry;
use crate::api::App;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::query::InvalidQuery;

/// Lines of one answer, unless more are asked for, and at most.
const LINES: usize = 200;
pub(in crate::api) const MOST_LINES: usize = 20_000;

/// What happened.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct AccessLog {
    /// The newest first.
    entries: Vec<LogEntry>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct LogParameters {
    /// So many lines, 200 if left out, 20,000 at most.
    limit: Option<usize>,
}

/// Who came in
///
/// Sign-ins, tokens and changes of roles, without secrets. For admins.
#[utoipa::path(
    get,
    path = "/api/v1/access-log",
    tag = "access",
    params(LogParameters),
    responses(
        (status = 200, body = AccessLog),
        (status = 400, description = "The limit makes no sense", body = ErrorBody),
        (status = 401, description = "Nobody is known to ask", body = ErrorBody),
        (status = 403, description = "Not an admin, or everybody sees everything", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_access_log(
    State(app): State<App>,
    RawQuery(query): RawQuery,
) -> Result<Json<AccessLog>, ApiError> {
    let pairs = form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes());
    let limit = pairs.filter(|(name, _)| name == "limit").last();
    let limit = match limit {
        None => LINES,
        Some((_, text)) => {
            text.parse().ok().filter(|limit| (1..=MOST_LINES).contains(limit)).ok_or_else(|| {
                InvalidQuery::Unknown(format!("limit must be a number from 1 to {MOST_LINES}"))
            })?
        }
    };
    Ok(Json(AccessLog { entries: app.parts.access.keeper().log_entries(limit)? }))
}
