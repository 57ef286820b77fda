//! `GET /key/info` and `GET /key/list`.

use std::borrow::Cow;

use serde_json::json;

use super::caller::Caller;
use super::context::Context;
use super::teams::json::key_info;
use crate::answer::{Answer, Outcome};
use crate::world::{Key, hash_token};

/// A key, by its secret or its hash; the caller's own one where none is named.
///
/// Blocked and expired keys are told like others, and those that were deleted from the record of
/// them, but for the master key, which stands in no table (LiteLLM 1.106, `info_key_fn`). Older
/// releases know no record, and tell no `status`.
pub(crate) fn info(context: &Context<'_>) -> Outcome {
    let hash = match context.query.filled("key") {
        Some(named) if named.starts_with("sk-") => Cow::Owned(hash_token(named)),
        Some(named) => Cow::Borrowed(named),
        None => Cow::Borrowed(context.own_key.map_or("", |key| key.token.as_str())),
    };
    let is_told = |key: &&Key| !key.deleted || context.version.key_status;
    let Some(key) = context.world.key(&hash).filter(is_told) else {
        let message = "Key not found in database";
        return Err(Answer::proxy_error(404, "not_found_error", json!("key"), message));
    };
    if !may_see(context, key) {
        let message = "You are not allowed to access this key's info. Your role=internal_user";
        return Err(Answer::proxy_error(403, "internal_server_error", json!(null), message));
    }
    let mut fields = key_info(key);
    if context.version.key_status {
        fields.insert("status".to_owned(), json!(status(context, key)));
    }
    Ok(Answer::ok(&json!({ "key": hash, "info": fields })))
}

/// Admins see all keys, others their own, those of their user and those of their teams. A key
/// without a user counts as of the same user as every other one without (LiteLLM 1.106).
fn may_see(context: &Context<'_>, key: &Key) -> bool {
    if *context.caller == Caller::Admin {
        return true;
    }
    let Some(own) = context.own_key else { return false };
    let user = own.user_id.as_ref().and_then(|user_id| context.world.user(user_id));
    let is_member = |team_id: &String| user.is_some_and(|user| user.team_ids.contains(team_id));
    own.token == key.token
        || own.user_id == key.user_id
        || key.team_id.as_ref().is_some_and(is_member)
}

fn status(context: &Context<'_>, key: &Key) -> &'static str {
    if key.deleted {
        "deleted"
    } else if key.blocked {
        "revoked"
    } else if key.is_expired_at(context.now) {
        "expired"
    } else {
        "active"
    }
}

/// The hashes of keys, newest first; of one user's with `user_id`.
pub(crate) fn list(context: &Context<'_>) -> Outcome {
    let page = context.query.int_within("page", 1, 1, None)?;
    let size = context.query.int_within("size", 10, 1, Some(100))?;
    let user_id = context.query.filled("user_id");
    let own = context.own_key.and_then(|key| key.user_id.as_deref());
    if *context.caller != Caller::Admin
        && (own.is_none() || user_id.is_some_and(|id| own != Some(id)))
    {
        let message = "You are not authorized to check another user's keys";
        return Err(Answer::proxy_error(403, "bad_request_error", json!("user_id"), message));
    }
    let wanted = if *context.caller == Caller::Admin { user_id } else { own };
    let is_wanted = |key: &&Key| {
        !key.deleted && wanted.is_none_or(|user_id| key.user_id.as_deref() == Some(user_id))
    };
    let mut keys: Vec<&Key> = context.world.keys().filter(is_wanted).collect();
    keys.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.token.cmp(&b.token)));
    let size = usize::try_from(size).unwrap_or(1);
    let skipped = usize::try_from(page - 1).unwrap_or(usize::MAX).saturating_mul(size);
    let hashes: Vec<&str> =
        keys.iter().skip(skipped).take(size).map(|key| key.token.as_str()).collect();
    Ok(Answer::ok(&json!({
        "keys": hashes,
        "total_count": keys.len(),
        "current_page": page,
        "total_pages": keys.len().div_ceil(size),
    })))
}
