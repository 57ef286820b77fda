//! Who may ask what: a table, in which every route has to stand. What does not is shut.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::App;
use super::credentials::Caller;
use super::error::error_response;
use super::page;
use crate::access::{Mode, Refusal, Role};

/// What it takes to ask something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// Nothing: it tells nothing that is worth hiding, or looks after itself.
    Nothing,
    /// In mode `board` nothing, as far as the board goes; else to be known.
    Board,
    /// To be known. The figures are those that one may see.
    SignedIn,
    /// To see everybody's usage.
    Viewer,
    /// To be an admin.
    Admin,
    /// To be an admin, of a Podium that knows people at all.
    Access,
}

/// The table, without the page's own addresses.
const NEEDS: [(&str, Need); 33] = [
    ("/livez", Need::Nothing),
    ("/readyz", Need::Nothing),
    ("/api/v1/me", Need::Nothing),
    ("/api/v1/sign-in", Need::Nothing),
    ("/api/v1/sign-out", Need::Nothing),
    ("/auth/sign-on", Need::Nothing),
    ("/auth/callback", Need::Nothing),
    // It wants a token of its own.
    ("/ingest/litellm", Need::Nothing),
    ("/api/v1/leaderboard", Need::Board),
    ("/api/v1/query", Need::Board),
    ("/api/v1/events", Need::Board),
    ("/api/v1/meta", Need::Board),
    ("/api/v1/status", Need::Board),
    ("/preview.png", Need::Board),
    ("/tokens", Need::SignedIn),
    ("/tokens/timeseries", Need::SignedIn),
    ("/tokens/models", Need::SignedIn),
    ("/tokens/success-rate", Need::SignedIn),
    ("/tokens/cost-efficiency", Need::SignedIn),
    ("/tokens/hourly", Need::SignedIn),
    ("/api/v1/activity", Need::SignedIn),
    ("/api/v1/heatmap", Need::SignedIn),
    ("/api/v1/facts.parquet", Need::SignedIn),
    ("/api/v1/focus.csv", Need::SignedIn),
    ("/api/v1/focus.parquet", Need::SignedIn),
    ("/metrics", Need::SignedIn),
    ("/openapi.json", Need::SignedIn),
    ("/docs", Need::SignedIn),
    ("/docs/{file}", Need::SignedIn),
    ("/api/v1/audit", Need::Viewer),
    ("/api/v1/tokens", Need::Access),
    ("/api/v1/tokens/{id}", Need::Access),
    ("/api/v1/access-log", Need::Access),
];

/// How many routes stand in the table.
pub(super) const ROUTES: usize = NEEDS.len();

/// The place in the table of the route of a path.
pub(super) fn route(path: &str) -> Option<usize> {
    NEEDS.iter().position(|(pattern, _)| fits(pattern, path))
}

/// The pattern at a place of the table.
pub(super) fn pattern(place: usize) -> Option<&'static str> {
    NEEDS.get(place).map(|(pattern, _)| *pattern)
}

/// What it takes to ask this.
pub(super) fn need(method: &Method, path: &str) -> Need {
    let known = NEEDS.iter().find(|(pattern, _)| fits(pattern, path));
    match known {
        // What changes something is not for those who only look.
        Some((_, Need::Viewer)) if is_change(method) => Need::Admin,
        Some((_, need)) => *need,
        None if page::is_page(path) => Need::Nothing,
        None => Need::SignedIn,
    }
}

/// A pattern's last part may stand for any, and a slash behind a path leads to that path.
fn fits(pattern: &str, path: &str) -> bool {
    let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
    match pattern.split_once("/{") {
        Some((before, _)) => {
            let rest = path.strip_prefix(before).and_then(|rest| rest.strip_prefix('/'));
            rest.is_some_and(|rest| !rest.is_empty() && !rest.contains('/'))
        }
        None => pattern == path,
    }
}

/// Whether what is for admins of people has this method. Where it has not, the router says so, as
/// everywhere.
fn is_of_people(method: &Method, path: &str) -> bool {
    let of_one = fits("/api/v1/tokens/{id}", path);
    match *method {
        Method::GET | Method::HEAD => !of_one,
        Method::POST => fits("/api/v1/tokens", path),
        Method::DELETE => of_one,
        _ => false,
    }
}

