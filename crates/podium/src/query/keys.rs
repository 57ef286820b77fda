//! What API keys are called in an answer: by their hashes, or by what the scope allows of them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::View;
use crate::access::Scope;
use crate::gateway::MASTER_KEY;
use crate::store::{Error, Reader};
use crate::usage::{
    Columns, Day, DayRange, Dimension, Filter, REST, Span, SumQuestion, quarters_of_days,
};

/// The id of all keys of a team that has too few to tell them apart.
pub const HIDDEN_KEY: &str = "hidden";
/// Keys that were used within so many days up to today count as a team's people.
const PEOPLE_DAYS: u32 = 30;
/// What is shown of a hash: its first and last characters.
const SHOWN_CHARACTERS: usize = 4;

/// The keys of some days, under the ids that they go by in answers.
#[derive(Clone, Debug, Default)]
pub struct KeyNames {
    /// By hash; nothing where all keys go by their hashes.
    shown: Option<HashMap<Arc<str>, Arc<str>>>,
    hashes: HashMap<Arc<str>, Vec<Arc<str>>>,
    /// How many people a team must have.
    floor: usize,
}

impl KeyNames {
    /// The names of the keys that were used on `days`.
    pub async fn of(view: View<'_>, scope: &Scope, days: DayRange) -> Result<Self, Error> {
        let floor = scope.people_floor();
        if !scope.masks_keys() && (floor <= 1 || scope.sees_everything()) {
            return Ok(Self::default());
        }
        let reader = view.reader;
        let too_small = teams_with_few(reader, scope, Day::of(view.now), floor).await?;
        // Of others only the keys of teams that are shown: whether there are more must not show.
        let shown: HashSet<String> = view.teams.stored_ids().into_iter().collect();
        let is_shown = |team: &str| {
            scope.sees_everything() || (scope.sees_keys_of_others() && shown.contains(team))
        };
        // Whether a key is one's own, and whether a team of it is too small.
        let mut keys: BTreeMap<Arc<str>, (bool, bool)> = BTreeMap::new();
        for (team, key) in keys_by_team(reader, days).await? {
            let is_own = scope.owns_key(&team, &key);
            if is_own || is_shown(&team) {
                let known = keys.entry(key).or_default();
                *known = (known.0 || is_own, known.1 || too_small.has(&team));
            }
        }
        let hidden = keys.into_iter().map(|(key, (own, small))| (key, small && !own)).collect();
        Ok(Self::named(hidden, scope.masks_keys(), floor))
    }

    fn named(keys: BTreeMap<Arc<str>, bool>, masks: bool, floor: usize) -> Self {
        let mut names = Self { shown: Some(HashMap::new()), hashes: HashMap::new(), floor };
        for (key, is_hidden) in keys {
            let shown = match (is_hidden, masks) {
                (true, _) => HIDDEN_KEY.into(),
                (false, true) => names.masked(&key),
                (false, false) => Arc::clone(&key),
            };
            names.hashes.entry(Arc::clone(&shown)).or_default().push(Arc::clone(&key));
            names.shown.get_or_insert_default().insert(key, shown);
        }
        names
    }

    /// As much of a hash as tells it from those before it. Whatever else a gateway books a key under
    /// is masked as well, since it may be the key itself.
    fn masked(&self, key: &Arc<str>) -> Arc<str> {
        if **key == *MASTER_KEY {
            return Arc::clone(key);
        }
        let characters: Vec<char> = key.chars().collect();
        let is_long = characters.len() >= 4 * SHOWN_CHARACTERS;
        let first = if is_long { &characters[..SHOWN_CHARACTERS] } else { &[] };
        let most = characters.len().div_ceil(2);
        let masked = (SHOWN_CHARACTERS.min(most)..=most).map(|more| {
            let last = &characters[characters.len() - more..];
            first.iter().chain(&['…']).chain(last).collect::<String>().into()
        });
        let mut apart = masked.filter(|masked: &Arc<str>| !self.hashes.contains_key(masked));
        apart.next().unwrap_or_else(|| HIDDEN_KEY.into())
    }

    /// Whether all keys go by their hashes.
    pub fn are_hashes(&self) -> bool {
        self.shown.is_none()
    }

    /// What a key is called in answers.
    pub(super) fn shown(&self, hash: &Arc<str>) -> Arc<str> {
        match &self.shown {
            None => Arc::clone(hash),
            Some(_) if **hash == *REST => Arc::clone(hash),
            // Keys of days that were not looked at.
            Some(shown) => shown.get(hash).cloned().unwrap_or_else(|| HIDDEN_KEY.into()),
        }
    }

    /// The hashes of a key that was named by its id in answers.
    pub(super) fn hashes(&self, shown: &str) -> Vec<String> {
        if self.are_hashes() || shown == REST {
            return vec![shown.to_owned()];
        }
        let found = self.hashes.get(shown).filter(|_| shown != HIDDEN_KEY);
        found.into_iter().flatten().map(|hash| hash.to_string()).collect()
    }

