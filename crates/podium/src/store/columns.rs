//! A day in columns.

use std::collections::{BTreeMap, HashMap};

use super::dictionary::{ALL, Dictionary, NOBODY, Series, Split};
use crate::usage::{AMOUNTS, COUNTS, DIMENSIONS, DayUsage, Dimension, Metrics};

/// One counter of all rows, as narrow as its values allow.
#[derive(Debug, Default)]
pub(super) enum Counts {
    /// It is zero in all rows.
    #[default]
    Zero,
    Narrow(Vec<u32>),
    Wide(Vec<i64>),
}

impl Counts {
    fn new(values: impl Iterator<Item = i64> + Clone) -> Self {
        if values.clone().all(|value| value == 0) {
            return Self::Zero;
        }
        match values.clone().map(u32::try_from).collect() {
            Ok(narrow) => Self::Narrow(narrow),
            Err(_) => Self::Wide(values.collect()),
        }
    }

    fn get(&self, row: usize) -> i64 {
        match self {
            Self::Zero => 0,
            Self::Narrow(values) => values[row].into(),
            Self::Wide(values) => values[row],
        }
    }
}

/// Numbers in columns: row `i` of every column belongs to `codes[i]`. An amount that is zero in
/// all rows has an empty column.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) codes: Vec<u32>,
    pub(super) counts: [Counts; COUNTS],
    pub(super) amounts: [Vec<f64>; AMOUNTS],
}

impl Rows {
    pub(super) fn new(codes: Vec<u32>, metrics: &[Metrics]) -> Self {
        let counts =
            std::array::from_fn(|i| Counts::new(metrics.iter().map(|row| row.counts()[i])));
        let amounts = std::array::from_fn(|i| {
            let column: Vec<f64> = metrics.iter().map(|row| row.amounts()[i]).collect();
            if column.iter().all(|amount| *amount == 0.0) { Vec::new() } else { column }
        });
        Self { codes, counts, amounts }
    }

    pub(super) fn metrics(&self, row: usize) -> Metrics {
        let amount = |column: &Vec<f64>| column.get(row).copied().unwrap_or_default();
        let counts = self.counts.each_ref().map(|column| column.get(row));
        Metrics::from_parts(self.amounts.each_ref().map(amount), counts)
    }
}

/// One way of splitting a day's usage.
#[derive(Debug, Default)]
pub(super) struct SplitRows {
    /// What the gateway tells, by code of its series.
    pub(super) told: Rows,
    /// What it attributes to no key, or to no value of the facet, so that the split adds up to
    /// the day's teams. Negative where the parts exceed their whole.
    pub(super) rest_of: Vec<Series>,
    pub(super) rest: Rows,
}

/// A day's numbers by each split. A facet that the gateway does not tell of the day has no rows
/// at all: its values are unknown, and its keys' totals stand for it.
#[derive(Debug)]
pub(super) struct DayColumns {
    splits: [SplitRows; DIMENSIONS],
}

/// Sums of keys, by team and key.
type ByKey = HashMap<(u32, u32), Metrics>;

impl DayColumns {
    /// Lays out rows of (series code, metrics), in any order.
    pub(super) fn new(mut rows: Vec<(u32, Metrics)>, dictionary: &Dictionary) -> Self {
        rows.sort_unstable_by_key(|(code, _)| *code);
        let mut parts: [(Vec<u32>, Vec<Metrics>); DIMENSIONS] = Default::default();
        for (code, metrics) in rows {
            let series = dictionary.series()[code as usize];
            let (codes, of_split) = &mut parts[series.split().place()];
            codes.push(code);
            of_split.push(metrics);
        }
        let splits = parts.map(|(codes, metrics)| SplitRows {
            told: Rows::new(codes, &metrics),
            ..SplitRows::default()
        });
        let mut day = Self { splits };
        day.add_rests(dictionary);
        day
    }

