//! What `sync` asks of a gateway.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::{Error, PublicModel, QuestionTimes, RequestLogs};
use crate::usage::{Day, DayRange, DayUsage, Metrics, Team, Totals};

/// A gateway whose usage can be read day by day.
#[async_trait]
pub trait UsageSource: Send + Sync + std::fmt::Debug {
    /// All teams, in the gateway's order, each id once.
    async fn teams(&self) -> Result<Vec<Team>, Error>;

    /// The totals of each day of `range` that has usage, cheaply; `None` where the gateway
    /// cannot tell totals apart from everything else.
    async fn totals(&self, range: DayRange) -> Result<Option<BTreeMap<Day, Totals>>, Error>;

    /// All usage of `day`.
    async fn day(&self, day: Day) -> Result<DayReading, Error>;

    /// The newest days of `range`, as many as one small answer holds, newest first and without
    /// gaps. Empty where not even the newest fits.
    async fn newest_days(&self, range: DayRange) -> Result<Vec<DayReading>, Error>;

    /// The oldest day of `range` that has usage; `None` where none has.
    async fn oldest_day(&self, range: DayRange) -> Result<Option<Day>, Error>;

    /// The requests that began in `window`. Those that still run, and those that the gateway
    /// dropped from its logs, are missing.
    async fn requests(&self, window: LogWindow) -> Result<RequestLogs, Error>;

    /// The models that it offers.
    async fn public_models(&self) -> Result<Vec<PublicModel>, Error>;

    /// How often the gateway was asked since the start, by kind of question.
    fn questions(&self) -> Vec<(&'static str, u64)>;

    /// How long questions took, by kind and ending.
    fn timings(&self) -> Vec<QuestionTimes>;

    /// How long the gateway still wants to be left alone, if it said so.
    fn is_to_be_left_alone(&self) -> Option<Duration>;

    /// Whether the key is accepted, asked in a way that the gateway does not book as a
    /// failed request.
    async fn check_key(&self) -> Result<(), Error>;
}

/// A span of start times in whole seconds, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogWindow {
    /// Its beginning.
    pub from: Timestamp,
    /// Its end.
    pub until: Timestamp,
}

impl LogWindow {
    /// Whether it cannot be cut any further.
    pub fn is_smallest(self) -> bool {
        self.until.as_second() - self.from.as_second() <= 1
    }
}

/// One day as the gateway told it.
#[derive(Clone, Debug)]
pub struct DayReading {
    /// The usage, joined.
    pub usage: DayUsage,
    /// The sums that the gateway gave with its answer, where it did.
    pub reported: Reported,
    /// Into how many answers the gateway cut the day. More than one is not a consistent
    /// read: rows may have come between them.
    pub pages: u32,
    /// Whether all answers that were joined fit together.
    pub consistent: bool,
    /// How many values could not be true (negative, say) and count as nothing.
    pub implausible: u32,
}

/// Sums in an answer's metadata. Each is `None` where the answer does not give it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reported {
    /// Spend in US dollars.
    pub spend_usd: Option<f64>,
    /// Reserved capacity in US dollars.
    pub flat_cost_usd: Option<f64>,
    /// Prompt tokens.
    pub prompt_tokens: Option<i64>,
    /// Completion tokens.
    pub completion_tokens: Option<i64>,
    /// All tokens.
    pub total_tokens: Option<i64>,
    /// All requests.
    pub requests: Option<i64>,
    /// Answered requests.
    pub successful_requests: Option<i64>,
    /// Failed requests.
    pub failed_requests: Option<i64>,
}

impl Reported {
    /// `read` with every sum replaced by the one that was reported, where there is one.
    pub fn applied_to(&self, read: &Metrics) -> Metrics {
        Metrics {
            spend_usd: self.spend_usd.unwrap_or(read.spend_usd),
            flat_cost_usd: self.flat_cost_usd.unwrap_or(read.flat_cost_usd),
            prompt_tokens: self.prompt_tokens.unwrap_or(read.prompt_tokens),
            completion_tokens: self.completion_tokens.unwrap_or(read.completion_tokens),
            total_tokens: self.total_tokens.unwrap_or(read.total_tokens),
            requests: self.requests.unwrap_or(read.requests),
            successful_requests: self.successful_requests.unwrap_or(read.successful_requests),
            failed_requests: self.failed_requests.unwrap_or(read.failed_requests),
            ..*read
        }
    }

    /// Adds the sums of another page; a sum stays known only where both give it.
    pub(super) fn add(&mut self, other: &Self) {
        let both = |a: &mut Option<i64>, b: Option<i64>| {
            *a = a.zip(b).map(|(a, b)| a.saturating_add(b));
        };
        self.spend_usd = self.spend_usd.zip(other.spend_usd).map(|(a, b)| a + b);
        self.flat_cost_usd = self.flat_cost_usd.zip(other.flat_cost_usd).map(|(a, b)| a + b);
        both(&mut self.prompt_tokens, other.prompt_tokens);
        both(&mut self.completion_tokens, other.completion_tokens);
        both(&mut self.total_tokens, other.total_tokens);
        both(&mut self.requests, other.requests);
        both(&mut self.successful_requests, other.successful_requests);
        both(&mut self.failed_requests, other.failed_requests);
    }
}

/// What a key may see, as far as `podium check` can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRights {
    /// Every team's usage.
    Everything,
    /// Only its own user's usage: team lists are refused, activity is not.
    OwnUsageOnly,
}
