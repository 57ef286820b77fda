//! How sync goes about its work.

use std::time::Duration;

/// How sync goes about its work.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// How often the gateway is asked what moved.
    pub refresh: Duration,
    /// How many of the last days are read without being asked for.
    pub backfill_days: u32,
    /// Of how many of the last days request logs are read without being asked for; 0: they are
    /// never read.
    pub log_days: u32,
    /// How many days quarter hours are kept.
    pub quarter_days: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            refresh: Duration::from_secs(30),
            backfill_days: 30,
            // A week in any time zone.
            log_days: 8,
            quarter_days: 400,
        }
    }
}
