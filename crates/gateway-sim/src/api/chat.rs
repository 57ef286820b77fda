//! `POST /v1/chat/completions`: answers with nonsense, and counts it.
//!
//! A virtual key of the world is booked under its team of now; the admin's key under the literal
//! `litellm_proxy_master_key` without a team. How many tokens a call has follows from its text
//! and from how many calls there were before.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::incoming::Incoming;
use crate::answer::{Answer, Outcome};
use crate::world::{Key, Model, Request, World, hash_text, scatter};

pub(crate) fn complete(world: &mut World, incoming: &Incoming<'_>) -> Outcome {
    let caller = incoming.caller(world);
    if let Some(refusal) = caller.refusal() {
        return Err(refusal);
    }
    let asked: Value = serde_json::from_slice(incoming.body).map_err(|_| {
        Answer::proxy_error(400, "bad_request_error", Value::Null, "Invalid JSON payload")
    })?;
    let name = asked["model"].as_str().unwrap_or_default();
    let deployments: Vec<&Model> =
        world.models().iter().filter(|model| model.public_name == name).collect();
    let dice = scatter(hash_text(&asked.to_string()) ^ world.request_log().written() as u64);
    let Some(model) = deployments.get(dice as usize % deployments.len().max(1)).copied().cloned()
    else {
        let message = format!(
            "/chat/completions: Invalid model name passed in model={name}. Call `/v1/models`"
        );
        return Err(Answer::proxy_error(400, "invalid_request_error", json!("model"), &message));
    };
    let key = incoming.bearer().and_then(|bearer| world.key_of(bearer)).cloned();
    let failure = incoming.faults.model_failure(name);
    let request = booked(key.as_ref(), &model, dice, failure.is_none(), incoming.now);
    let answer = match failure {
        None => completion(&request),
        Some(status) => {
            let message = "litellm.InternalServerError: the simulated provider was told to fail";
            Answer::proxy_error(status, "None", json!("None"), message)
        }
    };
    world.record_request(request);
    Ok(answer)
}

fn booked(key: Option<&Key>, model: &Model, dice: u64, success: bool, now: Timestamp) -> Request {
    let tokens =
        |part: u64, most: u64| i64::try_from(scatter(dice ^ part) % most).unwrap_or_default();
    let prompt_tokens = 20 + tokens(1, 2_000);
    let completion_tokens = if success { 10 + tokens(2, 500) } else { 0 };
    Request {
        request_id: format!("chatcmpl-{:016x}{:016x}", dice, scatter(dice)),
        call_type: "acompletion".to_owned(),
        api_key: key.map_or_else(|| "litellm_proxy_master_key".to_owned(), |key| key.token.clone()),
        team_id: Some(key.and_then(|key| key.team_id.clone()).unwrap_or_default()),
        model: model.provider_model.clone(),
        model_group: model.public_name.clone(),
        provider: model.provider.clone(),
        user: key.and_then(|key| key.user_id.clone()).unwrap_or_default(),
        started_at: now,
        ended_at: now + SignedDuration::from_millis(100 + tokens(3, 3_000)),
        success,
        spend: if success { model.price(prompt_tokens, 0, completion_tokens) } else { 0.0 },
        prompt_tokens,
        completion_tokens,
        cache_read_input_tokens: 0,
    }
}

fn completion(request: &Request) -> Answer {
    let message = json!({ "role": "assistant", "content": "Arr, this be a simulated answer." });
    Answer::ok(&json!({
        "id": request.request_id,
        "object": "chat.completion",
        "created": request.started_at.as_second(),
        "model": request.model_group,
        "choices": [{ "index": 0, "finish_reason": "stop", "message": message }],
        "usage": {
            "prompt_tokens": request.prompt_tokens,
            "completion_tokens": request.completion_tokens,
            "total_tokens": request.prompt_tokens + request.completion_tokens,
        },
    }))
}
