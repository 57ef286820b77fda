//! The registry of measures: what can be asked of usage.
//!
//! Additive measures are sums. Derived ones are computed from sums at the end, once, here.
//! Parameters, documentation, errors, `/api/v1/meta` and exports all come from here.

use serde::Serialize;

use super::metrics::Columns;
use super::rounding::to_2_decimals;
use super::{Histogram, Metrics};

/// A measure.
#[derive(Clone, Copy, Debug)]
pub struct Measure {
    /// Its name in parameters and answers.
    pub name: &'static str,
    /// What people call it.
    pub label: &'static str,
    /// What its numbers are.
    pub unit: Unit,
    /// Its definition in a sentence.
    pub definition: &'static str,
    /// How it is computed; empty for what the gateway tells itself.
    pub formula: &'static str,
    /// The sums that it is computed from.
    pub needs: Columns,
    value: How,
}

/// What a measure's numbers are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Tokens.
    Tokens,
    /// Requests.
    Requests,
    /// US dollars.
    Usd,
    /// 0 to 100.
    Percent,
    /// Milliseconds.
    Ms,
}

#[derive(Clone, Copy, Debug)]
enum How {
    Count(fn(&Metrics) -> i64),
    Amount(fn(&Metrics) -> f64),
    /// Over the sums of the row and of everything that matches.
    Derived(fn(&Metrics, &Metrics) -> Option<f64>),
    Duration(f64),
    FirstToken(f64),
}

/// A value of a measure.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Value {
    /// It is not known, or there is none: `null`.
    Unknown,
    /// Exact.
    Count(i64),
    /// US dollars, milliseconds, or a share.
    Amount(f64),
}

impl Value {
    /// The number, if there is one. Beyond 2^53 it is the nearest that a float has.
    #[expect(clippy::cast_precision_loss, reason = "for order and pictures only")]
    pub fn number(self) -> Option<f64> {
        match self {
            Self::Unknown => None,
            Self::Count(count) => Some(count as f64),
            Self::Amount(amount) => Some(amount),
        }
    }
}

/// What the values of one row are computed from.
#[derive(Clone, Copy, Debug)]
pub struct Sum<'a> {
    /// The row's sums.
    pub metrics: &'a Metrics,
    /// The sums of everything that matches.
    pub all: &'a Metrics,
    /// The row's durations and times to the first token, where they are known.
    pub times: Option<&'a (Histogram, Histogram)>,
}

impl Measure {
    /// The measure of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        MEASURES.iter().find(|measure| measure.name == name)
    }

    /// The measures of some names; names that no measure has are left out.
    pub fn all_named(names: &[&str]) -> Vec<&'static Self> {
        names.iter().filter_map(|name| Self::named(name)).collect()
    }

    /// All that add up over rows.
    pub fn additive() -> Vec<&'static Self> {
        MEASURES.iter().filter(|measure| measure.is_additive()).collect()
    }

    /// Whether it adds up over rows.
    pub fn is_additive(&self) -> bool {
        matches!(self.value, How::Count(_) | How::Amount(_))
    }

    /// Whether it depends on everything that matches, not on its row alone.
    pub fn is_share(&self) -> bool {
        self.name == "token_share"
    }

    /// Whether its values are whole numbers.
    pub fn is_count(&self) -> bool {
        matches!(self.value, How::Count(_))
    }

    /// Whether only requests tell it.
    pub fn is_of_times(&self) -> bool {
        matches!(self.value, How::Duration(_) | How::FirstToken(_))
    }

    /// Whether less of it is better.
    pub fn is_price(&self) -> bool {
        self.unit == Unit::Usd && !self.is_additive()
    }

    /// Its value of a row.
    pub fn value(&self, sum: Sum<'_>) -> Value {
        let amount = |amount: Option<f64>| amount.map_or(Value::Unknown, Value::Amount);
        match self.value {
            How::Count(count) => Value::Count(count(sum.metrics)),
            How::Amount(of) => Value::Amount(of(sum.metrics)),
            How::Derived(of) => amount(of(sum.metrics, sum.all)),
            How::Duration(share) => amount(sum.times.and_then(|(all, _)| all.quantile(share))),
            How::FirstToken(share) => amount(sum.times.and_then(|(_, all)| all.quantile(share))),
        }
    }
}

impl Columns {
    /// The sums that some measures are made of.
    pub fn needed(measures: &[&Measure]) -> Self {
        measures.iter().fold(Self::NONE, |columns, measure| columns.and(measure.needs))
    }
}

const fn measure(
    name: &'static str,
    label: &'static str,
    unit: Unit,
    needs: Columns,
    value: How,
    formula: &'static str,
    definition: &'static str,
) -> Measure {
    Measure { name, label, unit, definition, formula, needs, value }
}

