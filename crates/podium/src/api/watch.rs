//! What is known of a request while it is answered: its id, its span, and how it went in the end,
//! for the log and for traces. Answers out of memory are watched only while all answers are logged or
//! traced; else they cost no more than a look for an id to give back.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::body::{Body, HttpBody as _};
use axum::extract::MatchedPath;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};
use axum::response::Response;
use tracing::Span;
use tracing::field::Empty;

use super::App;
use super::access_lines::{AccessLine, Outcome};
use super::credentials::{Caller, Peer, own_address};
use super::watched_body::WatchedBody;
use crate::config::AccessLog;
use crate::telemetry::{Asking, RequestId, TRACED, TraceContext};

const REQUEST_ID: HeaderName = HeaderName::from_static(RequestId::HEADER);

/// Where a request's route is put once it is known. An extension of each request.
type RouteSlot = Arc<OnceLock<MatchedPath>>;

/// A request that is being answered. When it is dropped, it is told how it went.
#[derive(Debug)]
pub(super) struct Watch {
    wanted: AccessLog,
    began: Instant,
    asking: Asking,
    span: Span,
    method: &'static str,
    client: Option<IpAddr>,
    route: RouteSlot,
    /// The route of an answer out of memory.
    known_route: Option<&'static str>,
    role: Option<&'static str>,
    by: Option<String>,
    status: Option<u16>,
    /// Bytes of the whole body, where that is known.
    expected: Option<u64>,
    bytes: u64,
    outcome: Outcome,
}

/// Whether every answer is watched.
pub(super) fn is_of_all(app: &App) -> bool {
    app.parts.access_log == AccessLog::All || is_traced()
}

fn is_traced() -> bool {
    tracing::enabled!(target: TRACED, tracing::Level::INFO)
}

/// Gives back the id that a request came with; for answers that are not watched.
pub(super) fn give_back_id(asked: &HeaderMap, response: &mut Response) {
    if let Some(id) = asked.get(REQUEST_ID)
        && RequestId::given(id.as_bytes()).is_some()
    {
        response.headers_mut().insert(REQUEST_ID, id.clone());
    }
}

/// Notes the route of a request, once it is found.
pub(super) fn note_route<B>(request: Request<B>) -> Request<B> {
    let extensions = request.extensions();
    if let (Some(slot), Some(route)) =
        (extensions.get::<RouteSlot>(), extensions.get::<MatchedPath>())
    {
        let _ = slot.set(route.clone());
    }
    request
}

impl Watch {
    pub(super) fn begin<B>(app: &App, request: &Request<B>, peer: Peer, began: Instant) -> Self {
        let headers = request.headers();
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        let given = headers.get(REQUEST_ID).and_then(|id| RequestId::given(id.as_bytes()));
        let asking = Asking {
            request_id: given.unwrap_or_default(),
            trace: text(TraceContext::HEADER).and_then(TraceContext::parse),
            trace_state: text(TraceContext::STATE_HEADER).map(str::to_owned),
        };
        let method = known(request.method());
        let span = tracing::info_span!(
            "request",
            otel.name = Empty,
            otel.kind = "server",
            otel.failed = Empty,
            traceparent = asking.trace.map(|trace| trace.to_string()),
            request_id = asking.request_id.as_str(),
            http.request.method = method,
            http.route = Empty,
            http.response.status_code = Empty,
            http.response.body.size = Empty,
            url.scheme = if peer.is_tls { "https" } else { "http" },
            "error.type" = Empty,
        );
        let wanted = app.parts.access_log;
        let is_told = wanted != AccessLog::Off;
        let of = |address| own_address(&app.parts.access, address, headers);
        Self {
            wanted,
            began,
            asking,
            span,
            method,
            client: peer.address.filter(|_| is_told).map(of),
            route: RouteSlot::default(),
            known_route: None,
            role: None,
            by: None,
            status: None,
            expected: None,
            bytes: 0,
            outcome: Outcome::Left,
        }
    }

    pub(super) fn span(&self) -> &Span {
        &self.span
    }

