//! Makes, lists and revokes tokens, and keeps the access log: for the server and the command line.

use std::sync::Arc;

use super::tokens::{self, Tokens};
use super::{Event, LogEntry, MadeToken, Token, TokenWish};
use crate::clock::Clock;
use crate::store::{AccessBook, Error};

/// What access keeps. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Keeper {
    pub(super) book: Arc<AccessBook>,
    clock: Arc<dyn Clock>,
}

impl Keeper {
    /// Keeps things in a book.
    pub fn new(book: AccessBook, clock: Arc<dyn Clock>) -> Self {
        Self { book: Arc::new(book), clock }
    }

    /// Makes a token in somebody's name. Its text is told this once.
    pub fn make_token(&self, wish: TokenWish, by: Option<&str>) -> Result<MadeToken, Error> {
        let made = Tokens::make(&self.book, wish, by, self.clock.now())?;
        self.log(LogEntry {
            who: by.map(str::to_owned),
            detail: Some(tokens::told(&made.token)),
            ..self.entry(Event::TokenCreated)
        });
        Ok(made)
    }

    /// All tokens, in the order in which they were made.
    pub fn tokens(&self) -> Result<Vec<Token>, Error> {
        Ok(self.book.tokens()?.iter().map(Token::from).collect())
    }

    /// Revokes a token at once, in somebody's name; whether there was one.
    pub fn revoke_token(&self, id: &str, by: Option<&str>) -> Result<bool, Error> {
        let Some(name) = self.book.remove_token(id)? else { return Ok(false) };
        self.log(LogEntry {
            who: by.map(str::to_owned),
            detail: Some(format!("{id} {name}")),
            ..self.entry(Event::TokenRevoked)
        });
        Ok(true)
    }

    /// The newest lines of the access log, newest first.
    pub fn log_entries(&self, most: usize) -> Result<Vec<LogEntry>, Error> {
        let lines = self.book.log_lines(most)?;
        Ok(lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect())
    }

    /// A line about something that happens now.
    pub(super) fn entry(&self, event: Event) -> LogEntry {
        LogEntry::new(self.clock.now(), event)
    }

    /// Writes a line into the access log; what cannot be kept is told in the process's own log.
    pub(super) fn log(&self, entry: LogEntry) {
        let line = serde_json::to_string(&entry).expect("a line is text and times");
        if let Err(error) = self.book.log(entry.at, &line) {
            tracing::error!(%error, line, "the access log cannot be written");
        }
    }
}
