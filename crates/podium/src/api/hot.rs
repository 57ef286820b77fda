//! The same address, asked again: answered without working out once more what it means.
//!
//! What an address means changes with the store and with time. So an answer is found by its address
//! only at the same revision of the store, and until the moment at which something about it may be
//! different: a day becomes stale, a minute or a day ends.

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, PoisonError, RwLock, Weak};

use axum::http::{HeaderValue, Method, Request, header};
use jiff::{SignedDuration, Timestamp};

use super::answer::Told;
use super::cache::Answer;
use super::credentials::Caller;
use super::metrics::Route;
use crate::access::{Role, Scope};

/// More addresses than are asked again and again.
const MOST_ADDRESSES: usize = 512;
/// Longer ones are asked by programs, each once.
const MOST_ADDRESS_BYTES: usize = 512;
/// After this an answer is looked up once more, so that the cache knows that it is asked for.
const LOOKED_UP_EVERY: SignedDuration = SignedDuration::from_secs(20);

/// Goes with a response that is the answer to its address for some time.
#[derive(Clone, Debug)]
pub(super) struct Answered {
    pub(super) answer: Weak<Answer>,
    pub(super) told: Told,
    /// The revision of the store that it is of.
    pub(super) revision: u64,
    /// The last moment at which it holds.
    pub(super) until: Timestamp,
}

/// What makes two requests for an answer the same.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Address<'r> {
    path_and_query: Cow<'r, str>,
    /// Formats are chosen by it.
    accept: Option<HeaderValue>,
    /// Some may not ask what others may.
    role: Role,
    scope: Scope,
}

/// Answers by address.
#[derive(Debug, Default)]
pub(super) struct Hot {
    /// By the hash of their addresses.
    kept: RwLock<HashMap<u64, (Address<'static>, Route, Answered)>>,
    hashing: RandomState,
}

impl<'r> Address<'r> {
    /// The address of a request whose answer may be kept.
    pub(super) fn of<B>(request: &'r Request<B>, caller: &Caller) -> Option<Self> {
        let path_and_query = request.uri().path_and_query()?.as_str();
        let mut accepted = request.headers().get_all(header::ACCEPT).iter();
        let (accept, more) = (accepted.next().cloned(), accepted.next());
        let is_kept = request.method() == Method::GET
            && more.is_none()
            && path_and_query.len() <= MOST_ADDRESS_BYTES
            && caller.refusal.is_none();
        is_kept.then(|| Self {
            path_and_query: Cow::Borrowed(path_and_query),
            accept,
            role: caller.visitor.role,
            scope: caller.visitor.scope.clone(),
        })
    }

    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(super) fn into_owned(self) -> Address<'static> {
        Address { path_and_query: Cow::Owned(self.path_and_query.into_owned()), ..self }
    }
}

impl Hot {
    pub(super) fn get(
        &self,
        address: &Address<'_>,
        revision: u64,
        now: Timestamp,
    ) -> Option<(Arc<Answer>, Told, Route)> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let (of, route, answered) = kept.get(&self.hashing.hash_one(address))?;
        let from = answered.told.now;
        let holds = of == address
            && answered.revision == revision
            && (from..=answered.until).contains(&now)
            && now.duration_since(from) < LOOKED_UP_EVERY;
        let answer = answered.answer.upgrade().filter(|_| holds)?;
        Some((answer, answered.told.at(now), *route))
    }

    pub(super) fn put(&self, address: Address<'static>, route: Route, answered: Answered) {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST_ADDRESSES {
            kept.retain(|_, (_, _, kept)| kept.revision == answered.revision);
        }
        if kept.len() >= MOST_ADDRESSES {
            kept.clear();
        }
        kept.insert(self.hashing.hash_one(&address), (address, route, answered));
    }
}
