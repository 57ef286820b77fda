//! Where usage is kept, and how much of it in memory.

use super::{Kind, Section, Setting};

pub(super) const SECTION: Section = Section {
    name: "store",
    title: "Keeping",
    settings: &[
        Setting::new("store.data_dir", "PODIUM_DATA_DIR", Kind::Path)
            .flag("data-dir", "DIRECTORY")
            .meaning("where usage is kept; `:memory:` keeps nothing")
            .default("per user")
            .example("/var/lib/podium"),
        Setting::new("store.quarter_days", "PODIUM_QUARTER_DAYS", Kind::Number)
            .meaning("how many days quarter hours are kept; days are kept for good")
            .default("400")
            .example("400"),
        Setting::new("store.memory", "PODIUM_MEMORY", Kind::Size)
            .meaning("how much memory stored usage may take; more history stays in the data file")
            .default("a quarter of the machine's, at most 2 GB")
            .example("512MB"),
    ],
};
