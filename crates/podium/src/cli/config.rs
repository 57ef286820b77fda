//! `podium config`: what is in force, and what each value comes from.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::options::Options;
use super::{EXIT_CONFIGURATION, complain, say};
use crate::config::{Config, ConfigError, InForce, Origin, Sources, Value, example, in_force};

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct ConfigOptions {
    #[command(flatten)]
    pub(super) options: Options,
    /// Print it as JSON, for machines
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    command: Option<ConfigCommand>,
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Print a configuration file with every key, to begin with
    Example,
}

impl ConfigOptions {
    pub(super) fn wants_example(&self) -> bool {
        matches!(self.command, Some(ConfigCommand::Example))
    }
}

pub(super) fn print_example() -> ExitCode {
    say(example().trim_end());
    ExitCode::SUCCESS
}

/// Prints all that is understood, and complains of the rest.
pub(super) fn run(options: &ConfigOptions, sources: &Sources) -> ExitCode {
    let error = Config::from_sources(sources, false).err();
    let all = in_force(sources, error.as_ref());
    match options.json {
        true => say(&format!("{:#}", as_json(&all, sources, error.as_ref()))),
        false => print_table(&all, sources),
    }
    let Some(error) = error else { return ExitCode::SUCCESS };
    complain(&format!("podium: {error}"));
    ExitCode::from(EXIT_CONFIGURATION)
}

/// Columns that are longer do not push the others.
const WIDEST_VALUE: usize = 48;

fn print_table(all: &[InForce], sources: &Sources) {
    match sources.file() {
        Some(path) => say(&format!("# configuration file: {}", path.display())),
        None => say("# no configuration file"),
    }
    let rows: Vec<[String; 3]> = all.iter().map(row).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let (names, values) = (width(0).unwrap_or(0), width(1).unwrap_or(0).min(WIDEST_VALUE));
    for [name, value, source] in &rows {
        say(&format!("{name:<names$}  {value:<values$}  {source}"));
    }
}

fn row(one: &InForce) -> [String; 3] {
    let setting = one.setting;
    let value = match &one.value {
        Value::Default if setting.is_secret => "(not set)".to_owned(),
        Value::Default => setting.default.replace('`', ""),
        Value::Text(text) => text.escape_debug().to_string(),
        Value::Secret => "(set)".to_owned(),
        Value::Refused => "(refused)".to_owned(),
    };
    let source = one.origin.as_ref().map_or("default".to_owned(), Origin::to_string);
    [setting.place.to_owned(), value, source]
}

fn as_json(all: &[InForce], sources: &Sources, error: Option<&ConfigError>) -> Json {
    let settings: Vec<Json> = all.iter().map(setting_json).collect();
    json!({
        "file": sources.file().map(|path| path.display().to_string()),
        "settings": settings,
        "warnings": sources.warnings(),
        "faults": error.map_or(&[] as &[String], ConfigError::messages),
    })
}

fn setting_json(one: &InForce) -> Json {
    let setting = one.setting;
    let source = match &one.origin {
        None => json!({ "from": "default" }),
        Some(Origin::Flag(name)) => json!({ "from": "flag", "name": format!("--{name}") }),
        Some(Origin::Environment(name)) => json!({ "from": "environment", "name": name }),
        Some(Origin::DotEnv(line)) => json!({ "from": ".env", "line": line }),
        Some(Origin::File(path, line)) => {
            json!({ "from": "file", "path": path.display().to_string(), "line": line })
        }
    };
    let value = match &one.value {
        Value::Text(text) => Some(text),
        Value::Default | Value::Secret | Value::Refused => None,
    };
    json!({
        "setting": setting.place,
        "variable": setting.variable,
        "flag": setting.flag.map(|(name, _)| format!("--{name}")),
        "secret": setting.is_secret,
        "set": one.value != Value::Default,
        "refused": one.value == Value::Refused,
        "value": value,
        "default": setting.default.replace('`', ""),
        "source": source,
    })
}
