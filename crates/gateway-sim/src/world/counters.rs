//! What the daily table counts.

use std::iter::Sum;
use std::ops::AddAssign;

/// The counters of one row of daily usage, or a sum of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Counters {
    /// US dollars.
    pub spend: f64,
    /// Reserved capacity in US dollars, booked beside requests and late.
    pub flat_cost: f64,
    /// Tokens sent to models, cached ones included; failed requests have them too.
    pub prompt_tokens: i64,
    /// Tokens that came back.
    pub completion_tokens: i64,
    /// Part of `prompt_tokens` that came from a provider's cache.
    pub cache_read_input_tokens: i64,
    /// Part of `prompt_tokens` that was written to a provider's cache.
    pub cache_creation_input_tokens: i64,
    /// All requests: `successful_requests + failed_requests`.
    pub api_requests: i64,
    /// Requests that were answered.
    pub successful_requests: i64,
    /// Requests that were not.
    pub failed_requests: i64,
    /// Milliseconds that `timed_requests` took together.
    pub total_response_time_ms: i64,
    /// Requests whose time was measured.
    pub timed_requests: i64,
}

impl Counters {
    /// `prompt_tokens + completion_tokens`.
    pub fn total_tokens(&self) -> i64 {
        self.prompt_tokens + self.completion_tokens
    }
}

impl AddAssign for Counters {
    fn add_assign(&mut self, other: Counters) {
        self.spend += other.spend;
        self.flat_cost += other.flat_cost;
        self.prompt_tokens += other.prompt_tokens;
        self.completion_tokens += other.completion_tokens;
        self.cache_read_input_tokens += other.cache_read_input_tokens;
        self.cache_creation_input_tokens += other.cache_creation_input_tokens;
        self.api_requests += other.api_requests;
        self.successful_requests += other.successful_requests;
        self.failed_requests += other.failed_requests;
        self.total_response_time_ms += other.total_response_time_ms;
        self.timed_requests += other.timed_requests;
    }
}

impl Sum for Counters {
    fn sum<I: Iterator<Item = Counters>>(counters: I) -> Counters {
        counters.fold(Counters::default(), |mut sum, one| {
            sum += one;
            sum
        })
    }
}
