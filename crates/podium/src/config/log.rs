//! How is logged and traced. The log begins before everything is checked, so what is wrong here counts
//! as not set until the faults are told.

use std::collections::HashMap;

use super::faults::Faults;
use super::log_levels::LogLevels;
use super::registry;
use super::sources::Sources;
use crate::telemetry;

/// What the log and traces need to begin.
#[derive(Debug)]
pub struct LogSettings {
    /// Which lines are shown.
    pub levels: LogLevels,
    /// What a line looks like.
    pub format: LogFormat,
    /// Where traces go.
    pub traces: telemetry::Settings,
}

/// What a line of the log looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    #[default]
    Human,
    /// An object of JSON.
    Json,
}

impl LogFormat {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "human" => Some(Self::Human),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

impl LogSettings {
    /// What is set and right.
    pub fn read(sources: &Sources) -> Self {
        let levels = sources.get("PODIUM_LOG").and_then(LogLevels::parse);
        let format = sources.get("PODIUM_LOG_FORMAT").and_then(LogFormat::parse);
        let otlp = variables_of_otlp(sources);
        Self {
            levels: levels.unwrap_or_default(),
            format: format.unwrap_or_default(),
            traces: telemetry::Settings::read(|name| otlp.get(name).map(String::as_str)),
        }
    }
}

fn variables_of_otlp(sources: &Sources) -> HashMap<&'static str, String> {
    let section = registry::SECTIONS.iter().find(|section| section.name == "otlp");
    let settings = section.map_or(Default::default(), |section| section.settings);
    let given = settings.iter().filter_map(|setting| {
        let text = match setting.is_secret {
            true => sources.secret(setting.variable).ok().flatten(),
            false => sources.get(setting.variable).map(str::to_owned),
        };
        Some((setting.variable, text?))
    });
    given.collect()
}

/// Tells what is wrong. The variables of OpenTelemetry are often set for a whole platform: what Podium
/// cannot do with them is a warning, and only a file that cannot be read is a fault.
pub(super) fn check(faults: &mut Faults<'_>) {
    faults.parsed(
        "PODIUM_LOG",
        "a level (error, warn, info, debug or trace), or a list of levels of Podium's parts",
        LogLevels::parse,
    );
    faults.parsed("PODIUM_LOG_FORMAT", "human or json", LogFormat::parse);
    for name in ["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"] {
        faults.secret(name, "a text", |text| Some(text.len()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_traces_may_stand_in_a_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("headers");
        std::fs::write(&path, "api-key=canary\n").expect("written");
        let file = path.to_str().expect("text");
        let sources = Sources::of(&[("OTEL_EXPORTER_OTLP_HEADERS_FILE", file)]);
        let variables = variables_of_otlp(&sources);
        assert_eq!(variables["OTEL_EXPORTER_OTLP_HEADERS"], "api-key=canary");
    }

    #[test]
    fn what_is_wrong_counts_as_not_set_until_it_is_told() {
        let sources = Sources::of(&[("PODIUM_LOG", "loud"), ("PODIUM_LOG_FORMAT", "xml")]);
        let settings = LogSettings::read(&sources);
        assert_eq!(settings.format, LogFormat::Human);
        assert!(settings.levels.show("podium::app", tracing::Level::INFO));
        let error = crate::config::Config::from_sources(&sources, true).expect_err("two faults");
        assert!(error.refuses("PODIUM_LOG") && error.refuses("PODIUM_LOG_FORMAT"));
    }
}
