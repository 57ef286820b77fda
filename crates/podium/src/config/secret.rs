//! Secrets, given as they are or in a file: `NAME` or `NAME_FILE`.

use super::{Faults, Sources};

/// Larger files are no secrets.
const MOST_BYTES: u64 = 65_536;

impl Sources {
    /// A secret from the first place that has it: environment, then `.env`. An error says what is
    /// wrong with its file, never what is in it.
    fn secret(&self, name: &str) -> Result<Option<String>, &'static str> {
        let in_file = format!("{name}_FILE");
        let filled = |value: &&String| !value.trim().is_empty();
        let flags = self.flags.get(name).filter(filled);
        if let Some(value) = flags {
            return Ok(Some(value.trim().to_owned()));
        }
        for place in [&self.environment, &self.file.variables] {
            let (given, file) =
                (place.get(name).filter(filled), place.get(&in_file).filter(filled));
            match (given, file) {
                (Some(_), Some(_)) => return Err("is given twice, as it is and in a file"),
                (Some(value), None) => return Ok(Some(value.trim().to_owned())),
                (None, Some(path)) => return read(path.trim()).map(Some),
                (None, None) => {}
            }
        }
        Ok(None)
    }
}

fn read(path: &str) -> Result<String, &'static str> {
    let size = std::fs::metadata(path).map_err(|_| "names a file that cannot be read")?.len();
    if size > MOST_BYTES {
        return Err("names a file that is too large for a secret");
    }
    let bytes = std::fs::read(path).map_err(|_| "names a file that cannot be read")?;
    let text = String::from_utf8(bytes).map_err(|_| "names a file that is not text")?;
    let text = text.trim();
    if text.is_empty() { Err("names a file that is empty") } else { Ok(text.to_owned()) }
}

impl Faults<'_> {
    /// A secret, if it is set; a fault if it is not `expected`.
    pub(super) fn secret<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        match self.sources.secret(name) {
            Ok(None) => None,
            Ok(Some(text)) => {
                let parsed = parse(&text);
                if parsed.is_none() {
                    self.add(name, &format!("is not {expected}"));
                }
                parsed
            }
            Err(fault) => {
                self.add(&format!("{name}_FILE"), fault);
                None
            }
        }
    }

    pub(super) fn required_secret<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        if self.sources.secret(name) == Ok(None) {
            self.add(name, "is missing");
        }
        self.secret(name, expected, parse)
    }
}
