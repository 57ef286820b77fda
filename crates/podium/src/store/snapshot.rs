//! An immutable state of everything.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;

use super::columns::DayColumns;
use super::dictionary::Dictionary;
use super::kernel;
use super::quarters::QuarterDay;
use super::{DayState, Error, LogDay, UsageReader};
use crate::usage::{Day, DayRange, Dimension, Finding, Metrics, SumQuestion, Sums, Team, Totals};

/// A day that was read. Its age changes more often than its numbers.
#[derive(Clone, Debug)]
pub(super) struct StoredDay {
    pub(super) state: DayState,
    pub(super) columns: Arc<DayColumns>,
    /// Whether it was read with all facets.
    pub(super) with_facets: bool,
}

/// What readers see. Cloning shares all days.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshot {
    pub(super) version: u64,
    pub(super) revision: u64,
    pub(super) dictionary: Arc<Dictionary>,
    pub(super) days: Arc<BTreeMap<Day, StoredDay>>,
    pub(super) teams: Option<Arc<Vec<Team>>>,
    pub(super) team_aliases: Arc<HashMap<String, String>>,
    pub(super) key_aliases: Arc<HashMap<String, Arc<str>>>,
    pub(super) model_names: Arc<HashMap<String, String>>,
    pub(super) empty_before: Option<Day>,
    /// Oldest first, the last few.
    pub(super) findings: Arc<Vec<Finding>>,
    pub(super) quarters: Arc<BTreeMap<Day, Arc<QuarterDay>>>,
    pub(super) log_days: Arc<BTreeMap<Day, LogDay>>,
    /// Requests of days before this one are not taken.
    pub(super) seen_from: Option<Day>,
}

#[async_trait]
impl UsageReader for Snapshot {
    fn version(&self) -> u64 {
        self.version
    }

    fn revision(&self) -> u64 {
        self.revision
    }

    fn teams(&self) -> Option<&[Team]> {
        self.teams.as_deref().map(Vec::as_slice)
    }

    fn team_alias(&self, team_id: &str) -> Option<&str> {
        self.team_aliases.get(team_id).map(String::as_str)
    }

    fn key_alias(&self, api_key: &str) -> Option<Arc<str>> {
        self.key_aliases.get(api_key).cloned()
    }

    fn public_model_name(&self, model_group: &str) -> Option<&str> {
        self.model_names.get(model_group).map(String::as_str)
    }

    fn has_unnamed_models(&self) -> bool {
        // LiteLLM 1.106 calls them so: `model_name_{team}_{uuid}`.
        let mut own = self.dictionary.names(Dimension::Model).names_with("model_name_");
        own.any(|name| !self.model_names.contains_key(name))
    }

    fn day_state(&self, day: Day) -> Option<&DayState> {
        self.days.get(&day).map(|stored| &stored.state)
    }

    fn lacks_facets(&self, day: Day) -> bool {
        self.days.get(&day).is_some_and(|stored| !stored.with_facets && stored.state.has_usage)
    }

    fn empty_before(&self) -> Option<Day> {
        self.empty_before
    }

    fn first_used(&self) -> Option<Day> {
        let of_days = self.days.iter().find(|(_, stored)| stored.state.has_usage);
        let of_quarters = self.quarters.keys().next();
        of_days.map(|(day, _)| *day).into_iter().chain(of_quarters.copied()).min()
    }

    fn day_total(&self, day: Day) -> Option<Metrics> {
        self.days.get(&day).map(|stored| stored.columns.total)
    }

    fn totals(&self, day: Day) -> Option<Totals> {
        self.days.get(&day).map(|stored| stored.columns.totals(&self.dictionary))
    }

    fn stored_days(&self, range: DayRange) -> Vec<(Day, &DayState)> {
        let stored = self.days.range(range.first()..=range.last()).rev();
        stored.map(|(day, stored)| (*day, &stored.state)).collect()
    }

    fn findings(&self, range: DayRange) -> Vec<Finding> {
        self.findings
            .iter()
            .rev()
            .filter(|finding| range.contains(finding.found.day))
            .cloned()
            .collect()
    }

    fn ids(&self, dimension: Dimension) -> Vec<Arc<str>> {
        self.dictionary.names(dimension).all().to_vec()
    }

    async fn sum(&self, question: &SumQuestion) -> Result<Sums, Error> {
        Ok(kernel::sum(self, question))
    }

    fn log_day(&self, day: Day) -> Option<LogDay> {
        self.log_days.get(&day).copied()
    }

    fn explained(&self, day: Day) -> Metrics {
        self.quarters.get(&day).map(|day| day.total).unwrap_or_default()
    }
}
