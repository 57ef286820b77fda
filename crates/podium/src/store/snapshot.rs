//! An immutable state of everything, and the sums over it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use async_trait::async_trait;

use super::columns::DayColumns;
use super::dictionary::{ALL, Dictionary, Level, Names, QuarterSeries, Series};
use super::quarters::{QuarterDay, QuarterGroups, RunningSums};
use super::{DayState, Error, LogDay, UsageReader};
use crate::usage::{
    AMOUNTS, Aggregate, AggregateRow, COUNTS, Day, DayRange, Dimension, ExactSum, Filter, Finding,
    Metrics, Quarter, QuarterAggregate, QuarterGroup, QuarterRow, QuarterSums, Team, Totals,
};

/// A day that was read. Its age changes more often than its numbers.
#[derive(Clone, Debug)]
pub(super) struct StoredDay {
    pub(super) state: DayState,
    pub(super) columns: Arc<DayColumns>,
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
        let mut own = self.dictionary.model_groups.names_with("model_name_");
        own.any(|name| !self.model_names.contains_key(name))
    }

    fn day_state(&self, day: Day) -> Option<&DayState> {
        self.days.get(&day).map(|stored| &stored.state)
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
        self.in_range(range).map(|(day, stored)| (day, &stored.state)).collect()
    }

    fn findings(&self, range: DayRange) -> Vec<Finding> {
        self.findings
            .iter()
            .rev()
            .filter(|finding| range.contains(finding.found.day))
            .cloned()
            .collect()
    }

    async fn aggregate(&self, question: &Aggregate) -> Result<Vec<AggregateRow>, Error> {
        Ok(self.sum(question))
    }

    async fn aggregate_quarters(&self, question: &QuarterAggregate) -> Result<QuarterSums, Error> {
        Ok(self.sum_quarters(question))
    }

    fn log_day(&self, day: Day) -> Option<LogDay> {
        self.log_days.get(&day).copied()
    }

    fn explained(&self, day: Day) -> Metrics {
        self.quarters.get(&day).map(|day| day.total).unwrap_or_default()
    }
}

impl Snapshot {
    fn in_range(&self, range: DayRange) -> impl Iterator<Item = (Day, &StoredDay)> {
        self.days.range(range.first()..=range.last()).rev().map(|(day, stored)| (*day, stored))
    }

    fn sum(&self, question: &Aggregate) -> Vec<AggregateRow> {
        let level = if question.has(Dimension::ModelGroup) {
            Level::ModelGroup
        } else if question.has(Dimension::ApiKey) {
            Level::ApiKey
        } else {
            Level::Team
        };
        let groups = Groups::of(question, level, self.dictionary.series());
        let mut sums = Sums::new(groups.keys.len());
        let mut rows = Vec::new();
        for (day, stored) in self.in_range(question.range) {
            sums.add(&stored.columns, level, &groups.by_series);
            if question.has(Dimension::Day) {
                self.take_rows(&mut sums, &groups, Some(day), &mut rows);
            }
        }
        if !question.has(Dimension::Day) {
            self.take_rows(&mut sums, &groups, None, &mut rows);
        }
        rows
    }

    fn sum_quarters(&self, question: &QuarterAggregate) -> QuarterSums {
        let groups = self.quarter_groups(question);
        let mut sums = RunningSums::new(&groups, question.with_times);
        let mut rows = Vec::new();
        for (slot, ranges) in question.slots.iter().enumerate() {
            for range in ranges.iter().filter(|range| range.start < range.end) {
                let days = range.start.day()..=Quarter(range.end.0 - 1).day();
                for (_, day) in self.quarters.range(days) {
                    sums.add(day, range.clone());
                }
            }
            sums.take(|group, fact| {
                rows.push(QuarterRow {
                    slot,
                    group,
                    metrics: fact.metrics,
                    durations: fact.durations,
                    first_tokens: fact.first_tokens,
                });
            });
        }
        let groups = groups.keys.iter().map(|key| QuarterGroup {
            team_id: self.dictionary.teams.name(key.team),
            api_key: self.dictionary.api_keys.name(key.api_key),
            model_group: self.dictionary.model_groups.name(key.model_group),
            model: self.dictionary.models.name(key.model),
            provider: self.dictionary.providers.name(key.provider),
        });
        QuarterSums { groups: groups.collect(), rows }
    }

