//! Everything that can be configured, once: what it is called in the environment, in the file and
//! on the command line, what it means, and what its value may look like.
//!
//! Help, faults, the check for unknown names, `podium config`, the example of a file and the tables
//! of the documentation are made of this. A parser reads a setting by its variable; what a value
//! must be to be right is for the parser alone.

mod access;
mod gateway;
mod ingest;
mod kind;
mod log;
mod named;
mod otlp;
mod server;
mod sign_on;
mod store;
mod sync;
#[cfg(test)]
mod tables;

pub use kind::{Kind, Rows};
pub use named::{Named, by_variable, names};

/// Settings that belong together: a table of the file and of the documentation.
#[derive(Debug)]
pub struct Section {
    /// Its name in the file.
    pub name: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// What can be set in it.
    pub settings: &'static [Setting],
}

/// Something that can be configured.
#[derive(Debug)]
pub struct Setting {
    /// Its environment variable.
    pub variable: &'static str,
    /// Where it stands in the file, as `section.key`; empty for what cannot stand there.
    pub place: &'static str,
    /// Its flag without the dashes, and what stands for its value in help.
    pub flag: Option<(&'static str, &'static str)>,
    /// What form its value has.
    pub kind: Kind,
    /// What it means, in a phrase.
    pub meaning: &'static str,
    /// What holds without it, in words.
    pub default: &'static str,
    /// A value that is right, as the variable has it.
    pub example: &'static str,
    /// It is never shown, and may stand in a file of its own.
    pub is_secret: bool,
}

impl Setting {
    const fn new(place: &'static str, variable: &'static str, kind: Kind) -> Self {
        Self {
            variable,
            place,
            flag: None,
            kind,
            meaning: "",
            default: "none",
            example: "",
            is_secret: false,
        }
    }

    const fn meaning(mut self, meaning: &'static str) -> Self {
        self.meaning = meaning;
        self
    }

    const fn default(mut self, default: &'static str) -> Self {
        self.default = default;
        self
    }

    const fn example(mut self, example: &'static str) -> Self {
        self.example = example;
        self
    }

    const fn flag(mut self, name: &'static str, value: &'static str) -> Self {
        self.flag = Some((name, value));
        self
    }

    const fn secret(mut self) -> Self {
        self.is_secret = true;
        self
    }

    /// What it means, as the beginning of a sentence of plain text.
    pub fn headline(&self) -> String {
        let meaning = self.meaning.replace('`', "");
        let mut letters = meaning.chars();
        let capital: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
        capital + letters.as_str()
    }

    /// Its key within its section.
    pub fn key(&self) -> &'static str {
        self.place.split_once('.').map_or(self.place, |(_, key)| key)
    }
}

/// The order is that of the documentation.
pub static SECTIONS: [Section; 9] = [
    gateway::SECTION,
    sync::SECTION,
    server::SECTION,
    ingest::SECTION,
    access::SECTION,
    sign_on::SECTION,
    store::SECTION,
    log::SECTION,
    otlp::SECTION,
];

/// Where the file is, which it cannot say itself.
pub static FILE: Setting = Setting::new("", "PODIUM_CONFIG", Kind::Path)
    .flag("config", "FILE")
    .meaning("the configuration file")
    .default(
        "the first of `podium.toml`, `$XDG_CONFIG_HOME/podium/podium.toml` and \
         `/etc/podium/podium.toml`",
    )
    .example("/etc/podium/podium.toml");

/// All settings, in the order of the documentation.
pub fn settings() -> impl Iterator<Item = &'static Setting> {
    SECTIONS.iter().flat_map(|section| section.settings).chain([&FILE])
}

#[cfg(test)]
mod tests;
