//! `POST /ingest/litellm`

use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::App;
use crate::api::error::{ApiError, ErrorBody};
use crate::gateway::read_pushed;

/// A batch of the callback is 512 payloads at most, each with its prompt.
pub(in crate::api) const MOST_BYTES: usize = 256 << 20;

/// What became of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Ingested {
    /// Requests that were counted now.
    new: usize,
    /// Requests that had been counted before, whichever way they had come.
    repeated: usize,
    /// Requests of days so long ago that nobody can say whether they were counted.
    too_old: usize,
    /// Payloads that are no usage, such as refused management calls.
    not_usage: usize,
    /// Payloads without what it takes to count them.
    unreadable: usize,
}

/// Take requests from the gateway
///
/// For LiteLLM's generic API logging callback: a JSON array of standard logging payloads, one of
/// them, or one a line. The answer comes when the batch is on the disk; sending a batch again
/// changes nothing. Prompts and responses in it are skipped unread.
#[utoipa::path(
    post,
    path = "/ingest/litellm",
    tag = "operation",
    request_body(content = String, content_type = "application/json"),
    security(("ingest_token" = [])),
    responses(
        (status = 200, description = "The batch is stored", body = Ingested),
        (status = 400, description = "It is not JSON, or holds nothing that can be counted", body = ErrorBody),
        (status = 401, description = "The token is missing or wrong", body = ErrorBody),
        (status = 403, description = "No token is configured, so nobody may push", body = ErrorBody),
        (status = 413, description = "The batch is too large", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
    )
)]
pub(in crate::api) async fn push_requests(
    State(app): State<App>,
    _: Authorized,
    body: Bytes,
) -> Result<Json<Ingested>, ApiError> {
    let pushed = tokio::task::spawn_blocking(move || read_pushed(&body)).await;
    let pushed = pushed.ok().and_then(Result::ok).ok_or(ApiError::Refused(
        StatusCode::BAD_REQUEST,
        "The body must be logging payloads in JSON: an array, one object, or one object a line",
    ))?;
    if pushed.requests.is_empty() && pushed.unreadable > 0 {
        return Err(ApiError::Refused(
            StatusCode::BAD_REQUEST,
            "No payload has what it takes to count it: startTime and id",
        ));
    }
    let added = app
        .parts
        .sync
        .ingest(pushed.requests)
        .await
        .map_err(|error| ApiError::Sync("pushed requests", error))?;
    Ok(Json(Ingested {
        new: added.new,
        repeated: added.repeated,
        too_old: added.too_old,
        not_usage: pushed.not_usage,
        unreadable: pushed.unreadable,
    }))
}

/// The token was right. Looked at before the body is read.
pub(in crate::api) struct Authorized;

impl FromRequestParts<App> for Authorized {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Some(token) = &app.parts.ingest_token else {
            return Err(ApiError::Refused(
                StatusCode::FORBIDDEN,
                "Pushing is switched off; set PODIUM_INGEST_TOKEN to allow it",
            ));
        };
        let given = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.as_bytes().split_first_chunk::<7>())
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "))
            .map(|(_, given)| given.trim_ascii());
        if given.is_some_and(|given| token.is(given)) {
            return Ok(Self);
        }
        Err(ApiError::Refused(
            StatusCode::UNAUTHORIZED,
            "The token in Authorization is not the one in PODIUM_INGEST_TOKEN",
        ))
    }
}
