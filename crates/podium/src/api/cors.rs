//! Which pages may read the answers.
//!
//! tower-http's layer answers preflights of foreign origins with `Access-Control-Allow-Methods`
//! and refused ones with 200; here other origins get no such header, and what is not allowed
//! is refused in words.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::App;
use super::error::error_response;

/// Headers that the page's script may read besides the simple ones.
const EXPOSED: HeaderValue =
    HeaderValue::from_static("Age, ETag, X-Data-Version, X-Complete, X-Request-Id");
/// How long a browser may remember a preflight, in seconds.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
/// What a page may send without asking, and what frontends send besides.
const ALLOWED_HEADERS: [&str; 8] = [
    "authorization",
    "accept",
    "accept-language",
    "content-language",
    "content-type",
    // Pages that trace themselves send these with whatever they ask.
    "traceparent",
    "tracestate",
    "x-request-id",
];
/// What of that browsers ask for.
const ALLOWED: HeaderValue =
    HeaderValue::from_static("Authorization, Traceparent, Tracestate, X-Request-Id");

/// Questions that are too long for an address are posted; nothing is changed by them.
const QUERY: &str = "/api/v1/query";

fn is_method(method: Option<&str>, may_post: bool) -> bool {
    method == Some("GET") || (may_post && method == Some("POST"))
}

pub(super) async fn cors(State(app): State<App>, request: Request, next: Next) -> Response {
    let allowed = allowed_origin(&app, request.headers());
    let is_preflight = request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ORIGIN)
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = if is_preflight {
        preflight(request.headers(), allowed.is_some(), request.uri().path() == QUERY)
    } else {
        next.run(request).await
    };
    mark(allowed, response.headers_mut());
    response
}

/// The origin of the page that asks, if it may read the answer.
pub(super) fn allowed_origin(app: &App, asked: &HeaderMap) -> Option<HeaderValue> {
    let origin = asked.get(header::ORIGIN)?;
    let is_known = |known: &String| origin.as_bytes().eq_ignore_ascii_case(known.as_bytes());
    app.parts.cors_origins.iter().any(is_known).then(|| origin.clone())
}

/// Says who may read an answer.
pub(super) fn mark(allowed_origin: Option<HeaderValue>, headers: &mut HeaderMap) {
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed_origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}

fn preflight(asked: &HeaderMap, origin_is_allowed: bool, may_post: bool) -> Response {
    let text = |name| asked.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let refusal = if !origin_is_allowed {
        Some("Disallowed CORS origin")
    } else if !is_method(text(header::ACCESS_CONTROL_REQUEST_METHOD), may_post) {
        Some("Disallowed CORS method")
    } else if text(header::ACCESS_CONTROL_REQUEST_HEADERS).is_some_and(asks_for_too_much) {
        Some("Disallowed CORS headers")
    } else {
        None
    };
    let methods = if may_post { "GET, POST" } else { "GET" };
    match refusal {
        Some(detail) => error_response(StatusCode::BAD_REQUEST, detail),
        None => (
            StatusCode::NO_CONTENT,
            [
                (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(methods)),
                (header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED),
                (header::ACCESS_CONTROL_MAX_AGE, MAX_AGE),
            ],
        )
            .into_response(),
    }
}

fn asks_for_too_much(headers: &str) -> bool {
    headers
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .any(|name| !ALLOWED_HEADERS.iter().any(|allowed| name.eq_ignore_ascii_case(allowed)))
}
