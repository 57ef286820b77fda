//! Whether the gateway accepts a key that somebody gave, asked in a way that is never booked.

use serde::Deserialize;

use super::KeyStanding;
use crate::gateway::http::{GivenKey, Refusal, Reply, parse};
use crate::gateway::wire::from_json;
use crate::gateway::{Error, LiteLlm};

/// What the gateway makes of a key.
pub(super) enum Judgement {
    Accepted(Sight),
    Refused(KeyStanding),
}

/// Whose usage an accepted key is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// That of all teams: the master key, or one of an admin or a viewer.
    Everything,
    /// That of its own user at most.
    Own,
    /// It may not ask about usage.
    Untold,
}

/// An id that no team has: only those who see everything are answered about it.
const NO_TEAM: &str = "no-team-podium-asks-whose-key-this-is";

#[derive(Deserialize)]
struct Activity {
    results: Option<Vec<serde::de::IgnoredAny>>,
}

impl LiteLlm {
    /// Asks for the activity of no team on a day before there were gateways: answered at once.
    pub(super) async fn judge(&self, key: &GivenKey) -> Result<Judgement, Error> {
        let query = [
            ("start_date", "2020-01-01"),
            ("end_date", "2020-01-01"),
            ("page_size", "1"),
            ("team_ids", NO_TEAM),
        ];
        match self.http.ask_with(key, "/team/daily/activity", &query).await? {
            Reply::Answer(body) => {
                let activity: Activity = parse(body, |bytes| from_json(bytes)).await?;
                activity.results.ok_or(Error::Shape("it has no results"))?;
                Ok(Judgement::Accepted(Sight::Everything))
            }
            Reply::Refusal(refusal) if is_narrow(&refusal) => {
                Ok(Judgement::Accepted(Sight::Untold))
            }
            Reply::Refusal(refusal) if is_of_a_plain_user(&refusal) => {
                Ok(Judgement::Accepted(Sight::Own))
            }
            Reply::Refusal(refusal) => of_refusal(&refusal).map(Judgement::Refused),
        }
    }
}

/// 403, in older versions 401: the key is good, but may not ask this. All keys that were made for
/// calls of models alone are such (`key_type` `llm_api`).
pub(super) fn is_narrow(refusal: &Refusal) -> bool {
    refusal.says("is not allowed to call this route")
}

/// 404: the key is good, and its user sees no such team; or it belongs to no user.
fn is_of_a_plain_user(refusal: &Refusal) -> bool {
    let words = ["User does not belong to Team=", "User= "];
    refusal.status() == 404 && words.into_iter().any(|words| refusal.says(words))
}

/// Why the gateway refuses a key, in its own words; anybody else's say nothing of the key.
pub(super) fn of_refusal(refusal: &Refusal) -> Result<KeyStanding, Error> {
    const UNKNOWN: [&str; 2] = ["token_not_found_in_db", "Unable to find token in cache"];
    match refusal.status() {
        404 => Err(refusal.error()),
        401 if refusal.says("expired_key") => Ok(KeyStanding::Expired),
        401 if refusal.says(" is blocked. Update via ") => Ok(KeyStanding::Blocked),
        401 if UNKNOWN.into_iter().any(|words| refusal.says(words)) => Ok(KeyStanding::Unknown),
        _ => Err(Error::KeyNotJudged),
    }
}
