//! The additive measures of usage.

use std::ops::AddAssign;

/// Number of counters in [`Metrics`].
pub const COUNTS: usize = 10;

/// The counters' names, in the order of [`Metrics::counts`]; also the columns at rest.
pub const COUNT_NAMES: [&str; COUNTS] = [
    "prompt_tokens",
    "completion_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "total_tokens",
    "requests",
    "successful_requests",
    "failed_requests",
    "response_time_ms",
    "timed_requests",
];

/// Number of amounts of money in [`Metrics`].
pub const AMOUNTS: usize = 2;

/// The amounts' names, in the order of [`Metrics::amounts`]; also the columns at rest.
pub const AMOUNT_NAMES: [&str; AMOUNTS] = ["spend_usd", "flat_cost_usd"];

/// A choice of counters and amounts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Columns(u16);

impl Columns {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Everything.
    pub const ALL: Self = Self((1 << (COUNTS + AMOUNTS)) - 1);
    /// All counters.
    pub const COUNTERS: Self = Self((1 << COUNTS) - 1);
    /// The place of all tokens among the counters.
    pub const TOKENS_PLACE: usize = 4;
    /// All tokens.
    pub const TOKENS: Self = Self::count(Self::TOKENS_PLACE);
    /// Spend and flat cost.
    pub const COST: Self = Self::amount(0).and(Self::amount(1));

    /// Tokens, requests and cost.
    pub const TOLD_OF_UNLISTED: Self = Self::COST.and(Self::count(4)).and(Self::count(5));

    /// The counter at a place of [`COUNT_NAMES`].
    pub const fn count(place: usize) -> Self {
        Self(1 << place)
    }

    /// The amount at a place of [`AMOUNT_NAMES`].
    pub const fn amount(place: usize) -> Self {
        Self(1 << (COUNTS + place))
    }

    /// Both choices together.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// This choice without the other one.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether none of them is in the other choice.
    pub const fn is_apart_from(self, other: Self) -> bool {
        self.0 & other.0 == 0
    }

    /// Whether the counter at a place is among them.
    pub const fn has_count(self, place: usize) -> bool {
        self.0 & Self::count(place).0 != 0
    }

    /// Whether the amount at a place is among them.
    pub const fn has_amount(self, place: usize) -> bool {
        self.0 & Self::amount(place).0 != 0
    }
}

/// Measures that add up over any set of requests. Counts are exact 64-bit integers;
/// the cache tokens are part of the prompt tokens, so they never add to the total.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Metrics {
    /// What requests cost in US dollars, as the gateway priced them, unrounded. Refunds and
    /// corrections are negative.
    pub spend_usd: f64,
    /// Reserved capacity in US dollars: booked beside the requests, late, and up to 91 days back
    /// (LiteLLM 1.106, `flat_cost`).
    pub flat_cost_usd: f64,
    /// Tokens sent, cached ones included. Failed requests have some, too.
    pub prompt_tokens: i64,
    /// Tokens received.
    pub completion_tokens: i64,
    /// Prompt tokens that the provider read from its cache.
    pub cache_read_tokens: i64,
    /// Prompt tokens that the provider wrote to its cache.
    pub cache_creation_tokens: i64,
    /// The gateway's own total of tokens.
    pub total_tokens: i64,
    /// All requests, failed ones included.
    pub requests: i64,
    /// Requests that were answered.
    pub successful_requests: i64,
    /// Requests that failed.
    pub failed_requests: i64,
    /// Sum of the response times of `timed_requests`, in milliseconds.
    pub response_time_ms: i64,
    /// Requests whose response time is known.
    pub timed_requests: i64,
}

impl Metrics {
    /// The counters, in the order of [`COUNT_NAMES`].
    pub fn counts(&self) -> [i64; COUNTS] {
        [
            self.prompt_tokens,
            self.completion_tokens,
            self.cache_read_tokens,
            self.cache_creation_tokens,
            self.total_tokens,
            self.requests,
            self.successful_requests,
            self.failed_requests,
            self.response_time_ms,
            self.timed_requests,
        ]
    }

