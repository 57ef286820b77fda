//! Single requests, as far as they are counted. What was said in them is never read.

use jiff::{SignedDuration, Timestamp};

use super::Metrics;

/// Which way a request was learned of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RequestSource {
    /// From the gateway's logs.
    #[default]
    Logs,
    /// The gateway pushed it.
    Push,
}

/// One request that a gateway handled.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The same for the same request, whichever way it was learned of. Others that began at another
    /// time may share it, since providers repeat their ids.
    pub identity: u128,
    /// Which way it was learned of.
    pub source: RequestSource,
    /// Whether it failed.
    pub is_failure: bool,
    /// When it began. Decides the quarter hour and the day it counts in.
    pub started_at: Timestamp,
    /// The team's id, or [`super::UNASSIGNED`].
    pub team_id: String,
    /// The gateway's hash of the API key; empty for none.
    pub api_key: String,
    /// The public model name that the caller used.
    pub model_group: String,
    /// The provider's model name.
    pub model: String,
    /// Who runs the model, such as `openai`.
    pub provider: String,
    /// What it used; `requests` is 1.
    pub metrics: Metrics,
    /// From its beginning to its end, for an answered one.
    pub duration_ms: Option<i64>,
    /// From its beginning to the first token, for a streamed one.
    pub first_token_ms: Option<i64>,
    /// The key's name, where told.
    pub key_alias: Option<String>,
}

/// Why a request is not taken, however well it can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It is said to begin more than a day from now.
    InFuture,
    /// One of its names is longer than any name is.
    TooLong,
}

/// Longer names are refused: they would be kept for good.
const LONGEST_NAME: usize = 1_024;
/// Clocks may differ, but not by more.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

impl Request {
    /// Why it is not taken; `None` if it is.
    pub fn refusal(&self, now: Timestamp) -> Option<Refusal> {
        let names = [&self.team_id, &self.api_key, &self.model_group, &self.model, &self.provider];
        let alias = self.key_alias.as_ref();
        let is_long = |name: &&String| name.chars().count() > LONGEST_NAME;
        if self.started_at.duration_since(now) > AHEAD {
            Some(Refusal::InFuture)
        } else if names.into_iter().chain(alias).any(|name| is_long(&name)) {
            Some(Refusal::TooLong)
        } else {
            None
        }
    }
}
