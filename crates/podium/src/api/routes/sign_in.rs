//! `POST /api/v1/sign-in` and `/api/v1/sign-out`

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::me::{Me, told};
use crate::access::{BURST, Mode, Refusal, SignInError, WINDOW, counted_as};
use crate::api::App;
use crate::api::asked::Asked;
use crate::api::cookies::Cookies;
use crate::api::credentials::Caller;
use crate::api::error::{ApiError, ErrorBody, error_response};
use crate::api::gate::unknown;

/// A key of the gateway. It has no `Debug`: nothing may tell it.
#[derive(Deserialize, ToSchema)]
pub(in crate::api) struct SignIn {
    /// The key itself. It is shown to the gateway once, and kept nowhere.
    key: String,
}

/// How to sign out.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(in crate::api) struct SignOut {
    /// All sessions of the same person or key, on all devices.
    everywhere: bool,
}

/// Signed out.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct SignedOut {
    /// Where the browser goes to end the provider's session, too; null where there is none.
    location: Option<String>,
}

/// Sign in
///
/// With a key of the gateway: it is asked once, with that key itself, who has it. Role and teams
/// follow from that and are asked again every hour. After five failures in a row one has to wait.
#[utoipa::path(
    post,
    path = "/api/v1/sign-in",
    tag = "access",
    request_body = SignIn,
    responses(
        (status = 200, description = "Signed in; the session is in a cookie", body = Me),
        (status = 400, description = "The body is not an object with a key", body = ErrorBody),
        (status = 401, description = "The gateway does not know the key, or no longer", body = ErrorBody),
        (status = 403, description = "Another site's page asked", body = ErrorBody),
        (status = 404, description = "Nobody signs in here: everybody sees everything", body = ErrorBody),
        (status = 413, description = "The body is too large", body = ErrorBody),
        (status = 429, description = "There were too many failures", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
        (status = 502, description = "The gateway cannot be asked", body = ErrorBody),
    )
)]
pub(in crate::api) async fn sign_in(
    State(app): State<App>,
    asker: Asked,
    body: Bytes,
) -> Result<Response, ApiError> {
    if app.parts.access.mode() == Mode::Open {
        return Err(ApiError::Refused(StatusCode::NOT_FOUND, NOBODY));
    }
    let Ok(SignIn { key }) = serde_json::from_slice(&body) else {
        return Err(ApiError::Refused(StatusCode::BAD_REQUEST, NO_KEY));
    };
    let from = asker.caller.address;
    let names: Vec<String> = from.map(counted_as).into_iter().collect();
    let key = key.trim().to_owned();
    let entered = app.parts.access.sign_in(key, &names, from.map(|a| a.to_string())).await;
    let entered = match entered {
        Ok(entered) => entered,
        Err(error) => return Ok(refused(&error, app.parts.access.limits().left(&names))),
    };
    let me = Me::of(&app, &Caller { visitor: entered.visitor, ..asker.caller.clone() }).await?;
    let mut response = told(&me);
    let cookies = Cookies::new(&app, asker.caller.is_secure);
    let cookie = cookies.begin(&entered.session).ok_or(ApiError::Fault)?;
    response.headers_mut().append(header::SET_COOKIE, cookie);
    Ok(response)
}

const NOBODY: &str = "Nobody signs in here: everybody sees everything";
const NO_KEY: &str = "The body must be a JSON object with the field key, a text";
const LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

fn refused(error: &SignInError, left: u32) -> Response {
    let detail = error.to_string();
    let (mut response, wait) = match error {
        SignInError::TooOften(wait) => {
            let mut response = error_response(StatusCode::TOO_MANY_REQUESTS, detail);
            let seconds = HeaderValue::from(whole_seconds(*wait));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
            (response, *wait)
        }
        SignInError::Refused(Refusal::Unsaid(_)) => {
            (error_response(StatusCode::BAD_GATEWAY, detail), Duration::ZERO)
        }
        SignInError::Refused(_) => (unknown(detail), Duration::ZERO),
    };
    let policy = format!("\"sign-in\";q={BURST};w={}", WINDOW.as_secs());
    let limit = format!("\"sign-in\";r={left};t={}", whole_seconds(wait));
    for (name, value) in [(POLICY, policy), (LIMIT, limit)] {
        response.headers_mut().extend(HeaderValue::try_from(value).ok().map(|v| (name, v)));
    }
    response
}

fn whole_seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX)
}

/// Sign out
///
/// Ends the session, or with `everywhere` all sessions of the same person or key.
#[utoipa::path(
    post,
    path = "/api/v1/sign-out",
    tag = "access",
    request_body = Option<SignOut>,
    responses(
        (status = 200, description = "Signed out, or never in", body = SignedOut),
        (status = 400, description = "The body is no object", body = ErrorBody),
        (status = 403, description = "Another site's page asked", body = ErrorBody),
        (status = 413, description = "The body is too large", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
    )
)]
pub(in crate::api) async fn sign_out(
    State(app): State<App>,
    asker: Asked,
    body: Bytes,
) -> Result<(HeaderMap, Json<SignedOut>), ApiError> {
    let wish = match body.trim_ascii() {
        b"" | b"null" => Ok(SignOut::default()),
        body => serde_json::from_slice(body),
    };
    let SignOut { everywhere } =
        wish.map_err(|_| ApiError::Refused(StatusCode::BAD_REQUEST, "The body must be an object"))?;
    let mut headers = HeaderMap::new();
    let mut location = None;
    if let Some(session) = &asker.caller.session {
        app.parts.access.sign_out(session, everywhere)?;
        location = super::sign_on::provider_logout(&app, session).await;
        let forget = Cookies::new(&app, asker.caller.is_secure).end();
        headers.extend(forget.map(|cookie| (header::SET_COOKIE, cookie)));
    }
    Ok((headers, Json(SignedOut { location })))
}
