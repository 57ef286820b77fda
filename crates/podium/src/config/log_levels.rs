//! `PODIUM_LOG`: a level for all of Podium, and others for its parts.

use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;

/// Parts that have something to say, as they stand before `::` in a target.
const PARTS: [&str; 13] = [
    "access",
    "api",
    "app",
    "cli",
    "config",
    "gateway",
    "preview",
    "query",
    "services",
    "sign_on",
    "store",
    "sync",
    "telemetry",
];

/// Which lines are shown.
#[derive(Clone, Debug)]
pub struct LogLevels {
    targets: Targets,
    finest: LevelFilter,
}

impl Default for LogLevels {
    fn default() -> Self {
        let targets = Targets::new()
            .with_default(LevelFilter::WARN)
            .with_target("gateway_sim", LevelFilter::WARN)
            .with_target("podium", LevelFilter::INFO);
        Self { targets, finest: LevelFilter::INFO }
    }
}

impl LogLevels {
    /// Reads the variable; libraries stay at warnings whatever it says.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let Self { mut targets, mut finest } = Self::default();
        for part in text.split(',').map(str::trim) {
            let (target, level) = match part.split_once('=') {
                _ if part.is_empty() => continue,
                None => ("podium", part),
                Some((target, level)) => (target.trim(), level.trim()),
            };
            let level: LevelFilter = level.parse().ok()?;
            if !is_own(target) {
                return None;
            }
            targets = targets.with_target(target, level);
            finest = finest.max(level);
        }
        Some(Self { targets, finest })
    }

    /// Whether a line is shown.
    pub fn show(&self, target: &str, level: Level) -> bool {
        self.targets.would_enable(target, &level)
    }

    /// The finest level that is shown of anything. Spans are at `INFO`, and always there.
    pub fn finest(&self) -> LevelFilter {
        self.finest
    }
}

/// Whether a target is Podium, or one of its parts.
fn is_own(target: &str) -> bool {
    let Some(path) = target.strip_prefix("podium") else { return false };
    let Some(path) = path.strip_prefix("::") else { return path.is_empty() };
    let part = path.split("::").next().unwrap_or(path);
    let is_path = path.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b':' | b'_'));
    is_path && PARTS.contains(&part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shows(text: &str, target: &str, level: Level) -> bool {
        LogLevels::parse(text).expect(text).show(target, level)
    }

    #[test]
    fn parts_have_levels_of_their_own() {
        let levels = "warn, podium::sync=debug,podium::gateway::http=trace";
        assert!(!shows(levels, "podium::app", Level::INFO));
        assert!(shows(levels, "podium::sync::days", Level::DEBUG));
        assert!(shows(levels, "podium::gateway::http", Level::TRACE));
        assert!(!shows(levels, "podium::gateway::wire", Level::INFO));
        assert_eq!(LogLevels::parse(levels).map(|l| l.finest()), Some(LevelFilter::TRACE));
    }

    #[test]
    fn libraries_are_never_asked_for_more_than_warnings() {
        for text in ["trace", "debug,podium::gateway=trace"] {
            assert!(!shows(text, "hyper::proto", Level::INFO), "{text}");
            assert!(shows(text, "hyper::proto", Level::WARN), "{text}");
        }
        for text in ["hyper=trace", "rustls::client=debug", "podiums=debug", "=debug"] {
            assert!(LogLevels::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_no_level_and_no_part_is_refused() {
        for text in
            ["loud", "podium::snyc=debug", "podium::sync=loud", "podium::sync", "podium::=info"]
        {
            assert!(LogLevels::parse(text).is_none(), "{text}");
        }
        assert!(!shows("off", "podium::app", Level::ERROR));
    }
}
