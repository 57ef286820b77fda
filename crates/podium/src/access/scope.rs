//! What somebody may see, as a part of every question.
//!
//! Only `access` makes a [`Scope`]. `query` asks it whose usage counts in an answer, and applies
//! that before anything is summed; everything above passes it on.

use std::collections::BTreeSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use ring::hmac;

use super::policy::{Show, Shown};
use crate::hashing;
use crate::usage::{Columns, Dimension};

/// The usage that somebody may see. It is part of every question and of every cached answer.
/// Cloning shares it.
#[derive(Clone, Debug)]
pub struct Scope(Arc<Extent>);

#[derive(Debug)]
pub(super) struct Extent {
    pub(super) own: Own,
    /// What is shown of teams that are not one's own.
    pub(super) others: Shown,
    /// Whether keys are told by the beginning and end of their hashes alone.
    pub(super) masks_keys: bool,
    /// Teams with fewer active keys are not told apart by key, but one's own.
    pub(super) people_floor: usize,
    /// Makes the ids of teams whose names are not shown.
    pub(super) pseudonyms: Pseudonyms,
}

/// The usage that somebody sees in full.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Own {
    /// All usage.
    Everything,
    /// That of these teams.
    Teams(BTreeSet<Arc<str>>),
    /// That of these keys, by the gateway's hashes.
    Keys(BTreeSet<Arc<str>>),
}

/// Whose usage counts in an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// That of everybody who is seen at all.
    Everyones,
    /// One's own alone, since what was asked is not shown of others.
    Own,
}

/// What of an answer may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// Whose usage counts.
    pub whose: Whose,
    /// What is not told of others.
    pub hidden: Columns,
}

/// What a question is about, as far as it matters who may ask it.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The dimensions that are told apart.
    pub by: &'a [Dimension],
    /// The dimensions that are restricted.
    pub filtered: &'a [Dimension],
    /// The sums that are told.
    pub columns: Columns,
    /// Whether it tells times of requests.
    pub with_times: bool,
    /// Whether the sums are of the whole of some days, and not told apart by time.
    pub is_total: bool,
    /// Whether sums that are not shown of others may be left out of their rows.
    pub may_hide: bool,
}

impl Own {
    pub(super) fn nothing() -> Self {
        Self::Teams(BTreeSet::new())
    }
}

impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        let same = |a: &Extent, b: &Extent| {
            (&a.own, a.others, a.masks_keys, a.people_floor)
                == (&b.own, b.others, b.masks_keys, b.people_floor)
        };
        Arc::ptr_eq(&self.0, &other.0) || same(&self.0, &other.0)
    }
}

impl Eq for Scope {}

impl Hash for Scope {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let Extent { own, others, masks_keys, people_floor, .. } = &*self.0;
        (own, others, masks_keys, people_floor).hash(state);
    }
}

impl Scope {
    pub(super) fn of(extent: Extent) -> Self {
        Self(Arc::new(extent))
    }

    /// Whether all usage is seen, however keys are told.
    pub fn sees_everything(&self) -> bool {
        self.0.own == Own::Everything
    }

    /// Whether keys are told by the beginning and end of their hashes alone.
    pub fn masks_keys(&self) -> bool {
        self.0.masks_keys
    }

    /// Teams with fewer active keys are not told apart by key.
    pub fn people_floor(&self) -> usize {
        self.0.people_floor
    }

    /// Whether the usage of a team is seen in full.
    pub fn owns_team(&self, team_id: &str) -> bool {
        match &self.0.own {
            Own::Everything => true,
            Own::Teams(teams) => teams.contains(team_id),
            Own::Keys(_) => false,
        }
    }

    /// The keys whose usage is all that is one's own; nothing for those who have teams.
    pub fn own_keys(&self) -> Option<&BTreeSet<Arc<str>>> {
        match &self.0.own {
            Own::Keys(keys) => Some(keys),
            _ => None,
        }
    }

