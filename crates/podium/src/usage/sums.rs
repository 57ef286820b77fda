//! Questions about facts, and the sums that answer them.

use std::ops::Range;
use std::sync::Arc;

use super::metrics::{AMOUNTS, COUNTS, Columns};
use super::{DayRange, Dimension, Histogram, Metrics, Quarter};

/// The value of a dimension for usage that the gateway attributes to none of its values.
pub const REST: &str = "";

/// Which values of a dimension count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Wanted {
    /// Only these ids; all, where there are none and nothing was named.
    pub only: Option<Vec<String>>,
    /// None of these ids.
    pub not: Vec<String>,
}

impl Wanted {
    /// Whether the value of this id counts.
    pub fn has(&self, id: &str) -> bool {
        let is = |named: &String| named == id;
        self.only.as_ref().is_none_or(|only| only.iter().any(is)) && !self.not.iter().any(is)
    }
}

/// Which usage counts, by dimension; dimensions that are not named do not restrict it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Filter(pub Vec<(Dimension, Wanted)>);

impl Filter {
    /// Only usage of these values.
    pub fn only(mut self, dimension: Dimension, ids: Vec<String>) -> Self {
        self.0.push((dimension, Wanted { only: Some(ids), not: Vec::new() }));
        self
    }

    /// The dimensions that restrict what counts.
    pub fn dimensions(&self) -> impl Iterator<Item = Dimension> + Clone {
        self.0.iter().map(|(dimension, _)| *dimension)
    }
}

/// Usage that is summed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// The daily table of some days. With two facets it is known by neither.
    Days(DayRange),
    /// Quarter hours.
    Quarters(Range<Quarter>),
    /// Quarter hours, taken away.
    LessQuarters(Range<Quarter>),
    /// What the daily table of some days has beyond their quarter hours.
    Unexplained(DayRange),
}

/// Asks for sums, one row for each slot and combination of `by` that has usage.
#[derive(Clone, Debug)]
pub struct SumQuestion {
    /// What is summed together.
    pub slots: Vec<Vec<Span>>,
    /// The dimensions of a row besides its slot, three at most; the others are summed over.
    pub by: Vec<Dimension>,
    /// What counts.
    pub filter: Filter,
    /// The measures to sum; the others stay zero.
    pub columns: Columns,
    /// Whether rows have the distribution of times, which quarter hours alone know.
    pub with_times: bool,
    /// Slots that begin after so many rows are left out.
    pub most_rows: usize,
}

impl SumQuestion {
    /// The dimensions that it tells apart or restricts.
    pub fn used(&self) -> impl Iterator<Item = Dimension> + Clone {
        self.by.iter().copied().chain(self.filter.dimensions())
    }
}

/// Sums by slot and group. Row `i` of each column is that of `rows[i]`; columns that were not
/// asked for are empty.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    /// The ids that codes stand for, by the place of the dimension in the question; [`REST`] for
    /// what belongs to none.
    pub values: Vec<Vec<Arc<str>>>,
    /// The groups: a code for each dimension of the question.
    pub groups: Vec<[u32; 3]>,
    /// Slot and group of each row, the slots in their order.
    pub rows: Vec<(u32, u32)>,
    /// Counters, in the order of [`Metrics::counts`].
    pub counts: [Vec<i64>; COUNTS],
    /// Amounts of money, in the order of [`Metrics::amounts`].
    pub amounts: [Vec<f64>; AMOUNTS],
    /// Durations and times to the first token.
    pub times: Vec<(Histogram, Histogram)>,
    /// Whether there were more rows than were asked for.
    pub is_cut: bool,
}

impl Sums {
    /// All measures of a row.
    pub fn metrics(&self, row: usize) -> Metrics {
        let amount = |column: &Vec<f64>| column.get(row).copied().unwrap_or_default();
        let count = |column: &Vec<i64>| column.get(row).copied().unwrap_or_default();
        Metrics::from_parts(self.amounts.each_ref().map(amount), self.counts.each_ref().map(count))
    }

    /// The id of a group in the dimension at `place` of the question.
    pub fn id(&self, group: u32, place: usize) -> &Arc<str> {
        &self.values[place][self.groups[group as usize][place] as usize]
    }
}
