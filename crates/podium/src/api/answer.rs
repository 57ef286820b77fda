//! How every question about days is answered.

use std::sync::Arc;

use axum::body::Body as HttpBody;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use jiff::Timestamp;
use serde::Serialize;

use super::App;
use super::cache::{Body, Key};
use super::error::ApiError;
use super::query::UsageQuery;
use crate::services::{Freshness, ListedTeams, Question};
use crate::store;

/// A question about days: which operation, and what its errors call what was fetched.
#[derive(Clone, Copy, Debug)]
pub(super) struct Operation {
    pub(super) name: &'static str,
    pub(super) fetched: &'static str,
}

/// Makes sure that the days are stored, and answers from the store: as the browser has it
/// already (304), from the cache, or with what `figure` computes.
pub(super) async fn answer<T: Serialize>(
    app: &App,
    operation: Operation,
    query: &UsageQuery,
    headers: &HeaderMap,
    figure: impl AsyncFnOnce(Question<'_>) -> Result<T, store::Error>,
) -> Result<Response, ApiError> {
    let parts = &app.parts;
    let range = query.resolve(parts.clock.today())?;
    let include = query.include()?;
    parts.sync.ensure(range).await.map_err(|error| ApiError::Sync(operation.fetched, error))?;
    let reader = parts.store.read().await;
    let now = parts.clock.now();
    let freshness = Freshness::of(reader.as_ref(), range, now, parts.stale_after);
    let key = Key { operation: operation.name, range, include, doubts: freshness.doubts.len() };
    let revision = reader.revision();
    let body = match app.cache.get(revision, &key) {
        Some(body) => body,
        None => {
            let teams = ListedTeams::of(reader.as_ref(), range, include).await?;
            let question =
                Question { reader: reader.as_ref(), range, teams: &teams, freshness: &freshness };
            let figure = figure(question).await?;
            let json = serde_json::to_vec(&figure).map_err(ApiError::Json)?;
            let body = Arc::new(Body::new(Bytes::from(json)));
            app.cache.put(revision, key, Arc::clone(&body));
            body
        }
    };
    Ok(respond(&body, reader.version(), &freshness, now, headers))
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

fn has_token(asked: &HeaderMap, name: header::HeaderName, etag: &str) -> bool {
    // A proxy that compresses makes the tag a weak one.
    tokens(asked, name).any(|token| token == "*" || token.trim_start_matches("W/") == etag)
}

fn accepts_gzip(asked: &HeaderMap) -> bool {
    tokens(asked, header::ACCEPT_ENCODING).any(|token| {
        let mut parts = token.split(';').map(str::trim);
        let is_gzip = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("gzip"));
        let refused = parts
            .filter_map(|part| part.strip_prefix("q="))
            .any(|quality| quality.parse::<f32>().is_ok_and(|quality| quality <= 0.0));
        is_gzip && !refused
    })
}
