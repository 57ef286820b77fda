//! `GET /team/daily/activity/aggregated/keys`: all keys of a range, by what they spent.

use serde::Serialize;
use serde_json::json;

use super::aggregated::read_scope;
use super::json::KeyMetadata;
use super::ranking::keys_by_spend;
use crate::answer::{Answer, Outcome};
use crate::api::context::Context;
use crate::world::Counters;

#[derive(Serialize)]
struct KeyRow<'a> {
    api_key: &'a str,
    metrics: KeyMetrics,
    metadata: KeyMetadata<'a>,
}

/// Fewer metrics than elsewhere.
#[derive(Serialize)]
struct KeyMetrics {
    spend: f64,
    prompt_tokens: i64,
    completion_tokens: i64,
    total_tokens: i64,
    api_requests: i64,
    successful_requests: i64,
    failed_requests: i64,
    cache_read_input_tokens: i64,
    cache_creation_input_tokens: i64,
}

impl From<Counters> for KeyMetrics {
    fn from(counters: Counters) -> KeyMetrics {
        KeyMetrics {
            spend: counters.spend,
            prompt_tokens: counters.prompt_tokens,
            completion_tokens: counters.completion_tokens,
            total_tokens: counters.total_tokens(),
            api_requests: counters.api_requests,
            successful_requests: counters.successful_requests,
            failed_requests: counters.failed_requests,
            cache_read_input_tokens: counters.cache_read_input_tokens,
            cache_creation_input_tokens: counters.cache_creation_input_tokens,
        }
    }
}

pub(crate) fn keys(context: &Context<'_>) -> Outcome {
    let world = context.world;
    let offset = context.query.int_within("offset", 0, 0, None)?;
    let limit = context.query.int_within("limit", 50, 1, Some(100))?;
    let scope = read_scope(context)?;
    let ranked = keys_by_spend(world, &scope);
    let total_api_keys = ranked.len();
    let api_keys: Vec<KeyRow<'_>> = ranked
        .into_iter()
        .skip(usize::try_from(offset).unwrap_or(usize::MAX))
        .take(usize::try_from(limit).unwrap_or_default())
        .map(|(key, counters)| {
            let token = world.names().text(key);
            KeyRow {
                api_key: token,
                metrics: counters.into(),
                metadata: KeyMetadata::of(world, token),
            }
        })
        .collect();
    Ok(Answer::ok(&json!({
        "api_keys": api_keys,
        "total_api_keys": total_api_keys,
        "offset": offset,
        "limit": limit,
    })))
}
