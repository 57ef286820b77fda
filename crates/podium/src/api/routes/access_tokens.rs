//! `GET` and `POST /api/v1/tokens`, `DELETE /api/v1/tokens/{id}`

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Schema, Type};
use utoipa::openapi::{ArrayBuilder, ObjectBuilder};

use crate::access::{MadeToken, Token, TokenRole, TokenWish};
use crate::api::App;
use crate::api::asked::Asked;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::parameters::plain;

/// All tokens.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct AccessTokens {
    /// In the order in which they were made.
    tokens: Vec<Token>,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
pub(in crate::api) struct NewToken {
    /// What it is for, in one line.
    #[schema(
        max_length = 100,
        pattern = r"^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$"
    )]
    name: String,
    /// What it may do.
    role: TokenRole,
    /// With the role `team`, the teams that it sees, by id.
    #[serde(default)]
    #[schema(schema_with = team_ids)]
    teams: Vec<String>,
    /// How many days it is good; without end if left out.
    #[serde(default, deserialize_with = "whole")]
    #[schema(minimum = 1, maximum = 36500)]
    expires_in_days: Option<u32>,
    /// Whether it may stand in an address, where that is allowed at all.
    #[serde(default)]
    in_address: bool,
}

/// A whole number, which JSON may also write as `30.0`.
fn whole<'de, D: serde::Deserializer<'de>>(given: D) -> Result<Option<u32>, D::Error> {
    let Some(number) = Option::<serde_json::Number>::deserialize(given)? else { return Ok(None) };
    let days = plain(&number).parse();
    days.map(Some).map_err(|_| serde::de::Error::custom("a whole number is expected"))
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
pub(in crate::api) struct CreatedToken {
    #[serde(flatten)]
    listed: Token,
    /// The token. It is told this once, and kept nowhere.
    token: String,
}

/// Tokens
///
/// All tokens that were not revoked, without what makes them tokens. For admins.
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    tag = "access",
    responses(
        (status = 200, body = AccessTokens),
        (status = 401, description = "Nobody is known to ask", body = ErrorBody),
        (status = 403, description = "Not an admin, or everybody sees everything", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
    )
)]
pub(in crate::api) async fn list_tokens(
    State(app): State<App>,
) -> Result<Json<AccessTokens>, ApiError> {
    Ok(Json(AccessTokens { tokens: app.parts.access.keeper().tokens()? }))
}

/// Make a token
///
/// For Grafana, Prometheus and scripts: `Authorization: Bearer podium_…`. For admins.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    tag = "access",
    request_body = NewToken,
    responses(
        (status = 201, description = "The token; it is told this once", body = CreatedToken),
        (status = 400, description = "The body makes no sense", body = ErrorBody),
        (status = 401, description = "Nobody is known to ask", body = ErrorBody),
        (status = 403, description = "Not an admin, another site's page, or everybody sees everything", body = ErrorBody),
        (status = 413, description = "The body is too large", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
    )
)]
pub(in crate::api) async fn create_token(
    State(app): State<App>,
    asker: Asked,
    body: Bytes,
) -> Result<Response, ApiError> {
    let refused = |detail| ApiError::Refused(StatusCode::BAD_REQUEST, detail);
    let wish: NewToken = serde_json::from_slice(&body).map_err(|_| refused(SHAPE))?;
    let now = app.parts.clock.now();
    let after = |days: u32| {
        let lasts = SignedDuration::from_hours(i64::from(days) * 24);
        now.checked_add(lasts).ok().filter(|_| (1..=MOST_DAYS).contains(&days))
    };
    let expires_at = match wish.expires_in_days {
        None => None,
        Some(days) => Some(after(days).ok_or_else(|| refused(EXPIRY))?),
    };
    let wish = TokenWish {
        name: wish.name,
        role: wish.role,
        teams: wish.teams,
        expires_at,
        in_address: wish.in_address,
    };
    let wish = wish.checked().map_err(refused)?;
    let (keeper, visitor) = (app.parts.access.keeper().clone(), asker.caller.visitor);
    let make = move || keeper.make_token(wish, visitor.name.as_deref());
    let made = crate::tasks::spawn_blocking(make).await;
    let MadeToken { token: listed, text: token } = made.map_err(|_| ApiError::Fault)??;
    let fresh = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::CREATED, fresh, Json(CreatedToken { listed, token })).into_response())
}

/// A hundred years.
const MOST_DAYS: u32 = 36_500;
const EXPIRY: &str = "expires_in_days must be a number from 1 to 36500";

/// Ids that are more than spaces, for the document.
fn team_ids() -> Schema {
    let id = ObjectBuilder::new().schema_type(Type::String).pattern(Some(r"[^\s\u0085]"));
    ArrayBuilder::new().items(id).build().into()
}

const SHAPE: &str = "The body must be a JSON object with name, role (team, viewer or admin), \
                     teams, expires_in_days and in_address";

/// Revoke a token
///
/// From then on it opens nothing. For admins.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{id}",
    tag = "access",
    params(("id" = String, Path, description = "The id of the list")),
    responses(
        (status = 204, description = "It is revoked"),
        (status = 401, description = "Nobody is known to ask", body = ErrorBody),
        (status = 403, description = "Not an admin, another site's page, or everybody sees everything", body = ErrorBody),
        (status = 404, description = "There is no such token", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
    )
)]
pub(in crate::api) async fn revoke_token(
    State(app): State<App>,
    asker: Asked,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let (keeper, visitor) = (app.parts.access.keeper().clone(), asker.caller.visitor);
    let revoke = move || keeper.revoke_token(&id, visitor.name.as_deref());
    let revoked = crate::tasks::spawn_blocking(revoke).await;
    match revoked.map_err(|_| ApiError::Fault)?? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(ApiError::Refused(StatusCode::NOT_FOUND, "There is no such token")),
    }
}
