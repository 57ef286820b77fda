//! Whoever asks.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Account, Scope};

/// What somebody is to Podium.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Nobody who is known.
    Anybody,
    /// Somebody who sees the usage of their own keys.
    #[serde(rename = "self")]
    OwnKeys,
    /// Somebody who sees the usage of their own teams.
    Team,
    /// Somebody who sees all usage, with keys masked.
    Viewer,
    /// Somebody who sees everything, and says who else may.
    Admin,
}

impl Role {
    /// Its name in answers and in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Anybody => "anybody",
            Self::OwnKeys => "self",
            Self::Team => "team",
            Self::Viewer => "viewer",
            Self::Admin => "admin",
        }
    }
}

/// How it is known who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// It need not be.
    Open,
    /// It is not.
    None,
    /// They showed a key of the gateway.
    Key,
    /// A provider of single sign-on says so.
    SingleSignOn,
    /// A trusted proxy says so.
    Proxy,
    /// They showed a token of Podium's.
    Token,
}

impl How {
    /// Whether browsers send along what tells it, whoever made them ask.
    pub fn is_ambient(self) -> bool {
        matches!(self, Self::Key | Self::SingleSignOn | Self::Proxy)
    }
}

/// Somebody who asks, and what they may see.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// What they are.
    pub role: Role,
    /// How that is known.
    pub how: How,
    /// The alias of their key, their address or name, or the name of their token.
    pub name: Option<String>,
    /// Their teams, by id.
    pub teams: Vec<String>,
    /// What they may see.
    pub scope: Scope,
    /// Until when.
    pub expires_at: Option<Timestamp>,
    /// Who they are to the gateway or the provider; nothing for tokens and those not known.
    pub account: Option<Account>,
    /// The token that they showed, as lists call it.
    pub token_id: Option<String>,
}

impl Visitor {
    pub(super) fn anybody(how: How, scope: Scope) -> Self {
        Self {
            role: Role::Anybody,
            how,
            name: None,
            teams: Vec::new(),
            scope,
            expires_at: None,
            account: None,
            token_id: None,
        }
    }

    /// Whether it is known who they are.
    pub fn is_signed_in(&self) -> bool {
        self.role != Role::Anybody
    }
}
