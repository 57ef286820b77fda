//! Answers that were computed already.
//!
//! An answer depends on the operation, the days, and the state of the store and of its doubts;
//! all of these are the key, so nothing here can be out of date. A new state of the store
//! empties the cache.

use std::collections::HashMap;
use std::io::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::services::Include;
use crate::usage::DayRange;

/// What an answer depends on besides the store's revision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) operation: &'static str,
    pub(super) range: DayRange,
    pub(super) include: Include,
    /// Time zone, filters and the like.
    pub(super) variant: String,
    /// How many days are in doubt: with the revision, this tells which.
    pub(super) doubts: usize,
}

/// A body, and its compressed form once somebody asked for it.
#[derive(Debug)]
pub(super) struct Body {
    plain: Bytes,
    gzip: OnceLock<Option<Bytes>>,
}

/// Smaller bodies are not worth compressing.
const WORTH_COMPRESSING_BYTES: usize = 1_024;
/// All bodies together stay below this.
const MOST_BYTES: usize = 64 << 20;

impl Body {
    pub(super) fn new(plain: Bytes) -> Self {
        Self { plain, gzip: OnceLock::new() }
    }

    pub(super) fn plain(&self) -> Bytes {
        self.plain.clone()
    }

    /// The body in gzip, where that is worth it.
    pub(super) fn gzip(&self) -> Option<Bytes> {
        self.gzip.get_or_init(|| compress(&self.plain)).clone()
    }
}

fn compress(plain: &[u8]) -> Option<Bytes> {
    if plain.len() < WORTH_COMPRESSING_BYTES {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::fast());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// Bodies by key, of one revision of the store.
#[derive(Debug, Default)]
pub(super) struct AnswerCache {
    bodies: Mutex<Bodies>,
}

#[derive(Debug, Default)]
struct Bodies {
    revision: u64,
    by_key: HashMap<Key, Arc<Body>>,
    bytes: usize,
}

impl AnswerCache {
    pub(super) fn get(&self, revision: u64, key: &Key) -> Option<Arc<Body>> {
        let bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        (bodies.revision == revision).then(|| bodies.by_key.get(key).cloned()).flatten()
    }

    pub(super) fn put(&self, revision: u64, key: Key, body: Arc<Body>) {
        let mut bodies = self.bodies.lock().unwrap_or_else(PoisonError::into_inner);
        if revision < bodies.revision {
            return;
        }
        if revision > bodies.revision || bodies.bytes + body.plain.len() > MOST_BYTES {
            *bodies = Bodies { revision, ..Bodies::default() };
        }
        bodies.bytes += body.plain.len();
        bodies.by_key.insert(key, body);
    }
}
