//! One request in LiteLLM's JSON: a row of its logs, or a pushed logging payload.
//!
//! The two have most names in common. Prompts and responses are in them, too (`messages`,
//! `response`, `proxy_server_request`); no field here takes them, so they are skipped unread.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde::de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use xxhash_rust::xxh3::Xxh3;

use super::wire::{Number, WireMetrics, or_default};
use crate::usage::{Request, RequestSource, UNASSIGNED};

/// The fields that are counted. Logs and payloads call some of them differently.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WireRequest {
    #[serde(alias = "id")]
    request_id: Text,
    call_type: Text,
    status: Text,
    /// Logs only; payloads have it in `metadata`.
    api_key: Text,
    team_id: Text,
    model: Text,
    model_group: Text,
    custom_llm_provider: Text,
    #[serde(alias = "response_cost", deserialize_with = "or_default")]
    spend: Number,
    #[serde(deserialize_with = "or_default")]
    prompt_tokens: Number,
    #[serde(deserialize_with = "or_default")]
    completion_tokens: Number,
    #[serde(deserialize_with = "or_default")]
    total_tokens: Number,
    #[serde(rename = "startTime")]
    start_time: Moment,
    #[serde(rename = "endTime")]
    end_time: Moment,
    #[serde(rename = "completionStartTime")]
    completion_start_time: Moment,
    #[serde(deserialize_with = "or_default")]
    metadata: Metadata,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Metadata {
    user_api_key_hash: Text,
    user_api_key: Text,
    user_api_key_alias: Text,
    user_api_key_team_id: Text,
    internal_call_origin: Text,
    #[serde(deserialize_with = "or_default")]
    usage_object: UsageObject,
}

/// Where providers tell of their caches, each in one of two ways.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct UsageObject {
    #[serde(deserialize_with = "or_default")]
    cache_read_input_tokens: Number,
    #[serde(deserialize_with = "or_default")]
    cache_creation_input_tokens: Number,
    #[serde(deserialize_with = "or_default")]
    prompt_tokens_details: PromptDetails,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PromptDetails {
    #[serde(deserialize_with = "or_default")]
    cached_tokens: Number,
    #[serde(deserialize_with = "or_default")]
    cache_write_tokens: Number,
    #[serde(deserialize_with = "or_default")]
    cache_creation_tokens: Number,
}

/// No id is longer.
const LONGEST_ID: usize = 4_096;

/// Why a row counts as nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotCounted {
    /// A management call that the gateway refused: no usage, though it is in the logs.
    Management,
    /// It lacks what it takes to count it: a time, or its own id.
    Unreadable,
}

impl WireRequest {
    /// The request, or why it is none.
    pub(super) fn read(self, source: RequestSource) -> Result<Request, NotCounted> {
        let metadata = self.metadata;
        if self.call_type.is_route() && self.model.0.is_none() && self.model_group.0.is_none() {
            return Err(NotCounted::Management);
        }
        let started_at = self.start_time.at.ok_or(NotCounted::Unreadable)?;
        let api_key = self
            .api_key
            .or(metadata.user_api_key_hash)
            .or(metadata.user_api_key)
            .0
            .unwrap_or_default();
        let status = self.status.0.unwrap_or_default();
        if self.request_id.0.as_ref().is_some_and(|id| id.len() > LONGEST_ID) {
            return Err(NotCounted::Unreadable);
        }
        let identity =
            identity(&self.request_id, &api_key, &status).ok_or(NotCounted::Unreadable)?;
        let succeeded = status != "failure";
        // What the gateway asks itself costs money, but nobody requested it (LiteLLM 1.106).
        let requests = i64::from(metadata.internal_call_origin.0.is_none());
        let usage = metadata.usage_object;
        let details = usage.prompt_tokens_details;
        let some = |first: Number, second: Number| {
            if first.count().is_some_and(|count| count != 0) { first } else { second }
        };
        let written = some(details.cache_write_tokens, details.cache_creation_tokens);
        let wire = WireMetrics::of_request(
            self.spend,
            [self.prompt_tokens, self.completion_tokens, self.total_tokens],
            some(usage.cache_read_input_tokens, details.cached_tokens),
            some(usage.cache_creation_input_tokens, written),
        );
        let mut metrics = wire.metrics(&mut 0);
        metrics.requests = requests;
        metrics.successful_requests = if succeeded { requests } else { 0 };
        metrics.failed_requests = if succeeded { 0 } else { requests };
        let since_start = |moment: &Moment| {
            let elapsed = moment.at?.duration_since(started_at);
            (!elapsed.is_negative()).then_some(i64::try_from(elapsed.as_millis()).ok()).flatten()
        };
        let duration_ms = since_start(&self.end_time).filter(|_| succeeded && requests > 0);
        let first_token_ms = since_start(&self.completion_start_time)
            // Unstreamed answers begin when they end.
            .filter(|first| duration_ms.is_some_and(|whole| first + 1 < whole));
        metrics.response_time_ms = duration_ms.unwrap_or_default();
        metrics.timed_requests = i64::from(duration_ms.is_some());
        let team_id = self.team_id.or(metadata.user_api_key_team_id).0;
        Ok(Request {
            identity,
            source,
            is_failure: !succeeded,
            started_at,
            team_id: team_id.unwrap_or_else(|| UNASSIGNED.to_owned()),
            api_key,
            model_group: self.model_group.0.unwrap_or_default(),
            model: self.model.0.unwrap_or_default(),
            provider: self.custom_llm_provider.0.unwrap_or_else(|| "unknown".to_owned()),
            metrics,
            duration_ms,
            first_token_ms,
            key_alias: metadata.user_api_key_alias.0,
        })
    }
}

