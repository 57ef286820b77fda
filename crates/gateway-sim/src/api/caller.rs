//! Who calls.

use jiff::Timestamp;
use serde_json::json;

use crate::answer::Answer;
use crate::world::{Key, World, hash_token};

/// The owner of the key that came with a request.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Caller {
    /// The gateway's master key, or another that sees everything.
    Admin,
    /// An admin's key that may not ask this.
    Elsewhere { allowed_routes: Vec<String> },
    /// A plain user's key.
    User { user_id: String, sees: Vec<String> },
    /// A virtual key that belongs to no user.
    Userless,
    /// No key at all.
    Nobody,
    /// Something that does not begin with `sk-`.
    NotAKey,
    /// A key that the gateway does not know, or no longer.
    Stranger { hash: String },
    /// A key that was blocked.
    Blocked { hash: String, team_id: Option<String> },
    /// A key whose time is over.
    Expired { hash: String, team_id: Option<String> },
}

impl Caller {
    /// Who is behind an `Authorization` header.
    pub(crate) fn of(
        authorization: Option<&str>,
        master_key: &str,
        world: &World,
        path: &str,
        now: Timestamp,
    ) -> Caller {
        let Some(bearer) = authorization.map(bearer).filter(|bearer| !bearer.is_empty()) else {
            return Caller::Nobody;
        };
        if bearer == master_key {
            Caller::Admin
        } else if let Some(routes) = world.admin_key(bearer) {
            elsewhere(routes, path).unwrap_or(Caller::Admin)
        } else if let Some(user) = world.user_key_of(bearer) {
            Caller::User { user_id: user.user_id.clone(), sees: user.sees.clone() }
        } else if let Some(key) = world.key_of(bearer) {
            Caller::with(key, world, path, now)
        } else if bearer.starts_with("sk-") {
            Caller::Stranger { hash: hash_token(bearer) }
        } else {
            Caller::NotAKey
        }
    }

    /// Who comes with a virtual key.
    fn with(key: &Key, world: &World, path: &str, now: Timestamp) -> Caller {
        let (hash, team_id) = (key.token.clone(), key.team_id.clone());
        if key.blocked {
            return Caller::Blocked { hash, team_id };
        }
        if key.is_expired_at(now) {
            return Caller::Expired { hash, team_id };
        }
        if let Some(elsewhere) = elsewhere(&key.allowed_routes, path) {
            return elsewhere;
        }
        let Some(user) = key.user_id.as_ref().and_then(|user_id| world.user(user_id)) else {
            return Caller::Userless;
        };
        if user.role.sees_everything() {
            return Caller::Admin;
        }
        let own = world.keys().filter(|key| key.user_id.as_ref() == Some(&user.user_id));
        let sees = own.map(|key| key.token.clone()).collect();
        Caller::User { user_id: user.user_id.clone(), sees }
    }

    /// The refusal of a caller who has no valid key.
    pub(crate) fn refusal(&self) -> Option<Answer> {
        match self {
            Caller::Elsewhere { allowed_routes } => {
                let message = format!(
                    "Virtual key is not allowed to call this route. Only allowed to call routes: \
                     {allowed_routes:?}. Tried to call route"
                );
                Some(Answer::detail(403, &message))
            }
            Caller::Admin | Caller::User { .. } | Caller::Userless => None,
            Caller::Nobody => {
                let message = "Authentication Error, No api key passed in.";
                Some(Answer::proxy_error(401, "auth_error", json!("None"), message))
            }
            Caller::NotAKey => {
                let message =
                    "LiteLLM Virtual Key expected. Received=****, expected to start with 'sk-'.";
                Some(Answer::proxy_error(401, "auth_error", json!("None"), message))
            }
            Caller::Stranger { hash } => {
                let message = format!(
                    "Authentication Error, Invalid proxy server token passed. Received API Key = sk-..., \
                     Key Hash (Token) ={hash}. Unable to find token in cache or `LiteLLM_VerificationTokenTable`"
                );
                Some(Answer::proxy_error(401, "token_not_found_in_db", json!("key"), &message))
            }
            Caller::Blocked { .. } => {
                let message = "Authentication Error, Key is blocked. Update via `/key/unblock` if \
                               you're an admin.";
                Some(Answer::proxy_error(401, "auth_error", json!("None"), message))
            }
            Caller::Expired { .. } => {
                let message = "Authentication Error - Expired Key.";
                Some(Answer::proxy_error(401, "expired_key", json!("sk-..."), message))
            }
        }
    }

    /// What a refused call is booked under: the hash of the key it came with.
    pub(crate) fn refused_api_key(&self) -> &str {
        match self {
            Caller::Stranger { hash }
            | Caller::Blocked { hash, .. }
            | Caller::Expired { hash, .. } => hash,
            _ => "",
        }
    }

    /// The team under which a refused call is booked: that of a key that was once good.
    pub(crate) fn refused_team(&self) -> Option<&str> {
        match self {
            Caller::Blocked { team_id, .. } | Caller::Expired { team_id, .. } => team_id.as_deref(),
            _ => None,
        }
    }

    /// Lists of teams are for admins.
    pub(crate) fn must_be_admin(&self) -> Result<(), Answer> {
        if *self == Caller::Admin {
            return Ok(());
        }
        let message =
            "Only admin users can query all teams/other teams. Your user role=internal_user";
        Err(Answer::detail_error(401, message))
    }
}

/// The caller whose key may call some routes, if this path is none of them.
fn elsewhere(routes: &[String], path: &str) -> Option<Caller> {
    let may = routes.is_empty() || routes.iter().any(|route| path.starts_with(route));
    (!may).then(|| Caller::Elsewhere { allowed_routes: routes.to_vec() })
}

/// What follows `Bearer`; a header without the word is taken whole, as the gateway does.
pub(crate) fn bearer(authorization: &str) -> &str {
    let rest =
        authorization.strip_prefix("Bearer ").or_else(|| authorization.strip_prefix("bearer "));
    rest.unwrap_or(authorization).trim()
}
