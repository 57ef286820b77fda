//! `GET /user/info`, `GET /v2/user/info` and `GET /user/list`.

use serde_json::{Map, Value, json};

use super::caller::Caller;
use super::context::Context;
use super::teams::json::{key_info, with_keys};
use crate::answer::{Answer, Outcome};
use crate::world::{Key, User};

/// A user, with all keys of the user and all keys of the user's teams.
///
/// Others than admins are told of themselves alone. Without `user_id` it is the caller's own user.
pub(crate) fn info(context: &Context<'_>) -> Outcome {
    let world = context.world;
    let own = own_id(context);
    let asked = context.query.get("user_id");
    if *context.caller != Caller::Admin && asked.is_some() && asked != own {
        let message = "key not allowed to access this user's info.";
        return Err(Answer::proxy_error(403, "auth_error", json!("None"), message));
    }
    let user_id = asked.or(own).unwrap_or("None");
    let Some(user) = world.user(user_id) else {
        let message = format!("User {user_id} not found");
        return Err(Answer::proxy_error(404, "internal_server_error", Value::Null, &message));
    };
    let is_own = |key: &&Key| !key.deleted && key.user_id.as_deref() == Some(user_id);
    let mut keys: Vec<&Key> = world.keys().filter(is_own).collect();
    keys.sort_by(|a, b| a.token.cmp(&b.token));
    let with_token = |key: &Key| {
        let mut fields = key_info(key);
        fields.insert("token".to_owned(), json!(key.token));
        fields
    };
    let keys: Vec<_> = keys.into_iter().map(with_token).collect();
    let teams: Vec<_> = user
        .team_ids
        .iter()
        .filter_map(|team_id| world.team(team_id))
        .map(|team| with_keys(world, team))
        .collect();
    Ok(Answer::ok(&json!({
        "user_id": user_id,
        "user_info": fields(user),
        "keys": keys,
        "teams": teams,
    })))
}

/// The user alone. Who is not to be told of is not found (LiteLLM 1.106, `user_info_v2`).
pub(crate) fn info_v2(context: &Context<'_>) -> Outcome {
    let own = own_id(context);
    let Some(user_id) = context.query.get("user_id").or(own) else {
        let message = "user_id is required. Either pass it as a query parameter or authenticate \
                       with a user-bound key.";
        return Err(Answer::proxy_error(400, "internal_server_error", Value::Null, message));
    };
    let may_see = *context.caller == Caller::Admin || own == Some(user_id);
    let Some(user) = context.world.user(user_id).filter(|_| may_see) else {
        let message = format!("User not found: {user_id}");
        return Err(Answer::proxy_error(404, "internal_server_error", Value::Null, &message));
    };
    Ok(Answer::ok(&fields(user)))
}

/// Pages of users, newest first, for admins. `user_email` may be a part of the address, in
/// capitals or not.
pub(crate) fn list(context: &Context<'_>) -> Outcome {
    let page = context.query.int_within("page", 1, 1, None)?;
    let size = context.query.int_within("page_size", 25, 1, Some(100))?;
    if *context.caller != Caller::Admin {
        let message = "Only proxy admins and organization admins can list users.";
        return Err(Answer::detail_error(403, message));
    }
    let part = context.query.get("user_email").map(str::to_lowercase);
    let is_wanted = |user: &&User| {
        let holds = |part: &str| {
            user.email.as_ref().is_some_and(|email| email.to_lowercase().contains(part))
        };
        part.as_deref().is_none_or(holds)
    };
    let users: Vec<&User> = context.world.users().iter().rev().filter(is_wanted).collect();
    let size = usize::try_from(size).unwrap_or(1);
    let skipped = usize::try_from(page - 1).unwrap_or(usize::MAX).saturating_mul(size);
    let listed: Vec<_> = users.iter().skip(skipped).take(size).map(|user| fields(user)).collect();
    Ok(Answer::ok(&json!({
        "users": listed,
        "total": users.len(),
        "page": page,
        "page_size": size,
        "total_pages": users.len().div_ceil(size),
    })))
}

fn own_id<'a>(context: &Context<'a>) -> Option<&'a str> {
    context.own_key.and_then(|key| key.user_id.as_deref())
}

/// What both answers have in common; a simulated gateway has no limits and budgets.
fn fields(user: &User) -> Map<String, Value> {
    const NULLS: [&str; 8] = [
        "user_alias",
        "sso_user_id",
        "max_budget",
        "tpm_limit",
        "rpm_limit",
        "budget_duration",
        "budget_reset_at",
        "object_permission",
    ];
    let mut fields: Map<_, _> =
        NULLS.into_iter().map(|name| (name.to_owned(), Value::Null)).collect();
    let created_at = user.created_at.to_string();
    for (name, value) in [
        ("user_id", json!(user.user_id)),
        ("user_email", json!(user.email)),
        ("user_role", json!(user.role.name())),
        ("teams", json!(user.team_ids)),
        ("spend", json!(0.0)),
        ("models", json!([])),
        ("metadata", json!({})),
        ("model_max_budget", json!({})),
        ("created_at", json!(created_at)),
        ("updated_at", json!(created_at)),
    ] {
        fields.insert(name.to_owned(), value);
    }
    fields
}
