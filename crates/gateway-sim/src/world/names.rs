//! Every text of the usage table, once.
//!
//! Millions of rows share a few thousand texts, so rows hold codes. Four texts always have the
//! same code, because the rules of answers name them.

use std::collections::HashMap;
use std::sync::Arc;

use super::hash::hash_text;

/// The code of a text, or of SQL's null.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Name(u32);

impl Name {
    /// SQL's null.
    pub(crate) const NULL: Name = Name(0);
    /// The empty text.
    pub(crate) const EMPTY: Name = Name(1);
    /// The entity of rows without a team.
    pub(crate) const UNASSIGNED: Name = Name(2);
    /// The provider of rows without one.
    pub(crate) const UNKNOWN: Name = Name(3);
    /// A text that no row has.
    pub(crate) const ABSENT: Name = Name(u32::MAX);

    /// Null and the empty text become `other`: Python's `value or other`.
    pub(crate) fn or(self, other: Name) -> Name {
        if self == Name::NULL || self == Name::EMPTY { other } else { self }
    }

    /// Neither null nor empty.
    pub(crate) fn is_filled(self) -> bool {
        self != Name::NULL && self != Name::EMPTY
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Names {
    texts: Vec<Arc<str>>,
    hashes: Vec<u64>,
    codes: HashMap<Arc<str>, Name>,
}

impl Names {
    pub(crate) fn new() -> Names {
        let null: Arc<str> = Arc::from("");
        let mut names = Names { texts: vec![null], hashes: vec![1], codes: HashMap::new() };
        for text in ["", "Unassigned", "unknown"] {
            names.intern(text);
        }
        names
    }

    /// The code of a text, a new one when it was not seen before.
    pub(crate) fn intern(&mut self, text: &str) -> Name {
        if let Some(name) = self.codes.get(text) {
            return *name;
        }
        let name = Name(u32::try_from(self.texts.len()).expect("fewer texts than 2^32"));
        let text: Arc<str> = Arc::from(text);
        self.hashes.push(hash_text(&text));
        self.texts.push(Arc::clone(&text));
        self.codes.insert(text, name);
        name
    }

    /// The same for a column that may be null.
    pub(crate) fn intern_nullable(&mut self, text: Option<&str>) -> Name {
        text.map_or(Name::NULL, |text| self.intern(text))
    }

    /// The code of a text, `Name::ABSENT` when no row has it.
    pub(crate) fn find(&self, text: &str) -> Name {
        self.codes.get(text).copied().unwrap_or(Name::ABSENT)
    }

    /// The text of a code; empty for null.
    pub(crate) fn text(&self, name: Name) -> &str {
        &self.texts[name.0 as usize]
    }

    /// The text of a code, `None` for null.
    pub(crate) fn nullable(&self, name: Name) -> Option<&str> {
        (name != Name::NULL).then(|| self.text(name))
    }

    /// The hash of a code's text, the same in every run.
    pub(crate) fn hash(&self, name: Name) -> u64 {
        self.hashes[name.0 as usize]
    }
}
