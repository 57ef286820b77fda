//! From the gateway's views of a day (teams by key, and the values of each facet by key) to one.
//!
//! Joined through the key they give team x key x value, except for a key that spent under several
//! teams on one day: its values must be asked for team by team. A key's own `metadata.team_id`
//! never decides: it is the key's team of today, on every date.

use std::collections::{BTreeMap, HashMap};

use super::names::{ByName, Name, Names};
use super::parts::{ByKey, DayParts, MODEL, PROVIDER_MODEL, TeamPart};
use crate::usage::{
    Day, DayUsage, Dimension, KeyUsage, Metrics, TeamUsage, UNASSIGNED, friendly_model_name,
};

/// The values that a key used.
type Shares = Vec<(String, Metrics)>;
/// The teams that each key spent under.
type Owners = ByName<Vec<Name>>;
/// What a key used of a value of a facet.
type Part = (Dimension, Name, Metrics);

/// Of each team and key, the values of all facets.
#[derive(Default)]
struct Parts(ByName<ByName<Vec<Part>>>);

impl Parts {
    fn of(&mut self, team: Name, api_key: Name) -> &mut Vec<Part> {
        self.0.entry(team).or_default().entry(api_key).or_default()
    }
}

impl DayParts {
    /// The teams among whose keys are some that spent under another team, too.
    pub(super) fn teams_sharing_keys(&self) -> Vec<String> {
        let owners = self.owners();
        let shared = owners.values().filter(|teams| teams.len() > 1).flatten();
        let mut shared: Vec<String> =
            shared.map(|team| self.known.names.text(*team).to_owned()).collect();
        shared.sort_unstable();
        shared.dedup();
        shared
    }

    fn owners(&self) -> Owners {
        let mut owners = Owners::default();
        for (team, part) in &self.teams {
            for api_key in part.keys.keys() {
                owners.entry(*api_key).or_default().push(*team);
            }
        }
        owners
    }

    /// The values of a facet by name, and the keys that used them.
    fn values_of(&self, place: usize) -> Vec<(Name, &ByKey)> {
        let names = &self.known.names;
        let mut values: Vec<_> =
            self.facets[place].iter().map(|(value, keys)| (*value, keys)).collect();
        values.sort_unstable_by_key(|(value, _)| names.text(*value));
        values
    }

    /// What `api_key` used of each value of a facet, as far as these parts tell.
    fn shares_of(&self, place: usize, api_key: &str) -> Shares {
        let names = &self.known.names;
        let Some(api_key) = names.find(api_key) else {
            return Shares::new();
        };
        let values = self.values_of(place).into_iter();
        values
            .filter_map(|(value, keys)| Some((names.text(value).to_owned(), *keys.get(&api_key)?)))
            .collect()
    }

    /// Where the gateway knows no model groups, friendly names of models stand for them.
    fn name_model_groups(&mut self) {
        if !self.facets[MODEL].is_empty() {
            return;
        }
        let mut groups = ByName::<ByKey>::default();
        let mut named = Vec::new();
        for (model, keys) in self.values_of(PROVIDER_MODEL) {
            named.push((friendly_model_name(self.known.names.text(model)), keys.clone()));
        }
        for (name, keys) in named {
            let group = groups.entry(self.known.names.number(&name)).or_default();
            for (api_key, metrics) in keys {
                *group.entry(api_key).or_default() += &metrics;
            }
        }
        self.facets[MODEL] = groups;
    }

    /// The joined day, and whether all parts fit together. `by_team` holds the parts of each
    /// team of [`DayParts::teams_sharing_keys`] that could be asked for.
    pub(super) fn join(
        mut self,
        day: Day,
        mut by_team: HashMap<String, DayParts>,
    ) -> (DayUsage, bool) {
        self.name_model_groups();
        by_team.values_mut().for_each(Self::name_model_groups);
        let owners = self.owners();
        let mut parts = Parts::default();
        let mut consistent = true;
        for (place, facet) in Dimension::FACETS.into_iter().enumerate() {
            self.attribute(place, facet, &owners, &mut parts);
            for (api_key, teams) in owners.iter().filter(|(_, teams)| teams.len() > 1) {
                let (shares, fits) = self.split(place, *api_key, teams, &by_team);
                consistent &= fits;
                for (team, share) in shares {
                    let of_key = parts.of(team, *api_key);
                    for (value, sum) in share {
                        of_key.push((facet, self.known.names.number(&value), sum));
                    }
                }
            }
        }
        (self.into_usage(day, parts), consistent)
    }

