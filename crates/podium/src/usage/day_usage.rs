//! One day's usage as it was read, with names instead of codes.

use std::collections::{BTreeMap, HashMap};

use super::{Day, Dimension, Metrics};

/// The team id under which LiteLLM reports usage that has no team.
pub const UNASSIGNED: &str = "Unassigned";

/// A team as the gateway lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Team {
    /// The gateway's id of the team.
    pub team_id: String,
    /// Its name; `None` where it has none or an empty one. Not unique.
    pub alias: Option<String>,
}

/// What a gateway says was used on a day, without keys and models.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Totals {
    /// The whole day.
    pub day: Metrics,
    /// Each team's part, by team id ([`UNASSIGNED`] included).
    pub teams: BTreeMap<String, Metrics>,
}

impl Totals {
    /// Whether both tell the same usage of the same teams; teams without usage count as absent.
    pub fn matches(&self, other: &Self) -> bool {
        let same = |a: &Self, b: &Self| {
            a.teams.iter().all(|(team, metrics)| match b.teams.get(team) {
                Some(other) => metrics.matches(other),
                None => metrics.is_zero(),
            })
        };
        self.day.matches(&other.day) && same(self, other) && same(other, self)
    }
}

/// All usage of one day, as read from a gateway.
#[derive(Clone, Debug, PartialEq)]
pub struct DayUsage {
    /// The day.
    pub day: Day,
    /// Whether the gateway has rows of this day at all (they may all be zero).
    pub has_usage: bool,
    /// The day's totals as the gateway reports them with the day.
    pub total: Metrics,
    /// The teams with usage, each with the gateway's own total.
    pub teams: Vec<TeamUsage>,
    /// Aliases of API keys, wherever they appeared.
    pub key_aliases: HashMap<String, String>,
    /// Names of teams, as far as the day's answer tells them.
    pub team_aliases: HashMap<String, String>,
}

/// A team's usage on a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TeamUsage {
    /// The team's id, or [`UNASSIGNED`].
    pub team_id: String,
    /// The gateway's total of the team.
    pub metrics: Metrics,
    /// Its API keys.
    pub keys: Vec<KeyUsage>,
}

/// What an API key used on a day under one team.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyUsage {
    /// The gateway's hash of the key.
    pub api_key: String,
    /// The gateway's total of the key under this team.
    pub metrics: Metrics,
    /// Usage by model group; empty where the gateway tells none.
    pub models: Vec<(String, Metrics)>,
    /// Usage by each value of the other facets, as far as the gateway tells them.
    pub facets: Vec<(Dimension, String, Metrics)>,
}

impl KeyUsage {
    /// The usage of each value of each facet.
    pub fn parts(&self) -> impl Iterator<Item = (Dimension, &str, &Metrics)> {
        let models = self.models.iter().map(|(name, sum)| (Dimension::Model, name.as_str(), sum));
        let others = self.facets.iter().map(|(facet, name, sum)| (*facet, name.as_str(), sum));
        models.chain(others)
    }
}

impl DayUsage {
    /// A day on which nothing was used.
    pub fn empty(day: Day) -> Self {
        Self {
            day,
            has_usage: false,
            total: Metrics::default(),
            teams: Vec::new(),
            key_aliases: HashMap::new(),
            team_aliases: HashMap::new(),
        }
    }

    /// The totals, for comparison with what the gateway says later.
    pub fn totals(&self) -> Totals {
        Totals {
            day: self.total,
            teams: self.teams.iter().map(|team| (team.team_id.clone(), team.metrics)).collect(),
        }
    }
}
