//! How the gateway is followed.

use std::time::Duration;

use super::duration;
use super::faults::Faults;
use crate::sync::Settings;

pub(super) fn following(faults: &mut Faults<'_>) -> Settings {
    let usual = Settings::default();
    let refresh = faults.parsed("PODIUM_REFRESH", "a time of at least 1s", |text| {
        duration::parse(text).filter(|time| *time >= Duration::from_secs(1))
    });
    let backfill_days = faults.parsed("PODIUM_BACKFILL_DAYS", "a number of days", |text| {
        text.parse::<u32>().ok().filter(|days| *days <= 3_660)
    });
    let log_days = faults.parsed("PODIUM_LOG_DAYS", "a number of days, at most 35", |text| {
        text.parse::<u32>().ok().filter(|days| *days <= 35)
    });
    let quarter_days = faults.parsed("PODIUM_QUARTER_DAYS", "a number of days", |text| {
        text.parse::<u32>().ok().filter(|days| (1..=36_600).contains(days))
    });
    Settings {
        refresh: refresh.unwrap_or(usual.refresh),
        backfill_days: backfill_days.unwrap_or(usual.backfill_days),
        log_days: log_days.unwrap_or(usual.log_days),
        quarter_days: quarter_days.unwrap_or(usual.quarter_days),
    }
}
