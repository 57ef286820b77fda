//! A day as the gateway tells it: teams by key, and the values of each facet by key, summed over
//! all answers that were read. Names stand here as numbers; [`super::join`] makes one view of it.

use std::collections::HashMap;

use super::names::{ByName, Name, Names};
use super::wire::{Text, WireMetrics};
use crate::usage::{Dimension, Metrics};

pub(super) type ByKey = ByName<Metrics>;

pub(super) const FACETS: usize = Dimension::FACETS.len();
/// The places of model groups, of the providers' models and of providers among
/// [`Dimension::FACETS`].
pub(super) const MODEL: usize = 0;
pub(super) const PROVIDER_MODEL: usize = 1;
const PROVIDER: usize = 2;

/// How LiteLLM calls the provider of rows without one: what remains of their keys says the same.
const NO_PROVIDER: &str = "unknown";

/// The sums of a day, as far as they were read.
#[derive(Debug, Default)]
pub(super) struct DayParts {
    pub(super) total: Metrics,
    pub(super) teams: ByName<TeamPart>,
    /// Keys by value, in the order of [`Dimension::FACETS`].
    pub(super) facets: [ByName<ByKey>; FACETS],
    pub(super) known: Known,
}

#[derive(Debug, Default)]
pub(super) struct TeamPart {
    pub(super) alias: Option<String>,
    pub(super) metrics: Metrics,
    pub(super) keys: ByKey,
}

/// What all parts of a day share.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) names: Names,
    pub(super) key_aliases: ByName<String>,
    pub(super) implausible: u32,
}

/// Where in a day's breakdown a group stands.
#[derive(Clone, Copy)]
pub(super) enum Place {
    Teams,
    /// A place among [`Dimension::FACETS`].
    Facet(usize),
}

impl DayParts {
    /// Adds to the day's total.
    pub(super) fn add_total(&mut self, metrics: &WireMetrics) {
        self.total += &metrics.metrics(&mut self.known.implausible);
    }

    /// The team or value of this name, to add to.
    pub(super) fn group(&mut self, place: Place, name: &str) -> GroupPart<'_> {
        let Self { teams, facets, known, .. } = self;
        let (team, keys) = match place {
            Place::Teams => {
                let TeamPart { alias, metrics, keys } =
                    teams.entry(known.names.number(name)).or_default();
                (Some((metrics, alias)), Some(keys))
            }
            Place::Facet(PROVIDER) if name == NO_PROVIDER => (None, None),
            Place::Facet(facet) => {
                (None, Some(facets[facet].entry(known.names.number(name)).or_default()))
            }
        };
        GroupPart { team, keys, known }
    }

    /// Whether the alias of a key of some team was not told yet.
    pub(super) fn has_nameless_keys(&self) -> bool {
        let mut keys = self.teams.values().flat_map(|team| team.keys.keys());
        keys.any(|api_key| !self.known.key_aliases.contains_key(api_key))
    }

    /// Notes a key's alias, where none is known.
    pub(super) fn remember_alias(&mut self, api_key: &str, alias: &str) {
        let api_key = self.known.names.number(api_key);
        self.known.key_aliases.entry(api_key).or_insert_with(|| alias.to_owned());
    }

    /// How many values could not be true and were left out.
    pub(super) fn implausible(&self) -> u32 {
        self.known.implausible
    }

    /// How many rows of the gateway's table these parts are at least: no row has two keys, or two
    /// values of a facet.
    pub(super) fn least_rows(&self) -> usize {
        let of_teams = self.teams.values().map(|team| team.keys.len()).sum();
        let facets = self.facets.iter();
        let of_facets = facets.map(|values| values.values().map(HashMap::len).sum());
        of_facets.chain([of_teams]).max().unwrap_or_default()
    }

    /// How many API keys these parts tell of.
    pub(super) fn key_count(&self) -> usize {
        let mut keys: Vec<Name> =
            self.teams.values().flat_map(|team| team.keys.keys().copied()).collect();
        keys.sort_unstable();
        keys.dedup();
        keys.len()
    }
}

/// A team, or a value of a facet, of a day.
pub(super) struct GroupPart<'p> {
    /// Its own sum and name; of facets, those of the keys are enough.
    team: Option<(&'p mut Metrics, &'p mut Option<String>)>,
    /// `None` where it counts as nothing.
    keys: Option<&'p mut ByKey>,
    known: &'p mut Known,
}

impl GroupPart<'_> {
    pub(super) fn add(&mut self, metrics: &WireMetrics) {
        if let Some((sum, _)) = &mut self.team {
            **sum += &metrics.metrics(&mut self.known.implausible);
        }
    }

    pub(super) fn name(&mut self, alias: Text<'_>) {
        if let (Some((_, name)), Some(alias)) = (&mut self.team, alias.0) {
            **name = Some(alias.into_owned());
        }
    }

    pub(super) fn add_key(&mut self, api_key: &str, metrics: &WireMetrics, alias: &Text<'_>) {
        let (Some(keys), known) = (&mut self.keys, &mut *self.known) else {
            return;
        };
        let api_key = known.names.number(api_key);
        if let Some(alias) = &alias.0 {
            known.key_aliases.entry(api_key).or_insert_with(|| alias.clone().into_owned());
        }
        *keys.entry(api_key).or_default() += &metrics.metrics(&mut known.implausible);
    }
}
