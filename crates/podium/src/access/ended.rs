//! Sessions that were ended before their time.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::Session;
use crate::store::{AccessBook, Error};

/// What was ended, as the book has it.
#[derive(Debug)]
pub(super) struct Ended {
    book: Arc<AccessBook>,
    read: Mutex<(Option<u64>, HashMap<String, Timestamp>)>,
}

fn of_session(session: &Session) -> String {
    format!("session {}", session.id)
}

fn of_account(session: &Session) -> String {
    format!("all of {}", session.account.id())
}

impl Ended {
    pub(super) fn new(book: Arc<AccessBook>) -> Self {
        Self { book, read: Mutex::default() }
    }

    /// Whether a session was ended, by itself or with all others of its account. What the book does
    /// not tell counts as ended.
    pub(super) fn has(&self, session: &Session) -> bool {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let version = self.book.version();
        if read.0 != Some(version) {
            match self.book.ended() {
                Ok(ended) => *read = (Some(version), ended.into_iter().collect()),
                Err(error) => {
                    tracing::error!(%error, "ended sessions cannot be read");
                    return true;
                }
            }
        }
        let ended_at = read.1.get(&of_account(session));
        read.1.contains_key(&of_session(session))
            || ended_at.is_some_and(|at| session.began_at <= *at)
    }

    /// Ends a session, or all of its account that began until now.
    pub(super) fn end(
        &self,
        session: &Session,
        everywhere: bool,
        now: Timestamp,
        longest: SignedDuration,
    ) -> Result<(), Error> {
        if everywhere {
            let forget_at = now.saturating_add(longest).unwrap_or(Timestamp::MAX);
            return self.book.end(&of_account(session), now, forget_at);
        }
        self.book.end(&of_session(session), now, session.expires_at)
    }
}
