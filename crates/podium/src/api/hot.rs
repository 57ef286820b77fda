//! The same address, asked again: answered without working out once more what it means.
//!
//! What an address means changes with the store and with time. So an answer is found by its address
//! only at the same revision of the store, and until the moment at which something about it may be
//! different: a day becomes stale, a minute or a day ends.

use std::collections::HashMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use axum::extract::{Request, State};
use axum::http::{Method, header};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;

use super::App;
use super::answer::{Told, respond};
use super::cache::{Answer, Key};
use crate::access::{self, Scope};

/// More addresses than are asked again and again.
const MOST_ADDRESSES: usize = 512;
/// Longer ones are asked by programs, each once.
const MOST_ADDRESS_BYTES: usize = 512;
/// The cache of answers is told so often that one is still asked for.
const TOLD_EVERY_SECONDS: i64 = 20;

/// Goes with a response that is the answer to its address for some time.
#[derive(Clone, Debug)]
pub(super) struct Answered {
    pub(super) key: Arc<Key>,
    pub(super) answer: Weak<Answer>,
    pub(super) told: Told,
    /// The revision of the store that it is of.
    pub(super) revision: u64,
    /// The last moment at which it holds.
    pub(super) until: Timestamp,
}

/// What makes two requests for an answer the same.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Address {
    path_and_query: String,
    /// Formats are chosen by it.
    accept: Vec<u8>,
    scope: Scope,
}

/// Answers by address.
#[derive(Debug, Default)]
pub(super) struct Hot(Mutex<HashMap<Address, Kept>>);

#[derive(Debug)]
struct Kept {
    answered: Answered,
    /// When the cache was last told, in seconds since 1970.
    told_at: AtomicI64,
}

impl Address {
    fn of(request: &Request) -> Option<Self> {
        let path_and_query = request.uri().path_and_query()?.as_str();
        let accept = request.headers().get(header::ACCEPT).map(|accept| accept.as_bytes().to_vec());
        let is_kept = request.method() == Method::GET && path_and_query.len() <= MOST_ADDRESS_BYTES;
        is_kept.then(|| Self {
            path_and_query: path_and_query.to_owned(),
            accept: accept.unwrap_or_default(),
            scope: access::anybody(),
        })
    }
}

impl Hot {
    /// The answer, and the cache's key of it where the cache is to be told.
    fn get(
        &self,
        address: &Address,
        revision: u64,
        now: Timestamp,
    ) -> Option<(Arc<Answer>, Told, Option<Arc<Key>>)> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Kept { answered, told_at } = kept.get(address)?;
        let holds =
            answered.revision == revision && (answered.told.now..=answered.until).contains(&now);
        let answer = answered.answer.upgrade().filter(|_| holds)?;
        let told_before = told_at.load(Ordering::Relaxed);
        let is_due = now.as_second() - told_before >= TOLD_EVERY_SECONDS;
        if is_due {
            told_at.store(now.as_second(), Ordering::Relaxed);
        }
        let key = is_due.then(|| Arc::clone(&answered.key));
        Some((answer, answered.told.at(now), key))
    }

    fn put(&self, address: Address, answered: Answered) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_ADDRESSES {
            kept.retain(|_, kept| kept.answered.revision == answered.revision);
        }
        if kept.len() >= MOST_ADDRESSES {
            kept.clear();
        }
        let told_at = AtomicI64::new(answered.told.now.as_second());
        kept.insert(address, Kept { answered, told_at });
    }
}

/// Answers an address that was answered lately; otherwise remembers what it is answered with.
pub(super) async fn serve(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(address) = Address::of(&request) else { return next.run(request).await };
    let revision = app.parts.store.ledger.state().revision();
    let now = app.parts.clock.now();
    if let Some((answer, told, key)) = app.hot.get(&address, revision, now) {
        app.parts.sync.note_question();
        if let Some(key) = key {
            app.cache.get(&key).await;
        }
        return respond(&app, &answer, &told, request.headers()).await;
    }
    let mut response = next.run(request).await;
    if let Some(answered) = response.extensions_mut().remove::<Answered>() {
        app.hot.put(address, answered);
    }
    response
}
