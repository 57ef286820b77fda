//! What the gateway tells of its users, asked with Podium's own key.

use serde::Deserialize;

use super::{GatewayRole, own_refusal};
use crate::gateway::http::{Reply, parse};
use crate::gateway::wire::{Number, from_json, or_default, text};
use crate::gateway::{Error, LiteLlm};

/// What somebody is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PersonId<'a> {
    /// The gateway's id of a user.
    UserId(&'a str),
    /// An e-mail address, in capitals or not.
    Email(&'a str),
}

/// A user of the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The gateway's id of the user.
    pub user_id: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// What the gateway lets the user see.
    pub role: GatewayRole,
    /// The teams that the user is a member of.
    pub team_ids: Vec<String>,
    /// The hashes of the keys that the user owns, in teams or not.
    pub api_keys: Vec<String>,
}

/// No id and no address is longer.
const LONGEST_ID: usize = 1_024;
/// So many users or keys are told on a page; LiteLLM allows no more.
const PAGE_ROWS: &str = "100";
/// Nobody has more keys, and no address is a part of more addresses.
const MOST_PAGES: u32 = 50;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireUser {
    #[serde(deserialize_with = "text")]
    user_id: Option<String>,
    #[serde(deserialize_with = "text")]
    user_email: Option<String>,
    #[serde(deserialize_with = "text")]
    user_role: Option<String>,
    #[serde(deserialize_with = "or_default")]
    teams: Vec<Option<String>>,
}

/// `/user/info`: the user, and in older versions the only list of the user's keys.
#[derive(Deserialize)]
struct UserAtLength {
    #[serde(default, deserialize_with = "or_default")]
    user_info: WireUser,
    #[serde(default, deserialize_with = "or_default")]
    keys: Vec<Option<WireKey>>,
}

#[derive(Deserialize)]
struct UserPage {
    users: Option<Vec<Option<WireUser>>>,
    #[serde(default)]
    total_pages: Number,
}

#[derive(Deserialize)]
struct KeyPage {
    keys: Option<Vec<Option<WireKey>>>,
    #[serde(default)]
    total_pages: Number,
}

/// A key as its hash, or as an object with it.
#[derive(Deserialize)]
#[serde(untagged)]
enum WireKey {
    Hash(String),
    Object { token: Option<String> },
}

impl WireKey {
    fn hash(self) -> Option<String> {
        match self {
            Self::Hash(hash) => Some(hash),
            Self::Object { token } => token,
        }
    }
}

impl WireUser {
    /// The person, without keys; `None` for an answer about nobody.
    fn person(self) -> Option<Person> {
        Some(Person {
            user_id: self.user_id?,
            email: self.user_email,
            role: GatewayRole::named(self.user_role.as_deref()),
            team_ids: self.teams.into_iter().flatten().collect(),
            api_keys: Vec::new(),
        })
    }
}

impl LiteLlm {
    /// The person with this id or address; `None` where the gateway knows none. An address that
    /// several users have is an error, since nobody can say who that is.
    pub async fn person(&self, by: PersonId<'_>) -> Result<Option<Person>, Error> {
        let (PersonId::UserId(id) | PersonId::Email(id)) = by;
        if id.is_empty() || id.len() > LONGEST_ID {
            return Ok(None);
        }
        let person = match by {
            PersonId::UserId(user_id) => self.user(user_id).await?,
            PersonId::Email(email) => self.user_by_email(email).await?,
        };
        let Some(mut person) = person else { return Ok(None) };
        if person.api_keys.is_empty() {
            person.api_keys = self.keys_of(&person.user_id).await?;
        }
        Ok(Some(person))
    }

    /// The role of a user; one who is gone has none.
    pub(super) async fn role_of(&self, user_id: &str) -> Result<GatewayRole, Error> {
        let user = self.user(user_id).await?;
        Ok(user.map_or(GatewayRole::Other, |user| user.role))
    }