    /// The alias of a key by its id in answers.
    pub fn alias(&self, reader: &Reader, shown: &str) -> Option<Arc<str>> {
        if self.are_hashes() {
            return reader.ledger.key_alias(shown);
        }
        if shown == HIDDEN_KEY {
            return Some(format!("Fewer than {} keys", self.floor).into());
        }
        self.hashes.get(shown).and_then(|hashes| reader.ledger.key_alias(hashes.first()?))
    }

    /// The ids in answers of the keys that bear an alias.
    pub fn of_alias(&self, reader: &Reader, alias: &str) -> Vec<String> {
        let bears = |shown: &&Arc<str>| self.alias(reader, shown).as_deref() == Some(alias);
        let is_told = |shown: &&Arc<str>| ***shown != *HIDDEN_KEY;
        self.hashes.keys().filter(is_told).filter(bears).map(|shown| shown.to_string()).collect()
    }

    /// Whether a key goes by this id in answers.
    pub fn has(&self, shown: &str) -> bool {
        self.hashes.contains_key(shown) && shown != HIDDEN_KEY
    }
}

/// Teams with fewer active keys than are told apart.
struct SmallTeams {
    people: HashMap<Arc<str>, usize>,
    floor: usize,
}

impl SmallTeams {
    fn has(&self, team: &str) -> bool {
        self.floor > 1 && self.people.get(team).copied().unwrap_or_default() < self.floor
    }
}

/// People are counted over the same days whatever is asked: otherwise two answers about different
/// days, taken from each other, told of one person.
async fn teams_with_few(
    reader: &Reader,
    scope: &Scope,
    today: Day,
    floor: usize,
) -> Result<SmallTeams, Error> {
    let mut people: HashMap<Arc<str>, usize> = HashMap::new();
    if floor > 1 && scope.sees_others() {
        let days = DayRange::ending(today, PEOPLE_DAYS);
        for (team, _) in keys_by_team(reader, days).await? {
            *people.entry(team).or_default() += 1;
        }
    }
    Ok(SmallTeams { people, floor })
}

/// Which keys were used in which teams.
async fn keys_by_team(
    reader: &Reader,
    days: DayRange,
) -> Result<BTreeSet<(Arc<str>, Arc<str>)>, Error> {
    let question = SumQuestion {
        slots: vec![vec![Span::Days(days), Span::Quarters(quarters_of_days(days))]],
        by: vec![Dimension::Team, Dimension::ApiKey],
        filter: Filter::default(),
        columns: Columns::NONE,
        with_times: false,
        most_rows: usize::MAX,
    };
    let sums = reader.facts.sum(&question).await?;
    let ids = |group: &u32| [0, 1].map(|place| Arc::clone(sums.id(*group, place)));
    let pairs = sums.rows.iter().map(|(_, group)| ids(group).into());
    let pairs: BTreeSet<(Arc<str>, Arc<str>)> = pairs.collect();
    Ok(pairs.into_iter().filter(|(_, key)| **key != *REST).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(keys: &[(&str, bool)]) -> KeyNames {
        let keys = keys.iter().map(|(key, hidden)| (Arc::from(*key), *hidden)).collect();
        KeyNames::named(keys, true, 3)
    }

    fn hash(beginning: &str, end: &str) -> String {
        format!("{beginning}{}{end}", "0".repeat(64 - beginning.len() - end.len()))
    }

    #[test]
    fn a_hash_is_told_by_its_beginning_and_end() {
        let key = hash("1f3c", "9ab2");
        let raw = "sk-somebody-s-own-key";
        let names = names(&[(&key, false), ("litellm_proxy_master_key", false), (raw, false)]);
        assert_eq!(&*names.shown(&key.as_str().into()), "1f3c…9ab2");
        assert_eq!(names.hashes("1f3c…9ab2"), std::slice::from_ref(&key));
        assert!(names.hashes(&key).is_empty(), "the whole hash is no name of it");
        let master = "litellm_proxy_master_key";
        assert_eq!(&*names.shown(&master.into()), master);
        assert_eq!(&*names.shown(&raw.into()), "sk-s…-key");
    }

    #[test]
    fn hashes_that_look_alike_are_told_apart() {
        let (one, other) = (hash("1f3c", "19ab2"), hash("1f3c", "29ab2"));
        let names = names(&[(&one, false), (&other, false)]);
        let shown = [&one, &other].map(|key| names.shown(&key.as_str().into()).to_string());
        assert_eq!(shown, ["1f3c…9ab2", "1f3c…29ab2"]);
    }

    #[test]
    fn keys_of_few_people_are_one() {
        let (one, other) = (hash("1f3c", "1"), hash("2f3c", "2"));
        let names = names(&[(&one, true), (&other, true)]);
        assert_eq!(&*names.shown(&one.as_str().into()), HIDDEN_KEY);
        assert_eq!(&*names.shown(&other.as_str().into()), HIDDEN_KEY);
        assert!(names.hashes(HIDDEN_KEY).is_empty() && !names.has(HIDDEN_KEY));
        assert_eq!(&*names.shown(&"of another day".into()), HIDDEN_KEY);
    }
}
