//! How the gateway is followed.

use super::{Kind, Section, Setting};

pub(super) const SECTION: Section = Section {
    name: "sync",
    title: "Following it",
    settings: &[
        Setting::new("sync.refresh", "PODIUM_REFRESH", Kind::Time)
            .flag("refresh", "TIME")
            .meaning("how often the gateway is asked what moved, at least 1s")
            .default("`30s`")
            .example("30s"),
        Setting::new("sync.backfill_days", "PODIUM_BACKFILL_DAYS", Kind::Number)
            .flag("backfill-days", "DAYS")
            .meaning("days that are read without being asked for")
            .default("30")
            .example("30"),
        Setting::new("sync.log_days", "PODIUM_LOG_DAYS", Kind::Number)
            .meaning(
                "days of request logs that are read without being asked for, at most 35; 0: logs \
                 are never read",
            )
            .default("8, a week in any time zone")
            .example("8"),
    ],
};
