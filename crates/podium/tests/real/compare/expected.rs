//! The gateway's figures of a range.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use crate::answers::Range;
use crate::sums::Sums;
use crate::truth::{Cell, DayTruth, Truth};

/// What is not attributed to any model group.
pub(super) const ALL_MODELS: &str = "All Models";

/// Sums over a range's days.
pub(super) struct Expected<'a> {
    /// The days with usage, oldest first.
    pub(super) days: Vec<(Date, &'a DayTruth)>,
    /// Everything, teams that are not listed included.
    pub(super) total: Sums,
    /// What deleted teams used, and what was used without a team.
    pub(super) unlisted: Sums,
    /// The listed teams.
    pub(super) listed: BTreeSet<&'a str>,
    teams: BTreeMap<&'a str, Sums>,
    keys: BTreeMap<&'a str, BTreeMap<String, Sums>>,
    /// By team, key and model group; what no group claims of a key is `All Models`.
    pub(super) cells: BTreeMap<Cell, Sums>,
}

impl<'a> Expected<'a> {
    pub(super) fn of(range: &Range, truth: &'a Truth) -> Expected<'a> {
        let mut expected = Expected {
            days: truth
                .days
                .range(range.first..=range.last)
                .map(|(date, day)| (*date, day))
                .collect(),
            total: Sums::default(),
            unlisted: Sums::default(),
            listed: truth.teams.iter().map(|team| team.team_id.as_str()).collect(),
            teams: BTreeMap::new(),
            keys: BTreeMap::new(),
            cells: BTreeMap::new(),
        };
        for (_, day) in &expected.days {
            expected.total += day.total;
            for (team_id, sums) in &day.teams {
                *expected.teams.entry(team_id).or_default() += *sums;
                if !expected.listed.contains(team_id.as_str()) {
                    expected.unlisted += *sums;
                }
            }
            for ((team_id, api_key), sums) in &day.keys {
                let keys = expected.keys.entry(team_id).or_default();
                *keys.entry(api_key.clone()).or_default() += *sums;
            }
            let mut claimed: BTreeMap<(&str, &str), Sums> = BTreeMap::new();
            for (cell, sums) in &day.cells {
                *expected.cells.entry(cell.clone()).or_default() += *sums;
                *claimed.entry((&cell.0, &cell.1)).or_default() += *sums;
            }
            for ((team_id, api_key), sums) in &day.keys {
                let claimed = claimed.get(&(team_id.as_str(), api_key.as_str())).copied();
                let rest = sums.minus(claimed.unwrap_or_default());
                if rest.total_tokens != 0 || rest.api_requests != 0 {
                    let cell = (team_id.clone(), api_key.clone(), ALL_MODELS.to_owned());
                    *expected.cells.entry(cell).or_default() += rest;
                }
            }
        }
        expected
    }

    /// A team's figures; zeros for one without usage.
    pub(super) fn team(&self, team_id: &str) -> Sums {
        self.teams.get(team_id).copied().unwrap_or_default()
    }

    /// The keys that spent under a team.
    pub(super) fn keys_of(&self, team_id: &str) -> BTreeMap<String, Sums> {
        self.keys.get(team_id).cloned().unwrap_or_default()
    }

    /// A key's model groups under a team; its own figures where there are none.
    pub(super) fn models_of(
        &self,
        team_id: &str,
        api_key: &str,
        key: &Sums,
    ) -> BTreeMap<String, Sums> {
        let first = (team_id.to_owned(), api_key.to_owned(), String::new());
        let models: BTreeMap<String, Sums> = self
            .cells
            .range(first..)
            .take_while(|(cell, _)| (cell.0.as_str(), cell.1.as_str()) == (team_id, api_key))
            .map(|(cell, sums)| (cell.2.clone(), *sums))
            .collect();
        if models.is_empty() { BTreeMap::from([(ALL_MODELS.to_owned(), *key)]) } else { models }
    }
}