const PROMPT: Columns = Columns::count(0);
const COMPLETION: Columns = Columns::count(1);
const CACHE_READ: Columns = Columns::count(2);
const CACHE_CREATION: Columns = Columns::count(3);
const TOKENS: Columns = Columns::count(4);
const REQUESTS: Columns = Columns::count(5);
const SUCCESSFUL: Columns = Columns::count(6);
const FAILED: Columns = Columns::count(7);
const TIMES: Columns = Columns::count(8).and(Columns::count(9));

use How::{Amount, Count, Derived, Duration, FirstToken};

/// All measures, in the order in which they are documented.
pub static MEASURES: [Measure; 24] = [
    measure(
        "tokens",
        "Tokens",
        Unit::Tokens,
        TOKENS,
        Count(|m| m.total_tokens),
        "",
        "All tokens, as the gateway totals them.",
    ),
    measure(
        "prompt_tokens",
        "Prompt tokens",
        Unit::Tokens,
        PROMPT,
        Count(|m| m.prompt_tokens),
        "",
        "Tokens sent, cached ones and those of failed requests included.",
    ),
    measure(
        "completion_tokens",
        "Completion tokens",
        Unit::Tokens,
        COMPLETION,
        Count(|m| m.completion_tokens),
        "",
        "Tokens received.",
    ),
    measure(
        "cache_read_tokens",
        "Cache reads",
        Unit::Tokens,
        CACHE_READ,
        Count(|m| m.cache_read_tokens),
        "",
        "Prompt tokens that the provider read from its cache.",
    ),
    measure(
        "cache_creation_tokens",
        "Cache writes",
        Unit::Tokens,
        CACHE_CREATION,
        Count(|m| m.cache_creation_tokens),
        "",
        "Prompt tokens that the provider wrote to its cache.",
    ),
    measure(
        "requests",
        "Requests",
        Unit::Requests,
        REQUESTS,
        Count(|m| m.requests),
        "",
        "All requests, failed ones included.",
    ),
    measure(
        "successful_requests",
        "Successful requests",
        Unit::Requests,
        SUCCESSFUL,
        Count(|m| m.successful_requests),
        "",
        "Requests that were answered.",
    ),
    measure(
        "failed_requests",
        "Failed requests",
        Unit::Requests,
        FAILED,
        Count(|m| m.failed_requests),
        "",
        "Requests that failed.",
    ),
    measure(
        "spend_usd",
        "Cost",
        Unit::Usd,
        Columns::COST,
        Amount(Metrics::cost_usd),
        "request_spend_usd + flat_cost_usd",
        "What was paid: for requests, as the gateway priced them, and for reserved capacity.",
    ),
    measure(
        "request_spend_usd",
        "Cost of requests",
        Unit::Usd,
        Columns::amount(0),
        Amount(|m| m.spend_usd),
        "",
        "The part of the cost that requests caused.",
    ),
    measure(
        "flat_cost_usd",
        "Reserved capacity",
        Unit::Usd,
        Columns::amount(1),
        Amount(|m| m.flat_cost_usd),
        "",
        "The part of the cost that reserved capacity caused, booked by the day and up to 91 days \
         late.",
    ),
    measure(
        "success_rate",
        "Success rate",
        Unit::Percent,
        REQUESTS.and(SUCCESSFUL),
        Derived(|m, _| share(m.successful_requests, m.requests)),
        "100 * successful_requests / requests",
        "Share of requests that were answered, two decimals; none without requests.",
    ),
    measure(
        "failure_rate",
        "Failure rate",
        Unit::Percent,
        REQUESTS.and(FAILED),
        Derived(|m, _| share(m.failed_requests, m.requests)),
        "100 * failed_requests / requests",
        "Share of requests that failed, two decimals; none without requests.",
    ),
    measure(
        "token_share",
        "Share of tokens",
        Unit::Percent,
        TOKENS,
        Derived(|m, all| share(m.total_tokens, all.total_tokens)),
        "100 * tokens / tokens of everything that matches",
        "Share of all tokens that match, two decimals.",
    ),
    measure(
        "usd_per_1k_tokens",
        "USD per 1,000 tokens",
        Unit::Usd,
        Columns::COST.and(TOKENS),
        Derived(|m, _| price(m.cost_usd(), m.total_tokens, 1e3)),
        "1000 * spend_usd / tokens",
        "Cost of 1,000 tokens, unrounded; none without tokens.",
    ),
    measure(
        "usd_per_million_tokens",
        "USD per million tokens",
        Unit::Usd,
        Columns::COST.and(TOKENS),
        Derived(|m, _| price(m.cost_usd(), m.total_tokens, 1e6)),
        "1000000 * spend_usd / tokens",
        "Cost of a million tokens, unrounded; none without tokens.",
    ),
    measure(
        "usd_per_request",
        "USD per request",
        Unit::Usd,
        Columns::COST.and(REQUESTS),
        Derived(|m, _| price(m.cost_usd(), m.requests, 1.0)),
        "spend_usd / requests",
        "Cost of a request, unrounded; none without requests.",
    ),
    measure(
        "duration_avg_ms",
        "Mean duration",
        Unit::Ms,
        TIMES,
        Derived(|m, _| mean(m.response_time_ms, m.timed_requests)),
        "response times / requests with a known one",
        "Mean response time of the requests whose time the gateway tells; none where it tells \
         none.",
    ),
    measure(
        "duration_p50_ms",
        "Median duration",
        Unit::Ms,
        Columns::NONE,
        Duration(0.50),
        "",
        "Half of the answered requests took no longer; off by at most 5 %.",
    ),
    measure(
        "duration_p95_ms",
        "95 % duration",
        Unit::Ms,
        Columns::NONE,
        Duration(0.95),
        "",
        "95 % of the answered requests took no longer; off by at most 5 %.",
    ),
    measure(
        "duration_p99_ms",
        "99 % duration",
        Unit::Ms,
        Columns::NONE,
        Duration(0.99),
        "",
        "99 % of the answered requests took no longer; off by at most 5 %.",
    ),
    measure(
        "ttft_p50_ms",
        "Median time to first token",
        Unit::Ms,
        Columns::NONE,
        FirstToken(0.50),
        "",
        "Half of the streamed requests had their first token by then; off by at most 5 %.",
    ),
    measure(
        "ttft_p95_ms",
        "95 % time to first token",
        Unit::Ms,
        Columns::NONE,
        FirstToken(0.95),
        "",
        "95 % of the streamed requests had their first token by then; off by at most 5 %.",
    ),
    measure(
        "ttft_p99_ms",
        "99 % time to first token",
        Unit::Ms,
        Columns::NONE,
        FirstToken(0.99),
        "",
        "99 % of the streamed requests had their first token by then; off by at most 5 %.",
    ),
];

