//! Logs of single requests.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;

use super::World;
use super::counters::Counters;
use super::rows::DailyRow;
use crate::clock::utc_date;

/// One request, as the gateway logs it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// A repeated id is dropped from the logs, though the day counts it.
    pub request_id: String,
    /// `acompletion`, or the path of a refused management call.
    pub call_type: String,
    /// As in usage rows.
    pub api_key: String,
    /// As in usage rows.
    pub team_id: Option<String>,
    /// The provider's name; empty for refused calls.
    pub model: String,
    /// The public name; empty for refused calls.
    pub model_group: String,
    /// Empty for refused calls.
    pub provider: String,
    /// The user whose key it was, or empty.
    pub user: String,
    /// When it arrived. Decides the day it is booked on.
    pub started_at: Timestamp,
    /// When it was answered.
    pub ended_at: Timestamp,
    /// Whether it was answered.
    pub success: bool,
    /// US dollars.
    pub spend: f64,
    /// As in [`Counters`].
    pub prompt_tokens: i64,
    /// As in [`Counters`].
    pub completion_tokens: i64,
    /// As in [`Counters`].
    pub cache_read_input_tokens: i64,
}

impl Request {
    /// Milliseconds from arrival to answer.
    pub fn duration_ms(&self) -> i64 {
        self.ended_at.as_millisecond() - self.started_at.as_millisecond()
    }

    /// The row that this request adds to; refused management calls have no endpoint.
    pub fn daily_row(&self) -> DailyRow {
        let filled = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let refused = self.model.is_empty();
        DailyRow {
            date: utc_date(self.started_at),
            team_id: Some(self.team_id.clone().unwrap_or_default()),
            api_key: self.api_key.clone(),
            model: filled(&self.model),
            model_group: filled(&self.model_group),
            provider: filled(&self.provider),
            endpoint: (!refused).then(|| "/chat/completions".to_owned()),
            mcp_tool: None,
            counters: Counters {
                spend: self.spend,
                flat_cost: 0.0,
                prompt_tokens: self.prompt_tokens,
                completion_tokens: self.completion_tokens,
                cache_read_input_tokens: self.cache_read_input_tokens,
                cache_creation_input_tokens: 0,
                api_requests: 1,
                successful_requests: i64::from(self.success),
                failed_requests: i64::from(!self.success),
                total_response_time_ms: if self.success { self.duration_ms() } else { 0 },
                timed_requests: i64::from(self.success),
            },
        }
    }
}

/// So many requests are kept, then the oldest go: a simulator may run for weeks.
const MOST_LOGGED: usize = 1_000_000;

/// Requests by the time they began; those of one instant in the order they were written.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestLog {
    by_start: BTreeMap<(Timestamp, usize), Request>,
    ids: HashSet<String>,
    written: usize,
}

impl RequestLog {
    fn insert(&mut self, request: Request) {
        if !self.ids.insert(request.request_id.clone()) {
            return;
        }
        self.written += 1;
        self.by_start.insert((request.started_at, self.written), request);
        if self.by_start.len() > MOST_LOGGED
            && let Some((_, oldest)) = self.by_start.pop_first()
        {
            self.ids.remove(&oldest.request_id);
        }
    }

    /// How many requests were ever logged.
    pub(crate) fn written(&self) -> usize {
        self.written
    }

    /// The requests that began between two times, both included, oldest first.
    pub(crate) fn between(
        &self,
        start: Timestamp,
        end: Timestamp,
    ) -> impl DoubleEndedIterator<Item = &Request> {
        // An empty range must not be turned round, which would panic.
        let range = (start <= end).then(|| self.by_start.range((start, 0)..=(end, usize::MAX)));
        range.into_iter().flatten().map(|(_, request)| request)
    }
}

impl World {
    /// Logs a request and adds it to its day: the UTC date it began on.
    pub fn record_request(&mut self, request: Request) {
        self.record(request.daily_row());
        self.requests.insert(request);
    }

    /// Logs a request that its day has counted already.
    pub fn log_request(&mut self, request: Request) {
        self.requests.insert(request);
    }

    /// Removes all logs; the days stay. Gateways do so by age, or never keep logs.
    pub fn clear_requests(&mut self) {
        self.requests = RequestLog::default();
    }

    /// All logged requests, oldest first.
    pub fn requests(&self) -> impl DoubleEndedIterator<Item = &Request> {
        self.requests.by_start.values()
    }

    /// How many requests are logged.
    pub fn request_count(&self) -> usize {
        self.requests.by_start.len()
    }

    pub(crate) fn request_log(&self) -> &RequestLog {
        &self.requests
    }
}
