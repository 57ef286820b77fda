//! Numbers in columns that are added to.

use crate::usage::{AMOUNTS, COUNTS, Metrics};

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
