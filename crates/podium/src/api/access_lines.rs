//! A line of the log for each answer (`PODIUM_ACCESS_LOG`), and for connections that never came to
//! one. What is told of an address is its route, so no id, no name and no query; of whoever asked,
//! what they are and the id of their session or token.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::Span;

use crate::config::{ACCESS_LOG, AccessLog};

/// How it went with an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All of it was sent.
    Done,
    /// Whoever asked went away before its end.
    Left,
    /// Its body broke off by Podium's fault.
    Failed,
}

impl Outcome {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Left => "left",
            Self::Failed => "failed",
        }
    }
}

/// What is told of an answer.
#[derive(Debug)]
pub(super) struct AccessLine<'a> {
    pub(super) request_id: &'a str,
    pub(super) method: &'static str,
    /// The route's pattern; none where the address leads to no route.
    pub(super) route: Option<&'a str>,
    /// None where whoever asked went away before it was known.
    pub(super) status: Option<u16>,
    pub(super) outcome: Outcome,
    pub(super) took: Duration,
    pub(super) bytes: u64,
    pub(super) role: Option<&'static str>,
    pub(super) by: Option<&'a str>,
    pub(super) client: Option<IpAddr>,
}

impl AccessLine<'_> {
    /// Whether Podium or the gateway is at fault.
    pub(super) fn has_failed(&self) -> bool {
        self.outcome == Outcome::Failed || self.status.is_some_and(|status| status >= 500)
    }

    pub(super) fn write(&self, wanted: AccessLog, span: &Span) {
        match wanted {
            AccessLog::Off => return,
            AccessLog::Errors if !self.has_failed() => return,
            AccessLog::Errors | AccessLog::All => {}
        }
        tracing::info!(
            target: ACCESS_LOG,
            parent: span,
            method = self.method,
            route = self.route,
            status = self.status,
            outcome = self.outcome.name(),
            duration_ms = milliseconds(self.took),
            bytes = self.bytes,
            role = self.role,
            by = self.by,
            client = self.client.map(tracing::field::display),
            request_id = self.request_id,
            "answered"
        );
    }
}

/// To the microsecond.
fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// Why a connection came to no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// There were too many.
    Refused,
    /// No whole request came in time.
    TimedOut,
    /// What came was no HTTP.
    NotHttp,
}

/// Lines about connections: a few a second, since strangers can make as many as they like.
#[derive(Debug)]
pub struct ConnectionLines {
    wanted: AccessLog,
    second: Mutex<Second>,
}

#[derive(Debug, Default)]
struct Second {
    began: Option<Instant>,
    lines: u64,
    left_out: u64,
}

/// More connections a second have no lines of their own.
const LINES_A_SECOND: u64 = 10;

impl ConnectionLines {
    /// Lines as they are configured.
    pub fn new(wanted: AccessLog) -> Self {
        Self { wanted, second: Mutex::default() }
    }

    /// Tells of a connection of `client`, which may be that of a proxy.
    pub fn write(&self, broken: Broken, client: Option<IpAddr>) {
        let outcome = match (broken, self.wanted) {
            (_, AccessLog::Off) => return,
            (Broken::Refused, _) => "refused",
            (_, AccessLog::Errors) => return,
            (Broken::TimedOut, AccessLog::All) => "timed_out",
            (Broken::NotHttp, AccessLog::All) => "not_http",
        };
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(left_out) = second.next(Instant::now()) else { return };
        drop(second);
        let left_out = (left_out > 0).then_some(left_out);
        let client = client.map(tracing::field::display);
        tracing::info!(target: ACCESS_LOG, outcome, client, left_out, "no answer");
    }
}

impl Second {
    /// Whether there is a line, and how many had none since the last one.
    fn next(&mut self, now: Instant) -> Option<u64> {
        let is_new = self.began.is_none_or(|began| now - began >= Duration::from_secs(1));
        if is_new {
            (self.began, self.lines) = (Some(now), 0);
        }
        if self.lines >= LINES_A_SECOND {
            self.left_out += 1;
            return None;
        }
        self.lines += 1;
        Some(std::mem::take(&mut self.left_out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_connections_have_few_lines() {
        let (mut second, now) = (Second::default(), Instant::now());
        let lines = (0..1_000).filter_map(|_| second.next(now)).count();
        assert_eq!(lines, 10);
        let later = now + Duration::from_secs(1);
        assert_eq!(second.next(later), Some(990));
        assert_eq!(second.next(later), Some(0));
    }
}
