//! Sessions: what a browser keeps of somebody who signed in, and the secret that protects it.

use std::fmt;

use jiff::Timestamp;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};

use super::{Account, How};
use crate::hashing;

/// Protects cookies.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// Shorter ones may be guessed.
const LEAST_BYTES: usize = 32;

impl Secret {
    /// A secret that somebody chose, if it is long enough.
    pub fn parse(text: &str) -> Option<Self> {
        let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        (text.len() >= LEAST_BYTES && is_visible).then(|| Self(text.as_bytes().to_vec()))
    }

    /// One that nobody knows, for as long as the process lives.
    pub fn random() -> Self {
        Self(random_bytes::<LEAST_BYTES>().to_vec())
    }

    /// What keys are derived from.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Bytes that nobody can foretell.
pub(super) fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the system has random bytes");
    bytes
}

/// What a session's cookie holds, encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Unlike every other.
    pub id: String,
    /// Who signed in.
    pub account: Account,
    /// How.
    pub how: How,
    /// When.
    pub began_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Session {
    pub(super) fn begin(
        account: Account,
        how: How,
        began_at: Timestamp,
        lasts: jiff::SignedDuration,
    ) -> Self {
        let expires_at = began_at.saturating_add(lasts).unwrap_or(began_at);
        Self { id: hashing::hex(&random_bytes::<12>()), account, how, began_at, expires_at }
    }
}
