//! The fields of answers, as recorded from LiteLLM 1.106.2.

use std::collections::BTreeSet;

use gateway_sim::{Simulator, Spec, World};
use serde_json::Value;

use crate::client::get;
use crate::story::TODAY;

const METRICS: &[&str] = &[
    "spend",
    "flat_cost",
    "prompt_tokens",
    "completion_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "compression_saved_tokens",
    "compression_savings_spend",
    "prompt_caching_savings_spend",
    "gateway_injected_caching_savings_spend",
    "autorouter_savings_spend",
    "total_tokens",
    "successful_requests",
    "failed_requests",
    "api_requests",
    "total_response_time_ms",
    "timed_requests",
];
const METADATA: &[&str] = &[
    "total_spend",
    "total_flat_cost",
    "total_prompt_tokens",
    "total_completion_tokens",
    "total_tokens",
    "total_api_requests",
    "total_successful_requests",
    "total_failed_requests",
    "total_cache_read_input_tokens",
    "total_cache_creation_input_tokens",
    "total_compression_saved_tokens",
    "total_compression_savings_spend",
    "total_prompt_caching_savings_spend",
    "total_gateway_injected_caching_savings_spend",
    "total_autorouter_savings_spend",
    "total_response_time_ms",
    "total_timed_requests",
    "page",
    "total_pages",
    "has_more",
    "api_key_limit",
    "total_api_keys",
    "entity_total_api_keys",
];
const BREAKDOWN: &[&str] =
    &["mcp_servers", "models", "model_groups", "providers", "endpoints", "api_keys", "entities"];
const GROUP: &[&str] = &["metrics", "metadata", "api_key_breakdown"];
const KEY_METADATA: &[&str] = &["key_alias", "team_id", "user_id", "user_email", "key_exists"];
const LOG: &[&str] = &[
    "request_id",
    "call_type",
    "api_key",
    "spend",
    "total_tokens",
    "prompt_tokens",
    "completion_tokens",
    "startTime",
    "endTime",
    "completionStartTime",
    "model",
    "model_id",
    "model_group",
    "custom_llm_provider",
    "api_base",
    "user",
    "metadata",
    "cache_hit",
    "cache_key",
    "request_tags",
    "team_id",
    "organization_id",
    "end_user",
    "requester_ip_address",
    "session_id",
    "status",
    "mcp_namespaced_tool_name",
    "agent_id",
    "litellm_call_id",
    "request_duration_ms",
];

#[track_caller]
fn assert_fields(value: &Value, fields: &[&str]) {
    let found: BTreeSet<&str> =
        value.as_object().expect("an object").keys().map(String::as_str).collect();
    assert_eq!(found, fields.iter().copied().collect());
}

fn first(map: &Value) -> &Value {
    map.as_object().and_then(|map| map.values().next()).expect("a member")
}

#[tokio::test]
async fn activity_has_the_recorded_fields() {
    let simulator =
        Simulator::start(World::generate(&Spec::workshop(TODAY))).await.expect("a port");
    for route in ["", "/aggregated"] {
        let range = "start_date=2026-11-19&end_date=2026-11-20&page_size=1000";
        let answer = get(&simulator, &format!("/team/daily/activity{route}?{range}")).await;

        assert_fields(&answer, &["results", "metadata"]);
        assert_fields(&answer["metadata"], METADATA);
        let day = &answer["results"][0];
        assert_fields(day, &["date", "metrics", "breakdown"]);
        assert_fields(&day["metrics"], METRICS);
        assert_fields(&day["breakdown"], BREAKDOWN);
        for group in ["models", "model_groups", "providers", "endpoints", "entities"] {
            let group = first(&day["breakdown"][group]);
            assert_fields(group, GROUP);
            assert_fields(&group["metrics"], METRICS);
            let key = first(&group["api_key_breakdown"]);
            assert_fields(key, &["metrics", "metadata"]);
            assert_fields(&key["metadata"], KEY_METADATA);
        }
        assert_fields(first(&day["breakdown"]["api_keys"]), &["metrics", "metadata"]);
    }
}

#[tokio::test]
async fn lists_and_logs_have_the_recorded_fields() {
    let simulator =
        Simulator::start(World::generate(&Spec::workshop(TODAY))).await.expect("a port");

    let page = get(&simulator, "/v2/team/list").await;
    assert_fields(&page, &["teams", "total", "page", "page_size", "total_pages"]);
    let team = &page["teams"][0];
    assert_eq!(team.as_object().map(serde_json::Map::len), Some(38));
    let listed = get(&simulator, "/team/list").await;
    assert_eq!(listed[0].as_object().map(serde_json::Map::len), Some(35));
    assert_eq!(listed[0]["keys"][0].as_object().map(serde_json::Map::len), Some(53));
    let window = "start_date=2026-11-19%2000:00:00&end_date=2026-11-20%2000:00:00";
    let logs = get(&simulator, &format!("/spend/logs/v2?{window}")).await;
    assert_fields(&logs, &["data", "total", "page", "page_size", "total_pages", "total_is_capped"]);
    assert_fields(&logs["data"][0], LOG);
}
