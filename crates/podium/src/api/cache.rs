//! Answers that were computed already.
//!
//! An answer depends on the operation and its parameters, the figures of the store and the doubts
//! about them, and some on the time; all of these are the key, so nothing here can be out of date.
//! When the days were last compared changes more often than the figures: it is put into the body
//! when that is sent.

use std::io::Write as _;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use moka::future::Cache;
use xxhash_rust::xxh3::xxh3_128;

use super::error::ApiError;
use crate::access::Scope;
use crate::query::Include;
use crate::usage::DayRange;

/// What an answer depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) operation: &'static str,
    pub(super) range: DayRange,
    pub(super) include: Include,
    /// The canonical name of the time zone.
    pub(super) tz: String,
    /// The parameters that this operation has besides, as they were understood.
    pub(super) parameters: String,
    /// The state of the figures.
    pub(super) version: u64,
    /// Which days are in doubt and why.
    pub(super) doubts: u128,
    /// What whoever asks may see.
    pub(super) scope: Scope,
    /// The minute, for answers that depend on the time: all buckets end with one.
    pub(super) minute: Option<i64>,
}

/// A body without the one instant that changes with each look at the gateway.
#[derive(Debug)]
pub(super) struct Answer {
    before: Vec<u8>,
    after: Vec<u8>,
    last: Mutex<Option<(Option<Timestamp>, Arc<Body>)>>,
}

/// A body as it is sent, and its compressed form once somebody asked for it.
#[derive(Debug)]
pub(super) struct Body {
    plain: Bytes,
    gzip: OnceLock<Option<Bytes>>,
    /// Changes whenever the body does.
    pub(super) etag: String,
}

/// How `meta.as_of` stands in a body that was computed without it. No text of a name can look like
/// this, since quotes within texts are escaped.
const WITHOUT_AS_OF: &[u8] = b"\"as_of\":null";
/// Smaller bodies are not worth compressing.
const WORTH_COMPRESSING_BYTES: usize = 1_024;
/// An answer that nobody asks for is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(120);
const FORGETS_EVERY: Duration = Duration::from_secs(20);
/// What an entry costs besides its texts.
const ENTRY_BYTES: usize = 512;

impl Answer {
    /// The answer that was written with `as_of: null`.
    pub(super) fn new(mut json: Vec<u8>) -> Self {
        let at = json.windows(WITHOUT_AS_OF.len()).rposition(|part| part == WITHOUT_AS_OF);
        let after = at.map(|at| json.split_off(at + WITHOUT_AS_OF.len() - b"null".len()));
        let mut after = after.unwrap_or_default();
        if at.is_some() {
            after.drain(..b"null".len());
        }
        json.shrink_to_fit();
        Self { before: json, after, last: Mutex::default() }
    }

    /// The body that says when the days were last compared.
    pub(super) fn body(&self, as_of: Option<Timestamp>) -> Arc<Body> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((of, body)) = last.as_ref().filter(|(of, _)| *of == as_of) {
            debug_assert_eq!(*of, as_of);
            return Arc::clone(body);
        }
        let instant = as_of.map_or_else(|| "null".to_owned(), |as_of| format!("\"{as_of}\""));
        let middle = if self.after.is_empty() { "" } else { instant.as_str() };
        let plain = [&self.before, middle.as_bytes(), &self.after].concat();
        let etag = format!("\"{:032x}\"", xxh3_128(&plain));
        let body = Arc::new(Body { plain: plain.into(), gzip: OnceLock::new(), etag });
        *last = Some((as_of, Arc::clone(&body)));
        body
    }

    /// Bytes of the parts, of the body that is sent, and of its compressed form.
    fn weight(&self) -> usize {
        (self.before.len() + self.after.len()) * 5 / 2
    }
}

impl Body {
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

/// Answers by key, within a number of bytes; the least used go first.
#[derive(Clone, Debug)]
pub(super) struct AnswerCache(Cache<Key, Arc<Answer>>);

impl AnswerCache {
    pub(super) fn new(most_bytes: u64) -> Self {
        let weigh = |key: &Key, answer: &Arc<Answer>| {
            let bytes = ENTRY_BYTES + key.tz.len() + key.parameters.len() + answer.weight();
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let cache = Cache::builder()
            .weigher(weigh)
            .max_capacity(most_bytes)
            .time_to_idle(FORGOTTEN_AFTER)
            .build();
        Self(cache)
    }

    /// Forgets what nobody asks for, again and again: the cache itself does so only while it is
    /// used, and its memory is to go back when nobody uses it.
    pub(super) async fn forget_unused(self) {
        loop {
            tokio::time::sleep(FORGETS_EVERY).await;
            self.0.run_pending_tasks().await;
        }
    }

    pub(super) async fn get(&self, key: &Key) -> Option<Arc<Answer>> {
        self.0.get(key).await
    }

    /// The answer of `key`, computed once however many ask for it at the same time.
    pub(super) async fn get_or_compute(
        &self,
        key: Key,
        compute: impl Future<Output = Result<Arc<Answer>, ApiError>>,
    ) -> Result<Arc<Answer>, Arc<ApiError>> {
        self.0.try_get_with(key, compute).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_instant_changes_between_two_looks() {
        let json = br#"{"name":"\"as_of\":null","meta":{"as_of":null,"complete":true}}"#;
        let answer = Answer::new(json.to_vec());
        let at = |text: &str| Some(text.parse().expect("a time"));
        let first = answer.body(at("2026-11-24T12:00:00Z"));
        let second = answer.body(at("2026-11-24T12:00:30Z"));
        assert_eq!(
            first.plain(),
            r#"{"name":"\"as_of\":null","meta":{"as_of":"2026-11-24T12:00:00Z","complete":true}}"#
        );
        assert_ne!(first.etag, second.etag);
        assert_eq!(answer.body(None).plain(), &json[..]);
        let without = Answer::new(b"{}".to_vec());
        assert_eq!(without.body(at("2026-11-24T12:00:00Z")).plain(), "{}");
    }
}
