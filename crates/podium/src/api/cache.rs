//! Answers that were computed already.
//!
//! An answer depends on the operation and its parameters, the figures of the store and the doubts
//! about them, and some on the time; all of these are the key, so nothing here can be out of date.
//! When the days were last compared changes more often than the figures: it is put into the body
//! when that is sent.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use jiff::Timestamp;
use xxhash_rust::xxh3::xxh3_128;

use super::body::{Pieces, Written, compress};
use super::delta::{self, Earlier};
use super::encoding::{Encoding, has_tagged};
use super::error::ApiError;
use crate::access::Scope;
use crate::bounded_cache::{Bounds, ComputingCache};
use crate::query::Include;
use crate::usage::DayRange;

/// What an answer depends on.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) operation: &'static str,
    pub(super) range: DayRange,
    /// The part of the days in which something may have been used.
    pub(super) used: DayRange,
    pub(super) include: Include,
    /// The canonical name of the time zone.
    pub(super) tz: String,
    /// The parameters that this operation has besides, as they were understood.
    pub(super) parameters: String,
    /// The state of the figures of these days; of all figures where others are told beside them.
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
    before: Pieces,
    /// Nothing where the body does not tell the instant.
    after: Option<Pieces>,
    /// Of all but the instant.
    digest: u128,
    last: Mutex<(Option<Timestamp>, Arc<Body>)>,
}

/// A body as it is sent, and its compressed forms once somebody asked for them.
#[derive(Debug)]
pub(super) struct Body {
    plain: Pieces,
    compressed: [OnceLock<Option<Pieces>>; Encoding::ALL.len()],
    /// Changes whenever the body does.
    pub(super) etag: HeaderValue,
    /// What changed since another body: most who ask have the same one.
    since: Mutex<Option<Since>>,
}

/// The tag of another body, and what changed since, where it is worth telling that alone.
type Since = (HeaderValue, Option<Arc<Body>>);

/// How `meta.as_of` stands in a body. No text of a name can look like this, since quotes within
/// texts are escaped.
const AS_OF: &str = "\"as_of\":";
/// Compressing more takes long enough to hold others up.
const AT_ONCE_BYTES: usize = 32 << 10;
/// An answer that nobody asks for is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(40);
const FORGETS_EVERY: Duration = Duration::from_secs(10);
/// What an entry costs besides its texts.
const ENTRY_BYTES: usize = 512;

impl Answer {
    /// The answer that was written with that `as_of`.
    pub(super) fn new(written: Written, as_of: Option<Timestamp>) -> Self {
        let Written { plain, compressed } = written;
        let told = format!("{AS_OF}{}", in_json(as_of));
        let (before, after) = match plain.around_last(told.as_bytes()) {
            Some((before, after)) => (before, Some(after)),
            None => (plain.clone(), None),
        };
        let digests = [Some(&before), after.as_ref()].map(|part| part.map_or(0, Pieces::digest));
        let digest = xxh3_128(&digests.map(u128::to_le_bytes).concat());
        let body = Body::new(plain, digest, as_of);
        if let Some((encoding, pieces)) = compressed {
            body.compressed[encoding as usize].get_or_init(|| Some(pieces));
        }
        Self { before, after, digest, last: Mutex::new((as_of, Arc::new(body))) }
    }

    /// The body that says when the days were last compared.
    pub(super) fn body(&self, as_of: Option<Timestamp>) -> Arc<Body> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let (false, Some(after)) = (last.0 == as_of, &self.after) {
            let told = Bytes::from(format!("{AS_OF}{}", in_json(as_of)));
            let body = Body::new(self.before.with(told, after), self.digest, as_of);
            *last = (as_of, Arc::new(body));
        }
        Arc::clone(&last.1)
    }

    /// Bytes of the body and, about, of a compressed form.
    fn weight(&self) -> usize {
        (self.before.len() + self.after.as_ref().map_or(0, Pieces::len)) * 5 / 4
    }
}

fn in_json(as_of: Option<Timestamp>) -> String {
    as_of.map_or_else(|| "null".to_owned(), |as_of| format!("\"{as_of}\""))
}

impl Body {
    fn new(plain: Pieces, digest: u128, as_of: Option<Timestamp>) -> Self {
        let instant = as_of.map_or(i128::MIN, Timestamp::as_nanosecond);
        let tag = xxh3_128(&[digest.to_le_bytes(), instant.to_le_bytes()].concat());
        let etag = HeaderValue::try_from(format!("\"{tag:032x}\"")).expect("digits are text");
        Self::tagged(plain, etag)
    }

    /// A body that never tells the instant.
    pub(super) fn of(bytes: Vec<u8>) -> Self {
        let plain = Pieces::from(bytes);
        let digest = plain.digest();
        Self::new(plain, digest, None)
    }

    fn tagged(plain: Pieces, etag: HeaderValue) -> Self {
        Self { plain, compressed: Default::default(), etag, since: Mutex::default() }
    }

    /// Whether whoever asks has this body already.
    pub(super) fn is_known(&self, asked: &HeaderMap) -> bool {
        has_tagged(asked, self.etag.to_str().unwrap_or_default())
    }

