//! From rows to a packed block: which columns there are, and how narrow each may be.

use std::collections::HashMap;

use super::{COLUMN_BYTES, Kind, LAYOUT, Packed};
use crate::usage::{AMOUNTS, COUNTS, Metrics};

/// Further from zero, whole numbers are kept as they are: then sums of many narrow ones fit.
const NARROW: i64 = 1 << 53;

/// Rows of a split that are to be packed: codes and numbers.
#[derive(Debug, Default)]
pub(in crate::store) struct SplitRows {
    /// What was told.
    pub(in crate::store) told: Vec<(u32, Metrics)>,
    /// What was not, so that the split adds up.
    pub(in crate::store) rest: Vec<(u32, Metrics)>,
}

impl Packed {
    pub(in crate::store) fn pack(splits: &[SplitRows]) -> Self {
        let mut packer = Packer::default();
        let mut directory = Vec::new();
        for rows in splits {
            packer.split(rows, &mut directory);
        }
        let Packer { columns, data, .. } = packer;
        let counted = |count: usize| u16::try_from(count).expect("splits have few columns");
        let mut bytes = vec![LAYOUT];
        bytes.extend(counted(columns.len() / COLUMN_BYTES).to_le_bytes());
        bytes.push(u8::try_from(splits.len()).expect("splits are few"));
        for part in [columns, directory, data] {
            bytes.extend(part);
        }
        Self(bytes.into())
    }
}

/// Columns on their way into a block.
#[derive(Default)]
struct Packer {
    columns: Vec<u8>,
    data: Vec<u8>,
    /// The numbers of columns by all that describes them.
    known: HashMap<Vec<u8>, u16>,
}

impl Packer {
    fn split(&mut self, rows: &SplitRows, directory: &mut Vec<u8>) {
        let all = || rows.told.iter().chain(&rows.rest).map(|(_, metrics)| metrics);
        let counted = |count: usize| u32::try_from(count).expect("a day has fewer rows");
        directory.extend(counted(rows.told.len()).to_le_bytes());
        directory.extend(counted(rows.told.len() + rows.rest.len()).to_le_bytes());
        for part in [&rows.told, &rows.rest] {
            let codes: Vec<u32> = part.iter().map(|(code, _)| *code).collect();
            directory.extend(self.rising(&codes).to_le_bytes());
        }
        let counts: Vec<[i64; COUNTS]> = all().map(Metrics::counts).collect();
        let columns: [Vec<i64>; COUNTS] =
            std::array::from_fn(|place| counts.iter().map(|counts| counts[place]).collect());
        let mut numbers = [0_u16; COUNTS];
        for (place, column) in columns.iter().enumerate() {
            if !SUMS.iter().any(|(sum, ..)| *sum == place) {
                numbers[place] = self.whole(column);
            }
        }
        for (sum, one, other) in SUMS {
            let added = columns[one].iter().zip(&columns[other]).map(|(a, b)| a.checked_add(*b));
            let is_sum = are_narrow(&columns[one])
                && are_narrow(&columns[other])
                && columns[sum].iter().copied().map(Some).eq(added);
            numbers[sum] = match (numbers[one], numbers[other]) {
                (0, same) | (same, 0) if is_sum => same,
                (one, other) if is_sum => self.sum(one, other, columns[sum].len()),
                _ => self.whole(&columns[sum]),
            };
        }
        numbers.iter().for_each(|number| directory.extend(number.to_le_bytes()));
        for place in 0..AMOUNTS {
            let amounts: Vec<f64> = all().map(|metrics| metrics.amounts()[place]).collect();
            directory.extend(self.float(&amounts).to_le_bytes());
        }
    }

    /// Zero stands for a column without rows, and for one of zeros.
    fn whole(&mut self, values: &[i64]) -> u16 {
        let (Some(least), Some(most)) = (values.iter().min(), values.iter().max()) else {
            return 0;
        };
        if (*least, *most) == (0, 0) {
            return 0;
        }
        let width = if are_narrow(values) { width_of(least.abs_diff(*most)) } else { 8 };
        let base = if width == 8 { 0 } else { *least };
        let parts = values.iter().map(|value| value.wrapping_sub(base) as u64);
        self.column(Kind::Whole, width, base as u64, parts)
    }

    fn float(&mut self, values: &[f64]) -> u16 {
        let bits = values.iter().map(|value| value.to_bits());
        match values.first() {
            None => 0,
            Some(_) if values.iter().all(|value| *value == 0.0) => 0,
            Some(first) if bits.clone().all(|other| other == first.to_bits()) => {
                self.column(Kind::Float, 0, first.to_bits(), bits)
            }
            Some(_) => self.column(Kind::Float, 8, 0, bits),
        }
    }

    /// Codes that rise, or not, by a little.
    fn rising(&mut self, codes: &[u32]) -> u16 {
        let Some(first) = codes.first() else { return 0 };
        let before = [*first].into_iter().chain(codes.iter().copied());
        let steps: Vec<u64> = codes
            .iter()
            .zip(before)
            .map(|(code, before)| code.wrapping_sub(before).into())
            .collect();
        // A byte each at least, so that no block has more rows than bytes.
        let least = usize::from(codes.len() > 1);
        let width = width_of(steps.iter().copied().max().unwrap_or_default()).max(least);
        self.column(Kind::Rising, width, (*first).into(), steps.into_iter())
    }

    fn sum(&mut self, one: u16, other: u16, rows: usize) -> u16 {
        let base = u64::from(one - 1) | u64::from(other - 1) << 16;
        self.column(Kind::Sum, 0, base, std::iter::repeat_n(0, rows))
    }

    /// The number of a column, counted from one: the same for the same column.
    fn column(
        &mut self,
        kind: Kind,
        width: usize,
        base: u64,
        parts: impl ExactSizeIterator<Item = u64>,
    ) -> u16 {
        let rows = u32::try_from(parts.len()).expect("a day has fewer rows");
        let mut column = vec![kind as u8, u8::try_from(width).unwrap_or(8)];
        column.extend(rows.to_le_bytes());
        column.extend(base.to_le_bytes());
        let described = column.len();
        parts.for_each(|part| column.extend(&part.to_le_bytes()[..width]));
        if let Some(number) = self.known.get(&column) {
            return *number;
        }
        let start = u32::try_from(self.data.len()).expect("a day is smaller than four gigabytes");
        self.columns.extend(&column[..described]);
        self.columns.extend(start.to_le_bytes());
        self.data.extend(&column[described..]);
        let number = u16::try_from(self.columns.len() / COLUMN_BYTES).expect("columns are few");
        self.known.insert(column, number);
        number
    }
}

/// Counters that mostly are the sum of two others, which need not be kept then: all tokens, and all
/// requests (see [`COUNT_NAMES`](crate::usage::COUNT_NAMES)).
const SUMS: [(usize, usize, usize); 2] = [(4, 0, 1), (5, 6, 7)];

fn are_narrow(values: &[i64]) -> bool {
    values.iter().all(|value| value.unsigned_abs() < NARROW.unsigned_abs())
}

fn width_of(most: u64) -> usize {
    match most {
        0 => 0,
        1..=0xff => 1,
        0x100..=0xffff => 2,
        0x1_0000..=0xffff_ffff => 4,
        _ => 8,
    }
}
