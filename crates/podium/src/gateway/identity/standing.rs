//! What `/key/info` tells of a key.

use bytes::Bytes;
use serde::Deserialize;

use super::{GatewayRole, KeyOwner, KeyStanding, own_refusal};
use crate::gateway::http::{Refusal, Reply, parse};
use crate::gateway::request::parse_time;
use crate::gateway::wire::{Flag, from_json, text};
use crate::gateway::{Error, LiteLlm};

#[derive(Deserialize)]
struct KeyAnswer {
    #[serde(default, deserialize_with = "text")]
    key: Option<String>,
    info: Option<WireKey>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WireKey {
    #[serde(deserialize_with = "text")]
    key_alias: Option<String>,
    #[serde(deserialize_with = "text")]
    team_id: Option<String>,
    #[serde(deserialize_with = "text")]
    user_id: Option<String>,
    #[serde(deserialize_with = "text")]
    expires: Option<String>,
    #[serde(deserialize_with = "text")]
    deleted_at: Option<String>,
    /// `active`, `revoked`, `expired` or `deleted`; newer versions only.
    #[serde(deserialize_with = "text")]
    status: Option<String>,
    blocked: Flag,
}

impl LiteLlm {
    /// What Podium's own key is told of the key with this hash. Nothing else than a hash is sent,
    /// since addresses stand in logs.
    pub(super) async fn standing_without_role(&self, hash: &str) -> Result<KeyStanding, Error> {
        if !is_hash(hash) {
            return Ok(KeyStanding::Unknown);
        }
        match self.http.ask("/key/info", &[("key", hash)]).await? {
            Reply::Answer(body) => read(body, hash).await,
            Reply::Refusal(refusal) if is_missing(&refusal) => Ok(KeyStanding::Unknown),
            Reply::Refusal(refusal) => Err(own_refusal(&refusal)),
        }
    }
}

/// 404 in LiteLLM's words: there is no such key. A missing route has others.
pub(super) fn is_missing(refusal: &Refusal) -> bool {
    refusal.status() == 404 && refusal.says("Key not found in database")
}

/// Reads the answer about the key with this hash, whose user has a role that is not looked up.
pub(super) async fn read(body: Bytes, hash: &str) -> Result<KeyStanding, Error> {
    let answer: KeyAnswer = parse(body, |bytes| from_json(bytes)).await?;
    let key = answer.info.ok_or(Error::Shape("it has no info of the key"))?;
    if answer.key.is_some_and(|told| is_hash(&told) && told != hash) {
        return Err(Error::Shape("it is about another key"));
    }
    let expires_at = match key.expires {
        None => None,
        Some(at) => Some(parse_time(&at).ok_or(Error::Shape("a key's end is not a time"))?),
    };
    if key.deleted_at.is_some() || key.status.as_deref() == Some("deleted") {
        return Ok(KeyStanding::Unknown);
    }
    if key.blocked.0 == Some(true) || key.status.as_deref() == Some("revoked") {
        return Ok(KeyStanding::Blocked);
    }
    if key.status.as_deref() == Some("expired") {
        return Ok(KeyStanding::Expired);
    }
    Ok(KeyStanding::Valid(KeyOwner {
        api_key: hash.to_owned(),
        alias: key.key_alias,
        team_id: key.team_id,
        user_id: key.user_id,
        role: GatewayRole::Other,
        expires_at,
    }))
}

/// A SHA-256 in hex.
fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}
