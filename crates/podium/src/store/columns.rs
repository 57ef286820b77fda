//! A day in columns.

use std::ops::Range;

use super::dictionary::{Dictionary, Level};
use crate::usage::{AMOUNTS, COUNTS, DayUsage, Metrics, Totals};

/// A day's numbers: row `i` of every column belongs to `series[i]`. Rows are grouped by
/// level, so that a question reads one contiguous part. A counter or amount that is zero in
/// all rows has an empty column.
#[derive(Debug)]
pub(super) struct DayColumns {
    pub(super) total: Metrics,
    series: Vec<u32>,
    amounts: [Vec<f64>; AMOUNTS],
    counts: [Vec<i64>; COUNTS],
    levels: [usize; 2],
}

impl DayColumns {
    /// Lays out rows of (series code, metrics), in any order.
    pub(super) fn new(
        total: Metrics,
        mut rows: Vec<(u32, Metrics)>,
        dictionary: &Dictionary,
    ) -> Self {
        let level = |code: u32| dictionary.series()[code as usize].level();
        rows.sort_unstable_by_key(|(code, _)| (level(*code), *code));
        let end_of = |wanted: Level| rows.partition_point(|(code, _)| level(*code) <= wanted);
        let levels = [end_of(Level::Team), end_of(Level::ApiKey)];
        let counts = std::array::from_fn(|i| {
            let column: Vec<i64> = rows.iter().map(|(_, metrics)| metrics.counts()[i]).collect();
            if column.iter().all(|count| *count == 0) { Vec::new() } else { column }
        });
        let amounts = std::array::from_fn(|i| {
            let column: Vec<f64> = rows.iter().map(|(_, metrics)| metrics.amounts()[i]).collect();
            if column.iter().all(|amount| *amount == 0.0) { Vec::new() } else { column }
        });
        Self {
            total,
            series: rows.iter().map(|(code, _)| *code).collect(),
            amounts,
            counts,
            levels,
        }
    }

    /// The rows of one level.
    pub(super) fn rows(&self, level: Level) -> Range<usize> {
        match level {
            Level::Team => 0..self.levels[0],
            Level::ApiKey => self.levels[0]..self.levels[1],
            Level::ModelGroup => self.levels[1]..self.series.len(),
        }
    }

    pub(super) fn series(&self, rows: Range<usize>) -> &[u32] {
        &self.series[rows]
    }

    /// One amount's column; empty if it is zero throughout the day.
    pub(super) fn amount(&self, amount: usize, rows: Range<usize>) -> &[f64] {
        self.amounts[amount].get(rows).unwrap_or_default()
    }

    /// One counter's column; empty if it is zero throughout the day.
    pub(super) fn count(&self, counter: usize, rows: Range<usize>) -> &[i64] {
        self.counts[counter].get(rows).unwrap_or_default()
    }

    fn metrics(&self, row: usize) -> Metrics {
        let counts = std::array::from_fn(|i| self.counts[i].get(row).copied().unwrap_or_default());
        let amounts =
            std::array::from_fn(|i| self.amounts[i].get(row).copied().unwrap_or_default());
        Metrics::from_parts(amounts, counts)
    }

    /// All rows, as [`encode`] makes them.
    pub(super) fn facts(&self) -> Vec<(u32, Metrics)> {
        self.series.iter().enumerate().map(|(row, code)| (*code, self.metrics(row))).collect()
    }

    /// The day's and its teams' totals.
    pub(super) fn totals(&self, dictionary: &Dictionary) -> Totals {
        let teams = self
            .rows(Level::Team)
            .filter_map(|row| {
                let team = dictionary.series()[self.series[row] as usize].team;
                Some((dictionary.teams.name(team)?.to_string(), self.metrics(row)))
            })
            .collect();
        Totals { day: self.total, teams }
    }
}

/// A day's rows as (series code, metrics). `code` gives the code of a team, API key and model
/// group; the rows are `None` if it has none for one of them.
pub(super) fn encode<'a>(
    usage: &'a DayUsage,
    mut code: impl FnMut(&'a str, Option<&'a str>, Option<&'a str>) -> Option<u32>,
) -> Option<Vec<(u32, Metrics)>> {
    let mut rows = Vec::new();
    for team in &usage.teams {
        let id = team.team_id.as_str();
        rows.push((code(id, None, None)?, team.metrics));
        for key in &team.keys {
            let api_key = Some(key.api_key.as_str());
            rows.push((code(id, api_key, None)?, key.metrics));
            for (model_group, metrics) in &key.models {
                rows.push((code(id, api_key, Some(model_group))?, *metrics));
            }
        }
    }
    Some(rows)
}
