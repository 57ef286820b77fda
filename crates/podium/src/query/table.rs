//! The answer to a question: dimensions in codes, measures in sums, and what is to be said of them.

use std::sync::Arc;

use super::plan::{ApproximateDay, PlannedBucket, Source};
use super::veil::Veil;
use super::{Coverage, KeyNames, ListedTeams};
use crate::usage::{ExactSum, Histogram, Measure, Metrics, Sum, Sums, Value};

/// Rows by bucket and group. Groups without usage in a bucket have no row in it.
#[derive(Clone, Debug)]
pub struct Table {
    /// The buckets in order of time; what belongs to no known hour comes last.
    pub buckets: Vec<PlannedBucket>,
    /// The rows, by bucket.
    pub rows: Vec<Row>,
    /// What everything that matches adds up to, whatever is shown of it.
    pub total: Metrics,
    /// The distribution of all times, where they were asked for.
    pub total_times: Option<(Histogram, Histogram)>,
    /// What was used outside of the listed teams.
    pub unlisted: Metrics,
    /// Where the figures come from.
    pub source: Source,
    /// Local days whose hours are not all known, newest first.
    pub approximate: Vec<ApproximateDay>,
    /// How much of the days requests explain; nothing where the answer does without them.
    pub coverage: Option<Coverage>,
    /// Whether there are more rows than were asked for.
    pub is_cut: bool,
    /// The teams whose usage counts, under the ids of the rows.
    pub teams: Arc<ListedTeams>,
    /// What the keys of the rows are called.
    pub keys: KeyNames,
    pub(super) veil: Veil,
    pub(super) sums: Sums,
    pub(super) times: Vec<Option<(Histogram, Histogram)>>,
}

/// One row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The place of its bucket.
    pub bucket: usize,
    pub(super) group: u32,
    pub(super) sum: usize,
}

impl Table {
    /// The id of a row in the dimension at `place` of the question; empty for usage that the
    /// gateway attributes to none.
    pub fn id(&self, row: Row, place: usize) -> &Arc<str> {
        self.sums.id(row.group, place)
    }

    /// A code of that id: equal for equal ids, and smaller than [`Table::ids`] has entries.
    pub fn code(&self, row: Row, place: usize) -> usize {
        self.sums.groups[row.group as usize][place] as usize
    }

    /// All ids in the dimension at `place`, by code.
    pub fn ids(&self, place: usize) -> &[Arc<str>] {
        &self.sums.values[place]
    }

    /// The row's sums of the measures that were asked for; the others are zero.
    pub fn metrics(&self, row: Row) -> Metrics {
        self.sums.metrics(row.sum)
    }

    /// The row's value of a measure that was asked for.
    pub fn value(&self, row: Row, measure: &Measure) -> Value {
        if self.veil.hides(measure) && (self.veil.is_veiled(row.sum) || measure.is_share()) {
            return Value::Unknown;
        }
        let times = self.times.get(row.sum).and_then(Option::as_ref);
        measure.value(Sum { metrics: &self.metrics(row), all: &self.total, times })
    }

    /// The value of everything that matches.
    pub fn total_value(&self, measure: &Measure) -> Value {
        if self.veil.hides(measure) {
            return Value::Unknown;
        }
        let times = self.total_times.as_ref();
        measure.value(Sum { metrics: &self.total, all: &self.total, times })
    }

    /// Whether a measure is not told of others, nor of all together.
    pub fn hides(&self, measure: &Measure) -> bool {
        self.veil.hides(measure)
    }

    /// Whether a measure is not told of a team.
    pub fn hides_of_team(&self, team_id: &str, measure: &Measure) -> bool {
        self.veil.hides(measure) && !self.veil.is_own(team_id)
    }

    /// The row's rank by tokens, where that is told without the tokens themselves.
    pub fn rank(&self, row: Row) -> Option<u32> {
        self.veil.ranks.as_ref()?.get(row.sum).copied()
    }

    /// Whether rows have ranks.
    pub fn is_ranked(&self) -> bool {
        self.veil.ranks.is_some()
    }

    /// Whether only the usage of whoever asks counts, since others' is not shown.
    pub fn is_of_own(&self) -> bool {
        self.veil.is_of_own()
    }

    /// Whether all usage counts, whoever's it is.
    pub fn is_of_everything(&self) -> bool {
        self.veil.is_lifted()
    }

    /// The row's counter at a place of [`COUNT_NAMES`](crate::usage::COUNT_NAMES), which was asked
    /// for.
    pub fn count(&self, row: Row, place: usize) -> i64 {
        self.sums.counts[place].get(row.sum).copied().unwrap_or_default()
    }

    /// The sum of some rows.
    pub fn sum_of(&self, rows: impl Iterator<Item = Row> + Clone) -> Metrics {
        let places = || rows.clone().map(|row| row.sum);
        let amounts = self.sums.amounts.each_ref().map(|column| {
            let mut sum = ExactSum::default();
            if !column.is_empty() {
                places().for_each(|place| sum.add(column[place]));
            }
            sum.value()
        });
        let counts = self.sums.counts.each_ref().map(|column| match column.as_slice() {
            [] => 0,
            column => places().fold(0, |sum: i64, place| sum.saturating_add(column[place])),
        });
        Metrics::from_parts(amounts, counts)
    }
}