/// What a request goes by: its own id, with the key and the outcome. Never the id of its call, which
/// clients choose and chained calls share (`x-litellm-call-id`). Attempts of one call that failed
/// and the one that did not are requests of their own.
fn identity(request_id: &Text, api_key: &str, status: &str) -> Option<u128> {
    let mut hash = Xxh3::new();
    for part in [request_id.0.as_deref()?, api_key, status] {
        hash.update(part.as_bytes());
        hash.update(b"\0");
    }
    Some(hash.digest128())
}

/// Text that says something; numbers count as their text, everything else as nothing.
#[derive(Debug, Default)]
struct Text(Option<String>);

impl Text {
    fn or(self, other: Self) -> Self {
        if self.0.is_some() { self } else { other }
    }

    /// Management calls are logged under their path.
    fn is_route(&self) -> bool {
        self.0.as_ref().is_some_and(|text| text.starts_with('/'))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyText;
        impl<'de> Visitor<'de> for AnyText {
            type Value = Text;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_str<E>(self, text: &str) -> Result<Text, E> {
                Ok(Text((!text.is_empty()).then(|| text.to_owned())))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Text, E> {
                Ok(Text(Some(number.to_string())))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Text, E> {
                Ok(Text(Some(number.to_string())))
            }
            fn visit_f64<E>(self, _: f64) -> Result<Text, E> {
                Ok(Text(None))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Text, E> {
                Ok(Text(None))
            }
            fn visit_unit<E>(self) -> Result<Text, E> {
                Ok(Text(None))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Text, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Text, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Text(None))
            }
        }
        deserializer.deserialize_any(AnyText)
    }
}

/// An instant: ISO text in logs, seconds since 1970 in payloads.
#[derive(Debug, Default)]
struct Moment {
    at: Option<Timestamp>,
}

/// The text of a time, with or without a zone; without one it is UTC.
pub(super) fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse::<Timestamp>().ok().or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        jiff::tz::Offset::UTC.to_timestamp(civil).ok()
    })
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyMoment;
        impl Visitor<'_> for AnyMoment {
            type Value = Moment;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a time")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Moment, E> {
                match text.trim().parse::<f64>() {
                    Ok(seconds) => self.visit_f64(seconds),
                    Err(_) => Ok(Moment { at: parse_time(text) }),
                }
            }
            fn visit_f64<E>(self, seconds: f64) -> Result<Moment, E> {
                let since = SignedDuration::try_from_secs_f64(seconds).ok();
                let at = since.and_then(|since| {
                    // Seconds as floats have microseconds, and noise behind them.
                    let us = i64::try_from((since.as_nanos() + 500).div_euclid(1_000)).ok()?;
                    Timestamp::from_microsecond(us).ok()
                });
                Ok(Moment { at })
            }
            fn visit_i64<E>(self, seconds: i64) -> Result<Moment, E> {
                Ok(Moment { at: Timestamp::from_second(seconds).ok() })
            }
            fn visit_u64<E>(self, seconds: u64) -> Result<Moment, E> {
                let seconds = i64::try_from(seconds).ok();
                let at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
                Ok(Moment { at })
            }
            fn visit_unit<E>(self) -> Result<Moment, E> {
                Ok(Moment::default())
            }
        }
        deserializer.deserialize_any(AnyMoment)
    }
}
