//! A logged request in JSON, with the fields of LiteLLM 1.106.
//!
//! Of `metadata`, which has hundreds of fields there, the ones are here that say something.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::world::{Request, World};

pub(super) fn status(request: &Request) -> &'static str {
    if request.success { "success" } else { "failure" }
}

/// A row of the list; the page of the admin's own has more fields.
pub(super) fn row(world: &World, request: &Request, with_session: bool) -> Value {
    let deployment = format!("deployment of {}", request.model);
    let mut row = json!({
        "request_id": request.request_id,
        "call_type": request.call_type,
        "api_key": request.api_key,
        "spend": request.spend,
        "total_tokens": request.prompt_tokens + request.completion_tokens,
        "prompt_tokens": request.prompt_tokens,
        "completion_tokens": request.completion_tokens,
        "startTime": time(request.started_at),
        "endTime": time(request.ended_at),
        "completionStartTime": time(request.ended_at),
        "model": request.model,
        "model_id": if request.model.is_empty() { "" } else { &deployment },
        "model_group": request.model_group,
        "custom_llm_provider": request.provider,
        "api_base": "",
        "user": request.user,
        "cache_hit": if request.success { "None" } else { "False" },
        "cache_key": "Cache OFF",
        "request_tags": ["User-Agent: gateway-sim"],
        "team_id": request.team_id,
        "organization_id": "",
        "end_user": "",
        "requester_ip_address": "127.0.0.1",
        "session_id": request.request_id,
        "status": status(request),
        "mcp_namespaced_tool_name": null,
        "agent_id": null,
        "litellm_call_id": request.request_id,
        "request_duration_ms": request.duration_ms(),
    });
    row["metadata"] = metadata(world, request);
    if with_session {
        row["session_total_count"] = json!(1);
        row["session_total_spend"] = json!(request.spend);
        row["session_total_tokens"] = json!(request.prompt_tokens + request.completion_tokens);
    }
    row
}

fn metadata(world: &World, request: &Request) -> Value {
    let key = world.key(&request.api_key);
    let team = request.team_id.as_deref().filter(|team| !team.is_empty());
    let usage = json!({
        "total_tokens": request.prompt_tokens + request.completion_tokens,
        "prompt_tokens": request.prompt_tokens,
        "completion_tokens": request.completion_tokens,
        "prompt_tokens_details": { "cached_tokens": request.cache_read_input_tokens },
        "completion_tokens_details": null,
    });
    let error = json!({
        "error_code": "429",
        "error_class": "RateLimitError",
        "error_message": "litellm.RateLimitError: the simulated provider has had enough",
        "llm_provider": request.provider,
        "traceback": "",
    });
    json!({
        "status": if request.success { Value::Null } else { json!("failure") },
        "user_agent": "gateway-sim",
        "max_retries": 0,
        "usage_object": if request.success { usage } else { json!({}) },
        "user_api_key": Some(&request.api_key).filter(|key| !key.is_empty()),
        "user_api_key_alias": key.and_then(|key| key.alias.as_deref()),
        "user_api_key_team_id": team,
        "user_api_key_team_alias": team.and_then(|team| world.team(team)?.alias.as_deref()),
        "user_api_key_user_id": key.and_then(|key| key.user_id.as_deref()),
        "user_api_key_org_id": null,
        "litellm_call_id": request.request_id,
        "original_model_group": Some(&request.model_group).filter(|group| !group.is_empty()),
        "requester_ip_address": "127.0.0.1",
        "attempted_retries": 0,
        "attempted_fallbacks": 0,
        "applied_guardrails": [],
        "error_information": if request.success { Value::Null } else { error },
        "model_map_information": { "model_map_key": request.model, "model_map_value": null },
        "proxy_server_request": null,
        "spend_logs_metadata": null,
        "additional_usage_values": {},
    })
}

/// `2026-11-23T22:45:07.160+00:00`, as Python writes it: without a fraction where that is zero.
fn time(at: Timestamp) -> String {
    let format = if at.subsec_millisecond() == 0 {
        "%Y-%m-%dT%H:%M:%S+00:00"
    } else {
        "%Y-%m-%dT%H:%M:%S%.3f+00:00"
    };
    at.strftime(format).to_string()
}
