//! What holds for every answer, errors of the libraries included: it is JSON with a `detail` where
//! something is wrong, carries headers that keep browsers from mischief, and is found below the
//! base path as well.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use axum::middleware::Next;
use axum::response::Response;

use super::error::error_response;
use super::{App, Parts};
use crate::access::Mode;

/// The page loads nothing but itself and speaks to nobody but this API.
pub(super) fn page_policy(frame_ancestors: &str) -> HeaderValue {
    policy(&format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
         connect-src 'self'; font-src 'self'; base-uri 'self'; form-action 'none'; \
         frame-ancestors {frame_ancestors}"
    ))
}

/// Swagger's page writes its own styles.
fn docs_policy(frame_ancestors: &str) -> HeaderValue {
    policy(&format!(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors {frame_ancestors}"
    ))
}

fn policy(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// Rewrites addresses below the base path; a router is asked for the rest.
pub(super) fn below(base_path: &str, mut request: Request) -> Request {
    if base_path.is_empty() {
        return request;
    }
    let uri = request.uri();
    let rest = uri.path().strip_prefix(base_path).filter(|rest| {
        // `/podiums` does not lie below `/podium`.
        rest.is_empty() || rest.starts_with('/')
    });
    let Some(rest) = rest else { return request };
    let path = if rest.is_empty() { "/" } else { rest };
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    if let Ok(uri) = format!("{path}{query}").parse::<Uri>() {
        *request.uri_mut() = uri;
    }
    request
}

/// Headers that keep browsers from mischief with an answer.
#[derive(Debug)]
pub(super) struct Manners {
    policy: HeaderValue,
    docs_policy: HeaderValue,
    /// Nothing where some page may show an answer in a frame.
    frame: Option<HeaderValue>,
    /// Whether answers depend on who asks, so that nobody may keep them for others.
    is_personal: bool,
    /// Tells browsers to come by HTTPS alone.
    hsts: Option<HeaderValue>,
}

impl Manners {
    pub(super) fn new(parts: &Parts) -> Self {
        let frame_ancestors = &*parts.frame_ancestors;
        let frame = (frame_ancestors == "'none'").then_some(HeaderValue::from_static("DENY"));
        Self {
            policy: policy(&format!("default-src 'none'; frame-ancestors {frame_ancestors}")),
            docs_policy: docs_policy(frame_ancestors),
            frame,
            is_personal: parts.access.mode() != Mode::Open,
            hsts: parts.hsts.then_some(HeaderValue::from_static("max-age=31536000")),
        }
    }

    /// Adds those that an answer has not.
    pub(super) fn mark(&self, is_docs: bool, headers: &mut HeaderMap) {
        let policy = if is_docs { &self.docs_policy } else { &self.policy };
        set_if_absent(headers, header::CONTENT_SECURITY_POLICY, policy);
        for (name, value) in FIXED {
            set_if_absent(headers, name, &value);
        }
        if let Some(frame) = &self.frame {
            set_if_absent(headers, header::X_FRAME_OPTIONS, frame);
        }
        if let Some(hsts) = &self.hsts {
            set_if_absent(headers, header::STRICT_TRANSPORT_SECURITY, hsts);
        }
        if self.is_personal {
            keep_from_others(headers);
        }
    }
}

const FIXED: [(HeaderName, HeaderValue); 3] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// See above.
pub(super) async fn keep(State(app): State<App>, request: Request, next: Next) -> Response {
    let is_docs = request.uri().path().starts_with("/docs");
    let mut response = with_detail(next.run(request).await);
    app.manners.mark(is_docs, response.headers_mut());
    response
}

/// Says of an answer that it is for whoever asked alone. Files are the same for everybody.
fn keep_from_others(headers: &mut HeaderMap) {
    let kept = headers.get(header::CACHE_CONTROL).and_then(|value| value.to_str().ok());
    let personal = match kept {
        None => "private, no-cache".to_owned(),
        Some(kept) if kept.starts_with("public") || kept.contains("no-store") => return,
        Some(kept) => format!("private, {kept}"),
    };
    if let Ok(personal) = HeaderValue::try_from(personal) {
        headers.insert(header::CACHE_CONTROL, personal);
    }
    headers.append(header::VARY, HeaderValue::from_static("Cookie, Authorization"));
}

fn set_if_absent(headers: &mut HeaderMap, name: HeaderName, value: &HeaderValue) {
    headers.entry(name).or_insert_with(|| value.clone());
}

/// An extension of answers that are errors in the page's words.
#[derive(Clone, Copy, Debug)]
pub(super) struct InPagesWords;

/// An error that a library answered in its own words, in ours.
fn with_detail(response: Response) -> Response {
    let status = response.status();
    let is_pages = response.extensions().get::<InPagesWords>().is_some();
    let is_json = response
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if is_pages || is_json || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let reason = status.canonical_reason().unwrap_or("The request failed");
    let mut told = error_response(status, reason);
    for (name, value) in response.headers() {
        if *name != header::CONTENT_TYPE && *name != header::CONTENT_LENGTH {
            told.headers_mut().append(name.clone(), value.clone());
        }
    }
    told
}
