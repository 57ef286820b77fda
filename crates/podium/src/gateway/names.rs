//! Texts by number: each different one is kept once, however often an answer repeats it.

use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState};
use std::sync::Arc;

use xxhash_rust::xxh3::xxh3_64_with_seed;

/// The number of a text among [`Names`].
pub(super) type Name = u32;

/// The texts of one day.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<Arc<str>, Name, Hashing>,
    texts: Vec<Arc<str>>,
}

impl Names {
    /// The number of `text`, a new one where it was not seen before.
    pub(super) fn number(&mut self, text: &str) -> Name {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = Name::try_from(self.texts.len()).expect("an answer has less than 2^32 bytes");
        let text: Arc<str> = Arc::from(text);
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }

    /// The number of `text`, where it was seen.
    pub(super) fn find(&self, text: &str) -> Option<Name> {
        self.numbers.get(text).copied()
    }

    /// The text of a number that these names gave out.
    pub(super) fn text(&self, name: Name) -> &str {
        &self.texts[name as usize]
    }
}

/// A hash that takes a whole text at once. Its seed is a secret of the process: names are chosen
/// by others.
#[derive(Debug)]
struct Hashing {
    seed: u64,
}

impl Default for Hashing {
    fn default() -> Self {
        Self { seed: RandomState::new().hash_one(0) }
    }
}

impl BuildHasher for Hashing {
    type Hasher = Hash;
    fn build_hasher(&self) -> Hash {
        Hash(self.seed)
    }
}

struct Hash(u64);

impl Hasher for Hash {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64_with_seed(bytes, self.0);
    }
    /// The end of a text, which is all that is ever hashed.
    fn write_u8(&mut self, _: u8) {}
    fn finish(&self) -> u64 {
        self.0
    }
}

/// Values by the numbers of names.
pub(super) type ByName<T> = HashMap<Name, T, BuildHasherDefault<NumberHash>>;

/// Spreads numbers that are given out one after the other.
#[derive(Debug, Default)]
pub(super) struct NumberHash(u64);

impl Hasher for NumberHash {
    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_u32(u32::from(*byte)));
    }
    fn write_u32(&mut self, number: u32) {
        self.0 = (self.0 ^ u64::from(number)).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(26);
    }
    fn finish(&self) -> u64 {
        self.0
    }
}
