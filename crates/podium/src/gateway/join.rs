//! From the gateway's views of a day (teams by key, and the values of each facet by key) to one.
//!
//! Joined through the key they give team x key x value, except for a key that spent under several
//! teams on one day: its values must be asked for team by team. A key's own `metadata.team_id`
//! never decides: it is the key's team of today, on every date.

use std::collections::{BTreeMap, HashMap};

use super::wire::{Breakdown, DayPart, KeyPart, Named, read_named};
use crate::usage::{
    Day, DayUsage, Dimension, KeyUsage, Metrics, TeamUsage, UNASSIGNED, friendly_model_name,
};

type ByKey = HashMap<String, Metrics>;
/// Keys by a facet's value.
type ByValue = BTreeMap<String, ByKey>;
/// The values that a key used.
type Shares = Vec<(String, Metrics)>;
/// Of each team and key, the values of all facets.
type Parts = HashMap<(String, String), Vec<(Dimension, String, Metrics)>>;

const FACETS: usize = Dimension::FACETS.len();

/// A day as the gateway tells it, summed over all parts that were read.
#[derive(Debug, Default)]
pub(super) struct DayParts {
    total: Metrics,
    teams: HashMap<String, TeamPart>,
    /// In the order of [`Dimension::FACETS`].
    facets: [ByValue; FACETS],
    key_aliases: HashMap<String, String>,
    implausible: u32,
}

#[derive(Debug, Default)]
struct TeamPart {
    alias: Option<String>,
    metrics: Metrics,
    keys: ByKey,
}

/// The places of model groups, of the providers' models and of providers among the facets.
const MODEL: usize = 0;
const PROVIDER_MODEL: usize = 1;
const PROVIDER: usize = 2;

/// How LiteLLM calls the provider of rows without one: what remains of their keys says the same.
const NO_PROVIDER: &str = "unknown";

impl DayParts {
    /// Adds one entry of `results`: the day, or the part of it that is on one page.
    pub(super) fn add(&mut self, part: DayPart<'_>) {
        self.total += &part.metrics.metrics(&mut self.implausible);
        let Breakdown {
            entities,
            model_groups,
            models,
            providers,
            endpoints,
            mcp_servers,
            api_keys,
        } = part.breakdown;
        for (team_id, part) in entities.0 {
            self.remember_aliases(&part.api_key_breakdown);
            let team = self.teams.entry(team_id).or_default();
            team.metrics += &part.metrics.metrics(&mut self.implausible);
            if part.metadata.team_alias.is_some() {
                team.alias = part.metadata.team_alias;
            }
            add_keys(&mut team.keys, part.api_key_breakdown, &mut self.implausible);
        }
        let facets = [model_groups, models, providers, endpoints, mcp_servers];
        for (place, values) in facets.into_iter().enumerate() {
            for (value, part) in values.0 {
                if place == PROVIDER && value == NO_PROVIDER {
                    continue;
                }
                self.remember_aliases(&part.api_key_breakdown);
                let keys = self.facets[place].entry(value).or_default();
                add_keys(keys, part.api_key_breakdown, &mut self.implausible);
            }
        }
        self.look_for_more_aliases(api_keys);
    }

    /// Adds what another page told of the same day.
    pub(super) fn merge(&mut self, other: Self) {
        self.total += &other.total;
        self.implausible += other.implausible;
        for (team_id, part) in other.teams {
            let team = self.teams.entry(team_id).or_default();
            team.metrics += &part.metrics;
            team.alias = team.alias.take().or(part.alias);
            merge_keys(&mut team.keys, part.keys);
        }
        for (mine, theirs) in self.facets.iter_mut().zip(other.facets) {
            for (value, keys) in theirs {
                merge_keys(mine.entry(value).or_default(), keys);
            }
        }
        for (api_key, alias) in other.key_aliases {
            self.key_aliases.entry(api_key).or_insert(alias);
        }
    }

    fn remember_aliases(&mut self, keys: &Named<KeyPart>) {
        for (api_key, part) in &keys.0 {
            if let Some(alias) = &part.metadata.key_alias
                && !self.key_aliases.contains_key(api_key)
            {
                self.key_aliases.insert(api_key.clone(), alias.clone());
            }
        }
    }

    /// Reads a place that usually only repeats what is known, where a key has no alias yet.
    fn look_for_more_aliases(&mut self, api_keys: Option<&serde_json::value::RawValue>) {
        let is_nameless = |api_key: &String| !self.key_aliases.contains_key(api_key);
        if self.teams.values().any(|team| team.keys.keys().any(is_nameless)) {
            self.remember_aliases(&read_named(api_keys));
        }
    }

    /// The day's total, as far as it was read.
    pub(super) fn total(&self) -> Metrics {
        self.total
    }

    /// How many values could not be true and were left out.
    pub(super) fn implausible(&self) -> u32 {
        self.implausible
    }

    /// The teams among whose keys are some that spent under another team, too.
    pub(super) fn teams_sharing_keys(&self) -> Vec<String> {
        let owners = self.owners();
        let mut shared: Vec<String> = owners
            .values()
            .filter(|teams| teams.len() > 1)
            .flatten()
            .map(|team| (*team).to_owned())
            .collect();
        shared.sort_unstable();
        shared.dedup();
        shared
    }

    fn owners(&self) -> HashMap<&str, Vec<&str>> {
        let mut owners: HashMap<&str, Vec<&str>> = HashMap::new();
        for (team_id, team) in &self.teams {
            for api_key in team.keys.keys() {
                owners.entry(api_key).or_default().push(team_id);
            }
        }
        owners
    }

