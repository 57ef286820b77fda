//! Requests that lead to no operation.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::error::error_response;

/// 404; for a known path with a slash behind it, a redirect to that path with its query.
pub(super) async fn not_found(
    State((known_paths, base_path)): State<(Arc<[String]>, Arc<str>)>,
    request: Request,
) -> Response {
    let uri = request.uri();
    let path = uri.path().strip_suffix('/').unwrap_or_default();
    let is_readable = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_readable && known_paths.iter().any(|known| known == path) {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        if let Ok(location) = HeaderValue::from_str(&format!("{base_path}{path}{query}")) {
            return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)])
                .into_response();
        }
    }
    error_response(StatusCode::NOT_FOUND, "Not Found")
}

/// 405; the router adds `Allow`.
pub(super) async fn method_not_allowed() -> Response {
    error_response(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
}