    fn add_rests(&mut self, dictionary: &Dictionary) {
        let series = |code: u32| dictionary.series()[code as usize];
        let teams = self.sums(Split::Team, |code| (series(code).team, NOBODY));
        let keys = self.sums(Split::ApiKey, |code| (series(code).team, series(code).api_key));
        let mut by_team = ByKey::new();
        for ((team, _), metrics) in &keys {
            *by_team.entry((*team, NOBODY)).or_default() += metrics;
        }
        let without_key = rests(&teams, &by_team);
        self.set_rest(Split::ApiKey, &without_key);
        for facet in Dimension::FACETS {
            let split = Split::Facet(facet);
            if self.rows(split).told.codes.is_empty() {
                continue;
            }
            let told = self.sums(split, |code| (series(code).team, series(code).api_key));
            let mut of_facet = rests(&keys, &told);
            of_facet.extend(&without_key);
            self.set_rest(split, &of_facet);
        }
    }

    /// The sums of a split's rows, under what `key` makes of their codes.
    fn sums(&self, split: Split, key: impl Fn(u32) -> (u32, u32)) -> ByKey {
        let rows = &self.rows(split).told;
        let mut sums = ByKey::with_capacity(rows.codes.len());
        for (row, code) in rows.codes.iter().enumerate() {
            *sums.entry(key(*code)).or_default() += &rows.metrics(row);
        }
        sums
    }

    fn set_rest(&mut self, split: Split, rests: &[((u32, u32), Metrics)]) {
        let facet = if let Split::Facet(facet) = split { facet } else { Dimension::Model };
        let value = if let Split::Facet(_) = split { NOBODY } else { ALL };
        let of = |(team, api_key)| Series { team, api_key, facet, value };
        let rows = &mut self.splits[split.place()];
        rows.rest_of = rests.iter().map(|(key, _)| of(*key)).collect();
        let metrics: Vec<Metrics> = rests.iter().map(|(_, metrics)| *metrics).collect();
        rows.rest = Rows::new(Vec::new(), &metrics);
    }

    /// The rows of a split.
    pub(super) fn rows(&self, split: Split) -> &SplitRows {
        &self.splits[split.place()]
    }

    /// All rows that the gateway told, as [`encode`] makes them.
    pub(super) fn facts(&self) -> Vec<(u32, Metrics)> {
        let told = self.splits.iter().map(|rows| &rows.told);
        told.flat_map(|rows| {
            rows.codes.iter().enumerate().map(|(row, code)| (*code, rows.metrics(row)))
        })
        .collect()
    }

    /// The teams' totals, by id.
    pub(super) fn team_totals(&self, dictionary: &Dictionary) -> BTreeMap<String, Metrics> {
        let rows = &self.rows(Split::Team).told;
        let of_team = |(row, code): (usize, &u32)| {
            let team = dictionary.series()[*code as usize].team;
            Some((dictionary.names(Dimension::Team).name(team)?.to_string(), rows.metrics(row)))
        };
        rows.codes.iter().enumerate().filter_map(of_team).collect()
    }
}

/// What the wholes have beyond their parts, where that is more than floats make of nothing.
fn rests(wholes: &ByKey, parts: &ByKey) -> Vec<((u32, u32), Metrics)> {
    let nothing = Metrics::default();
    let keys = wholes.keys().chain(parts.keys().filter(|key| !wholes.contains_key(*key)));
    let mut rests: Vec<((u32, u32), Metrics)> = keys
        .map(|key| (key, wholes.get(key).unwrap_or(&nothing), parts.get(key).unwrap_or(&nothing)))
        .filter(|(_, whole, part)| !whole.matches(part))
        .map(|(key, whole, part)| (*key, whole.minus(part)))
        .collect();
    rests.sort_unstable_by_key(|(key, _)| *key);
    rests
}

/// A day's rows as (series code, metrics). `code` gives the code of a team, API key and facet's
/// value; the rows are `None` if it has none for one of them.
pub(super) fn encode<'a>(
    usage: &'a DayUsage,
    mut code: impl FnMut(&'a str, Option<&'a str>, Option<(Dimension, &'a str)>) -> Option<u32>,
) -> Option<Vec<(u32, Metrics)>> {
    let mut rows = Vec::new();
    for team in &usage.teams {
        let id = team.team_id.as_str();
        rows.push((code(id, None, None)?, team.metrics));
        for key in &team.keys {
            let api_key = Some(key.api_key.as_str());
            rows.push((code(id, api_key, None)?, key.metrics));
            for (facet, value, metrics) in key.parts() {
                rows.push((code(id, api_key, Some((facet, value)))?, *metrics));
            }
        }
    }
    Some(rows)
}
