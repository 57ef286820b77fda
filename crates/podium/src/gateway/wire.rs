//! LiteLLM's JSON, read tolerantly.
//!
//! Unknown fields are skipped. Missing and null parts are empty or zero. Numbers may come as
//! integers, floats or text.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::{Error, Reported};
use crate::usage::Metrics;

/// Reads `bytes` as JSON. The text of a failure says where, never what: answers may hold keys.
pub(super) fn from_json<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Error> {
    serde_json::from_slice(bytes).map_err(|error| unreadable(&error, bytes.len()))
}

/// Why an answer of so many bytes cannot be read.
pub(super) fn unreadable(error: &serde_json::Error, bytes: usize) -> Error {
    let (line, column, kind) = (error.line(), error.column(), error.classify());
    tracing::warn!(line, column, bytes, ?kind, "unreadable answer");
    match kind {
        serde_json::error::Category::Data => Error::Shape("a part has another type"),
        _ => Error::NotJson,
    }
}

pub(super) fn is_object(bytes: &[u8]) -> bool {
    bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PartMetadata<'a> {
    #[serde(borrow)]
    pub(super) team_alias: Text<'a>,
}

/// What an API key used of something.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct KeyPart<'a> {
    #[serde(deserialize_with = "or_default")]
    pub(super) metrics: WireMetrics,
    #[serde(borrow, deserialize_with = "or_default")]
    pub(super) metadata: KeyMetadata<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct KeyMetadata<'a> {
    #[serde(borrow)]
    pub(super) key_alias: Text<'a>,
}

/// `metrics`, everywhere.
#[derive(Debug, Default, Deserialize, Clone, Copy)]
#[serde(default)]
pub(super) struct WireMetrics {
    spend: Number,
    flat_cost: Number,
    prompt_tokens: Number,
    completion_tokens: Number,
    cache_read_input_tokens: Number,
    cache_creation_input_tokens: Number,
    total_tokens: Number,
    api_requests: Number,
    successful_requests: Number,
    failed_requests: Number,
    total_response_time_ms: Number,
    timed_requests: Number,
}

impl WireMetrics {
    /// What one request used; `tokens` are those of the prompt, the completion and both.
    pub(super) fn of_request(
        spend: Number,
        tokens: [Number; 3],
        cache_read: Number,
        cache_creation: Number,
    ) -> Self {
        let [prompt_tokens, completion_tokens, total_tokens] = tokens;
        Self {
            spend,
            prompt_tokens,
            completion_tokens,
            total_tokens,
            cache_read_input_tokens: cache_read,
            cache_creation_input_tokens: cache_creation,
            ..Self::default()
        }
    }

    /// The metrics, without values that cannot be true (negative counts, and what nobody ever used
    /// or spent); each of those counts as nothing and adds one to `implausible`.
    pub(super) fn metrics(&self, implausible: &mut u32) -> Metrics {
        let counts = [
            self.prompt_tokens,
            self.completion_tokens,
            self.cache_read_input_tokens,
            self.cache_creation_input_tokens,
            self.total_tokens,
            self.api_requests,
            self.successful_requests,
            self.failed_requests,
            self.total_response_time_ms,
            self.timed_requests,
        ];
        let counts = counts.map(|number| match number.count() {
            None => 0,
            Some(count) if (0..MOST_COUNT).contains(&count) => count,
            Some(_) => {
                *implausible += 1;
                0
            }
        });
        let amounts = [self.spend, self.flat_cost].map(|number| match number.float() {
            None => 0.0,
            // Refunds, credits and corrections are negative.
            Some(amount) if amount.abs() < MOST_USD => amount,
            Some(_) => {
                *implausible += 1;
                0.0
            }
        });
        Metrics::from_parts(amounts, counts)
    }
}

/// More than anybody used in a day. So sums of some of them stay within 64 bits, and do not end at
/// their bound, where parts add up to another whole.
const MOST_COUNT: i64 = 1 << 60;
/// More than anybody ever spent or got back.
const MOST_USD: f64 = 1e15;

/// An activity answer's `metadata`: where the page stands, and the page's sums.
#[derive(Debug, Default, Deserialize, Clone, Copy)]
#[serde(default)]
pub(super) struct PageMetadata {
    total_pages: Number,
    has_more: Flag,
    total_api_keys: Number,
    total_spend: Number,
    total_flat_cost: Number,
    total_prompt_tokens: Number,
    total_completion_tokens: Number,
    total_tokens: Number,
    total_api_requests: Number,
    total_successful_requests: Number,
    total_failed_requests: Number,
}

impl PageMetadata {
    /// How many pages there are in all, where told.
    pub(super) fn total_pages(&self) -> Option<u32> {
        self.total_pages.count().map(|pages| u32::try_from(pages).unwrap_or(u32::MAX))
    }

    /// Whether more pages follow page `page`.
    pub(super) fn has_more_than(&self, page: u32) -> bool {
        self.total_pages().is_some_and(|pages| page < pages) || self.has_more.0 == Some(true)
    }

