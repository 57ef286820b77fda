//! How long windows are, so that the gateway can count what is in them.

use std::collections::HashMap;

use crate::gateway::LogWindow;
use crate::usage::Day;

/// Windows are made to hold about so many rows: the gateway counts to 10,000.
const WINDOW_ROWS: usize = 6_000;
const DAY_S: i64 = 86_400;

/// How many seconds a window of a day is long, where windows of the usual rows were too long.
#[derive(Debug, Default)]
pub(super) struct Widths(HashMap<Day, i64>);

impl Widths {
    /// How many seconds of `day` hold a window's rows, when it has so many requests in all.
    pub(super) fn of(&self, day: Day, requests: i64) -> i64 {
        let rows = i64::try_from(WINDOW_ROWS).unwrap_or(i64::MAX);
        let even = (DAY_S.saturating_mul(rows) / requests.max(1)).clamp(1, DAY_S);
        self.0.get(&day).map_or(even, |known| (*known).min(even))
    }

    /// The width of the windows of `day` after one that held too much.
    pub(super) fn halve(&mut self, day: Day, window: LogWindow) -> i64 {
        let seconds = window.until.as_second() - window.from.as_second();
        let half = seconds.div_euclid(2).max(1);
        self.0.insert(day, half);
        half
    }

    /// A window of `day` held so many rows, and there are more windows.
    pub(super) fn held(&mut self, day: Day, rows: usize) {
        if rows < WINDOW_ROWS / 3
            && let Some(known) = self.0.get_mut(&day)
        {
            *known = known.saturating_mul(2).min(DAY_S);
        }
    }

    /// `day` was read to its end.
    pub(super) fn forget(&mut self, day: Day) {
        self.0.remove(&day);
    }
}