    /// Gives the values of keys with one team to that team, and those of keys without any to
    /// nobody's.
    fn attribute(&mut self, place: usize, facet: Dimension, owners: &Owners, parts: &mut Parts) {
        let mut without_owner = Vec::new();
        for (value, keys) in self.values_of(place) {
            for (api_key, metrics) in keys {
                let part = (facet, value, *metrics);
                match owners.get(api_key).map(Vec::as_slice) {
                    Some([team]) => parts.of(*team, *api_key).push(part),
                    Some(_) => {}
                    None => without_owner.push((*api_key, part)),
                }
            }
        }
        for (api_key, part) in without_owner {
            let unassigned = self.known.names.number(UNASSIGNED);
            self.teams.entry(unassigned).or_default().keys.entry(api_key).or_default();
            parts.of(unassigned, api_key).push(part);
        }
    }

    /// A shared key's values of a facet, team by team; the one team that cannot be asked for gets
    /// what the others leave. Says, too, whether the shares add up to the key's whole.
    fn split(
        &self,
        place: usize,
        api_key: Name,
        teams: &[Name],
        by_team: &HashMap<String, DayParts>,
    ) -> (Vec<(Name, Shares)>, bool) {
        let api_key = self.known.names.text(api_key);
        let mut rest: BTreeMap<String, Metrics> =
            self.shares_of(place, api_key).into_iter().collect();
        let mut shares = Vec::new();
        let mut unasked = Vec::new();
        for team in teams {
            let Some(parts) = by_team.get(self.known.names.text(*team)) else {
                unasked.push(*team);
                continue;
            };
            let share = parts.shares_of(place, api_key);
            for (value, metrics) in &share {
                let left = rest.entry(value.clone()).or_default();
                *left = left.minus(metrics);
            }
            shares.push((*team, share));
        }
        let negative = rest.values().any(|left| left.counts().iter().any(|count| *count < 0));
        let empty = rest.values().all(|left| left.counts().iter().all(|count| *count == 0));
        match unasked.as_slice() {
            [] => (shares, empty),
            [team] if !negative => {
                let share = rest
                    .into_iter()
                    .filter(|(_, left)| left.counts().iter().any(|count| *count != 0))
                    .collect();
                shares.push((*team, share));
                (shares, true)
            }
            _ => (shares, false),
        }
    }

    fn into_usage(self, day: Day, mut parts: Parts) -> DayUsage {
        let names = &self.known.names;
        let text = |name: Name| names.text(name).to_owned();
        let mut team_aliases = HashMap::new();
        let mut teams = Vec::with_capacity(self.teams.len());
        for (team, TeamPart { alias, metrics, keys }) in self.teams {
            team_aliases.extend(alias.map(|alias| (text(team), alias)));
            let mut of_team = parts.0.remove(&team).unwrap_or_default();
            let mut keys: Vec<KeyUsage> = keys
                .into_iter()
                .map(|(api_key, metrics)| {
                    let parts = of_team.remove(&api_key).unwrap_or_default();
                    key_usage(names, api_key, metrics, parts)
                })
                .collect();
            keys.sort_unstable_by(|a, b| a.api_key.cmp(&b.api_key));
            teams.push(TeamUsage { team_id: text(team), metrics, keys });
        }
        teams.sort_unstable_by(|a, b| a.team_id.cmp(&b.team_id));
        let aliases = self.known.key_aliases.into_iter();
        DayUsage {
            day,
            has_usage: true,
            total: self.total,
            teams,
            key_aliases: aliases.map(|(api_key, alias)| (text(api_key), alias)).collect(),
            team_aliases,
        }
    }
}

fn key_usage(names: &Names, api_key: Name, metrics: Metrics, parts: Vec<Part>) -> KeyUsage {
    let api_key = names.text(api_key).to_owned();
    let mut usage = KeyUsage { api_key, metrics, ..KeyUsage::default() };
    for (facet, value, sum) in parts {
        let value = names.text(value).to_owned();
        match facet {
            Dimension::Model => usage.models.push((value, sum)),
            facet => usage.facets.push((facet, value, sum)),
        }
    }
    usage
}
