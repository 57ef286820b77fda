//! Packed days: in memory while they are asked for and there is room, otherwise in the file.

use std::fmt::Debug;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;

use super::Error;
use super::day;
use super::dictionary::Dictionary;
use super::packed::Packed;
use crate::bounded_cache::{BoundedCache, Bounds, EvictionPolicy};
use crate::usage::Day;

/// What nobody asks for is left to the file.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(45);
/// What an entry costs besides its bytes.
const ENTRY_BYTES: usize = 200;

/// A day's facts: which they are, and for as long as no file has them, they themselves.
#[derive(Debug)]
pub(super) struct Content {
    day: Day,
    seal: u128,
    held: OnceLock<Packed>,
}

impl Content {
    /// Facts that are in the file under this seal.
    pub(super) fn in_file(day: Day, seal: u128) -> Self {
        Self { day, seal, held: OnceLock::new() }
    }

    /// Facts that no file has.
    pub(super) fn held(day: Day, packed: Packed) -> Self {
        Self { day, seal: 0, held: OnceLock::from(packed) }
    }

    /// Bytes of facts that no file has.
    pub(super) fn held_bytes(&self) -> usize {
        self.held.get().map_or(0, |packed| packed.bytes().len())
    }

    pub(super) fn seal(&self) -> u128 {
        self.seal
    }

    /// Holds the facts from now on: the file is about to get others in their place.
    pub(super) fn hold(&self, packed: Packed) {
        self.held.get_or_init(|| packed);
    }

    /// The facts that rest as these bytes, if they are what was written.
    pub(super) fn trusted(&self, bytes: Vec<u8>, dictionary: &Dictionary) -> Option<Packed> {
        let packed = Packed::from_bytes(Bytes::from(bytes))?;
        (day::seal(self.day, &packed, dictionary) == Some(self.seal)).then_some(packed)
    }
}

/// Where contents are read from.
pub(super) trait ReadContent: Debug + Send + Sync {
    /// The bytes of a day's facts as they rest; nothing where there are none.
    fn read_content(&self, day: Day) -> Result<Option<Vec<u8>>, Error>;
}

/// The contents that are in memory, and the way to the others.
#[derive(Debug)]
pub(super) struct Contents {
    kept: BoundedCache<(Day, u128), Packed>,
    most_bytes: u64,
    file: Option<Arc<dyn ReadContent>>,
}

impl Contents {
    /// Keeps at most so many bytes of what `file` has.
    pub(super) fn new(file: Option<Arc<dyn ReadContent>>, most_bytes: u64) -> Self {
        let kept = BoundedCache::new(Bounds {
            weigh: Some(|_, packed: &Packed| packed.bytes().len() + ENTRY_BYTES),
            idle: Some(FORGOTTEN_AFTER),
            eviction: EvictionPolicy::lru(),
            ..Bounds::entries(most_bytes)
        });
        Self { kept, most_bytes, file }
    }

    /// Keeps what was just written: it is likely to be asked for.
    pub(super) fn keep(&self, content: &Content, packed: Packed) {
        if packed.bytes().len() as u64 <= self.most_bytes {
            self.kept.insert((content.day, content.seal), packed);
        }
    }

    /// Bytes of what is in memory besides the file.
    pub(super) fn kept_bytes(&self) -> u64 {
        self.kept.weight()
    }

    /// A day's facts if they are in memory.
    pub(super) fn kept(&self, content: &Content) -> Option<Packed> {
        let held = content.held.get().cloned();
        held.or_else(|| self.kept.get(&(content.day, content.seal)))
    }

    /// A day's facts, wherever they are.
    pub(super) fn get(&self, content: &Content, dictionary: &Dictionary) -> Result<Packed, Error> {
        if let Some(packed) = self.kept(content) {
            return Ok(packed);
        }
        let packed = self.read(content, dictionary)?;
        self.keep(content, packed.clone());
        Ok(packed)
    }

    /// Reads a day's facts from the file, without keeping them.
    pub(super) fn read(&self, content: &Content, dictionary: &Dictionary) -> Result<Packed, Error> {
        let damaged = || Error::DamagedDay { day: content.day };
        let file = self.file.as_ref().ok_or_else(damaged)?;
        let bytes = file.read_content(content.day);
        // Who replaces a day holds what was there before the file loses it.
        if let Some(held) = content.held.get() {
            return Ok(held.clone());
        }
        match bytes {
            Ok(bytes) => {
                bytes.and_then(|bytes| content.trusted(bytes, dictionary)).ok_or_else(damaged)
            }
            Err(Error::Damaged(_)) => Err(damaged()),
            Err(error) => Err(error),
        }
    }

    /// Lets go of what nobody asked for lately: this happens by itself only while others are asked
    /// for.
    pub(super) fn tidy(&self) {
        self.kept.forget_unused();
    }
}
