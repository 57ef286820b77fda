//! `GET /auth/sign-on` and `/auth/callback`: the company's single sign-on.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::access::{Account, How, Mode, Refusal, Session};
use crate::api::App;
use crate::api::asked::Asked;
use crate::api::cookies::Cookies;
use crate::api::error::{ApiError, ErrorBody};
use crate::sign_on::{Pending, SignOn, SignOnError};

/// A sign-on that is under way, as the browser keeps it.
#[derive(Serialize, Deserialize)]
struct UnderWay {
    pending: Pending,
    /// Where to go afterwards, within the page.
    to: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct SignOnParameters {
    /// Where to go afterwards, a path within the page.
    to: Option<String>,
}

/// Sign on
///
/// Leads to the provider of the single sign-on (OpenID Connect, authorisation code with PKCE).
#[utoipa::path(
    get,
    path = "/auth/sign-on",
    tag = "access",
    params(SignOnParameters),
    responses(
        (status = 303, description = "To the provider, or back to the page with what is wrong"),
        (status = 404, description = "There is no single sign-on", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
    )
)]
pub(in crate::api) async fn begin_sign_on(
    State(app): State<App>,
    asker: Asked,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let sign_on = provider(&app)?;
    let to = parameter(query.as_deref(), "to").filter(|to| is_within(to));
    match sign_on.begin().await {
        Ok((address, pending)) => {
            let under_way = UnderWay { pending, to: to.unwrap_or_else(|| "/".to_owned()) };
            let cookies = Cookies::new(&app, asker.caller.is_secure);
            let cookie = cookies.begin_sign_on(&under_way).ok_or(ApiError::Fault)?;
            leads_to(address.as_str(), Some(cookie))
        }
        Err(error) => failed(&app, &asker, &error),
    }
}

/// Back from the provider
///
/// Where the provider sends the browser; it goes on to the page.
#[utoipa::path(
    get,
    path = "/auth/callback",
    tag = "access",
    responses(
        (status = 303, description = "To the page, signed in or with what is wrong"),
        (status = 404, description = "There is no single sign-on", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
    )
)]
pub(in crate::api) async fn end_sign_on(
    State(app): State<App>,
    asker: Asked,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let sign_on = provider(&app)?;
    let cookies = Cookies::new(&app, asker.caller.is_secure);
    let query = query.as_deref();
    let under_way: Option<UnderWay> = cookies.sign_on(&asker.headers);
    let (Some(under_way), Some(code), Some(state)) =
        (under_way, parameter(query, "code"), parameter(query, "state"))
    else {
        let is_refused = parameter(query, "error").is_some();
        return back(&app, &asker, if is_refused { "refused" } else { "expired" });
    };
    let person = match sign_on.finish(&under_way.pending, &code, &state).await {
        Ok(person) => person,
        Err(error) => return failed(&app, &asker, &error),
    };
    let account = Account::Person {
        user: person.subject,
        email: person.email,
        name: person.name,
        groups: person.groups,
    };
    let from = asker.caller.address.map(|address| address.to_string());
    match app.parts.access.sign_on(account, from).await {
        Ok(entered) => {
            let cookie = cookies.begin(&entered.session).ok_or(ApiError::Fault)?;
            let to = format!("{}{}", app.parts.base_path, under_way.to);
            let mut response = leads_to(&to, Some(cookie))?;
            let forget = cookies.end_sign_on();
            response.headers_mut().extend(forget.map(|cookie| (header::SET_COOKIE, cookie)));
            Ok(response)
        }
        Err(Refusal::Unsaid(_)) => back(&app, &asker, "unavailable"),
        Err(_) => back(&app, &asker, "forbidden"),
    }
}

/// Where the browser ends the provider's session after ours.
pub(super) async fn provider_logout(app: &App, session: &Session) -> Option<String> {
    let sign_on = app.parts.sign_on.as_ref().filter(|_| session.how == How::SingleSignOn)?;
    let back_to = app.parts.public_url.as_deref()?.parse().ok()?;
    sign_on.logout_url(None, &back_to).await.map(String::from)
}

fn provider(app: &App) -> Result<Arc<SignOn>, ApiError> {
    let is_there = app.parts.access.mode() != Mode::Open;
    let sign_on = app.parts.sign_on.clone().filter(|_| is_there);
    sign_on.ok_or(ApiError::Refused(StatusCode::NOT_FOUND, "There is no single sign-on here"))
}

fn parameter(query: Option<&str>, wanted: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
}

/// Whether an address lies within the page, and on no other site.
fn is_within(to: &str) -> bool {
    let is_plain = to.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    is_plain && to.starts_with('/') && !to.starts_with("//") && to.len() <= 2_048
}

fn failed(app: &App, asker: &Asked, error: &SignOnError) -> Result<Response, ApiError> {
    tracing::warn!(%error, "a single sign-on failed");
    back(app, asker, error.reason())
}

/// Back to the page, which says what is wrong.
fn back(app: &App, asker: &Asked, error: &str) -> Result<Response, ApiError> {
    let forget = Cookies::new(app, asker.caller.is_secure).end_sign_on();
    leads_to(&format!("{}/sign-in?error={error}", app.parts.base_path), forget)
}

fn leads_to(address: &str, cookie: Option<HeaderValue>) -> Result<Response, ApiError> {
    let mut headers = HeaderMap::new();
    let location = HeaderValue::try_from(address).map_err(|_| ApiError::Fault)?;
    headers.insert(header::LOCATION, location);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.extend(cookie.map(|cookie| (header::SET_COOKIE, cookie)));
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

#[cfg(test)]
mod tests {
    use super::is_within;

    #[test]
    fn one_comes_back_to_the_page_and_to_no_other_site() {
        for to in ["/", "/charts?range=week", "/team/t-1"] {
            assert!(is_within(to), "{to}");
        }
        for to in [
            "",
            "charts",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a b",
            "/\r\nx",
        ] {
            assert!(!is_within(to), "{to}");
        }
    }
}