    /// The user with an id, with keys only where the gateway has no shorter answer (before
    /// `/v2/user/info`; LiteLLM 1.74 has none).
    async fn user(&self, user_id: &str) -> Result<Option<Person>, Error> {
        let mut failure = None;
        if self.users_v2.is_there() {
            match self.http.ask("/v2/user/info", &[("user_id", user_id)]).await? {
                Reply::Answer(body) => {
                    let user: WireUser = parse(body, |bytes| from_json(bytes)).await?;
                    self.users_v2.worked();
                    let person = asked_user(user, user_id)?;
                    return person.map(Some).ok_or(Error::Shape("it has no user"));
                }
                Reply::Refusal(refusal) if refusal.says("User not found: ") => return Ok(None),
                Reply::Refusal(refusal) => failure = Some(own_refusal(&refusal)),
            }
        }
        let user = self.user_at_length(user_id).await?;
        if let Some(error) = failure {
            self.users_v2.failed_alone(&error);
        }
        Ok(user)
    }

    /// The same with all the user's keys, and at the gateway with all keys of all teams.
    async fn user_at_length(&self, user_id: &str) -> Result<Option<Person>, Error> {
        match self.http.ask("/user/info", &[("user_id", user_id)]).await? {
            Reply::Answer(body) => {
                let answer: UserAtLength = parse(body, |bytes| from_json(bytes)).await?;
                let keys = answer.keys.into_iter().flatten();
                let mut person = asked_user(answer.user_info, user_id)?;
                if let Some(person) = &mut person {
                    person.api_keys = keys.filter_map(WireKey::hash).collect();
                }
                Ok(person)
            }
            // `User NAME not found`.
            Reply::Refusal(refusal) if refusal.status() == 404 && refusal.says(" not found\"") => {
                Ok(None)
            }
            Reply::Refusal(refusal) => Err(own_refusal(&refusal)),
        }
    }

    /// The one user with an address. The gateway lists all whose address holds it.
    async fn user_by_email(&self, email: &str) -> Result<Option<Person>, Error> {
        let wanted = email.to_lowercase();
        let mut found: Option<WireUser> = None;
        for page in 1..=MOST_PAGES {
            let number = page.to_string();
            let query = [("user_email", email), ("page", &number), ("page_size", PAGE_ROWS)];
            let users: UserPage = match self.http.ask("/user/list", &query).await? {
                Reply::Answer(body) => parse(body, |bytes| from_json(bytes)).await?,
                Reply::Refusal(refusal) => return Err(own_refusal(&refusal)),
            };
            let listed = users.users.ok_or(Error::Shape("it has no list of users"))?;
            for user in listed.into_iter().flatten() {
                if user.user_email.as_ref().is_none_or(|told| told.to_lowercase() != wanted) {
                    continue;
                }
                // A user made meanwhile pushes others onto the next page, so one may come twice.
                if found.as_ref().is_some_and(|found| found.user_id != user.user_id) {
                    return Err(Error::Shape("several users have that e-mail address"));
                }
                found = Some(user);
            }
            if users.total_pages.count().is_none_or(|pages| i64::from(page) >= pages) {
                return Ok(found.and_then(WireUser::person));
            }
        }
        Err(Error::TooLarge)
    }

    /// The hashes of the keys that a user owns.
    async fn keys_of(&self, user_id: &str) -> Result<Vec<String>, Error> {
        let mut keys = Vec::new();
        for page in 1..=MOST_PAGES {
            let number = page.to_string();
            let query = [("user_id", user_id), ("page", &number), ("size", PAGE_ROWS)];
            let answer: KeyPage = match self.http.ask("/key/list", &query).await? {
                Reply::Answer(body) => parse(body, |bytes| from_json(bytes)).await?,
                Reply::Refusal(refusal) => return Err(own_refusal(&refusal)),
            };
            let listed = answer.keys.ok_or(Error::Shape("it has no list of keys"))?;
            keys.extend(listed.into_iter().flatten().filter_map(WireKey::hash));
            if answer.total_pages.count().is_none_or(|pages| i64::from(page) >= pages) {
                return Ok(keys);
            }
        }
        Err(Error::TooLarge)
    }
}

/// The user that was asked for: an answer about another one would show somebody else's usage.
fn asked_user(user: WireUser, user_id: &str) -> Result<Option<Person>, Error> {
    let person = user.person();
    if person.as_ref().is_some_and(|person| person.user_id != user_id) {
        return Err(Error::Shape("it is about another user"));
    }
    Ok(person)
}
