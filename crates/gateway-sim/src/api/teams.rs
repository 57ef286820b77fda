//! `GET /team/list` and `GET /v2/team/list`.

pub(super) mod json;

use serde_json::json;

use super::context::Context;
use crate::answer::{Answer, Outcome};
use crate::world::{Team, hash_text};

/// Every team with every key of it, by name; teams without a name come first.
pub(crate) fn list(context: &Context<'_>) -> Outcome {
    context.caller.must_be_admin()?;
    let world = context.world;
    let mut teams: Vec<&Team> = world.teams().iter().collect();
    teams.sort_by_key(|team| team.alias.as_deref().unwrap_or_default());
    let teams: Vec<_> = teams.into_iter().map(|team| json::with_keys(world, team)).collect();
    Ok(Answer::ok(&teams))
}

/// Pages of at most 100 teams, newest first, without keys; with `user_id`, those of one user.
///
/// The order is by `created_at` alone, so teams of equal times change places between pages; with
/// `sort_by=team_id` the order is complete (LiteLLM 1.106, `list_team_v2`).
pub(crate) fn list_v2(context: &Context<'_>) -> Outcome {
    let query = context.query;
    let page = query.int_within("page", 1, 1, None)?;
    let page_size = query.int_within("page_size", 10, 1, Some(100))?;
    context.caller.must_be_admin()?;
    let member_of = match query.filled("user_id") {
        None => None,
        Some(user_id) => Some(context.world.user(user_id).ok_or_else(|| {
            Answer::detail_error(404, &format!("User not found, passed user_id={user_id}"))
        })?),
    };
    let deleted = match query.get("status") {
        None => false,
        Some("deleted") => true,
        Some(_) => {
            let message = "Invalid status value. Currently only 'deleted' is supported.";
            return Err(Answer::detail_error(400, message));
        }
    };
    let world = context.world;
    let mut listed: Vec<_> = if deleted {
        world.deleted_teams().iter().map(|gone| (&gone.team, Some(gone.deleted_at))).collect()
    } else {
        world.teams().iter().map(|team| (team, None)).collect()
    };
    if let Some(user) = member_of {
        listed.retain(|(team, _)| user.team_ids.contains(&team.team_id));
    }
    let descending =
        query.get("sort_order").is_some_and(|order| order.eq_ignore_ascii_case("desc"));
    let tie = |team: &Team| {
        hash_text(&team.team_id) ^ page.unsigned_abs().wrapping_mul(0x9e37_79b9_7f4a_7c15)
    };
    match query.get("sort_by") {
        Some("team_id") => listed.sort_by(|(a, _), (b, _)| a.team_id.cmp(&b.team_id)),
        // PostgreSQL puts nulls last where it sorts upwards.
        Some("team_alias") => {
            listed.sort_by_key(|(team, _)| (team.alias.is_none(), team.alias.clone(), tie(team)))
        }
        Some("created_at") => listed.sort_by_key(|(team, _)| (team.created_at, tie(team))),
        _ => listed.sort_by_key(|(team, _)| (std::cmp::Reverse(team.created_at), tie(team))),
    }
    if descending && matches!(query.get("sort_by"), Some("team_id" | "team_alias" | "created_at")) {
        listed.reverse();
    }
    let total = listed.len();
    let skipped = (page - 1).saturating_mul(page_size);
    let teams: Vec<_> = listed
        .into_iter()
        .skip(usize::try_from(skipped).unwrap_or(usize::MAX))
        .take(usize::try_from(page_size).unwrap_or_default())
        .map(|(team, deleted_at)| json::of_page(world, team, deleted_at))
        .collect();
    Ok(Answer::ok(&json!({
        "teams": teams,
        "total": total,
        "page": page,
        "page_size": page_size,
        "total_pages": total.div_ceil(usize::try_from(page_size).unwrap_or(1)),
    })))
}
