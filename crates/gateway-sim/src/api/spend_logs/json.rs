//! A logged request in JSON, with the fields of LiteLLM 1.106.
//!
//! Of `metadata`, which has hundreds of fields there, the ones are here that say something.
//! Written without a detour through values, since pages of logs are read by the million rows.

use jiff::Timestamp;
use serde::Serialize;

use crate::world::{Request, World};

pub(super) fn status(request: &Request) -> &'static str {
    if request.success { "success" } else { "failure" }
}

/// A row of the list.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    request_id: &'a str,
    call_type: &'a str,
    api_key: &'a str,
    spend: f64,
    total_tokens: i64,
    prompt_tokens: i64,
    completion_tokens: i64,
    #[serde(rename = "startTime")]
    start_time: String,
    #[serde(rename = "endTime")]
    end_time: String,
    #[serde(rename = "completionStartTime")]
    completion_start_time: String,
    model: &'a str,
    model_id: String,
    model_group: &'a str,
    custom_llm_provider: &'a str,
    api_base: &'static str,
    user: &'a str,
    cache_hit: &'static str,
    cache_key: &'static str,
    request_tags: [&'static str; 1],
    team_id: Option<&'a str>,
    organization_id: &'static str,
    end_user: &'static str,
    requester_ip_address: &'static str,
    session_id: &'a str,
    status: &'static str,
    mcp_namespaced_tool_name: (),
    agent_id: (),
    litellm_call_id: &'a str,
    request_duration_ms: i64,
    metadata: Metadata<'a>,
    #[serde(flatten)]
    session: Option<Session>,
}

/// What the page of the admin's own has besides.
#[derive(Serialize)]
struct Session {
    session_total_count: i64,
    session_total_spend: f64,
    session_total_tokens: i64,
}

#[derive(Serialize)]
struct Metadata<'a> {
    status: Option<&'static str>,
    user_agent: &'static str,
    max_retries: i64,
    usage_object: Usage,
    user_api_key: Option<&'a str>,
    user_api_key_alias: Option<&'a str>,
    user_api_key_team_id: Option<&'a str>,
    user_api_key_team_alias: Option<&'a str>,
    user_api_key_user_id: Option<&'a str>,
    user_api_key_org_id: (),
    litellm_call_id: &'a str,
    original_model_group: Option<&'a str>,
    requester_ip_address: &'static str,
    attempted_retries: i64,
    attempted_fallbacks: i64,
    applied_guardrails: [(); 0],
    error_information: Option<ErrorInformation<'a>>,
    model_map_information: ModelMap<'a>,
    proxy_server_request: (),
    spend_logs_metadata: (),
    additional_usage_values: Nothing,
}

#[derive(Serialize)]
struct Nothing {}

#[derive(Serialize)]
#[serde(untagged)]
enum Usage {
    None(Nothing),
    Some {
        total_tokens: i64,
        prompt_tokens: i64,
        completion_tokens: i64,
        prompt_tokens_details: PromptDetails,
        completion_tokens_details: (),
    },
}

#[derive(Serialize)]
struct PromptDetails {
    cached_tokens: i64,
}

#[derive(Serialize)]
struct ErrorInformation<'a> {
    error_code: &'static str,
    error_class: &'static str,
    error_message: &'static str,
    llm_provider: &'a str,
    traceback: &'static str,
}

#[derive(Serialize)]
struct ModelMap<'a> {
    model_map_key: &'a str,
    model_map_value: (),
}

impl<'a> Row<'a> {
    pub(super) fn new(world: &'a World, request: &'a Request, with_session: bool) -> Self {
        let total_tokens = request.prompt_tokens + request.completion_tokens;
        let end_time = time(request.ended_at);
        Self {
            request_id: &request.request_id,
            call_type: &request.call_type,
            api_key: &request.api_key,
            spend: request.spend,
            total_tokens,
            prompt_tokens: request.prompt_tokens,
            completion_tokens: request.completion_tokens,
            start_time: time(request.started_at),
            completion_start_time: end_time.clone(),
            end_time,
            model: &request.model,
            model_id: if request.model.is_empty() {
                String::new()
            } else {
                format!("deployment of {}", request.model)
            },
            model_group: &request.model_group,
            custom_llm_provider: &request.provider,
            api_base: "",
            user: &request.user,
            cache_hit: if request.success { "None" } else { "False" },
            cache_key: "Cache OFF",
            request_tags: ["User-Agent: gateway-sim"],
            team_id: request.team_id.as_deref(),
            organization_id: "",
            end_user: "",
            requester_ip_address: "127.0.0.1",
            session_id: &request.request_id,
            status: status(request),
            mcp_namespaced_tool_name: (),
            agent_id: (),
            litellm_call_id: &request.request_id,
            request_duration_ms: request.duration_ms(),
            metadata: Metadata::new(world, request),
            session: with_session.then_some(Session {
                session_total_count: 1,
                session_total_spend: request.spend,
                session_total_tokens: total_tokens,
            }),
        }
    }
}

impl<'a> Metadata<'a> {
    fn new(world: &'a World, request: &'a Request) -> Self {
        let key = world.key(&request.api_key);
        let team = request.team_id.as_deref().filter(|team| !team.is_empty());
        Self {
            status: (!request.success).then_some("failure"),
            user_agent: "gateway-sim",
            max_retries: 0,
            usage_object: if request.success {
                Usage::Some {
                    total_tokens: request.prompt_tokens + request.completion_tokens,
                    prompt_tokens: request.prompt_tokens,
                    completion_tokens: request.completion_tokens,
                    prompt_tokens_details: PromptDetails {
                        cached_tokens: request.cache_read_input_tokens,
                    },
                    completion_tokens_details: (),
                }
            } else {
                Usage::None(Nothing {})
            },
            user_api_key: Some(request.api_key.as_str()).filter(|key| !key.is_empty()),
            user_api_key_alias: key.and_then(|key| key.alias.as_deref()),
            user_api_key_team_id: team,
            user_api_key_team_alias: team.and_then(|team| world.team(team)?.alias.as_deref()),
            user_api_key_user_id: key.and_then(|key| key.user_id.as_deref()),
            user_api_key_org_id: (),
            litellm_call_id: &request.request_id,
            original_model_group: Some(request.model_group.as_str())
                .filter(|group| !group.is_empty()),
            requester_ip_address: "127.0.0.1",
            attempted_retries: 0,
            attempted_fallbacks: 0,
            applied_guardrails: [],
            error_information: (!request.success).then_some(ErrorInformation {
                error_code: "429",
                error_class: "RateLimitError",
                error_message: "litellm.RateLimitError: the simulated provider has had enough",
                llm_provider: &request.provider,
                traceback: "",
            }),
            model_map_information: ModelMap { model_map_key: &request.model, model_map_value: () },
            proxy_server_request: (),
            spend_logs_metadata: (),
            additional_usage_values: Nothing {},
        }
    }
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
