//! Secrets, given as they are or in a file: `NAME` or `NAME_FILE`.

use super::faults::Faults;
use super::sources::Sources;

/// Larger files are no secrets.
const MOST_BYTES: u64 = 65_536;

impl Sources {
    /// A secret from the first place that has it. An error says what is wrong with its file, never
    /// what is in it.
    pub(super) fn secret(&self, name: &str) -> Result<Option<String>, &'static str> {
        for place in self.secret_places(name) {
            match place {
                (Some(_), Some(_)) => {
                    return Err("is given twice, as it is and in a file; keep one of them");
                }
                (Some(given), None) => return Ok(Some(given.text.trim().to_owned())),
                (None, Some(file)) => return read(file.text.trim()).map(Some),
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