    /// Whether what a key used in a team is somebody's own. Who sees everything owns nothing.
    pub fn owns_key(&self, team_id: &str, key: &str) -> bool {
        match &self.0.own {
            Own::Everything => false,
            Own::Teams(teams) => teams.contains(team_id),
            Own::Keys(keys) => keys.contains(key),
        }
    }

    /// Whether the usage of teams that are not one's own is told apart by key.
    pub fn sees_keys_of_others(&self) -> bool {
        self.sees_others() && (self.sees_everything() || self.0.others.has(Show::Keys))
    }

    /// Whether teams that are not one's own are seen at all.
    pub fn sees_others(&self) -> bool {
        self.sees_everything() || self.0.others.has(Show::Rank)
    }

    /// The id under which a team is shown that is not one's own; nothing where its own is.
    pub fn pseudonym(&self, team_id: &str) -> Option<String> {
        let is_named = self.owns_team(team_id) || self.0.others.has(Show::Name);
        (!is_named).then(|| self.0.pseudonyms.of(team_id))
    }

    /// Whose usage counts in an answer. All sums of an answer are of the same usage, so that
    /// nothing shows through their differences.
    pub fn sight(&self, subject: Subject<'_>) -> Sight {
        let everything = Sight { whose: Whose::Everyones, hidden: Columns::NONE };
        if self.sees_everything() {
            return everything;
        }
        let own = Sight { whose: Whose::Own, hidden: Columns::NONE };
        let others = self.0.others;
        let is_shown = |dimension: &Dimension| match dimension {
            Dimension::Team => true,
            Dimension::ApiKey => others.has(Show::Keys),
            _ => others.has(Show::Models),
        };
        if !others.has(Show::Rank) || !subject.by.iter().chain(subject.filtered).all(is_shown) {
            return own;
        }
        let hidden = Columns::ALL.without(others.columns());
        let tells_hidden_times = subject.with_times && !others.has(Show::Tokens);
        if subject.columns.is_apart_from(hidden) && !tells_hidden_times {
            return everything;
        }
        let is_of_ranks = subject.is_ranking() && !others.has(Show::Tokens);
        let tells_something = subject.columns.without(hidden) != Columns::NONE || is_of_ranks;
        if subject.may_hide && !tells_hidden_times && tells_something {
            Sight { hidden, ..everything }
        } else {
            own
        }
    }

    /// Whether somebody who owns nothing is told anything of this.
    pub fn shows(&self, subject: Subject<'_>) -> bool {
        let owns_nothing = match &self.0.own {
            Own::Everything => false,
            Own::Teams(teams) => teams.is_empty(),
            Own::Keys(keys) => keys.is_empty(),
        };
        !owns_nothing || self.sight(subject).whose == Whose::Everyones
    }
}

impl Sight {
    /// Whether tokens are not told of others.
    pub fn hides_tokens(self) -> bool {
        !self.hidden.is_apart_from(Columns::TOKENS)
    }
}

impl Subject<'_> {
    /// Whether it asks how teams stand beside each other and nothing else.
    pub fn is_ranking(&self) -> bool {
        self.by == [Dimension::Team]
            && self.is_total
            && self.filtered.iter().all(|dimension| *dimension == Dimension::Team)
    }
}

/// Makes ids that tell nothing of what they stand for, the same as long as the secret is.
#[derive(Clone, Debug)]
pub(super) struct Pseudonyms(Arc<hmac::Key>);

impl Pseudonyms {
    pub(super) fn new(secret: &[u8]) -> Self {
        Self(Arc::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
    }

    fn of(&self, id: &str) -> String {
        format!("anon-{}", self.digits(id.as_bytes(), 6))
    }

    /// What a secret is counted as: nobody can tell the secret from it.
    pub(super) fn of_secret(&self, secret: &str) -> String {
        self.digits(secret.as_bytes(), 16)
    }

    fn digits(&self, of: &[u8], bytes: usize) -> String {
        hashing::hex(&hmac::sign(&self.0, of).as_ref()[..bytes])
    }
}

#[cfg(test)]
mod tests;
