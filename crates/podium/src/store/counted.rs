//! Which requests were counted: each once, whichever way and however often it comes.
//!
//! A request is told from others by its own id together with its key and outcome, and by when it
//! began, since providers repeat their ids. Logs and pushes tell the beginning differently. Seen on
//! LiteLLM 1.110.2 with 81 requests that were both pushed and logged, all with equal ids: the log of
//! an answered request is the push rounded to milliseconds, and the log of a failed one begins 9 to
//! 30 ms before the push. Failed ones go by the id of their call, which clients may choose and
//! repeat. So within one source the beginnings must agree to two milliseconds; and a failure from
//! one source may be one from the other that began within a second, each at most once.

use crate::usage::{Day, Request, RequestSource};

/// What is new about a request that came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Novelty {
    /// It was counted before.
    Nothing,
    /// It was counted without tokens, which LiteLLM leaves out when it pushes a failed request,
    /// though its logs have them (1.106).
    Tokens,
    /// It was never counted.
    Everything,
}

/// How far the beginnings of one request may lie apart, in milliseconds.
const ROUNDING_MS: i64 = 2;
/// The same for a failed one in the logs and as it was pushed.
const FAILURE_MS: i64 = 1_000;

const HAS_TOKENS: u8 = 1;
const LOGGED: u8 = 2;
const PUSHED: u8 = 4;

/// A request as it is remembered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Counted {
    /// The UTC day on which it began.
    pub(super) day: Day,
    pub(super) identity: u128,
    started_ms: i64,
    seen: u8,
    is_failure: bool,
}

/// Where a remembered request stands: its day, its beginning and how it was seen.
pub(super) type Entry = (Day, i64, u8);

impl Counted {
    pub(super) fn of(request: &Request) -> Self {
        let has_tokens = if request.metrics.total_tokens == 0 { 0 } else { HAS_TOKENS };
        let source = match request.source {
            RequestSource::Logs => LOGGED,
            RequestSource::Push => PUSHED,
        };
        Self {
            day: Day::of(request.started_at),
            identity: request.identity,
            started_ms: (request.started_at.as_microsecond() + 500).div_euclid(1_000),
            seen: has_tokens | source,
            is_failure: request.is_failure,
        }
    }

    /// Between which beginnings the same request may be remembered.
    pub(super) fn reach(&self) -> (i64, i64) {
        let reach = if self.is_failure { FAILURE_MS } else { ROUNDING_MS };
        (self.started_ms - reach, self.started_ms + reach)
    }

    /// The days on which it may be remembered: its own, and a neighbour near midnight.
    pub(super) fn days(&self) -> impl Iterator<Item = Day> + use<> {
        let (from, to) = self.reach();
        let of = |ms| jiff::Timestamp::from_millisecond(ms).map_or(self.day, Day::of);
        let (first, last) = (of(from), of(to));
        std::iter::once(first).chain((last != first).then_some(last))
    }

    /// What is new about it for one who remembers `known` (those of its identity within reach), and
    /// what is to be remembered from now on; `None`: nothing new.
    pub(super) fn judge(&self, known: &[Entry]) -> (Novelty, Option<Entry>) {
        let source = self.seen & (LOGGED | PUSHED);
        let distance = |entry: &&Entry| (entry.1 - self.started_ms).abs();
        let is_same = |entry: &&Entry| {
            distance(entry) <= ROUNDING_MS || (self.is_failure && entry.2 & source == 0)
        };
        let Some((day, started_ms, seen)) = known.iter().filter(is_same).min_by_key(distance)
        else {
            return (Novelty::Everything, Some((self.day, self.started_ms, self.seen)));
        };
        let now = seen | self.seen;
        let novelty =
            if now & !seen & HAS_TOKENS != 0 { Novelty::Tokens } else { Novelty::Nothing };
        (novelty, (now != *seen).then_some((*day, *started_ms, now)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(at: &str, source: RequestSource, is_failure: bool) -> Counted {
        let request = Request {
            identity: 7,
            started_at: at.parse().expect("a time"),
            source,
            is_failure,
            ..Request::default()
        };
        Counted::of(&request)
    }

    /// How many of some requests of one identity are counted, in the order in which they come.
    fn count(requests: &[Counted]) -> usize {
        let mut known: Vec<Entry> = Vec::new();
        let mut new = 0;
        for request in requests {
            let (from, to) = request.reach();
            let days: Vec<Day> = request.days().collect();
            let near: Vec<Entry> = known
                .iter()
                .copied()
                .filter(|(day, ms, _)| days.contains(day) && (from..=to).contains(ms))
                .collect();
            let (novelty, entry) = request.judge(&near);
            new += usize::from(novelty == Novelty::Everything);
            if let Some(entry) = entry {
                known.retain(|known| (known.0, known.1) != (entry.0, entry.1));
                known.push(entry);
            }
        }
        new
    }

    #[test]
    fn one_request_is_one_however_its_beginning_is_rounded() {
        use RequestSource::{Logs, Push};
        for (pushed, logged) in [
            ("2026-11-24T09:00:00.439754Z", "2026-11-24T09:00:00.440Z"),
            ("2026-11-24T09:00:00.4395Z", "2026-11-24T09:00:00.439Z"),
            ("2026-11-24T23:59:59.9996Z", "2026-11-25T00:00:00Z"),
            ("2026-11-25T00:00:00.0004Z", "2026-11-24T23:59:59.999Z"),
        ] {
            let (push, log) = (counted(pushed, Push, false), counted(logged, Logs, false));
            assert_eq!(count(&[push, log, push, log]), 1, "{pushed}");
            assert_eq!(count(&[log, push, log]), 1, "{logged}");
        }
    }

    #[test]
    fn an_id_that_comes_again_later_is_another_request() {
        use RequestSource::{Logs, Push};
        let at = |ms: u32| format!("2026-11-24T09:00:00.{ms:03}Z");
        for source in [Logs, Push] {
            let requests: Vec<Counted> =
                (0..12).map(|n| counted(&at(n * 50), source, false)).collect();
            assert_eq!(count(&requests), 12);
        }
    }

    #[test]
    fn a_failure_is_logged_as_begun_before_it_was_pushed() {
        use RequestSource::{Logs, Push};
        let at = |ms: u32| format!("2026-11-24T09:00:00.{ms:03}Z");
        let pushes: Vec<Counted> = (0..12).map(|n| counted(&at(n * 50 + 28), Push, true)).collect();
        let logs: Vec<Counted> = (0..12).map(|n| counted(&at(n * 50), Logs, true)).collect();
        assert_eq!(count(&[pushes.clone(), logs.clone(), pushes.clone()].concat()), 12);
        assert_eq!(count(&[logs.clone(), logs, pushes].concat()), 12);
    }
}