    fn quarter_groups(&self, question: &QuarterAggregate) -> QuarterGroups {
        let Filter { team_ids, api_keys, model_groups, providers } = &question.filter;
        let wanted = |known: &Names, names: &[String]| -> Option<HashSet<u32>> {
            let codes = || names.iter().filter_map(|name| known.known(name)).collect();
            (!names.is_empty()).then(codes)
        };
        let names = &self.dictionary;
        let wanted = [
            wanted(&names.teams, team_ids),
            wanted(&names.api_keys, api_keys),
            wanted(&names.model_groups, model_groups),
            wanted(&names.providers, providers),
        ];
        let by = |dimension| question.by.contains(&dimension);
        let keep = |dimension, code| if by(dimension) { code } else { ALL };
        let is_all = |names: &Vec<String>| names.is_empty();
        let of_teams = question.by.iter().all(|by| *by == Dimension::Team)
            && [api_keys, model_groups, providers].into_iter().all(is_all);
        let teams = (0..names.teams.len()).map(|team| QuarterSeries {
            team: u32::try_from(team).unwrap_or(ALL),
            api_key: ALL,
            model_group: ALL,
            model: ALL,
            provider: ALL,
        });
        let key = |series: &QuarterSeries| {
            let codes = [series.team, series.api_key, series.model_group, series.provider];
            let counts = wanted
                .iter()
                .zip(codes)
                .all(|(wanted, code)| wanted.as_ref().is_none_or(|wanted| wanted.contains(&code)));
            counts.then(|| QuarterSeries {
                team: keep(Dimension::Team, series.team),
                api_key: keep(Dimension::ApiKey, series.api_key),
                model_group: keep(Dimension::ModelGroup, series.model_group),
                model: keep(Dimension::Model, series.model),
                provider: keep(Dimension::Provider, series.provider),
            })
        };
        if of_teams {
            QuarterGroups::new(teams, true, key)
        } else {
            QuarterGroups::new(names.quarter_series().iter().copied(), false, key)
        }
    }

    fn take_rows(
        &self,
        sums: &mut Sums,
        groups: &Groups,
        day: Option<Day>,
        rows: &mut Vec<AggregateRow>,
    ) {
        for (group, sum) in sums.sums.iter_mut().enumerate().filter(|(_, sum)| sum.touched) {
            let Series { team, api_key, model_group } = groups.keys[group];
            rows.push(AggregateRow {
                day,
                team_id: self.dictionary.teams.name(team),
                api_key: self.dictionary.api_keys.name(api_key),
                model_group: self.dictionary.model_groups.name(model_group),
                metrics: Metrics::from_parts(sum.amounts.map(ExactSum::value), sum.counts),
            });
            *sum = Sum::default();
        }
    }
}

/// Which series are summed together.
struct Groups {
    /// The group of each series; [`ALL`] for those of other levels.
    by_series: Vec<u32>,
    /// What a group stands for; [`ALL`] in the dimensions that were summed over.
    keys: Vec<Series>,
}

impl Groups {
    fn of(question: &Aggregate, level: Level, series: &[Series]) -> Self {
        let keep = |dimension, code| if question.has(dimension) { code } else { ALL };
        let mut keys = Vec::new();
        let mut groups: HashMap<Series, u32> = HashMap::new();
        let by_series = series
            .iter()
            .map(|series| {
                if series.level() != level {
                    return ALL;
                }
                let key = Series {
                    team: keep(Dimension::Team, series.team),
                    api_key: keep(Dimension::ApiKey, series.api_key),
                    model_group: keep(Dimension::ModelGroup, series.model_group),
                };
                *groups.entry(key).or_insert_with(|| {
                    keys.push(key);
                    u32::try_from(keys.len() - 1).expect("there are no more groups than series")
                })
            })
            .collect();
        Self { by_series, keys }
    }
}

#[derive(Clone, Default)]
struct Sum {
    counts: [i64; COUNTS],
    amounts: [ExactSum; AMOUNTS],
    touched: bool,
}

struct Sums {
    sums: Vec<Sum>,
}

impl Sums {
    fn new(groups: usize) -> Self {
        Self { sums: vec![Sum::default(); groups] }
    }

    fn add(&mut self, columns: &DayColumns, level: Level, by_series: &[u32]) {
        let rows = columns.rows(level);
        let series = columns.series(rows.clone());
        for code in series {
            self.sums[by_series[*code as usize] as usize].touched = true;
        }
        for amount in 0..AMOUNTS {
            for (code, value) in series.iter().zip(columns.amount(amount, rows.clone())) {
                let sum = &mut self.sums[by_series[*code as usize] as usize];
                sum.amounts[amount].add(*value);
            }
        }
        for counter in 0..COUNTS {
            for (code, count) in series.iter().zip(columns.count(counter, rows.clone())) {
                let sum = &mut self.sums[by_series[*code as usize] as usize];
                sum.counts[counter] = sum.counts[counter].saturating_add(*count);
            }
        }
    }
}
