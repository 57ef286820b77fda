//! API keys.

use jiff::Timestamp;

use super::World;
use super::hash::hash_token;
use crate::clock::start_of;

/// A virtual key. Deleted ones are kept, as the gateway keeps a record of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// What usage rows call `api_key`: the SHA-256 of the secret in hex.
    pub token: String,
    /// Its name.
    pub alias: Option<String>,
    /// Its team of today.
    pub team_id: Option<String>,
    /// The user whose key it is.
    pub user_id: Option<String>,
    /// Whether it was deleted.
    pub deleted: bool,
    /// Whether an admin blocked it.
    pub blocked: bool,
    /// From when on it opens nothing.
    pub expires_at: Option<Timestamp>,
    /// The beginnings of the paths that it may call; none means all.
    pub allowed_routes: Vec<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A plain user's key: may call models and see its owner's usage, but no lists.
#[derive(Clone, Debug, PartialEq)]
pub struct UserKey {
    /// The user's id.
    pub user_id: String,
    /// The `api_key`s of the user, which is all the usage it is shown.
    pub sees: Vec<String>,
}

impl Key {
    pub(crate) fn is_expired_at(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|at| at < now)
    }
}

impl World {
    /// Adds a key without a user, or does nothing when the token is taken.
    pub fn add_key(&mut self, token: &str, alias: Option<&str>, team_id: Option<&str>) {
        let key = Key {
            token: token.to_owned(),
            alias: alias.map(str::to_owned),
            team_id: team_id.map(str::to_owned),
            user_id: None,
            deleted: false,
            blocked: false,
            expires_at: None,
            allowed_routes: Vec::new(),
            created_at: start_of(self.today),
        };
        self.keys.entry(token.to_owned()).or_insert(key);
    }

    /// Makes a key one of a user, who is to be added besides.
    pub fn give_key(&mut self, token: &str, user_id: Option<&str>) {
        if let Some(key) = self.keys.get_mut(token) {
            key.user_id = user_id.map(str::to_owned);
        }
    }

    /// Blocks a key, or no longer.
    pub fn block_key(&mut self, token: &str, blocked: bool) {
        if let Some(key) = self.keys.get_mut(token) {
            key.blocked = blocked;
        }
    }

    /// Lets a key end at a time, which may be past, or never.
    pub fn expire_key(&mut self, token: &str, at: Option<Timestamp>) {
        if let Some(key) = self.keys.get_mut(token) {
            key.expires_at = at;
        }
    }

    /// Lets a key call the paths that begin with one of these alone; with none, all.
    pub fn limit_key(&mut self, token: &str, allowed_routes: &[&str]) {
        if let Some(key) = self.keys.get_mut(token) {
            key.allowed_routes = allowed_routes.iter().map(|route| (*route).to_owned()).collect();
        }
    }

    /// Lets a key read as a plain user, who sees the usage of `sees` alone.
    ///
    /// `token` is what the caller sends, or the hash of it.
    pub fn add_user_key(&mut self, token: &str, sees: Vec<String>) {
        let user_id = format!("user of {} keys", sees.len());
        self.user_keys.insert(token.to_owned(), UserKey { user_id, sees });
    }

    /// Adds a key of an admin or of a `proxy_admin_viewer`: it reads everything, with
    /// `allowed_routes` only the paths that begin with one of them.
    pub fn add_admin_key(&mut self, token: &str, allowed_routes: &[&str]) {
        let routes = allowed_routes.iter().map(|route| (*route).to_owned()).collect();
        self.admin_keys.insert(token.to_owned(), routes);
    }

    /// The routes of an admin's key; none means all.
    pub(crate) fn admin_key(&self, bearer: &str) -> Option<&[String]> {
        self.admin_keys.get(bearer).map(Vec::as_slice)
    }

    /// Moves a key to another team. Rows stay where they were booked; from now on, every row's key
    /// metadata names the new team, on past days too.
    pub fn move_key(&mut self, token: &str, team_id: Option<&str>) {
        if let Some(key) = self.keys.get_mut(token) {
            key.team_id = team_id.map(str::to_owned);
        }
    }

    /// Gives a key another name, on all days.
    pub fn rename_key(&mut self, token: &str, alias: Option<&str>) {
        if let Some(key) = self.keys.get_mut(token) {
            key.alias = alias.map(str::to_owned);
        }
    }

    /// Deletes a key. The gateway still reports its name and last team, with `key_exists` false.
    pub fn delete_key(&mut self, token: &str) {
        if let Some(key) = self.keys.get_mut(token) {
            key.deleted = true;
        }
    }

    /// Removes even the record of a key: its usage stays, without name and team.
    pub fn forget_key(&mut self, token: &str) {
        self.keys.remove(token);
    }

    /// The key with a token, deleted or not.
    pub fn key(&self, token: &str) -> Option<&Key> {
        self.keys.get(token)
    }

    /// All keys, deleted ones included, in no order.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.values()
    }

    /// The key that a caller's bearer text opens: the secret itself, or a token as is.
    pub(crate) fn key_of(&self, bearer: &str) -> Option<&Key> {
        let key = self.keys.get(&hash_token(bearer)).or_else(|| self.keys.get(bearer));
        key.filter(|key| !key.deleted)
    }

    pub(crate) fn user_key_of(&self, bearer: &str) -> Option<&UserKey> {
        self.user_keys.get(bearer).or_else(|| self.user_keys.get(&hash_token(bearer)))
    }
}
