//! What is known of days: whether their hours are, and how much of them request logs explain.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::LedgerState;
use crate::usage::{Day, DayRange, Metrics, Quarter, quarters_of_local_day};

/// Logs of today count as read if they were a short while ago.
const RECENT: SignedDuration = SignedDuration::from_mins(10);

/// Whether the quarter hours of a UTC day are known: its logs are read and hold something if the
/// day does, or what was pushed explains nearly all of it.
pub fn has_quarters(ledger: &LedgerState, day: Day, now: Timestamp) -> bool {
    let whole = ledger.day_total(day).unwrap_or_default();
    let explained = ledger.explained(day);
    let read_until = ledger.log_day(day).and_then(|log_day| log_day.read_until);
    let recently = now.saturating_sub(RECENT).unwrap_or(now);
    let is_read = read_until.is_some_and(|until| until >= day.end().min(recently));
    let is_empty = whole.requests == 0 && whole.total_tokens == 0;
    let is_known_empty = is_empty && ledger.knows(day);
    let nearly_all = i128::from(explained.total_tokens) * 10 >= i128::from(whole.total_tokens) * 9;
    is_known_empty || (explained.requests > 0 && (is_read || nearly_all))
}

/// The UTC days that local days touch, up to `today`; `None` where they all lie after it.
pub fn utc_days(range: DayRange, zone: &TimeZone, today: Day) -> Option<DayRange> {
    let first = quarters_of_local_day(range.first(), zone).start.day();
    let last = Quarter(quarters_of_local_day(range.last(), zone).end.0 - 1).day();
    DayRange::new(first, last.min(today))
}

/// The part of some days in which something may have been used, a day of any zone included; one
/// day where there is none.
pub fn used_part(ledger: &LedgerState, range: DayRange) -> DayRange {
    let first = ledger.first_used().map(|day| day.previous().unwrap_or(day));
    first.and_then(|first| range.from(first)).unwrap_or(DayRange::single(range.last()))
}

/// Whether quarter hours tell nothing at all of UTC days that have usage.
pub fn is_unexplained(ledger: &LedgerState, utc_days: DayRange) -> bool {
    let mut is_used = false;
    for day in utc_days.newest_first() {
        if ledger.explained(day).requests > 0 {
            return false;
        }
        is_used |= ledger.day_total(day).is_some_and(|total| total.total_tokens > 0);
    }
    is_used
}

/// What the daily table of a UTC day has beyond its quarter hours.
pub(super) fn rest_of(ledger: &LedgerState, day: Day) -> Metrics {
    ledger.day_total(day).unwrap_or_default().minus(&ledger.explained(day))
}

/// Tokens of the daily table beside those of the quarter hours of the same UTC days.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Coverage {
    /// Tokens of the daily table.
    pub tokens: i64,
    /// Tokens of the quarter hours.
    pub explained_tokens: i64,
    /// The UTC days, newest first.
    pub days: Vec<DayCoverage>,
}

/// One UTC day.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DayCoverage {
    /// The day, `YYYY-MM-DD` in UTC.
    #[schema(value_type = String, format = Date)]
    pub date: Day,
    /// Its tokens in the daily table.
    pub tokens: i64,
    /// Its tokens in the quarter hours. They may be ahead of the daily table for a moment, and
    /// lack requests that the gateway dropped from its logs.
    pub explained_tokens: i64,
}

impl Coverage {
    /// The coverage of some UTC days.
    pub(super) fn of(ledger: &LedgerState, range: DayRange) -> Self {
        let mut coverage = Self { tokens: 0, explained_tokens: 0, days: Vec::new() };
        for day in range.newest_first() {
            let tokens = ledger.day_total(day).map_or(0, |total| total.total_tokens);
            let explained_tokens = ledger.explained(day).total_tokens;
            if tokens == 0 && explained_tokens == 0 {
                continue;
            }
            coverage.tokens = coverage.tokens.saturating_add(tokens);
            coverage.explained_tokens = coverage.explained_tokens.saturating_add(explained_tokens);
            coverage.days.push(DayCoverage { date: day, tokens, explained_tokens });
        }
        coverage
    }
}

/// The share (0 to 1) of the tokens of UTC days that quarter hours explain; 1 of none.
#[expect(clippy::cast_precision_loss, reason = "a share needs no 64 bits")]
pub(super) fn share_explained(ledger: &LedgerState, days: DayRange) -> f64 {
    let (mut all, mut explained) = (0_i64, 0_i64);
    for day in days.newest_first() {
        let whole = ledger.day_total(day).map_or(0, |total| total.total_tokens);
        all = all.saturating_add(whole);
        explained = explained.saturating_add(ledger.explained(day).total_tokens.min(whole));
    }
    if all <= 0 { 1.0 } else { explained as f64 / all as f64 }
}
