//! `GET /model/info` and `GET /v1/models`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::context::Context;
use crate::answer::{Answer, Outcome};
use crate::world::{Model, World, hash_token};

const MAX_INPUT_TOKENS: u32 = 272_000;
const MAX_OUTPUT_TOKENS: u32 = 128_000;

/// One entry for each deployment, with its prices and every team that may use it.
pub(crate) fn deployments(context: &Context<'_>) -> Outcome {
    let world = context.world;
    let entries: Vec<Value> = world.models().iter().map(|model| deployment(world, model)).collect();
    Ok(Answer::ok(&json!({ "data": entries })))
}

/// One entry for each public name.
pub(crate) fn public_names(context: &Context<'_>) -> Outcome {
    let mut seen = BTreeSet::new();
    let names = context
        .world
        .models()
        .iter()
        .map(|model| &model.public_name)
        .filter(|name| seen.insert(*name));
    let entries: Vec<Value> = names.map(|name| public_name(name)).collect();
    Ok(Answer::ok(&json!({ "data": entries, "object": "list" })))
}

fn public_name(name: &str) -> Value {
    json!({
        "id": name,
        "object": "model",
        "created": 1_677_610_602,
        "owned_by": "openai",
        "mode": "chat",
        "max_input_tokens": MAX_INPUT_TOKENS,
        "max_output_tokens": MAX_OUTPUT_TOKENS,
    })
}

fn deployment(world: &World, model: &Model) -> Value {
    let key = model
        .provider_model
        .split_once('/')
        .map_or(model.provider_model.as_str(), |(_, name)| name);
    let teams: Vec<&str> = world.teams().iter().map(|team| team.team_id.as_str()).collect();
    json!({
        "model_name": model.public_name,
        "litellm_params": {
            "input_cost_per_token": model.input_price,
            "output_cost_per_token": model.output_price,
            "use_in_pass_through": false,
            "use_litellm_proxy": false,
            "merge_reasoning_content_in_choices": false,
            "model": model.provider_model,
        },
        "model_info": {
            "id": hash_token(&format!("{} {}", model.public_name, model.provider_model)),
            "db_model": false,
            "access_via_team_ids": teams,
            "direct_access": true,
            "key": key,
            "max_tokens": MAX_OUTPUT_TOKENS,
            "max_input_tokens": MAX_INPUT_TOKENS,
            "max_output_tokens": MAX_OUTPUT_TOKENS,
            "input_cost_per_token": model.input_price,
            "output_cost_per_token": model.output_price,
            "cache_read_input_token_cost": model.cached_input_price,
            "cache_creation_input_token_cost": null,
            "input_cost_per_character": null,
            "output_cost_per_reasoning_token": null,
            "input_cost_per_token_batches": model.input_price / 2.0,
            "output_cost_per_token_batches": model.output_price / 2.0,
            "tiered_pricing": null,
            "litellm_provider": model.provider,
            "mode": "chat",
            "supports_vision": null,
            "supports_function_calling": true,
            "supports_prompt_caching": model.cached_input_price.is_some(),
            "tpm": null,
            "rpm": null,
            "supported_openai_params": ["temperature", "max_tokens", "tools", "tool_choice", "stream"],
        },
    })
}