/// A share in percent, two decimals, 0 to 100; none of nothing.
#[expect(clippy::cast_precision_loss, reason = "a percentage of two decimals needs no 64 bits")]
pub fn share(part: i64, whole: i64) -> Option<f64> {
    (whole > 0).then(|| to_2_decimals((part as f64 * 100.0 / whole as f64).clamp(0.0, 100.0)))
}

/// US dollars for `unit` of what `of` counts, unrounded; none of nothing.
#[expect(clippy::cast_precision_loss, reason = "a price needs no 64 bits")]
pub fn price(usd: f64, of: i64, unit: f64) -> Option<f64> {
    (of > 0).then(|| usd / of as f64 * unit)
}

#[expect(clippy::cast_precision_loss, reason = "a mean needs no 64 bits")]
fn mean(sum: i64, of: i64) -> Option<f64> {
    (of > 0).then(|| sum as f64 / of as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(name: &str, metrics: &Metrics, all: &Metrics) -> Value {
        let measure = Measure::named(name).expect("a measure");
        measure.value(Sum { metrics, all, times: None })
    }

    #[test]
    fn rates_have_two_decimals_and_stay_between_0_and_100() {
        let rate = |successful_requests, requests| {
            let metrics = Metrics { successful_requests, requests, ..Metrics::default() };
            value("success_rate", &metrics, &metrics)
        };
        assert_eq!(rate(1, 3), Value::Amount(33.33));
        assert_eq!(rate(2, 3), Value::Amount(66.67));
        assert_eq!(rate(1, 800), Value::Amount(0.12), "0.125 is a tie and goes to the even digit");
        assert_eq!(rate(0, 0), Value::Unknown);
        assert_eq!(rate(5, 5), Value::Amount(100.0));
        assert_eq!(rate(6, 5), Value::Amount(100.0));
    }

    #[test]
    fn nothing_has_no_price_and_no_time() {
        let some = Metrics { total_tokens: 1_000, spend_usd: 0.5, ..Metrics::default() };
        let nothing = Metrics { spend_usd: 1.0, ..Metrics::default() };
        assert_eq!(value("usd_per_1k_tokens", &some, &some), Value::Amount(0.5));
        assert_eq!(value("usd_per_million_tokens", &some, &some), Value::Amount(500.0));
        for name in ["usd_per_1k_tokens", "usd_per_request", "duration_avg_ms", "ttft_p50_ms"] {
            assert_eq!(value(name, &nothing, &some), Value::Unknown, "{name}");
        }
        assert_eq!(
            value("token_share", &some, &Metrics { total_tokens: 3_000, ..some }),
            Value::Amount(33.33)
        );
    }

    #[test]
    fn every_measure_has_a_name_of_its_own_and_is_defined() {
        for (place, measure) in MEASURES.iter().enumerate() {
            let first = MEASURES.iter().position(|other| other.name == measure.name);
            assert_eq!(first, Some(place), "{}", measure.name);
            assert!(measure.definition.ends_with('.'), "{}", measure.name);
            let is_told = measure.needs != Columns::NONE || measure.is_of_times();
            assert!(is_told, "{}", measure.name);
        }
    }
}
