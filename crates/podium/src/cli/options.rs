//! Flags, one for each setting that has one. Each wins over the environment variable named behind
//! it.

use clap::error::Error;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};

use crate::config::Flags;
use crate::config::registry::{self, Setting};

/// All flags of settings, by variable.
#[derive(Clone, Default)]
pub(super) struct Options(Flags);

impl Options {
    pub(super) fn flags(&self) -> Flags {
        self.0.clone()
    }
}

/// The few that say where what is kept is found: the same gateway and directory as the server's.
/// They may stand behind a command of a command as well.
#[derive(Clone, Default)]
pub(super) struct Place(pub(super) Options);

const OF_THE_PLACE: [&str; 3] = ["PODIUM_CONFIG", "PODIUM_DATA_DIR", "LITELLM_BASE_URL"];

fn with_flag() -> impl Iterator<Item = &'static Setting> {
    registry::settings().filter(|setting| setting.flag.is_some())
}

fn of_the_place() -> impl Iterator<Item = &'static Setting> {
    with_flag().filter(|setting| OF_THE_PLACE.contains(&setting.variable))
}

fn arg(setting: &'static Setting) -> Arg {
    let (name, value) = setting.flag.unwrap_or((setting.variable, "VALUE"));
    let default = match setting.default {
        "required" | "none" => String::new(),
        default => format!(", {}", default.replace('`', "")),
    };
    let help = format!("{} [{}{default}]", setting.headline(), setting.variable);
    Arg::new(setting.variable).long(name).value_name(value).help(help)
}

fn given(matches: &ArgMatches, settings: impl Iterator<Item = &'static Setting>) -> Options {
    let given = |setting: &'static Setting| {
        Some((setting.variable, matches.get_one::<String>(setting.variable)?.clone()))
    };
    Options(settings.filter_map(given).collect())
}

impl FromArgMatches for Options {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Ok(given(matches, with_flag()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = given(matches, with_flag());
        Ok(())
    }
}

impl Args for Options {
    fn augment_args(command: Command) -> Command {
        command.args(with_flag().map(arg))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Place {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        Ok(Self(given(matches, of_the_place())))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self(given(matches, of_the_place()));
        Ok(())
    }
}

impl Args for Place {
    fn augment_args(command: Command) -> Command {
        command.args(of_the_place().map(|setting| arg(setting).global(true)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}