    pub(super) fn asking(&self) -> Asking {
        self.asking.clone()
    }

    pub(super) fn slot(&self) -> RouteSlot {
        Arc::clone(&self.route)
    }

    pub(super) fn route(&self) -> Option<&str> {
        self.known_route.or(self.route.get().map(MatchedPath::as_str))
    }

    /// The route of an answer out of memory, which was found when it was answered first.
    pub(super) fn note_known_route(&mut self, route: Option<&'static str>) {
        self.known_route = route;
    }

    pub(super) fn note_caller(&mut self, caller: &Caller) {
        self.role = Some(caller.visitor.role.name());
        if self.wanted == AccessLog::Off {
            return;
        }
        let session = caller.session.as_ref().map(|session| format!("session:{}", session.id));
        let token = caller.visitor.token_id.as_ref().map(|id| format!("token:{id}"));
        self.by = token.or(session);
    }

    /// Adds bytes that were sent.
    pub(super) fn note_bytes(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    pub(super) fn note_outcome(&mut self, outcome: Outcome) {
        self.outcome = outcome;
    }

    /// The response with its id, watched to the end of its body.
    pub(super) fn answered(mut self, mut response: Response) -> Response {
        if let Ok(id) = HeaderValue::from_str(self.asking.request_id.as_str()) {
            response.headers_mut().insert(REQUEST_ID, id);
        }
        self.status = Some(response.status().as_u16());
        let body = response.body();
        let length = response.headers().get(header::CONTENT_LENGTH);
        let told = length.and_then(|length| length.to_str().ok()?.parse().ok());
        let exact = body.size_hint().exact();
        self.expected = exact.or(told);
        // Events have no end but that somebody leaves.
        let kind = response.headers().get(header::CONTENT_TYPE);
        let is_endless = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        // Of what lies in memory nothing can fail; whether it is sent is of interest to some.
        let is_safe = exact.is_some() && !(self.wanted == AccessLog::All || is_traced());
        if body.is_end_stream() || is_safe || is_endless {
            self.outcome = Outcome::Done;
        }
        if body.is_end_stream() || is_safe {
            self.bytes = exact.unwrap_or_default();
            return response;
        }
        response.map(|body| Body::new(WatchedBody::new(body, self)))
    }

    fn note_in_span(&self, line: &AccessLine<'_>) {
        let span = &self.span;
        let Some(route) = line.route else {
            span.record("otel.name", self.method);
            return self.note_status_in_span(line);
        };
        span.record("otel.name", format!("{} {route}", self.method));
        span.record("http.route", route);
        self.note_status_in_span(line);
    }

    fn note_status_in_span(&self, line: &AccessLine<'_>) {
        let span = &self.span;
        span.record("http.response.body.size", line.bytes);
        if let Some(status) = line.status {
            span.record("http.response.status_code", status);
        }
        if line.has_failed() {
            span.record("otel.failed", true);
            let status = line.status.filter(|status| *status >= 500);
            let kind = status.map_or_else(|| "body".to_owned(), |status| status.to_string());
            span.record("error.type", kind);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let is_whole = self.status.is_some() && self.expected.is_some_and(|all| all <= self.bytes);
        let outcome = match self.outcome {
            Outcome::Left if is_whole => Outcome::Done,
            Outcome::Left if std::thread::panicking() => Outcome::Failed,
            outcome => outcome,
        };
        let line = AccessLine {
            request_id: self.asking.request_id.as_str(),
            method: self.method,
            route: self.route(),
            status: self.status,
            outcome,
            took: self.began.elapsed(),
            bytes: self.bytes,
            role: self.role,
            by: self.by.as_deref(),
            client: self.client,
        };
        if is_traced() {
            self.note_in_span(&line);
        }
        line.write(self.wanted, &self.span);
    }
}

/// The method, if it is one that is in use.
fn known(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] =
        ["GET", "POST", "DELETE", "HEAD", "OPTIONS", "PUT", "PATCH", "CONNECT", "TRACE"];
    KNOWN.into_iter().find(|known| method.as_str() == *known).unwrap_or("_OTHER")
}
