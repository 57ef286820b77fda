//! Questions about facts, and the sums that answer them.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::metrics::{AMOUNTS, COUNTS, Columns};
use super::{DayRange, Dimension, ExactSum, Histogram, Metrics, Quarter};

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

    /// The same with other ids in the dimension at `place`, by code. Rows whose ids have become the
    /// same are added up, in the place of the first.
    pub fn renamed(mut self, place: usize, ids: Vec<Arc<str>>) -> Self {
        let mut codes: HashMap<Arc<str>, u32> = HashMap::new();
        let mut values = Vec::new();
        let code_of = ids.into_iter().map(|id| {
            *codes.entry(Arc::clone(&id)).or_insert_with(|| {
                values.push(id);
                u32::try_from(values.len() - 1).unwrap_or(u32::MAX)
            })
        });
        let code_of: Vec<u32> = code_of.collect();
        self.groups.iter_mut().for_each(|group| group[place] = code_of[group[place] as usize]);
        self.values[place] = values;
        if self.values[place].len() == code_of.len() { self } else { self.merged() }
    }

    /// Adds up the rows of one slot and the same ids.
    fn merged(self) -> Self {
        let mut merged = Self { values: self.values, is_cut: self.is_cut, ..Self::default() };
        let mut groups: HashMap<[u32; 3], u32> = HashMap::new();
        let mut places: HashMap<(u32, u32), usize> = HashMap::new();
        let mut goes_to = Vec::with_capacity(self.rows.len());
        for (slot, group) in &self.rows {
            let ids = self.groups[*group as usize];
            let group = *groups.entry(ids).or_insert_with(|| {
                merged.groups.push(ids);
                u32::try_from(merged.groups.len() - 1).unwrap_or(u32::MAX)
            });
            goes_to.push(*places.entry((*slot, group)).or_insert_with(|| {
                merged.rows.push((*slot, group));
                merged.rows.len() - 1
            }));
        }
        let rows = merged.rows.len();
        merged.counts = self.counts.map(|column| {
            let mut sums = vec![0; if column.is_empty() { 0 } else { rows }];
            for (value, to) in column.into_iter().zip(&goes_to) {
                let sum: &mut i64 = &mut sums[*to];
                *sum = sum.saturating_add(value);
            }
            sums
        });
        merged.amounts = self.amounts.map(|column| {
            let mut sums = vec![ExactSum::default(); if column.is_empty() { 0 } else { rows }];
            column.into_iter().zip(&goes_to).for_each(|(value, to)| sums[*to].add(value));
            sums.into_iter().map(ExactSum::value).collect()
        });
        if !self.times.is_empty() {
            merged.times = vec![Default::default(); rows];
            for (times, to) in self.times.iter().zip(&goes_to) {
                merged.times[*to].0 += &times.0;
                merged.times[*to].1 += &times.1;
            }
        }
        merged
    }

    /// The id of a group in the dimension at `place` of the question.
    pub fn id(&self, group: u32, place: usize) -> &Arc<str> {
        &self.values[place][self.groups[group as usize][place] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_get_the_same_id_are_added_up() {
        let ids = |ids: &[&str]| ids.iter().map(|id| Arc::from(*id)).collect::<Vec<Arc<str>>>();
        let sums = Sums {
            values: vec![ids(&["a", "b", "c"])],
            groups: vec![[0, 0, 0], [1, 0, 0], [2, 0, 0]],
            rows: vec![(0, 0), (0, 1), (0, 2), (1, 1)],
            counts: std::array::from_fn(|at| if at == 4 { vec![1, 2, 4, 8] } else { Vec::new() }),
            amounts: [vec![0.1, 0.2, 0.3, 0.4], Vec::new()],
            ..Sums::default()
        };
        let renamed = sums.clone().renamed(0, ids(&["x", "y", "x"]));
        assert_eq!(renamed.rows, [(0, 0), (0, 1), (1, 1)]);
        assert_eq!((renamed.counts[4].clone(), renamed.counts[5].len()), (vec![5, 2, 8], 0));
        assert_eq!(renamed.amounts[0], [0.4, 0.2, 0.4]);
        assert_eq!((&**renamed.id(0, 0), &**renamed.id(1, 0)), ("x", "y"));
        let same = sums.renamed(0, ids(&["x", "y", "z"]));
        assert_eq!((same.rows.len(), &**same.id(2, 0)), (4, "z"));
    }
}
