//! `POST /ingest/litellm`

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use flate2::read::MultiGzDecoder;
use futures_util::StreamExt as _;
use serde::Serialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use crate::api::App;
use crate::api::error::{ApiError, ErrorBody};
use crate::config::Serving;
use crate::gateway::{self, read_pushed};

/// Bodies that are in memory at once.
const AT_ONCE: usize = 2;
/// How long others wait for their turn.
const TURN: Duration = Duration::from_secs(20);

/// What became of a batch.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(in crate::api) struct Ingested {
    /// Requests that were counted now.
    new: usize,
    /// Requests that had been counted before, whichever way they had come.
    repeated: usize,
    /// Requests of days so long ago that nobody can say whether they were counted.
    too_old: usize,
    /// Requests that are said to begin more than a day from now; not counted.
    in_future: usize,
    /// Requests with a name longer than 1,024 characters; not counted.
    too_long: usize,
    /// Payloads that are no usage, such as refused management calls.
    not_usage: usize,
    /// Payloads that are no JSON, or without what it takes to count them.
    unreadable: usize,
}

impl Ingested {
    fn outcomes(&self) -> [(&'static str, usize); 7] {
        [
            ("new", self.new),
            ("repeated", self.repeated),
            ("too_old", self.too_old),
            ("in_future", self.in_future),
            ("too_long", self.too_long),
            ("not_usage", self.not_usage),
            ("unreadable", self.unreadable),
        ]
    }
}

/// Whose turn it is, and what became of everything that was pushed.
#[derive(Clone, Debug)]
pub(in crate::api) struct IngestDesk {
    turns: Arc<Semaphore>,
    outcomes: Arc<[AtomicU64; 7]>,
}

impl IngestDesk {
    pub(in crate::api) fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), outcomes: Arc::default() }
    }

    fn count(&self, ingested: &Ingested) {
        for ((_, count), sum) in ingested.outcomes().iter().zip(&*self.outcomes) {
            sum.fetch_add(u64::try_from(*count).unwrap_or_default(), Ordering::Relaxed);
        }
    }

    /// How many payloads came to each outcome since the start.
    pub(in crate::api) fn counts(&self) -> Vec<(&'static str, u64)> {
        let names = Ingested::default().outcomes();
        let counts = self.outcomes.iter().map(|count| count.load(Ordering::Relaxed));
        names.iter().map(|(name, _)| *name).zip(counts).collect()
    }
}

/// Take requests from the gateway
///
/// For LiteLLM's generic API logging callback: a JSON array of standard logging payloads, one of
/// them, or one a line; gzip is fine. The answer comes when the batch is on the disk; sending a
/// batch again changes nothing. One payload that cannot be read costs itself alone. Prompts and
/// responses are skipped unread.
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
        (status = 408, description = "The body does not come", body = ErrorBody),
        (status = 413, description = "The batch is too large", body = ErrorBody),
        (status = 415, description = "It is compressed in another way than gzip", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
        (status = 503, description = "Other batches are being taken", body = ErrorBody),
    )
)]
pub(in crate::api) async fn push_requests(
    State(app): State<App>,
    _: Authorized,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Ingested>, ApiError> {
    let is_gzip = is_gzip(&headers)?;
    let turn = tokio::time::timeout(TURN, app.ingest.turns.acquire()).await;
    let _turn = turn.ok().and_then(Result::ok).ok_or_else(|| {
        ApiError::Unready("Other batches are being taken; send this one again".to_owned())
    })?;
    let limits = app.parts.limits;
    let body = collect(body, limits).await?;
    let pushed = crate::tasks::spawn_blocking(move || {
        let body = if is_gzip { unpack(&body, limits.ingest_bytes)? } else { body };
        read_pushed(&body).map_err(|error| match error {
            gateway::Error::TooLarge => TOO_LARGE,
            _ => ApiError::Refused(StatusCode::BAD_REQUEST, NO_PAYLOADS),
        })
    });
    let pushed = pushed.await.unwrap_or(Err(ApiError::Fault))?;
    if pushed.requests.is_empty() && pushed.unreadable > 0 {
        app.ingest.count(&Ingested { unreadable: pushed.unreadable, ..Ingested::default() });
        return Err(ApiError::Refused(
            StatusCode::BAD_REQUEST,
            "No payload has what it takes to count it: startTime and id",
        ));
    }
    let taken = app
        .parts
        .sync
        .ingest(pushed.requests)
        .await
        .map_err(|error| ApiError::Sync("pushed requests", error))?;
    let ingested = Ingested {
        new: taken.added.new,
        repeated: taken.added.repeated,
        too_old: taken.added.too_old,
        in_future: taken.in_future,
        too_long: taken.too_long,
        not_usage: pushed.not_usage,
        unreadable: pushed.unreadable,
    };
    app.ingest.count(&ingested);
    Ok(Json(ingested))
}

const NO_PAYLOADS: &str =
    "The body must be logging payloads in JSON: an array, one object, or one object a line";
const TOO_LARGE: ApiError = ApiError::Refused(
    StatusCode::PAYLOAD_TOO_LARGE,
    "The batch is too large; let the gateway send smaller ones, or set PODIUM_INGEST_MAX_MB",
);

fn is_gzip(headers: &HeaderMap) -> Result<bool, ApiError> {
    let encoding = headers.get(header::CONTENT_ENCODING).map(|value| value.as_bytes().trim_ascii());
    match encoding {
        None | Some(b"") => Ok(false),
        Some(encoding) if encoding.eq_ignore_ascii_case(b"identity") => Ok(false),
        Some(encoding) if encoding.eq_ignore_ascii_case(b"gzip") => Ok(true),
        Some(_) => Err(ApiError::Refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Content-Encoding must be gzip, or left out",
        )),
    }
}

/// The whole body, as long as it keeps coming and is not too large.
async fn collect(body: Body, limits: Serving) -> Result<Vec<u8>, ApiError> {
    let mut parts = body.into_data_stream();
    let mut whole = Vec::new();
    loop {
        let part = tokio::time::timeout(limits.body_timeout, parts.next()).await.map_err(|_| {
            ApiError::Refused(StatusCode::REQUEST_TIMEOUT, "The body does not come")
        })?;
        let Some(part) = part else { return Ok(whole) };
        let part = part.map_err(|_| {
            ApiError::Refused(StatusCode::BAD_REQUEST, "The body breaks off or is malformed")
        })?;
        if whole.len() + part.len() > limits.ingest_bytes {
            return Err(TOO_LARGE);
        }
        whole.extend_from_slice(&part);
    }
}

pub(in crate::api) fn unpack(body: &[u8], most: usize) -> Result<Vec<u8>, ApiError> {
    let mut whole = Vec::new();
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(body).take(limit).read_to_end(&mut whole).map_err(|_| {
        ApiError::Refused(StatusCode::BAD_REQUEST, "The body is not what gzip makes")
    })?;
    if whole.len() > most { Err(TOO_LARGE) } else { Ok(whole) }
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
