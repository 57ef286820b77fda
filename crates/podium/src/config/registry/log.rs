//! What is told on standard error.

use super::{Kind, Section, Setting};

pub(super) const SECTION: Section = Section {
    name: "log",
    title: "The log",
    settings: &[
        Setting::new("log.level", "PODIUM_LOG", Kind::Text)
            .meaning(
                "`error`, `warn`, `info`, `debug` or `trace`; also for single parts, as in \
                 `info,podium::gateway=debug`",
            )
            .default("`info`")
            .example("info,podium::gateway=debug"),
        Setting::new("log.format", "PODIUM_LOG_FORMAT", Kind::Text)
            .meaning("`human` or `json`")
            .default("`human`")
            .example("json"),
        Setting::new("log.access", "PODIUM_ACCESS_LOG", Kind::Text)
            .meaning("which answers get a line in the log: `off`, `errors` or `all`")
            .default("`errors`")
            .example("all"),
    ],
};