    /// What `api_key` used of each value of a facet, as far as these parts tell.
    fn shares_of(&self, facet: usize, api_key: &str) -> Shares {
        self.facets[facet]
            .iter()
            .filter_map(|(value, keys)| Some((value.clone(), *keys.get(api_key)?)))
            .collect()
    }

    /// Where the gateway knows no model groups, friendly names of models stand for them.
    fn name_model_groups(&mut self) {
        if !self.facets[MODEL].is_empty() {
            return;
        }
        let mut groups = ByValue::new();
        for (model, keys) in &self.facets[PROVIDER_MODEL] {
            merge_keys(groups.entry(friendly_model_name(model)).or_default(), keys.clone());
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
        let mut parts = Parts::new();
        let mut without_owner = Vec::new();
        let mut consistent = true;
        {
            let owners = self.owners();
            for (place, facet) in Dimension::FACETS.into_iter().enumerate() {
                without_owner.extend(self.attribute(place, facet, &owners, &mut parts));
                for (api_key, teams) in owners.iter().filter(|(_, teams)| teams.len() > 1) {
                    let (shares, fits) = self.split(place, api_key, teams, &by_team);
                    consistent &= fits;
                    for (team, share) in shares {
                        let of_key = parts.entry((team, (*api_key).to_owned())).or_default();
                        of_key.extend(share.into_iter().map(|(value, sum)| (facet, value, sum)));
                    }
                }
            }
        }
        for (api_key, part) in without_owner {
            let unassigned = self.teams.entry(UNASSIGNED.to_owned()).or_default();
            unassigned.keys.entry(api_key.clone()).or_default();
            parts.entry((UNASSIGNED.to_owned(), api_key)).or_default().push(part);
        }
        (self.into_usage(day, parts), consistent)
    }

    /// Gives the values of keys with one team to that team, and returns those of keys without any.
    fn attribute(
        &self,
        place: usize,
        facet: Dimension,
        owners: &HashMap<&str, Vec<&str>>,
        parts: &mut Parts,
    ) -> Vec<(String, (Dimension, String, Metrics))> {
        let mut without_owner = Vec::new();
        for (value, keys) in &self.facets[place] {
            for (api_key, metrics) in keys {
                let part = (facet, value.clone(), *metrics);
                match owners.get(api_key.as_str()).map(Vec::as_slice) {
                    Some([team]) => {
                        parts.entry(((*team).to_owned(), api_key.clone())).or_default().push(part);
                    }
                    Some(_) => {}
                    None => without_owner.push((api_key.clone(), part)),
                }
            }
        }
        without_owner
    }

    /// A shared key's values of a facet, team by team; the one team that cannot be asked for gets
    /// what the others leave. Says, too, whether the shares add up to the key's whole.
    fn split(
        &self,
        facet: usize,
        api_key: &str,
        teams: &[&str],
        by_team: &HashMap<String, DayParts>,
    ) -> (Vec<(String, Shares)>, bool) {
        let mut rest: BTreeMap<String, Metrics> =
            self.shares_of(facet, api_key).into_iter().collect();
        let mut shares = Vec::new();
        let mut unasked = Vec::new();
        for team in teams {
            let Some(parts) = by_team.get(*team) else {
                unasked.push(*team);
                continue;
            };
            let share = parts.shares_of(facet, api_key);
            for (value, metrics) in &share {
                let left = rest.entry(value.clone()).or_default();
                *left = left.minus(metrics);
            }
            shares.push(((*team).to_owned(), share));
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
                shares.push(((*team).to_owned(), share));
                (shares, true)
            }
            _ => (shares, false),
        }
    }

    fn into_usage(self, day: Day, mut parts: Parts) -> DayUsage {
        let mut team_aliases = HashMap::new();
        let mut teams: Vec<TeamUsage> = self
            .teams
            .into_iter()
            .map(|(team_id, part)| {
                if let Some(alias) = part.alias {
                    team_aliases.insert(team_id.clone(), alias);
                }
                let mut keys: Vec<KeyUsage> = part
                    .keys
                    .into_iter()
                    .map(|(api_key, metrics)| {
                        let parts = parts.remove(&(team_id.clone(), api_key.clone()));
                        key_usage(api_key, metrics, parts.unwrap_or_default())
                    })
                    .collect();
                keys.sort_unstable_by(|a, b| a.api_key.cmp(&b.api_key));
                TeamUsage { team_id, metrics: part.metrics, keys }
            })
            .collect();
        teams.sort_unstable_by(|a, b| a.team_id.cmp(&b.team_id));
        DayUsage {
            day,
            has_usage: true,
            total: self.total,
            teams,
            key_aliases: self.key_aliases,
            team_aliases,
        }
    }
}

fn key_usage(
    api_key: String,
    metrics: Metrics,
    parts: Vec<(Dimension, String, Metrics)>,
) -> KeyUsage {
    let mut usage = KeyUsage { api_key, metrics, ..KeyUsage::default() };
    for (facet, value, sum) in parts {
        match facet {
            Dimension::Model => usage.models.push((value, sum)),
            facet => usage.facets.push((facet, value, sum)),
        }
    }
    usage
}

fn merge_keys(sums: &mut ByKey, more: ByKey) {
    for (api_key, metrics) in more {
        *sums.entry(api_key).or_default() += &metrics;
    }
}

fn add_keys(sums: &mut ByKey, keys: Named<KeyPart>, implausible: &mut u32) {
    for (api_key, part) in keys.0 {
        *sums.entry(api_key).or_default() += &part.metrics.metrics(implausible);
    }
}