    /// The amounts of money, in the order of [`AMOUNT_NAMES`].
    pub fn amounts(&self) -> [f64; AMOUNTS] {
        [self.spend_usd, self.flat_cost_usd]
    }

    /// What was paid in all, in US dollars: for requests and for reserved capacity.
    pub fn cost_usd(&self) -> f64 {
        self.spend_usd + self.flat_cost_usd
    }

    /// The inverse of [`Metrics::amounts`] and [`Metrics::counts`].
    pub fn from_parts(amounts: [f64; AMOUNTS], counts: [i64; COUNTS]) -> Self {
        let [spend_usd, flat_cost_usd] = amounts;
        let [prompt, completion, read, creation, total, requests, successful, failed, ms, timed] =
            counts;
        Self {
            spend_usd,
            flat_cost_usd,
            prompt_tokens: prompt,
            completion_tokens: completion,
            cache_read_tokens: read,
            cache_creation_tokens: creation,
            total_tokens: total,
            requests,
            successful_requests: successful,
            failed_requests: failed,
            response_time_ms: ms,
            timed_requests: timed,
        }
    }

    /// The tokens and the spend alone.
    pub fn without_requests(&self) -> Self {
        Self {
            requests: 0,
            successful_requests: 0,
            failed_requests: 0,
            response_time_ms: 0,
            timed_requests: 0,
            ..*self
        }
    }

    /// Whether nothing was used: no token, no request, no cent.
    pub fn is_zero(&self) -> bool {
        self.counts().iter().all(|count| *count == 0)
            && self.amounts().iter().all(|amount| *amount == 0.0)
    }

    /// Whether both are the same usage: all counts equal, amounts equal but for the order in
    /// which a database adds floats (one part in a billion).
    pub fn matches(&self, other: &Self) -> bool {
        let same = |(a, b): (f64, f64)| (a - b).abs() <= a.abs().max(b.abs()).mul_add(1e-9, 1e-12);
        self.counts() == other.counts() && self.amounts().into_iter().zip(other.amounts()).all(same)
    }

    /// This usage less a part of it.
    pub fn minus(&self, part: &Self) -> Self {
        let (whole, part_counts) = (self.counts(), part.counts());
        let (amounts, part_amounts) = (self.amounts(), part.amounts());
        Self::from_parts(
            std::array::from_fn(|i| amounts[i] - part_amounts[i]),
            std::array::from_fn(|i| whole[i].saturating_sub(part_counts[i])),
        )
    }
}

impl AddAssign<&Metrics> for Metrics {
    fn add_assign(&mut self, other: &Self) {
        let (mine, theirs) = (self.counts(), other.counts());
        let (my_amounts, their_amounts) = (self.amounts(), other.amounts());
        *self = Self::from_parts(
            std::array::from_fn(|i| my_amounts[i] + their_amounts[i]),
            std::array::from_fn(|i| mine[i].saturating_add(theirs[i])),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_fields_are_in_one_order() {
        let counts = std::array::from_fn(|i| i as i64 + 1);
        let metrics = Metrics::from_parts([0.5, 0.25], counts);
        assert_eq!((metrics.counts(), metrics.amounts()), (counts, [0.5, 0.25]));
        assert_eq!(metrics.cost_usd(), 0.75);
        assert_eq!((metrics.total_tokens, metrics.timed_requests), (5, 10));
    }

    #[test]
    fn usage_matches_but_for_the_order_of_float_additions() {
        let exact = Metrics { spend_usd: 0.3, requests: 2, ..Metrics::default() };
        let reordered = Metrics { spend_usd: 0.1 + 0.2, ..exact };
        assert!(exact.matches(&reordered));
        assert!(!exact.matches(&Metrics { requests: 3, ..exact }));
        assert!(!exact.matches(&Metrics { spend_usd: 0.301, ..exact }));
    }
}