fn is_change(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Lets through who may ask.
pub(super) async fn keep(State(app): State<App>, request: Request, next: Next) -> Response {
    let mode = app.parts.access.mode();
    let need = need(request.method(), request.uri().path());
    if request.method() == Method::OPTIONS {
        return next.run(request).await;
    }
    if mode == Mode::Open {
        return match need {
            Need::Access if is_of_people(request.method(), request.uri().path()) => {
                error_response(StatusCode::FORBIDDEN, OPEN)
            }
            _ => next.run(request).await,
        };
    }
    let Some(caller) = request.extensions().get::<Caller>() else {
        return error_response(StatusCode::UNAUTHORIZED, SIGN_IN);
    };
    if let Some(refused) = refusal(need, mode, caller) {
        return refused;
    }
    let is_of_session = caller.visitor.how.is_ambient() || caller.session.is_some();
    let signs_in = request.uri().path().starts_with("/api/v1/sign-");
    if is_change(request.method()) && (is_of_session || signs_in) {
        let own = Own { public_url: app.parts.public_url.as_deref(), is_secure: caller.is_secure };
        if !own.is_origin_of(request.headers(), request.uri(), is_of_session) {
            return error_response(StatusCode::FORBIDDEN, FOREIGN);
        }
    }
    next.run(request).await
}

const OPEN: &str = "Everybody sees everything here; set PODIUM_ACCESS to board or private to have \
                    people, tokens and a log of who comes in";
pub(super) const SIGN_IN: &str = "Sign in to see this";
const FOREIGN: &str = "Another site made your browser ask this, so it is not done. Scripts that \
                       use a browser's cookie send the header X-Requested-With.";

fn refusal(need: Need, mode: Mode, caller: &Caller) -> Option<Response> {
    let role = caller.visitor.role;
    let least = match need {
        Need::Nothing => return None,
        Need::Board if mode == Mode::Board => Role::Anybody,
        Need::Board | Need::SignedIn => Role::OwnKeys,
        Need::Viewer => Role::Viewer,
        Need::Admin | Need::Access => Role::Admin,
    };
    // A token that is none is said to be so, whatever else anybody may see.
    if let Some(refusal @ Refusal::Token) = &caller.refusal {
        return Some(unknown(refusal.to_string()));
    }
    match (&caller.refusal, role) {
        _ if role >= least => None,
        (Some(refusal @ Refusal::Unsaid(_)), Role::Anybody) => {
            Some(error_response(StatusCode::SERVICE_UNAVAILABLE, refusal.to_string()))
        }
        (Some(refusal), Role::Anybody) => Some(unknown(refusal.to_string())),
        (None, Role::Anybody) => Some(unknown(SIGN_IN.to_owned())),
        (_, role) => {
            let detail = format!("This is for more than the role {}", role.name());
            Some(error_response(StatusCode::FORBIDDEN, detail))
        }
    }
}

/// 401. The scheme is the one of Podium's tokens: browsers ask nobody for a password.
pub(super) fn unknown(detail: String) -> Response {
    let scheme = [(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))];
    (scheme, error_response(StatusCode::UNAUTHORIZED, detail)).into_response()
}

/// Podium's own origin.
struct Own<'a> {
    public_url: Option<&'a str>,
    is_secure: bool,
}

impl Own<'_> {
    /// Whether a page of Podium's own made the browser ask, or no browser asks at all.
    fn is_origin_of(&self, headers: &HeaderMap, uri: &Uri, must_say: bool) -> bool {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(site) = text("sec-fetch-site") {
            return matches!(site, "same-origin" | "none");
        }
        match text("origin") {
            Some(origin) => self.is(origin, text("host").or(uri.host())),
            None => !must_say || text("x-requested-with").is_some_and(|with| !with.is_empty()),
        }
    }

    fn is(&self, origin: &str, host: Option<&str>) -> bool {
        let scheme = if self.is_secure { "https" } else { "http" };
        let is_host = host.is_some_and(|host| origin == format!("{scheme}://{host}"));
        let public = self.public_url.and_then(|url| url::Url::parse(url).ok());
        is_host || public.is_some_and(|url| url.origin().ascii_serialization() == origin)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_stands_in_the_table() {
        let document: serde_json::Value =
            serde_json::from_str(&crate::api::openapi()).expect("the document is JSON");
        for path in document["paths"].as_object().expect("paths").keys() {
            assert!(NEEDS.iter().any(|(pattern, _)| pattern == path), "{path}");
        }
    }

    #[test]
    fn a_method_that_is_not_there_is_left_to_the_router() {
        let document: serde_json::Value =
            serde_json::from_str(&crate::api::openapi()).expect("the document is JSON");
        for (path, _) in NEEDS.iter().filter(|(_, need)| *need == Need::Access) {
            for method in ["get", "head", "post", "put", "patch", "delete", "trace"] {
                // What can be got has a head.
                let listed = if method == "head" { "get" } else { method };
                let is_there = !document["paths"][path][listed].is_null();
                let method = method.to_uppercase().parse().expect("a method");
                assert_eq!(is_of_people(&method, path), is_there, "{method} {path}");
            }
        }
    }

    #[test]
    fn what_does_not_stand_in_it_is_shut() {
        let need = |path: &str| need(&Method::GET, path);
        assert_eq!(need("/api/v1/new"), Need::SignedIn);
        assert_eq!(need("/tokens/"), Need::SignedIn);
        assert_eq!(need("/tokens/timeseries/"), Need::SignedIn);
        assert_eq!(need("/docs/swagger.js"), Need::SignedIn);
        assert_eq!(need("/api/v1/tokens/abc"), Need::Access);
        assert_eq!(need("/api/v1/tokens/a/b"), Need::SignedIn);
        assert_eq!(need("/"), Need::Nothing);
        assert_eq!(need("/team/t-1"), Need::Nothing);
        assert_eq!(need("/assets/index.js"), Need::Nothing);
    }

    #[test]
    fn other_sites_change_nothing() {
        let own = Own { public_url: Some("https://podium.example/board"), is_secure: false };
        let asks = |pairs: &[(&'static str, &str)], must_say| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().expect("a header"));
            }
            own.is_origin_of(&headers, &Uri::from_static("/api/v1/sign-out"), must_say)
        };
        assert!(asks(&[("sec-fetch-site", "same-origin")], true));
        assert!(!asks(&[("sec-fetch-site", "same-site")], true));
        assert!(!asks(&[("sec-fetch-site", "cross-site"), ("x-requested-with", "x")], true));
        assert!(asks(&[("origin", "http://localhost:8000"), ("host", "localhost:8000")], true));
        assert!(asks(&[("origin", "https://podium.example")], true));
        assert!(!asks(&[("origin", "https://evil.example"), ("host", "localhost:8000")], false));
        assert!(!asks(&[("origin", "null"), ("host", "localhost:8000")], false));
        assert!(!asks(&[], true));
        assert!(asks(&[], false));
        assert!(asks(&[("x-requested-with", "script")], true));
    }
}
