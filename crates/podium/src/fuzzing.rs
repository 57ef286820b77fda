//! The targets of fuzzing: whatever strangers send, tried with anything at all.
//!
//! A target takes bytes and panics if a rule is broken. Here stand the rules; what folders hide is
//! reached through ways in of their own (`gateway/fuzzing.rs` and the like), so that nothing has to be
//! made public for it. All of it is compiled for tests, which try the corpus of each target again, and
//! with the feature `fuzzing`, with which `fuzz/` looks for more; the product has none of it.

mod activity;
mod conversation;
mod day;
mod dress;
mod requests;
mod stage;
mod texts;
mod visitor;

#[cfg(test)]
mod tests;

/// Something that is tried.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, and that of the folder of its corpus.
    pub name: &'static str,
    /// Tries these bytes; panics if a rule is broken.
    pub run: fn(&[u8]),
}

/// All targets; `docs/FUZZING.md` tells what each is for.
pub const TARGETS: [Target; 9] = [
    Target { name: "activity", run: activity::run },
    Target { name: "conversation", run: conversation::run },
    Target { name: "day", run: day::run },
    Target { name: "delta", run: texts::delta },
    Target { name: "packed", run: texts::packed },
    Target { name: "query", run: texts::query },
    Target { name: "requests", run: requests::run },
    Target { name: "settings", run: texts::settings },
    Target { name: "visitor", run: visitor::run },
];

/// The target of a name.
pub fn target(name: &str) -> Option<Target> {
    TARGETS.into_iter().find(|target| target.name == name)
}