    /// How many API keys the range has; an aggregated answer is cut to the biggest of them.
    pub(super) fn total_api_keys(&self) -> Option<i64> {
        self.total_api_keys.count()
    }

    pub(super) fn reported(&self) -> Reported {
        Reported {
            spend_usd: self.total_spend.float(),
            flat_cost_usd: self.total_flat_cost.float(),
            prompt_tokens: self.total_prompt_tokens.count(),
            completion_tokens: self.total_completion_tokens.count(),
            total_tokens: self.total_tokens.count(),
            requests: self.total_api_requests.count(),
            successful_requests: self.total_successful_requests.count(),
            failed_requests: self.total_failed_requests.count(),
        }
    }
}

/// A number in any clothes, or none.
#[derive(Debug, Default, Clone, Copy, PartialEq, Serialize)]
pub(super) enum Number {
    #[default]
    Absent,
    Whole(i64),
    Float(f64),
}

impl Number {
    /// As a count, rounded where it came as a float.
    pub(super) fn count(self) -> Option<i64> {
        match self {
            Self::Absent => None,
            Self::Whole(count) => Some(count),
            #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, which is meant")]
            Self::Float(float) => Some(float.round() as i64),
        }
    }

    /// As a float.
    pub(super) fn float(self) -> Option<f64> {
        match self {
            Self::Absent => None,
            #[expect(clippy::cast_precision_loss, reason = "amounts of money are far below 2^53")]
            Self::Whole(count) => Some(count as f64),
            Self::Float(float) => Some(float),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyNumber;
        impl Visitor<'_> for AnyNumber {
            type Value = Number;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number, a number as text, or null")
            }
            fn visit_unit<E>(self) -> Result<Number, E> {
                Ok(Number::Absent)
            }
            fn visit_bool<E>(self, _: bool) -> Result<Number, E> {
                Ok(Number::Absent)
            }
            fn visit_i64<E>(self, number: i64) -> Result<Number, E> {
                Ok(Number::Whole(number))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Number, E> {
                Ok(Number::Whole(i64::try_from(number).unwrap_or(i64::MAX)))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Number, E> {
                Ok(Number::Float(number))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                let text = text.trim();
                if text.is_empty() {
                    return Ok(Number::Absent);
                }
                if let Ok(whole) = text.parse() {
                    return Ok(Number::Whole(whole));
                }
                match text.parse::<f64>() {
                    Ok(float) if float.is_finite() => Ok(Number::Float(float)),
                    _ => Err(E::custom("text that is not a number")),
                }
            }
        }
        deserializer.deserialize_any(AnyNumber)
    }
}

/// A truth value, also as text or number.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Flag(pub(super) Option<bool>);

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = serde_json::Value::deserialize(deserializer)?;
        Ok(Self(match &value {
            serde_json::Value::Bool(flag) => Some(*flag),
            serde_json::Value::Number(number) => Some(number.as_f64() != Some(0.0)),
            serde_json::Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" => Some(true),
                "false" | "0" | "no" => Some(false),
                _ => None,
            },
            _ => None,
        }))
    }
}

/// A JSON object as its entries, null ones as empty ones; null and an empty list count as
/// no entries.
#[derive(Debug)]
pub(super) struct Named<T>(pub(super) Vec<(String, T)>);

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de> + Default> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Entries<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de> + Default> Visitor<'de> for Entries<T> {
            type Value = Named<T>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Option<T>>()? {
                    entries.push((name, value.unwrap_or_default()));
                }
                Ok(Named(entries))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                match seq.next_element::<de::IgnoredAny>()? {
                    None => Ok(Named::default()),
                    Some(_) => Err(de::Error::custom("a list instead of an object")),
                }
            }
        }
        deserializer.deserialize_any(Entries(PhantomData))
    }
}

/// Null as the default value.
pub(super) fn or_default<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// Text or a number as text; null, other things and empty text as `None`. Copied only where it is
/// not written as it is meant.
#[derive(Debug, Default)]
pub(super) struct Text<'a>(pub(super) Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyText<'a>(PhantomData<&'a ()>);
        fn of_number<'a>(number: impl Into<serde_json::Number>) -> Text<'a> {
            Text(Some(Cow::Owned(number.into().to_string())))
        }
        impl<'de: 'a, 'a> Visitor<'de> for AnyText<'a> {
            type Value = Text<'a>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("anything")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text((!text.is_empty()).then_some(Cow::Borrowed(text))))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text((!text.is_empty()).then(|| Cow::Owned(text.to_owned()))))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
                Ok(of_number(number))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
                Ok(of_number(number))
            }
            fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
                Ok(serde_json::Number::from_f64(number).map_or_else(Text::default, of_number))
            }
            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Text::default())
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Text::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<de::IgnoredAny, de::IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                while seq.next_element::<de::IgnoredAny>()?.is_some() {}
                Ok(Text::default())
            }
        }
        deserializer.deserialize_any(AnyText(PhantomData))
    }
}

/// [`Text`], kept.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Text::deserialize(deserializer)?.0.map(Cow::into_owned))
}
