//! What the gateway says of those who are known: role, teams and keys, asked again every hour.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::mapping::Known;
use super::{AccessSettings, Mappings, Role};
use crate::bounded_cache::{BoundedCache, Bounds};
use crate::gateway::{self, GatewayRole, KeyOwner, KeyStanding, LiteLlm, PersonId};

/// After this nothing that the gateway said is believed any more.
pub(super) const BELIEVED_FOR: SignedDuration = SignedDuration::from_mins(60);
/// After this it is asked again, if somebody asks.
const ASKED_AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(45);
/// A gateway that could not say is not asked again for so long.
const LEFT_ALONE_FOR: SignedDuration = SignedDuration::from_secs(10);
/// Questions about people that are under way at once.
const AT_ONCE: usize = 4;
/// Those who have not asked for so long are forgotten.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(2 * 3_600);
const MOST_KNOWN: u64 = 50_000;

/// Who somebody is to the gateway or to a provider of single sign-on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    /// Whoever has a key of the gateway, by its hash.
    Key {
        /// The hash, as the gateway makes it.
        hash: String,
    },
    /// A person.
    Person {
        /// The id that the provider or the proxy has for them.
        user: String,
        /// Their e-mail address, if it is known to be theirs.
        email: Option<String>,
        /// What to call them.
        name: Option<String>,
        /// The groups that matter.
        groups: Vec<String>,
    },
}

impl Account {
    /// A text that is the same for the same account, whatever else is known of it.
    pub fn id(&self) -> String {
        match self {
            Self::Key { hash } => format!("key {hash}"),
            Self::Person { user, .. } => format!("person {user}"),
        }
    }
}

/// What follows from what is known of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) role: Role,
    pub(super) name: Option<String>,
    pub(super) teams: Vec<String>,
    pub(super) keys: Vec<String>,
    pub(super) asked_at: Timestamp,
    /// When the key itself ends.
    pub(super) expires_at: Option<Timestamp>,
}

/// Why somebody is not let in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such key.
    #[error("The gateway does not know this key; it may be mistyped or deleted")]
    UnknownKey,
    /// The key is blocked.
    #[error("This key is blocked at the gateway")]
    BlockedKey,
    /// The key has expired.
    #[error("This key has expired")]
    ExpiredKey,
    /// The session has ended or was ended.
    #[error("The session has ended; sign in again")]
    SessionEnded,
    /// The token is not, or no longer, one.
    #[error("The token is unknown, expired or revoked")]
    Token,
    /// Nobody can say who they are.
    #[error("Nobody can say who you are: {0}")]
    Unsaid(gateway::Error),
}

impl Refusal {
    /// Whether the account itself is gone, rather than its word not to be had.
    pub fn is_final(&self) -> bool {
        !matches!(self, Self::Unsaid(_))
    }
}

/// The standing of accounts.
#[derive(Debug)]
pub(super) struct Standings {
    gateway: Arc<LiteLlm>,
    /// By all that is known of an account: who is in other groups than before is asked about anew.
    known: BoundedCache<Account, Arc<Standing>>,
    /// When the gateway last could not say it, and why.
    unsaid: BoundedCache<Account, (Timestamp, gateway::Error)>,
    turns: Semaphore,
}

impl Standings {
    pub(super) fn new(gateway: Arc<LiteLlm>) -> Self {
        let bounds = Bounds { idle: Some(FORGOTTEN_AFTER), ..Bounds::entries(MOST_KNOWN) };
        let known = BoundedCache::new(bounds);
        let unsaid = BoundedCache::new(Bounds::entries(MOST_KNOWN));
        Self { gateway, known, unsaid, turns: Semaphore::new(AT_ONCE) }
    }

