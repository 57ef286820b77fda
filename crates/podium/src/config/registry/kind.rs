//! What form a value has: as text in a variable, and as a value of TOML in the file.

/// The form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text.
    Text,
    /// A file or directory; in the file it is relative to the file.
    Path,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Truth,
    /// A time such as `30s`, or a number of seconds.
    Time,
    /// A size such as `512MB`, or a number of megabytes.
    Size,
    /// Several texts, parted by any of these; written with the first.
    List(&'static [char]),
    /// Names with one or several texts each.
    Rows(Rows),
}

/// How a variable packs a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// What stands between a name and its texts.
    pub assign: char,
    /// What parts the texts of a name; nothing where each has but one.
    pub within: &'static [char],
    /// What parts the rows; written with the first.
    pub between: &'static [char],
}

impl Kind {
    /// What a value in the file must be.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Text | Self::Path => "a text in quotes",
            Self::Number => "a whole number",
            Self::Truth => "true or false",
            Self::Time => "a time in quotes, such as \"30s\", or a number of seconds",
            Self::Size => "a size in quotes, such as \"512MB\", or a number of megabytes",
            Self::List(_) => "a list of texts, such as [\"one\", \"two\"]",
            Self::Rows(Rows { within: [], .. }) => "a table of names with a text each",
            Self::Rows(_) => "a table of names with a list of texts each",
        }
    }

    /// A variable's text as the file has it.
    pub fn in_file(self, text: &str) -> String {
        match self {
            Self::Text | Self::Path | Self::Time | Self::Size => quoted(text),
            Self::Number | Self::Truth => text.to_owned(),
            Self::List(separators) => array(text, separators),
            Self::Rows(rows) => {
                let row = |row: &str| {
                    let (name, texts) = row.split_once(rows.assign).unwrap_or((row, ""));
                    let texts = match rows.within {
                        [] => quoted(texts.trim()),
                        within => array(texts, within),
                    };
                    format!("{} = {texts}", key(name.trim()))
                };
                let between = text.split(rows.between).filter(|row| !row.trim().is_empty());
                format!("{{ {} }}", between.map(row).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

fn array(text: &str, separators: &[char]) -> String {
    let texts = text.split(separators).map(str::trim).filter(|text| !text.is_empty());
    format!("[{}]", texts.map(quoted).collect::<Vec<_>>().join(", "))
}

fn key(name: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !name.is_empty() && name.bytes().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// A basic string; what would end it is escaped.
fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => quoted.push_str(&format!("\\u{:04X}", letter as u32)),
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
