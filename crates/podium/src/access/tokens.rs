//! Tokens for machines: made once, kept as hashes, revoked at once.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use ring::digest;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use utoipa::ToSchema;

use super::Role;
use super::session::random_bytes;
use crate::hashing;
use crate::store::{AccessBook, Error, StoredToken};

/// What every token begins with, so that those who search for secrets find it.
pub const PREFIX: &str = "podium_";
/// The last use of a token is written down as often as this at most.
const WRITTEN_EVERY: SignedDuration = SignedDuration::from_secs(60);

/// What a token may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TokenRole {
    /// Sees the usage of some teams.
    Team,
    /// Sees all usage, with keys masked.
    Viewer,
    /// Sees everything, and may make tokens.
    Admin,
}

impl TokenRole {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Team, Self::Viewer, Self::Admin];

    /// Its name in answers and on the command line.
    pub fn name(self) -> &'static str {
        self.role().name()
    }

    /// What whoever shows such a token is.
    pub fn role(self) -> Role {
        match self {
            Self::Team => Role::Team,
            Self::Viewer => Role::Viewer,
            Self::Admin => Role::Admin,
        }
    }
}

/// A token that somebody wants.
#[derive(Clone, Debug)]
pub struct TokenWish {
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: TokenRole,
    /// The teams that it sees, by id.
    pub teams: Vec<String>,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// Whether it may stand in an address.
    pub in_address: bool,
}

impl TokenWish {
    /// The wish, if it makes sense; else what is wrong.
    pub fn checked(mut self) -> Result<Self, &'static str> {
        self.name = self.name.trim().to_owned();
        if self.name.is_empty() || self.name.chars().count() > 100 {
            return Err("A token needs a name of 1 to 100 characters");
        }
        if self.name.chars().any(char::is_control) {
            return Err("The name of a token must be one line of text");
        }
        let has_blank = self.teams.iter().any(|team_id| team_id.trim().is_empty());
        match self.role {
            TokenRole::Team if self.teams.is_empty() || has_blank => {
                Err("A token of the role team needs the ids of its teams")
            }
            TokenRole::Viewer | TokenRole::Admin if !self.teams.is_empty() => {
                Err("Only tokens of the role team have teams; the others see all")
            }
            TokenRole::Admin if self.in_address => {
                Err("An admin's token may not stand in an address, where others may see it")
            }
            _ => Ok(self),
        }
    }
}

/// A token, without what makes it one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Token {
    /// What it goes by in lists.
    pub id: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub role: TokenRole,
    /// The teams that it sees, by id.
    pub teams: Vec<String>,
    /// Whether it may stand in an address, as `?token=`.
    pub in_address: bool,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: Option<String>,
    /// Until when it is good.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When it was last shown, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
}

/// A token that was just made.
pub struct MadeToken {
    /// The token as it is listed.
    pub token: Token,
    /// What has to be shown: told once, and kept nowhere.
    pub text: String,
}

impl fmt::Debug for MadeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MadeToken").field("token", &self.token).finish_non_exhaustive()
    }
}

/// All tokens, as the book has them.
#[derive(Debug)]
pub(super) struct Tokens {
    book: Arc<AccessBook>,
    read: Mutex<Read>,
}

/// The tokens at one state of the book.
#[derive(Debug, Default)]
struct Read {
    version: Option<u64>,
    by_id: HashMap<String, Arc<StoredToken>>,
    written_at: HashMap<String, Timestamp>,
}

impl Tokens {
    pub(super) fn new(book: Arc<AccessBook>) -> Self {
        Self { book, read: Mutex::default() }
    }

    /// Makes a token.
    pub(super) fn make(
        book: &AccessBook,
        wish: TokenWish,
        by: Option<&str>,
        now: Timestamp,
    ) -> Result<MadeToken, Error> {
        let id = hashing::hex(&random_bytes::<6>());
        let text = format!("{PREFIX}{id}_{}", hashing::hex(&random_bytes::<32>()));
        let token = Token {
            id,
            name: wish.name,
            role: wish.role,
            teams: wish.teams,
            in_address: wish.in_address,
            created_at: now,
            created_by: by.map(str::to_owned),
            expires_at: wish.expires_at,
            last_used_at: None,
        };
        book.add_token(&StoredToken::new(&token, hash(&text)))?;
        Ok(MadeToken { token, text })
    }

    /// The token of a text, if it is good now.
    pub(super) fn find(&self, text: &str, now: Timestamp) -> Option<Token> {
        let id = text.strip_prefix(PREFIX)?.split_once('_')?.0;
        let stored = self.stored(id)?;
        let is_it = bool::from(stored.hash.as_slice().ct_eq(&hash(text)));
        (is_it && is_current(&stored, now)).then(|| Token::from(&*stored))
    }

    /// Whether a token that was shown is still good.
    pub(super) fn is_good(&self, id: &str, now: Timestamp) -> bool {
        self.stored(id).is_some_and(|token| is_current(&token, now))
    }

    fn stored(&self, id: &str) -> Option<Arc<StoredToken>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let version = self.book.version();
        if read.version != Some(version) {
            let tokens = self.book.tokens().inspect_err(|error| {
                tracing::error!(%error, "tokens cannot be read");
            });
            let tokens = tokens.ok()?.into_iter();
            read.by_id = tokens.map(|token| (token.id.clone(), Arc::new(token))).collect();
            read.version = Some(version);
        }
        read.by_id.get(id).cloned()
    }

    /// Whether the use of a token is to be written down now.
    pub(super) fn is_used(&self, id: &str, now: Timestamp) -> bool {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let before = read.written_at.get(id).copied();
        let is_news = before.is_none_or(|at| now.duration_since(at) >= WRITTEN_EVERY);
        if is_news {
            read.written_at.insert(id.to_owned(), now);
        }
        is_news
    }
}

fn is_current(token: &StoredToken, now: Timestamp) -> bool {
    token.expires_at.is_none_or(|at| at > now)
}

/// A token as the log tells it.
pub(super) fn told(token: &Token) -> String {
    format!("{} {} ({})", token.id, token.name, token.role.name())
}

fn hash(text: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, text.as_bytes()).as_ref().to_vec()
}

impl StoredToken {
    fn new(token: &Token, hash: Vec<u8>) -> Self {
        Self {
            id: token.id.clone(),
            hash,
            name: token.name.clone(),
            role: token.role.name().to_owned(),
            teams: token.teams.clone(),
            in_address: token.in_address,
            created_at: token.created_at,
            created_by: token.created_by.clone(),
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        }
    }
}

impl From<&StoredToken> for Token {
    fn from(stored: &StoredToken) -> Self {
        let named = TokenRole::ALL.into_iter().find(|role| role.name() == stored.role);
        Self {
            id: stored.id.clone(),
            name: stored.name.clone(),
            // A role that nobody knows any more sees no more than its teams.
            role: named.unwrap_or(TokenRole::Team),
            teams: stored.teams.clone(),
            in_address: stored.in_address,
            created_at: stored.created_at,
            created_by: stored.created_by.clone(),
            expires_at: stored.expires_at,
            last_used_at: stored.last_used_at,
        }
    }
}
