//! From the gateway's two views of a day (teams by key, model groups by key) to one.
//!
//! Joined through the key the two give team × key × model group, except for a key that spent
//! under several teams on one day: its models must be asked for team by team. A key's own
//! `metadata.team_id` never decides: it is the key's team of today, on every date.

use std::collections::{BTreeMap, HashMap};

use super::wire::{DayPart, KeyPart, Named, Part, read_named};
use crate::usage::{Day, DayUsage, KeyUsage, Metrics, TeamUsage, UNASSIGNED, friendly_model_name};

type ByKey = HashMap<String, Metrics>;
/// Usage by model group.
type ByModel = Vec<(String, Metrics)>;

/// A day as the gateway tells it, summed over all parts that were read.
#[derive(Debug, Default)]
pub(super) struct DayParts {
    total: Metrics,
    teams: HashMap<String, TeamPart>,
    model_groups: BTreeMap<String, ByKey>,
    /// Friendly names of models, for a gateway that knows no model groups.
    models: BTreeMap<String, ByKey>,
    key_aliases: HashMap<String, String>,
    implausible: u32,
}

#[derive(Debug, Default)]
struct TeamPart {
    alias: Option<String>,
    metrics: Metrics,
    keys: ByKey,
}

impl DayParts {
    /// Adds one entry of `results`: the day, or the part of it that is on one page.
    pub(super) fn add(&mut self, part: DayPart<'_>) {
        self.total += &part.metrics.metrics(&mut self.implausible);
        let breakdown = part.breakdown;
        for (team_id, part) in breakdown.entities.0 {
            self.remember_aliases(&part.api_key_breakdown);
            let team = self.teams.entry(team_id).or_default();
            team.metrics += &part.metrics.metrics(&mut self.implausible);
            if part.metadata.team_alias.is_some() {
                team.alias = part.metadata.team_alias;
            }
            add_keys(&mut team.keys, part.api_key_breakdown, &mut self.implausible);
        }
        if breakdown.model_groups.0.is_empty() {
            for (model, part) in read_named::<Part>(breakdown.models).0 {
                self.remember_aliases(&part.api_key_breakdown);
                let keys = self.models.entry(friendly_model_name(&model)).or_default();
                add_keys(keys, part.api_key_breakdown, &mut self.implausible);
            }
        }
        for (model_group, part) in breakdown.model_groups.0 {
            self.remember_aliases(&part.api_key_breakdown);
            let keys = self.model_groups.entry(model_group).or_default();
            add_keys(keys, part.api_key_breakdown, &mut self.implausible);
        }
        self.look_for_more_aliases(breakdown.api_keys, breakdown.providers);
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
        for (mine, theirs) in
            [(&mut self.model_groups, other.model_groups), (&mut self.models, other.models)]
        {
            for (model, keys) in theirs {
                merge_keys(mine.entry(model).or_default(), keys);
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

    /// Reads the places that usually only repeat what is known, where a key has no alias yet.
    fn look_for_more_aliases(
        &mut self,
        api_keys: Option<&serde_json::value::RawValue>,
        providers: Option<&serde_json::value::RawValue>,
    ) {
        let nameless = |parts: &Self| {
            parts.teams.values().any(|team| {
                team.keys.keys().any(|api_key| !parts.key_aliases.contains_key(api_key))
            })
        };
        if nameless(self) {
            self.remember_aliases(&read_named(api_keys));
        }
        if nameless(self) {
            for (_, part) in read_named::<Part>(providers).0 {
                self.remember_aliases(&part.api_key_breakdown);
            }
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

    /// What `api_key` used of each model group, as far as these parts tell.
    fn models_of(&self, api_key: &str) -> ByModel {
        self.models_by_key()
            .iter()
            .filter_map(|(model, keys)| Some((model.clone(), *keys.get(api_key)?)))
            .collect()
    }

    fn models_by_key(&self) -> &BTreeMap<String, ByKey> {
        if self.model_groups.is_empty() { &self.models } else { &self.model_groups }
    }

    /// The joined day, and whether all parts fit together. `by_team` holds the parts of each
    /// team of [`DayParts::teams_sharing_keys`] that could be asked for.
    pub(super) fn join(
        mut self,
        day: Day,
        by_team: &HashMap<String, DayParts>,
    ) -> (DayUsage, bool) {
        let mut consistent = true;
        let mut models: HashMap<(String, String), ByModel> = HashMap::new();
        let owners = self.owners();
        let mut without_owner = Vec::new();
        for (model, keys) in self.models_by_key() {
            for (api_key, metrics) in keys {
                match owners.get(api_key.as_str()).map(Vec::as_slice) {
                    Some([team]) => models
                        .entry(((*team).to_owned(), api_key.clone()))
                        .or_default()
                        .push((model.clone(), *metrics)),
                    Some(_) => {}
                    None => without_owner.push((api_key.clone(), model.clone(), *metrics)),
                }
            }
        }
        for (api_key, teams) in owners.iter().filter(|(_, teams)| teams.len() > 1) {
            let (shares, fits) = self.split(api_key, teams, by_team);
            consistent &= fits;
            models.extend(
                shares.into_iter().map(|(team, share)| ((team, (*api_key).to_owned()), share)),
            );
        }
        for (api_key, model, metrics) in without_owner {
            let unassigned = self.teams.entry(UNASSIGNED.to_owned()).or_default();
            unassigned.keys.entry(api_key.clone()).or_default();
            models.entry((UNASSIGNED.to_owned(), api_key)).or_default().push((model, metrics));
        }
        (self.into_usage(day, models), consistent)
    }

    /// A shared key's models, team by team; the one team that cannot be asked for gets what
    /// the others leave. Says, too, whether the shares add up to the key's whole.
    fn split(
        &self,
        api_key: &str,
        teams: &[&str],
        by_team: &HashMap<String, DayParts>,
    ) -> (Vec<(String, ByModel)>, bool) {
        let mut rest: BTreeMap<String, Metrics> = self.models_of(api_key).into_iter().collect();
        let mut shares = Vec::new();
        let mut unasked = Vec::new();
        for team in teams {
            let Some(parts) = by_team.get(*team) else {
                unasked.push(*team);
                continue;
            };
            let share = parts.models_of(api_key);
            for (model, metrics) in &share {
                let left = rest.entry(model.clone()).or_default();
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

    fn into_usage(self, day: Day, mut models: HashMap<(String, String), ByModel>) -> DayUsage {
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
                    .map(|(api_key, metrics)| KeyUsage {
                        models: models
                            .remove(&(team_id.clone(), api_key.clone()))
                            .unwrap_or_default(),
                        api_key,
                        metrics,
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