    pub(super) fn plain(&self) -> &Pieces {
        &self.plain
    }

    /// Whether it is there, or made in no time: what changed since `known` if that is worth it,
    /// otherwise the compressed form.
    pub(super) fn is_ready(&self, known: Option<&Self>, encoding: Option<Encoding>) -> bool {
        let is_made = |encoding: Encoding| self.compressed[encoding as usize].get().is_some();
        let is_whole_made = || encoding.is_none_or(is_made);
        let is_made_since =
            |known| self.made_since(known).is_some_and(|delta| delta.is_some() || is_whole_made());
        self.plain.len() <= AT_ONCE_BYTES || known.map_or_else(is_whole_made, is_made_since)
    }

    /// What changed since `known`; nothing where it is not worth telling that alone.
    pub(super) fn since(&self, known: &Self) -> Option<Arc<Self>> {
        if let Some(made) = self.made_since(known) {
            return made;
        }
        let delta = delta::between(&known.plain, &self.plain);
        let made = delta.map(|delta| Arc::new(Self::tagged(delta.into(), self.etag.clone())));
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        *since = Some((known.etag.clone(), made.clone()));
        made
    }

    /// The same, if it was asked for before.
    fn made_since(&self, known: &Self) -> Option<Option<Arc<Self>>> {
        let since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        since.as_ref().filter(|(of, _)| *of == known.etag).map(|(_, made)| made.clone())
    }

    /// The compressed form, where that is worth it.
    pub(super) fn compressed(&self, encoding: Encoding) -> Option<&Pieces> {
        let made = &self.compressed[encoding as usize];
        made.get_or_init(|| compress(&self.plain, encoding)).as_ref()
    }
}

/// Answers by key, within a number of bytes; the least used go first.
#[derive(Clone, Debug)]
pub(super) struct AnswerCache(ComputingCache<Arc<Key>, Arc<Answer>>);

impl AnswerCache {
    pub(super) fn new(most_bytes: u64) -> Self {
        let weigh = |key: &Arc<Key>, answer: &Arc<Answer>| {
            ENTRY_BYTES + key.tz.len() + key.parameters.len() + answer.weight()
        };
        Self(ComputingCache::new(Bounds {
            weigh: Some(weigh),
            idle: Some(FORGOTTEN_AFTER),
            ..Bounds::entries(most_bytes)
        }))
    }

    /// Forgets what nobody asks for, again and again: the cache itself does so only while it is
    /// used, and its memory is to go back when nobody uses it. So with what was sent.
    pub(super) async fn forget_unused(self, earlier: Earlier) {
        loop {
            tokio::time::sleep(FORGETS_EVERY).await;
            self.0.forget_unused().await;
            earlier.forget_unused();
        }
    }

    /// How many answers are kept, and about how many bytes they take.
    pub(super) fn size(&self) -> (u64, u64) {
        self.0.size()
    }

    pub(super) async fn get(&self, key: &Arc<Key>) -> Option<Arc<Answer>> {
        self.0.get(key).await
    }

    /// The answer of `key`, computed once however many ask for it at the same time.
    pub(super) async fn get_or_compute(
        &self,
        key: Arc<Key>,
        compute: impl Future<Output = Result<Arc<Answer>, ApiError>> + Send,
    ) -> Result<Arc<Answer>, Arc<ApiError>> {
        self.0.get_or_compute(key, compute).await
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::api::body::BodyWriter;

    /// The answer that is written as `json` at an instant.
    fn answer(json: &str, as_of: Option<Timestamp>) -> Answer {
        let mut writer = BodyWriter::new(Some(Encoding::Gzip));
        writer.write_all(json.as_bytes()).expect("memory takes it");
        Answer::new(writer.finish().expect("memory takes it"), as_of)
    }

    fn text(body: &Body) -> String {
        let bytes: Vec<u8> = body.plain().iter().flatten().copied().collect();
        String::from_utf8(bytes).expect("JSON is text")
    }

    #[test]
    fn only_the_instant_changes_between_two_looks() {
        let at = |text: &str| Some(text.parse::<Timestamp>().expect("a time"));
        let of = |as_of: &str| {
            format!(r#"{{"name":"\"as_of\":null","meta":{{"as_of":{as_of},"complete":true}}}}"#)
        };
        let [noon, later] = ["2026-11-24T12:00:00Z", "2026-11-24T12:00:30Z"];
        let answer = answer(&of(&format!("\"{noon}\"")), at(noon));
        let first = answer.body(at(noon));
        let second = answer.body(at(later));
        assert_eq!(text(&first), of(&format!("\"{noon}\"")));
        assert_eq!(text(&second), of(&format!("\"{later}\"")));
        assert_ne!(first.etag, second.etag);
        assert_eq!(text(&answer.body(None)), of("null"));
        assert_eq!(answer.body(at(noon)).etag, first.etag);
    }

    #[test]
    fn a_body_without_the_instant_stays_as_it_is() {
        let answer = answer("{}", None);
        let later = answer.body(Some("2026-11-24T12:00:00Z".parse().expect("a time")));
        assert_eq!(text(&later), "{}");
        assert_eq!(later.etag, answer.body(None).etag);
    }
}
