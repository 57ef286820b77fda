//! Answers told by what changed since an earlier one (RFC 3229): who asks again with `A-IM: parts` and
//! the tag of what they have gets only that, while Podium remembers that answer.
//!
//! What changed is told of the texts, whatever they mean: a text is divided at its commas, and a
//! delta is a list of steps `[keep, drop, put]`: so many parts stay, so many go, and the text comes
//! in their place, if there is one. What is behind the last step stays.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use super::body::Pieces;
use super::cache::Body;
use super::encoding::{is_listed, tags};
use crate::access::Scope;
use crate::bounded_cache::{BoundedCache, Bounds, EvictionPolicy};

/// What whoever asks can apply.
const WANTED: HeaderName = HeaderName::from_static("a-im");
/// What was done to an answer.
const DONE: HeaderName = HeaderName::from_static("im");
/// The tag of the answer to which a delta is applied.
const BASE: HeaderName = HeaderName::from_static("delta-base");
const PARTS: &str = "parts";

/// Larger bodies are asked once, not again and again. A day of 500 teams by the quarter hour, which
/// the board asks, takes two to four megabytes.
const MOST_BODY_BYTES: usize = 4 << 20;
/// What is remembered takes this at most.
const MOST_BYTES: u64 = 24 << 20;
/// Pages ask some questions every two minutes.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(150);
/// Compression does less for a delta than for the whole.
const WORTH: usize = 3;

/// Bodies that were sent lately to those who can apply a delta.
#[derive(Clone, Debug)]
pub(super) struct Earlier(BoundedCache<(HeaderValue, Scope), Arc<Body>>);

impl Earlier {
    pub(super) fn new() -> Self {
        Self(BoundedCache::new(Bounds {
            weigh: Some(|_, body: &Arc<Body>| body.plain().len() * 5 / 4),
            idle: Some(FORGOTTEN_AFTER),
            // Each is asked for once or twice, and the newest matter.
            eviction: EvictionPolicy::lru(),
            ..Bounds::entries(MOST_BYTES)
        }))
    }

    /// Remembers a body for who can apply a delta, and tells the one that they have: only one that
    /// was told to somebody who may see the same.
    pub(super) fn exchange(
        &self,
        body: &Arc<Body>,
        asked: &HeaderMap,
        scope: &Scope,
    ) -> Option<Arc<Body>> {
        if !is_listed(asked, WANTED, PARTS) || body.plain().len() > MOST_BODY_BYTES {
            return None;
        }
        let key = (body.etag.clone(), scope.clone());
        if self.0.get(&key).is_none() {
            self.0.insert(key, Arc::clone(body));
        }
        let earlier = |tag: &str| self.0.get(&(HeaderValue::from_str(tag).ok()?, scope.clone()));
        tags(asked).find_map(earlier)
    }

    /// Forgets what nobody asks for.
    pub(super) fn forget_unused(&self) {
        self.0.forget_unused();
    }
}

/// Marks an answer as a delta. No cache that does not know of deltas may keep it.
pub(super) fn mark(headers: &mut HeaderMap, base: HeaderValue) {
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store, im"));
    headers.insert(DONE, HeaderValue::from_static(PARTS));
    headers.insert(BASE, base);
}

/// What makes one body the other, as JSON; nothing where that is not worth it.
pub(super) fn between(from: &Pieces, to: &Pieces) -> Option<Vec<u8>> {
    let [from, to] = [from, to].map(|pieces| String::from_utf8(pieces.concat()).ok());
    let (from, to) = (from?, to?);
    let told = serde_json::to_vec(&steps(&from, &to)).ok()?;
    (told.len() < to.len() / WORTH).then_some(told)
}

/// How many parts stay, how many go, and what comes in their place.
pub(super) type Step<'t> = (usize, usize, Option<&'t str>);

pub(super) fn steps<'t>(from: &str, to: &'t str) -> Vec<Step<'t>> {
    let [before, after] = [from, to].map(|text| text.split(',').collect::<Vec<_>>());
    // Where the rest of the new text begins, and how much of each is told.
    let (mut rest, mut old, mut new) = (to, 0, 0);
    let mut steps = Vec::new();
    loop {
        let pairs = before[old..].iter().zip(&after[new..]);
        let keep = pairs.take_while(|(old, new)| old == new).count();
        rest = behind(rest, &after[new..new + keep]);
        (old, new) = (old + keep, new + keep);
        if (old, new) == (before.len(), after.len()) {
            return steps;
        }
        let (drop, put) = meet(&before[old..], &after[new..]);
        let following = behind(rest, &after[new..new + put]);
        let told = rest.len() - following.len();
        let comma = usize::from(new + put < after.len());
        steps.push((keep, drop, (put > 0).then(|| &rest[..told - comma])));
        (rest, old, new) = (following, old + drop, new + put);
    }
}

/// What of a text is behind its first parts and their commas.
fn behind<'t>(text: &'t str, parts: &[&str]) -> &'t str {
    let bytes: usize = parts.iter().map(|part| part.len() + 1).sum();
    text.get(bytes..).unwrap_or_default()
}

/// So many parts in a row are not the same by chance.
const IN_A_ROW: usize = 2;
/// So many parts, a few rows, are looked at to find where texts are the same again.
const FARTHEST: usize = 40;

/// After how many parts of each they are the same again; parts that only changed are tried first.
fn meet(before: &[&str], after: &[&str]) -> (usize, usize) {
    let meets = |&(old, new): &(usize, usize)| {
        let (Some(before), Some(after)) = (before.get(old..), after.get(new..)) else {
            return false;
        };
        match before.len().min(after.len()) {
            common if common < IN_A_ROW => before == after,
            _ => before[..IN_A_ROW] == after[..IN_A_ROW],
        }
    };
    (1..=FARTHEST)
        .flat_map(|far| {
            let unlike = (0..far).rev().flat_map(move |near| [(near, far), (far, near)]);
            std::iter::once((far, far)).chain(unlike)
        })
        .find(meets)
        .unwrap_or((before.len(), after.len()))
}

/// What whoever gets a delta does.
#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn apply(text: &str, steps: &[Step<'_>]) -> String {
    let mut parts = text.split(',');
    let mut made = Vec::new();
    for (keep, drop, put) in steps {
        made.extend(parts.by_ref().take(*keep));
        parts.by_ref().take(*drop).for_each(|_| ());
        made.extend(*put);
    }
    made.extend(parts);
    made.join(",")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_delta_makes_one_text_the_other(
            from in "[ab,]{0,40}", to in "[ab,]{0,40}", shared in "[a-z,]{0,200}",
        ) {
            let [from, to] = [format!("{from}{shared}{to}"), format!("{to}{shared}{from}")];
            prop_assert_eq!(apply(&from, &steps(&from, &to)), to);
        }
    }

    #[test]
    fn only_cells_that_changed_are_told() {
        let from = r#"{"rows":[["A",1,2],["B",3,4]],"meta":0}"#;
        let to = r#"{"rows":[["A",1,2],["B",5,4]],"meta":0}"#;
        assert_eq!(steps(from, to), [(4, 1, Some("5"))]);
        assert_eq!(steps(from, from), []);
        let more = r#"{"rows":[["A",1,2],["AB",7,7],["B",3,4]],"meta":0}"#;
        assert_eq!(steps(from, more), [(3, 0, Some(r#"["AB",7,7]"#))]);
        assert_eq!(steps(more, from), [(3, 3, None)]);
    }
}
