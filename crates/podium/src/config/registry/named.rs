//! The names of settings: each goes by its own, and a secret by that of the file that holds it as well.

use super::{Kind, Setting, settings};

/// A setting as it goes by one of its names.
#[derive(Clone, Copy, Debug)]
pub struct Named {
    /// What is set.
    pub setting: &'static Setting,
    /// Whether it is named by the file that holds it: `…_FILE`, `…_file`.
    pub by_file: bool,
}

impl Named {
    /// The variable of this name.
    pub fn variable(self) -> String {
        format!("{}{}", self.setting.variable, if self.by_file { "_FILE" } else { "" })
    }

    /// Its place in the file.
    pub fn place(self) -> String {
        format!("{}{}", self.setting.place, if self.by_file { "_file" } else { "" })
    }

    /// Its key within its section.
    pub fn key(self) -> String {
        format!("{}{}", self.setting.key(), if self.by_file { "_file" } else { "" })
    }

    /// What form its value has.
    pub fn kind(self) -> Kind {
        if self.by_file { Kind::Path } else { self.setting.kind }
    }

    /// A value that is right, as the variable has it.
    pub fn example(self) -> String {
        match self.by_file {
            true => format!("/run/secrets/{}", self.setting.place.replace(['.', '_'], "-")),
            false => self.setting.example.to_owned(),
        }
    }
}

/// All settings by all of their names.
pub fn names() -> impl Iterator<Item = Named> {
    settings().flat_map(|setting| {
        let by_file = setting.is_secret.then_some(Named { setting, by_file: true });
        [Named { setting, by_file: false }].into_iter().chain(by_file)
    })
}

/// What goes by this variable.
pub fn by_variable(variable: &str) -> Option<Named> {
    names().find(|named| {
        let bare = if named.by_file { variable.strip_suffix("_FILE") } else { Some(variable) };
        bare == Some(named.setting.variable)
    })
}