    /// A turn to ask the gateway.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        self.turns.acquire().await.ok()
    }

    /// What is known, unless it has to be asked again.
    pub(super) fn get(&self, account: &Account, now: Timestamp) -> Option<Arc<Standing>> {
        let known = self.known.get(account)?;
        let age = now.duration_since(known.asked_at);
        let has_expired = known.expires_at.is_some_and(|at| at <= now);
        (age < ASKED_AGAIN_AFTER && !has_expired).then_some(known)
    }

    pub(super) fn put(&self, account: &Account, standing: Arc<Standing>) {
        self.known.insert(account.clone(), standing);
    }

    pub(super) fn forget(&self, account: &Account) {
        self.known.forget(account);
    }

    /// What the gateway says now. While it cannot be asked, what it said within the hour holds.
    pub(super) async fn ask(
        &self,
        account: &Account,
        settings: &AccessSettings,
        now: Timestamp,
    ) -> Result<Asked, Refusal> {
        let _turn = self.turn().await;
        // Somebody else may have asked meanwhile.
        if let Some(known) = self.get(account, now) {
            return Ok(Asked { before: Some(Arc::clone(&known)), now: known });
        }
        let before = self.known.get(account);
        let asked = match self.unsaid(account, now) {
            Some(error) => Err(Refusal::Unsaid(error)),
            None => self.standing(account, settings, now).await,
        };
        let standing = match asked {
            Ok(standing) => Arc::new(standing),
            Err(Refusal::Unsaid(error)) => {
                if self.unsaid(account, now).is_none() {
                    self.unsaid.insert(account.clone(), (now, error.clone()));
                }
                let is_believed = |known: &Arc<Standing>| {
                    now.duration_since(known.asked_at) < BELIEVED_FOR
                        && known.expires_at.is_none_or(|at| at > now)
                };
                let known = before.filter(is_believed).ok_or(Refusal::Unsaid(error))?;
                return Ok(Asked { before: Some(Arc::clone(&known)), now: known });
            }
            Err(refusal) => {
                self.forget(account);
                return Err(refusal);
            }
        };
        self.put(account, Arc::clone(&standing));
        Ok(Asked { before, now: standing })
    }

    /// Why the gateway could not say it a moment ago: it is not asked again with every request.
    fn unsaid(&self, account: &Account, now: Timestamp) -> Option<gateway::Error> {
        let (at, error) = self.unsaid.get(account)?;
        let age = now.duration_since(at);
        (age >= SignedDuration::ZERO && age < LEFT_ALONE_FOR).then_some(error)
    }

    async fn standing(
        &self,
        account: &Account,
        settings: &AccessSettings,
        now: Timestamp,
    ) -> Result<Standing, Refusal> {
        match account {
            Account::Key { hash } => {
                let said = self.gateway.standing_of_key(hash).await.map_err(Refusal::Unsaid)?;
                of_key(owner(said)?, settings, now)
            }
            Account::Person { user, email, name, groups } => {
                let known =
                    Known { email: email.as_deref(), user: Some(user), groups, ..Known::default() };
                let person = match self.person(user, email.as_deref()).await {
                    // Those who look after Podium come in while the gateway is away.
                    Err(Refusal::Unsaid(_)) if settings.mappings.sees_everything(known) => None,
                    person => person?,
                };
                Ok(of_person(known, name.clone(), person, settings, now))
            }
        }
    }

    /// The gateway's own user of an e-mail address, or else of an id.
    async fn person(
        &self,
        user: &str,
        email: Option<&str>,
    ) -> Result<Option<gateway::Person>, Refusal> {
        let by_email = match email {
            Some(email) => self.gateway.person(PersonId::Email(email)).await,
            None => Ok(None),
        };
        match by_email.map_err(Refusal::Unsaid)? {
            Some(person) => Ok(Some(person)),
            None => self.gateway.person(PersonId::UserId(user)).await.map_err(Refusal::Unsaid),
        }
    }
}

/// What an account is, and was before.
pub(super) struct Asked {
    pub(super) before: Option<Arc<Standing>>,
    pub(super) now: Arc<Standing>,
}

/// The owner of a key that may be used.
pub(super) fn owner(standing: KeyStanding) -> Result<KeyOwner, Refusal> {
    match standing {
        KeyStanding::Valid(owner) => Ok(owner),
        KeyStanding::Blocked => Err(Refusal::BlockedKey),
        KeyStanding::Expired => Err(Refusal::ExpiredKey),
        KeyStanding::Unknown => Err(Refusal::UnknownKey),
    }
}

/// What follows from a key.
pub(super) fn of_key(
    owner: KeyOwner,
    settings: &AccessSettings,
    now: Timestamp,
) -> Result<Standing, Refusal> {
    if owner.expires_at.is_some_and(|at| at <= now) {
        return Err(Refusal::ExpiredKey);
    }
    let known = Known {
        user: owner.user_id.as_deref(),
        key: Some(&owner.api_key),
        key_alias: owner.alias.as_deref(),
        ..Known::default()
    };
    let teams: Vec<String> =
        owner.team_id.iter().cloned().chain(settings.mappings.teams(known)).collect();
    let role = role(&settings.mappings, known, owner.role, !teams.is_empty(), settings);
    Ok(Standing {
        role,
        name: owner.alias.clone(),
        teams: unique(teams),
        keys: vec![owner.api_key],
        asked_at: now,
        expires_at: owner.expires_at,
    })
}

fn of_person(
    known: Known<'_>,
    name: Option<String>,
    person: Option<gateway::Person>,
    settings: &AccessSettings,
    now: Timestamp,
) -> Standing {
    let (teams, keys, gateway_role) = person.map_or_else(
        || (Vec::new(), Vec::new(), GatewayRole::Other),
        |person| (person.team_ids, person.api_keys, person.role),
    );
    let teams: Vec<String> = teams.into_iter().chain(settings.mappings.teams(known)).collect();
    let role = role(&settings.mappings, known, gateway_role, !teams.is_empty(), settings);
    let name = known.email.map(str::to_owned).or(name).or(known.user.map(str::to_owned));
    Standing { role, name, teams: unique(teams), keys, asked_at: now, expires_at: None }
}

fn role(
    mappings: &Mappings,
    known: Known<'_>,
    gateway: GatewayRole,
    has_teams: bool,
    settings: &AccessSettings,
) -> Role {
    match gateway {
        _ if mappings.is_admin(known) => Role::Admin,
        GatewayRole::Admin => Role::Admin,
        GatewayRole::AdminViewer => Role::Viewer,
        GatewayRole::Other if mappings.is_viewer(known) => Role::Viewer,
        GatewayRole::Other if has_teams && settings.members_see_team => Role::Team,
        GatewayRole::Other => Role::OwnKeys,
    }
}

fn unique(ids: Vec<String>) -> Vec<String> {
    let ids: BTreeSet<String> = ids.into_iter().collect();
    ids.into_iter().collect()
}
