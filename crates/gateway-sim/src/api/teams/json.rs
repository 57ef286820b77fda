//! Teams and keys in JSON, with the fields of LiteLLM 1.106.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::world::{Key, Team, World};

/// An element of `/team/list`: members and every key of the team.
pub(crate) fn with_keys(world: &World, team: &Team) -> Value {
    let mut fields = common(team);
    let mut keys: Vec<&Key> = keys_of(world, team).collect();
    keys.sort_by(|a, b| a.alias.cmp(&b.alias).then_with(|| a.token.cmp(&b.token)));
    fields.insert("team_memberships".to_owned(), json!([]));
    fields.insert("keys".to_owned(), keys.into_iter().map(key).collect());
    Value::Object(fields)
}

/// An element of `/v2/team/list`.
pub(crate) fn of_page(world: &World, team: &Team, deleted_at: Option<Timestamp>) -> Value {
    let mut fields = common(team);
    match deleted_at {
        None => {
            insert(
                &mut fields,
                &["access_group_models", "access_group_mcp_server_ids"],
                &Value::Null,
            );
            insert(&mut fields, &["access_group_agent_ids"], &Value::Null);
            insert(&mut fields, &["members_count"], &json!(1));
            insert(&mut fields, &["keys_count"], &json!(keys_of(world, team).count()));
        }
        Some(at) => {
            insert(&mut fields, &["id"], &json!(format!("deleted-{}", team.team_id)));
            insert(&mut fields, &["deleted_at"], &json!(at.to_string()));
            insert(&mut fields, &["deleted_by"], &json!("default_user_id"));
            insert(&mut fields, &["deleted_by_api_key"], &json!("litellm_proxy_master_key"));
            insert(&mut fields, &["litellm_changed_by"], &Value::Null);
        }
    }
    Value::Object(fields)
}

fn keys_of<'a>(world: &'a World, team: &'a Team) -> impl Iterator<Item = &'a Key> {
    world.keys().filter(|key| !key.deleted && key.team_id.as_deref() == Some(&team.team_id))
}

/// Nulls of teams, keys and both: a simulated gateway has no limits and budgets.
const NULLS: [&str; 11] = [
    "organization_id",
    "tpm_limit",
    "rpm_limit",
    "tpd_limit",
    "max_budget",
    "budget_duration",
    "budget_limits",
    "budget_reset_at",
    "max_parallel_requests",
    "object_permission",
    "object_permission_id",
];
const NULLS_OF_TEAMS: [&str; 3] = ["soft_budget", "litellm_model_table", "model_id"];
const NULLS_OF_KEYS: [&str; 15] = [
    "agent_id",
    "project_id",
    "key_type",
    "budget_id",
    "created_by",
    "updated_by",
    "settings_updated_at",
    "last_active",
    "rotation_interval",
    "last_rotation_at",
    "key_rotation_at",
    "litellm_budget_table",
    "litellm_organization_table",
    "litellm_project_table",
    "jwt_key_mappings",
];
const OBJECTS: [&str; 4] = ["metadata", "router_settings", "model_spend", "model_max_budget"];
const OBJECTS_OF_KEYS: [&str; 4] = ["aliases", "config", "permissions", "budget_fallbacks"];
const LISTS: [&str; 3] = ["models", "policies", "access_group_ids"];
const LISTS_OF_TEAMS: [&str; 4] =
    ["admins", "members", "team_member_permissions", "default_team_member_models"];
const LISTS_OF_KEYS: [&str; 1] = ["allowed_cache_controls"];

fn insert(fields: &mut Map<String, Value>, names: &[&str], value: &Value) {
    fields.extend(names.iter().map(|name| ((*name).to_owned(), value.clone())));
}

fn common(team: &Team) -> Map<String, Value> {
    let mut fields = Map::new();
    insert(&mut fields, &NULLS, &Value::Null);
    insert(&mut fields, &NULLS_OF_TEAMS, &Value::Null);
    insert(&mut fields, &OBJECTS, &json!({}));
    insert(&mut fields, &LISTS, &json!([]));
    insert(&mut fields, &LISTS_OF_TEAMS, &json!([]));
    insert(&mut fields, &["blocked", "allow_team_guardrail_config"], &json!(false));
    insert(&mut fields, &["created_at", "updated_at"], &json!(team.created_at.to_string()));
    insert(&mut fields, &["spend"], &json!(0.0));
    insert(&mut fields, &["team_id"], &json!(team.team_id));
    insert(&mut fields, &["team_alias"], &json!(team.alias));
    // The one who made the team is its first member, with a null id where that was a bare key.
    let member = json!({ "user_id": null, "user_email": null, "role": "admin" });
    insert(&mut fields, &["members_with_roles"], &json!([member]));
    fields
}

/// A key as `/team/list` has it.
fn key(key: &Key) -> Value {
    let mut fields = key_info(key);
    insert(&mut fields, &["token"], &json!(key.token));
    Value::Object(fields)
}

/// A key without its token, as `/key/info` has it.
pub(crate) fn key_info(key: &Key) -> Map<String, Value> {
    let tail = key.token.get(key.token.len().saturating_sub(4)..).unwrap_or_default();
    let mut fields = Map::new();
    insert(&mut fields, &NULLS, &Value::Null);
    insert(&mut fields, &NULLS_OF_KEYS, &Value::Null);
    insert(&mut fields, &OBJECTS, &json!({}));
    insert(&mut fields, &OBJECTS_OF_KEYS, &json!({}));
    insert(&mut fields, &LISTS, &json!([]));
    insert(&mut fields, &LISTS_OF_KEYS, &json!([]));
    insert(&mut fields, &["auto_rotate", "soft_budget_cooldown"], &json!(false));
    insert(&mut fields, &["created_at", "updated_at"], &json!(key.created_at.to_string()));
    insert(&mut fields, &["spend", "total_spend"], &json!(0.0));
    insert(&mut fields, &["rotation_count"], &json!(0));
    insert(&mut fields, &["expires"], &json!(key.expires_at.map(|at| at.to_string())));
    insert(&mut fields, &["blocked"], &json!(key.blocked.then_some(true)));
    insert(&mut fields, &["allowed_routes"], &json!(key.allowed_routes));
    insert(&mut fields, &["key_name"], &json!(format!("sk-...{tail}")));
    insert(&mut fields, &["key_alias"], &json!(key.alias));
    insert(&mut fields, &["user_id"], &json!(key.user_id));
    insert(&mut fields, &["team_id"], &json!(key.team_id));
    fields
}
