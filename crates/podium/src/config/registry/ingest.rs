//! Requests that the gateway pushes.

use super::{Kind, Section, Setting};

pub(super) const SECTION: Section = Section {
    name: "ingest",
    title: "Requests that the gateway pushes",
    settings: &[
        Setting::new("ingest.token", "PODIUM_INGEST_TOKEN", Kind::Text)
            .meaning("lets the gateway push its requests; a secret")
            .default("none: nobody may")
            .example("a-long-random-text")
            .secret(),
        Setting::new("ingest.max_mb", "PODIUM_INGEST_MAX_MB", Kind::Number)
            .meaning("how large a pushed batch may be, packed or not")
            .default("32")
            .example("32"),
    ],
};
