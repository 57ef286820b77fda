//! What is added up and compared.

use std::ops::AddAssign;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The figures of the contract, as the gateway names them.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Sums {
    #[serde(deserialize_with = "exact")]
    pub(crate) spend: f64,
    pub(crate) prompt_tokens: i64,
    pub(crate) completion_tokens: i64,
    pub(crate) total_tokens: i64,
    pub(crate) api_requests: i64,
    pub(crate) successful_requests: i64,
    pub(crate) failed_requests: i64,
}

impl Sums {
    /// The integers, each with its name.
    pub(crate) fn counts(&self) -> [(&'static str, i64); 6] {
        [
            ("prompt tokens", self.prompt_tokens),
            ("completion tokens", self.completion_tokens),
            ("tokens", self.total_tokens),
            ("requests", self.api_requests),
            ("successful requests", self.successful_requests),
            ("failed requests", self.failed_requests),
        ]
    }

    /// These figures less a part of them.
    pub(crate) fn minus(self, part: Sums) -> Sums {
        let negative = Sums {
            spend: -part.spend,
            prompt_tokens: -part.prompt_tokens,
            completion_tokens: -part.completion_tokens,
            total_tokens: -part.total_tokens,
            api_requests: -part.api_requests,
            successful_requests: -part.successful_requests,
            failed_requests: -part.failed_requests,
        };
        let mut rest = self;
        rest += negative;
        rest
    }

    /// Whether nothing was used.
    pub(crate) fn is_zero(&self) -> bool {
        self.counts().iter().all(|(_, count)| *count == 0) && self.spend == 0.0
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Sums) {
        self.spend += other.spend;
        self.prompt_tokens += other.prompt_tokens;
        self.completion_tokens += other.completion_tokens;
        self.total_tokens += other.total_tokens;
        self.api_requests += other.api_requests;
        self.successful_requests += other.successful_requests;
        self.failed_requests += other.failed_requests;
    }
}

impl PartialEq for Sums {
    fn eq(&self, other: &Sums) -> bool {
        self.counts() == other.counts() && is_same_money(self.spend, other.spend)
    }
}

/// Equal but for the order in which floats were added: one part in a billion.
pub(crate) fn is_same_money(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()) + 1e-12
}

/// The float that the text means: `serde_json` alone may be off by one in the last place.
pub(crate) fn exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let text = Box::<RawValue>::deserialize(deserializer)?;
    text.get().parse().map_err(serde::de::Error::custom)
}
