//! What happened: who signed in, which tokens were made, whose role changed. No secrets.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// Somebody signed in.
    SignIn,
    /// Somebody tried to, and was refused.
    SignInFailed,
    /// Somebody signed out.
    SignOut,
    /// A token was made.
    TokenCreated,
    /// A token was revoked.
    TokenRevoked,
    /// The gateway or the provider says something else of somebody than before.
    RoleChanged,
    /// Somebody who was signed in is known no more.
    AccessLost,
}

/// A line of the access log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LogEntry {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// What.
    pub event: Event,
    /// Who: an e-mail address, the alias or the masked hash of a key, the name of a token.
    pub who: Option<String>,
    /// What they are since.
    pub role: Option<String>,
    /// From which address.
    pub from: Option<String>,
    /// What else is to be said.
    pub detail: Option<String>,
}

impl LogEntry {
    /// A line about something that happened now.
    pub fn new(at: Timestamp, event: Event) -> Self {
        Self { at, event, who: None, role: None, from: None, detail: None }
    }
}
