//! Requests that lead to no operation.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::error::error_response;
use super::page::{self, Files};

/// What is known besides the routes themselves.
#[derive(Clone)]
pub(super) struct Known {
    /// Paths of operations.
    pub(super) paths: Arc<[String]>,
    pub(super) base_path: Arc<str>,
    pub(super) files: Files,
}

/// 404, to a reader as the page itself; for a known path with a slash behind it, a redirect to that
/// path with its query.
pub(super) async fn not_found(State(known): State<Known>, request: Request) -> Response {
    let uri = request.uri();
    let path = uri.path().strip_suffix('/').unwrap_or_default();
    let is_readable = matches!(*request.method(), Method::GET | Method::HEAD);
    if is_readable && (page::is_view(path) || known.paths.iter().any(|known| known == path)) {
        let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        if let Ok(location) = HeaderValue::from_str(&format!("{}{path}{query}", known.base_path)) {
            return (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)])
                .into_response();
        }
    }
    if is_readable && is_for_reading(&request) {
        return known.files.lost();
    }
    error_response(StatusCode::NOT_FOUND, "Not Found")
}

/// Whether somebody looks at the answer, rather than a program. What is below the API or the files
/// is asked for by programs, browsers included.
fn is_for_reading(request: &Request) -> bool {
    let path = request.uri().path();
    let is_of_programs = ["/api/", "/assets/", "/tokens"].iter().any(|top| path.starts_with(top));
    let accepts = request.headers().get_all(header::ACCEPT).iter();
    !is_of_programs
        && accepts.filter_map(|one| one.to_str().ok()).any(|one| one.contains("text/html"))
}

/// 405; the router adds `Allow`.
pub(super) async fn method_not_allowed() -> Response {
    error_response(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
}
