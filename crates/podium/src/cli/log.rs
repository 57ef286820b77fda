//! The log: Podium's own lines at the chosen level, those of its libraries only as warnings.
//! Libraries may log headers at finer levels, and those hold the key.

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// Starts the log on standard error.
pub(super) fn start(level: Option<&str>) -> Result<(), &'static str> {
    let level = match level {
        None => LevelFilter::INFO,
        Some(text) => text.parse().map_err(|_| {
            "PODIUM_LOG is not a level. Set it in the environment or in a .env file, for \
             example:\n  PODIUM_LOG=debug"
        })?,
    };
    let targets = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_targets([("podium", level), ("gateway_sim", LevelFilter::WARN)]);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_target(false)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()));
    // A second start in one process (tests) keeps the first log.
    let _ = tracing_subscriber::registry().with(targets).with(lines).try_init();
    Ok(())
}
