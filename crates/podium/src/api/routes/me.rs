//! `GET /api/v1/me`

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::{How, Mode, Role, Show};
use crate::api::App;
use crate::api::asked::Asked;
use crate::api::credentials::Caller;
use crate::api::error::{ApiError, ErrorBody};
use crate::query::{Include, ListedTeams};
use crate::usage::DayRange;

/// Whoever asks, and what they may see.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Me {
    /// `open`: everybody sees everything; `board`: everybody sees the leaderboard; `private`.
    mode: &'static str,
    /// What they are.
    role: Role,
    /// Whether it is known who they are.
    signed_in: bool,
    /// How that is known.
    how: How,
    /// The alias of their key, their e-mail address or name, or the name of their token.
    name: Option<String>,
    /// Their own teams.
    teams: Vec<OwnTeam>,
    /// Until when it holds.
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
    /// What they may see.
    may_see: MaySee,
    /// How one can sign in.
    sign_in: WaysIn,
}

/// A team of whoever asks.
#[derive(Debug, Serialize, ToSchema)]
struct OwnTeam {
    /// The gateway's id.
    team_id: String,
    /// What it is called.
    name: String,
}

/// What somebody may see.
#[derive(Debug, Serialize, ToSchema)]
struct MaySee {
    /// Of what all is seen: `everything`, the own `teams`, the own `keys`, or `nothing`.
    own: &'static str,
    /// What is shown of others: of `name`, `rank`, `tokens`, `spend`, `models` and `keys`.
    others: Vec<&'static str>,
    /// Whether keys are told by the beginning and end of their hashes alone.
    keys_masked: bool,
    /// Teams of others with fewer active keys are not told apart by key.
    people_floor: usize,
}

/// How one can sign in.
#[derive(Debug, Serialize, ToSchema)]
struct WaysIn {
    /// With a key of the gateway.
    key: bool,
    /// With the company's single sign-on: what that is called.
    single_sign_on: Option<String>,
}

/// Who am I
///
/// What Podium knows of whoever asks, what they may see, and how one can sign in.
#[utoipa::path(
    get,
    path = "/api/v1/me",
    tag = "access",
    responses(
        (status = 200, body = Me),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_me(
    State(app): State<App>,
    asker: Asked,
) -> Result<Response, ApiError> {
    Ok(told(&Me::of(&app, &asker.caller).await?))
}

/// Nobody keeps what is told of somebody.
pub(super) fn told(me: &Me) -> Response {
    let fresh = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (fresh, Json(me)).into_response()
}

impl Me {
    pub(super) async fn of(app: &App, caller: &Caller) -> Result<Self, ApiError> {
        let (access, visitor) = (&app.parts.access, &caller.visitor);
        let knows_people = access.mode() != Mode::Open;
        let own = match visitor.role {
            _ if visitor.scope.sees_everything() => "everything",
            Role::OwnKeys => "keys",
            Role::Team => "teams",
            _ => "nothing",
        };
        Ok(Self {
            mode: access.mode().name(),
            role: visitor.role,
            signed_in: visitor.is_signed_in(),
            how: visitor.how,
            name: visitor.name.clone(),
            teams: own_teams(app, caller).await?,
            expires_at: visitor.expires_at,
            may_see: MaySee {
                own,
                others: access.shown_to(visitor).iter().map(Show::name).collect(),
                keys_masked: visitor.scope.masks_keys(),
                people_floor: visitor.scope.people_floor(),
            },
            sign_in: WaysIn {
                key: knows_people,
                single_sign_on: app
                    .parts
                    .sign_on
                    .as_ref()
                    .filter(|_| knows_people)
                    .map(|sign_on| sign_on.label().to_owned()),
            },
        })
    }
}

async fn own_teams(app: &App, caller: &Caller) -> Result<Vec<OwnTeam>, ApiError> {
    let visitor = &caller.visitor;
    if visitor.teams.is_empty() {
        return Ok(Vec::new());
    }
    let reader = app.parts.store.read();
    let today = DayRange::single(app.parts.clock.today());
    let listed = ListedTeams::of(&reader, today, Include::default(), &visitor.scope).await?;
    let name =
        |id: &String| listed.name(id).or(reader.ledger.team_alias(id)).unwrap_or(id).to_owned();
    let own = visitor.teams.iter().map(|id| OwnTeam { team_id: id.clone(), name: name(id) });
    Ok(own.collect())
}
