//! How every question about days is answered.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::App;
use super::cache::{Body, Key};
use super::error::ApiError;
use super::query::UsageQuery;
use crate::services::{
    self, Freshness, ListedTeams, LocalReader, Question, is_unexplained, utc_days,
};
use crate::store::UsageReader;
use crate::sync;
use crate::usage::{Day, DayRange};

/// A question about days: which operation, and what its errors call what was fetched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    pub(super) name: &'static str,
    pub(super) fetched: &'static str,
    pub(super) from: Basis,
}

/// From what a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Basis {
    /// Days, those of other zones from quarter hours where these are known.
    Days,
    /// Quarter hours alone.
    QuarterHours,
}

/// What a figure is computed from.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) question: Question<'a>,
    pub(super) zone: &'a TimeZone,
    pub(super) now: Timestamp,
}

/// So long somebody waits for request logs to be read; then the answer says that it is not whole.
const PATIENCE: Duration = Duration::from_secs(20);
const SHORT_PATIENCE: Duration = Duration::from_secs(3);

/// Makes sure that the days are stored, and answers from the store: as the browser has it
/// already (304), from the cache, or with what `figure` computes.
pub(super) async fn answer<T: Serialize>(
    app: &App,
    operation: Operation,
    query: &UsageQuery,
    headers: &HeaderMap,
    figure: impl AsyncFnOnce(Asked<'_>) -> Result<T, ApiError>,
) -> Result<Response, ApiError> {
    let parts = &app.parts;
    let (zone, tz) = query.zone()?;
    let is_utc = zone == TimeZone::UTC;
    let now = parts.clock.now();
    let range = query.resolve(Day::at(now, &zone))?;
    let include = query.include()?;
    let today = Day::of(now);
    let days = utc_days(range, &zone, today).unwrap_or(DayRange::single(today));
    parts.sync.ensure(days).await.map_err(|error| ApiError::Sync(operation.fetched, error))?;
    let logs = match operation.from {
        Basis::QuarterHours => ensure_logs(app, days, PATIENCE).await,
        Basis::Days if is_utc => Logs::Read,
        // Days are there without logs: nobody waits long for them, and none are read that are
        // not read anyway.
        Basis::Days => match parts.sync.days_with_logs(days) {
            Some(days) => ensure_logs(app, days, SHORT_PATIENCE).await,
            None => Logs::Read,
        },
    };
    let reader = parts.store.read().await;
    let now = parts.clock.now();
    let freshness = Freshness::of(reader.as_ref(), days, now, parts.stale_after);
    let key = Key {
        operation: operation.name,
        range,
        include,
        variant: query.variant(),
        doubts: freshness.doubts.len(),
    };
    let revision = reader.revision();
    let version = reader.version();
    if let Some(body) = app.cache.get(revision, &key) {
        return Ok(respond(&body, version, &freshness, now, headers));
    }
    let teams = ListedTeams::of(reader.as_ref(), days, include).await?;
    let local;
    let (reader, basis): (&dyn UsageReader, _) = if operation.from == Basis::QuarterHours {
        (reader.as_ref(), services::Basis::quarter_hours(reader.as_ref(), Some(days), tz))
    } else if is_utc {
        (reader.as_ref(), services::Basis::utc_days())
    } else {
        local = LocalReader::new(reader, zone.clone(), now);
        (&local, services::Basis::local_days(&local, range, &zone, tz, now))
    };
    let question = Question { reader, range, teams: &teams, freshness: &freshness, basis: &basis };
    if operation.from == Basis::QuarterHours && is_unexplained(question, days) {
        return Err(logs.why_nothing_is_known(operation.fetched));
    }
    let figure = figure(Asked { question, zone: &zone, now }).await?;
    let json = serde_json::to_vec(&figure).map_err(ApiError::Json)?;
    let body = Arc::new(Body::new(Bytes::from(json)));
    app.cache.put(revision, key, Arc::clone(&body));
    Ok(respond(&body, version, &freshness, now, headers))
}

/// How reading request logs went.
enum Logs {
    Read,
    StillBeingRead,
    Failed(sync::Error),
}

async fn ensure_logs(app: &App, days: DayRange, patience: Duration) -> Logs {
    match tokio::time::timeout(patience, app.parts.sync.ensure_logs(days)).await {
        Ok(Ok(())) => Logs::Read,
        Ok(Err(error)) => Logs::Failed(error),
        Err(_) => Logs::StillBeingRead,
    }
}

impl Logs {
    fn why_nothing_is_known(self, fetched: &'static str) -> ApiError {
        match self {
            Self::Read => ApiError::NotImplemented(
                "The gateway keeps no request logs of these days, so nobody can say at what time \
                 their tokens were used. Let it keep them (LiteLLM: disable_spend_logs must not \
                 be true), or let it push its requests to Podium (see PODIUM_INGEST_TOKEN in \
                 Podium's README); hours are known from then on.",
            ),
            Self::StillBeingRead => ApiError::Unready(
                "The request logs of these days are still being read; ask again in a moment."
                    .to_owned(),
            ),
            Self::Failed(error) => ApiError::Sync(fetched, error),
        }
    }
}

fn respond(
    body: &Body,
    version: u64,
    freshness: &Freshness,
    now: Timestamp,
    asked: &HeaderMap,
) -> Response {
    // Doubts come and go without a change of the figures.
    let etag = format!("\"{version}-{}\"", freshness.doubts.len());
    let complete = if freshness.doubts.is_empty() { "true" } else { "false" };
    let mut headers = HeaderMap::new();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert("x-data-version", HeaderValue::from(version));
    headers.insert("x-complete", HeaderValue::from_static(complete));
    if let Some(as_of) = freshness.as_of {
        let age = now.duration_since(as_of).as_secs().max(0);
        headers.insert(header::AGE, HeaderValue::from(age));
    }
    let is_known = has_token(asked, header::IF_NONE_MATCH, &etag);
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    if is_known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let gzip = accepts_gzip(asked).then(|| body.gzip()).flatten();
    let bytes = match gzip {
        Some(gzip) => {
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            gzip
        }
        None => body.plain(),
    };
    (headers, HttpBody::from(bytes)).into_response()
}

fn tokens(asked: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    asked
        .get_all(name)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
}

pub(super) fn has_token(asked: &HeaderMap, name: header::HeaderName, etag: &str) -> bool {
    // A proxy that compresses makes the tag a weak one.
    tokens(asked, name).any(|token| token == "*" || token.trim_start_matches("W/") == etag)
}

pub(super) fn accepts_gzip(asked: &HeaderMap) -> bool {
    tokens(asked, header::ACCEPT_ENCODING).any(|token| {
        let mut parts = token.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let refused = parts
            .filter_map(|part| part.strip_prefix("q="))
            .any(|quality| quality.parse::<f32>().is_ok_and(|quality| quality <= 0.0));
        is_gzip && !refused
    })
}
