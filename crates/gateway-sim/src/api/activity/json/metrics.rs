//! One set of counters, and what is known of a key.

use serde::Serialize;

use crate::version::Version;
use crate::world::{Counters, World};

#[derive(Serialize)]
pub(super) struct Metrics {
    spend: f64,
    prompt_tokens: i64,
    completion_tokens: i64,
    cache_read_input_tokens: i64,
    cache_creation_input_tokens: i64,
    total_tokens: i64,
    successful_requests: i64,
    failed_requests: i64,
    api_requests: i64,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    newer: Option<NewerMetrics>,
}

/// What releases before 1.10x did not have. Nothing here saves anything.
#[derive(Serialize)]
struct NewerMetrics {
    flat_cost: f64,
    compression_saved_tokens: i64,
    compression_savings_spend: f64,
    prompt_caching_savings_spend: f64,
    gateway_injected_caching_savings_spend: f64,
    autorouter_savings_spend: f64,
    total_response_time_ms: i64,
    timed_requests: i64,
}

impl Metrics {
    pub(super) fn of(counters: &Counters, version: &Version) -> Metrics {
        Metrics {
            spend: counters.spend,
            prompt_tokens: counters.prompt_tokens,
            completion_tokens: counters.completion_tokens,
            cache_read_input_tokens: counters.cache_read_input_tokens,
            cache_creation_input_tokens: counters.cache_creation_input_tokens,
            total_tokens: counters.total_tokens(),
            successful_requests: counters.successful_requests,
            failed_requests: counters.failed_requests,
            api_requests: counters.api_requests,
            newer: version.timings.then_some(NewerMetrics {
                flat_cost: counters.flat_cost,
                compression_saved_tokens: 0,
                compression_savings_spend: 0.0,
                prompt_caching_savings_spend: 0.0,
                gateway_injected_caching_savings_spend: 0.0,
                autorouter_savings_spend: 0.0,
                total_response_time_ms: counters.total_response_time_ms,
                timed_requests: counters.timed_requests,
            }),
        }
    }
}

/// What the gateway knows of a key today; all null for a key it has no record of.
#[derive(Serialize)]
pub(in crate::api::activity) struct KeyMetadata<'a> {
    key_alias: Option<&'a str>,
    /// The key's team of today, on every date and inside every entity.
    team_id: Option<&'a str>,
    user_id: Option<&'a str>,
    user_email: Option<&'a str>,
    key_exists: bool,
}

impl<'a> KeyMetadata<'a> {
    pub(in crate::api::activity) fn of(world: &'a World, token: &str) -> KeyMetadata<'a> {
        let key = world.key(token);
        KeyMetadata {
            key_alias: key.and_then(|key| key.alias.as_deref()),
            team_id: key.and_then(|key| key.team_id.as_deref()),
            user_id: key.and_then(|key| key.user_id.as_deref()),
            user_email: None,
            key_exists: key.is_some_and(|key| !key.deleted),
        }
    }
}
