//! Who is behind a key, and what belongs to a person: for signing in.
//!
//! A wrong key that somebody types in must not show up in anybody's figures. LiteLLM books what
//! it refuses on `/key/info` as a failed request of today, a blocked or expired key's under its
//! team; refused questions about activity it does not book (1.106). So a given key asks about
//! activity first, and about itself only once it was accepted.
//!
//! An error means that nobody can say. Whether a key is known is read from LiteLLM's own words
//! alone: a refusal of Podium's key, or by a proxy in front, is never taken for that.

mod judgement;
mod people;
mod standing;

pub use people::{Person, PersonId};

use jiff::Timestamp;
use secrecy::SecretString;

use self::judgement::{Judgement, Sight};
use super::http::{Refusal, Reply};
use super::{Error, LiteLlm};

/// The name under which the gateway books what its master key uses (LiteLLM 1.106).
pub const MASTER_KEY: &str = "litellm_proxy_master_key";

/// What a key is worth at the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyStanding {
    /// It opens the gateway.
    Valid(KeyOwner),
    /// An admin blocked it, or its team.
    Blocked,
    /// Its time is over.
    Expired,
    /// There is no such key, or no longer.
    Unknown,
}

/// Whose key it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyOwner {
    /// What its usage is booked under: its SHA-256 in hex, or [`MASTER_KEY`].
    pub api_key: String,
    /// Its name.
    pub alias: Option<String>,
    /// Its team of today.
    pub team_id: Option<String>,
    /// The user whose key it is.
    pub user_id: Option<String>,
    /// The role of that user; a key without a user has none.
    pub role: GatewayRole,
    /// From when on it is valid no more. Gateways that tell no `status` leave it to the reader to
    /// compare this with the time.
    pub expires_at: Option<Timestamp>,
}

/// What the gateway lets a user see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GatewayRole {
    /// `proxy_admin`, and the master key.
    Admin,
    /// `proxy_admin_viewer`.
    AdminViewer,
    /// Every other role, and none.
    Other,
}

impl GatewayRole {
    fn named(role: Option<&str>) -> Self {
        match role {
            Some("proxy_admin") => Self::Admin,
            Some("proxy_admin_viewer") => Self::AdminViewer,
            _ => Self::Other,
        }
    }
}

impl KeyOwner {
    /// The master key stands in no table: it has no name, no team and no end.
    fn master() -> Self {
        Self {
            api_key: MASTER_KEY.to_owned(),
            alias: None,
            team_id: None,
            user_id: None,
            role: GatewayRole::Admin,
            expires_at: None,
        }
    }
}

impl LiteLlm {
    /// Whose key this is, asked with the key itself; Podium's own key is asked only for what this
    /// one may not tell. Whatever does not begin with `sk-`, is longer than 256 characters or not
    /// visible ASCII is unknown and never sent.
    pub async fn who_is(&self, key: &SecretString) -> Result<KeyStanding, Error> {
        let Some(key) = self.http.given_key(key)? else { return Ok(KeyStanding::Unknown) };
        let sight = match self.judge(&key).await? {
            Judgement::Accepted(sight) => sight,
            Judgement::Refused(standing) => return Ok(standing),
        };
        let standing = match self.http.ask_with(&key, "/key/info", &[]).await? {
            Reply::Answer(body) => standing::read(body, key.hash()).await?,
            Reply::Refusal(refusal) if judgement::is_narrow(&refusal) => {
                self.standing_without_role(key.hash()).await?
            }
            Reply::Refusal(refusal) if standing::is_missing(&refusal) => match sight {
                // Accepted, shown everything, and in no table.
                Sight::Everything => return Ok(KeyStanding::Valid(KeyOwner::master())),
                Sight::Own | Sight::Untold => return Err(Error::KeyNotJudged),
            },
            Reply::Refusal(refusal) => judgement::of_refusal(&refusal)?,
        };
        match standing {
            // Nobody of another role is shown everything.
            KeyStanding::Valid(owner) if sight == Sight::Own => Ok(KeyStanding::Valid(owner)),
            standing => self.with_role(standing).await,
        }
    }

    /// What the key with this hash is worth, asked with Podium's own key. Never booked.
    ///
    /// Of [`MASTER_KEY`] the gateway tells nothing: it counts as valid. So does the key of a team
    /// that was blocked, which [`LiteLlm::who_is`] calls blocked.
    pub async fn standing_of_key(&self, hash: &str) -> Result<KeyStanding, Error> {
        if hash == MASTER_KEY {
            return Ok(KeyStanding::Valid(KeyOwner::master()));
        }
        let standing = self.standing_without_role(hash).await?;
        self.with_role(standing).await
    }

    /// Looks up the role of a valid key's user.
    async fn with_role(&self, standing: KeyStanding) -> Result<KeyStanding, Error> {
        let KeyStanding::Valid(mut owner) = standing else { return Ok(standing) };
        if let Some(user_id) = &owner.user_id {
            owner.role = self.role_of(user_id).await?;
        }
        Ok(KeyStanding::Valid(owner))
    }
}

/// What it means that Podium's own key may not ask about keys or people.
fn own_refusal(refusal: &Refusal) -> Error {
    match refusal.status() {
        404 => refusal.error(),
        401 if !judgement::is_narrow(refusal) => Error::KeyRefused,
        _ => Error::IdentityRefused,
    }
}
