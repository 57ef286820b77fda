//! Where values come from: flags, the environment, `.env` and the configuration file, in this order.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use super::origin::{Given, Layer, Origin};
use super::registry::{self, FILE};
use super::{dotenv, file, unknown};

/// Values given on the command line, by variable.
pub type Flags = HashMap<&'static str, String>;

/// Where values come from, the strongest place first.
#[derive(Default)]
pub struct Sources {
    pub(super) layers: Vec<Layer>,
    /// The configuration file, if there is one.
    file: Option<PathBuf>,
    /// What is wrong with the places themselves.
    pub(super) faults: Vec<String>,
    /// Whether a file is so wrong that what it gives is not known.
    pub(super) is_unreadable: bool,
    /// Variables whose value has the wrong form, and where that stands.
    pub(super) broken: BTreeMap<String, Origin>,
    warnings: Vec<String>,
    #[cfg(test)]
    pub(super) asked: std::cell::RefCell<std::collections::BTreeSet<String>>,
}

impl Sources {
    /// Flags, the process's environment, `.env` in `directory` and the configuration file, where
    /// there are such. What is wrong with one of them is told with the other faults.
    pub fn read(flags: Flags, directory: &Path) -> Self {
        let mut sources = Self::default();
        sources.layers.push(layer_of(flags));
        sources.take_environment(std::env::vars_os());
        sources.take_dotenv(&directory.join(".env"));
        sources.take_file(directory);
        sources
    }

    /// For tests: just these variables.
    pub fn of(variables: &[(&str, &str)]) -> Self {
        let mut sources = Self::default();
        sources.take_environment(variables.iter().map(|(name, value)| (name.into(), value.into())));
        sources
    }

    fn take_environment(
        &mut self,
        variables: impl Iterator<Item = (std::ffi::OsString, std::ffi::OsString)>,
    ) {
        let mut layer = Layer::new();
        for (name, value) in variables {
            let Ok(name) = name.into_string() else { continue };
            let is_known = registry::by_variable(&name).is_some();
            match value.into_string() {
                Ok(text) if is_known => {
                    let origin = Origin::Environment(name.clone());
                    layer.insert(name, Given { text, origin });
                }
                Err(_) if is_known => {
                    self.faults.push(format!("{name} is not text. Set it to text in UTF-8"));
                    self.broken.insert(name.clone(), Origin::Environment(name));
                }
                Ok(text) => self.warnings.extend(unknown::variable(&name, &text)),
                Err(_) => self.warnings.extend(unknown::variable(&name, "")),
            }
        }
        self.layers.push(layer);
    }

    fn take_dotenv(&mut self, path: &Path) {
        let read = match dotenv::read(path) {
            Ok(read) => read,
            Err(error) => {
                self.is_unreadable = true;
                self.faults.push(error.to_string());
                return;
            }
        };
        if !read.ignored_lines.is_empty() {
            let lines = &read.ignored_lines;
            self.warnings.push(format!("these lines of .env are not NAME=value: {lines:?}"));
        }
        let mut layer = Layer::new();
        for (name, (line, text)) in read.variables {
            if registry::by_variable(&name).is_some() {
                layer.insert(name, Given { text, origin: Origin::DotEnv(line) });
            } else if let Some(warning) = unknown::variable(&name, &text) {
                self.warnings.push(format!(".env line {line}: {warning}"));
            }
        }
        self.layers.push(layer);
    }

    fn take_file(&mut self, directory: &Path) {
        let named = self.get(FILE.variable).map(|path| directory.join(path));
        let read = match file::find_and_read(named, directory) {
            Ok(Some(read)) => read,
            Ok(None) => return,
            Err(fault) => {
                self.is_unreadable = true;
                self.faults.push(fault);
                return;
            }
        };
        self.is_unreadable |= !read.is_whole;
        self.faults.extend(read.faults);
        self.broken.extend(read.broken);
        self.warnings.extend(read.warning);
        self.layers.push(read.layer);
        self.file = Some(read.path);
    }

    /// What is odd, but does no harm.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The configuration file that is in force.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// What the strongest place gives for a variable; blank values count as not set.
    pub(super) fn given(&self, name: &str) -> Option<&Given> {
        #[cfg(test)]
        self.asked.borrow_mut().insert(name.to_owned());
        self.layers.iter().find_map(|layer| filled(layer, name))
    }

    /// The value of a variable; blank ones count as not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.given(name).map(|given| given.text.trim())
    }

    /// What each place gives for a secret, as it is and as the name of a file.
    pub(super) fn secret_places(
        &self,
        name: &str,
    ) -> impl Iterator<Item = (Option<&Given>, Option<&Given>)> {
        #[cfg(test)]
        self.asked.borrow_mut().extend([name.to_owned(), format!("{name}_FILE")]);
        let by_file = format!("{name}_FILE");
        self.layers.iter().map(move |layer| (filled(layer, name), filled(layer, &by_file)))
    }
}

fn filled<'a>(layer: &'a Layer, name: &str) -> Option<&'a Given> {
    layer.get(name).filter(|given| !given.text.trim().is_empty())
}

fn layer_of(flags: Flags) -> Layer {
    let given = |(variable, text): (&str, String)| {
        let (flag, _) = registry::by_variable(variable)?.setting.flag?;
        Some((variable.to_owned(), Given { text, origin: Origin::Flag(flag) }))
    };
    flags.into_iter().filter_map(given).collect()
}
