//! Numbers in columns as they rest, in the file and in memory: each as narrow as its values allow,
//! and each once, however many rows show it. They are summed as they are.
//!
//! A packed block is a list of columns, a list of splits that name columns, and the columns' bytes.
//! All numbers in it are little endian. Nothing in it is believed before [`Packed::from_bytes`]
//! found that all its parts lie within it.

use std::collections::HashMap;

use bytes::Bytes;

use crate::usage::{AMOUNTS, COUNTS, ExactSum, Metrics};

/// The first byte; another layout has another.
const LAYOUT: u8 = 1;
/// Layout, how many columns, how many splits.
const HEAD_BYTES: usize = 1 + 2 + 1;
/// Kind, width, rows, base, where its bytes begin.
const COLUMN_BYTES: usize = 1 + 1 + 4 + 8 + 4;
/// Rows that are told, all rows, and a column each for the codes of both and for each measure.
const SPLIT_BYTES: usize = 4 + 4 + 2 * (2 + COUNTS + AMOUNTS);
/// Further from zero, whole numbers are kept as they are: then sums of many narrow ones fit.
const NARROW: i64 = 1 << 53;

/// Rows of a split that are to be packed: codes and numbers.
#[derive(Debug, Default)]
pub(super) struct SplitRows {
    /// What was told.
    pub(super) told: Vec<(u32, Metrics)>,
    /// What was not, so that the split adds up.
    pub(super) rest: Vec<(u32, Metrics)>,
}

/// Some splits of the same usage. Cloning shares it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Packed(Bytes);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `base` and a number of no sign, of `width` bytes; of eight, the number itself.
    Whole = 0,
    /// Floats; of no width, `base` has the bits of all of them.
    Float = 1,
    /// The first is `base`, each further one is so much more than the one before.
    Rising = 2,
    /// The sum of two columns, whose numbers `base` has in its low and next 16 bits.
    Sum = 3,
}

impl Packed {
    pub(super) fn pack(splits: &[SplitRows]) -> Self {
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

    /// What was packed, if all of its parts lie within it.
    pub(super) fn from_bytes(bytes: Bytes) -> Option<Self> {
        let packed = Self(bytes);
        (packed.0.first() == Some(&LAYOUT)
            && packed.0.len() >= HEAD_BYTES
            && packed.data_start() <= packed.0.len()
            && (0..packed.columns()).all(|column| packed.holds_column(column))
            && (0..packed.splits()).all(|place| packed.holds_split(place)))
        .then_some(packed)
    }

    pub(super) fn bytes(&self) -> &Bytes {
        &self.0
    }

    fn columns(&self) -> usize {
        number::<2>(&self.0, 1) as usize
    }

    fn splits(&self) -> usize {
        self.0.get(3).copied().unwrap_or_default().into()
    }

    fn data_start(&self) -> usize {
        HEAD_BYTES + self.columns() * COLUMN_BYTES + self.splits() * SPLIT_BYTES
    }

    fn holds_column(&self, column: usize) -> bool {
        let at = HEAD_BYTES + column * COLUMN_BYTES;
        let (Some(kind), width) = (kind(self.0[at]), usize::from(self.0[at + 1])) else {
            return false;
        };
        let rows = number::<4>(&self.0, at + 2) as usize;
        let start = number::<4>(&self.0, at + 14) as usize;
        match kind {
            Kind::Sum => {
                let (one, other) = parts(number::<8>(&self.0, at + 6));
                let is_plain = |part: usize| {
                    part < column
                        && self.0[HEAD_BYTES + part * COLUMN_BYTES] == Kind::Whole as u8
                        && number::<4>(&self.0, HEAD_BYTES + part * COLUMN_BYTES + 2) as usize
                            == rows
                };
                is_plain(one) && is_plain(other)
            }
            _ => {
                matches!(width, 0 | 1 | 2 | 4 | 8)
                    && (kind != Kind::Float || matches!(width, 0 | 8))
                    && (kind != Kind::Rising || width < 8)
                    && self.data_start() + start + rows * width <= self.0.len()
            }
        }
    }

    fn holds_split(&self, place: usize) -> bool {
        let view = self.split(place);
        let holds = |slot: usize, kinds: &[Kind], rows: usize| match view.slot(slot) {
            None => slot >= 2 || rows == 0,
            Some(at) => {
                kind(self.0[at]).is_some_and(|kind| kinds.contains(&kind))
                    && number::<4>(&self.0, at + 2) as usize == rows
            }
        };
        view.is_within()
            && view.told() <= view.len()
            && holds(0, &[Kind::Rising], view.told())
            && holds(1, &[Kind::Rising], view.len() - view.told())
            && (0..COUNTS).all(|count| holds(2 + count, &[Kind::Whole, Kind::Sum], view.len()))
            && (0..AMOUNTS).all(|amount| holds(2 + COUNTS + amount, &[Kind::Float], view.len()))
    }

    /// The split at a place; one without rows where there is none.
    pub(super) fn split(&self, place: usize) -> View<'_> {
        let at = HEAD_BYTES + self.columns() * COLUMN_BYTES + place * SPLIT_BYTES;
        View { packed: self, at: (place < self.splits()).then_some(at) }
    }
}

/// The number of `BYTES` bytes at a place; zero beyond the end.
fn number<const BYTES: usize>(bytes: &[u8], at: usize) -> u64 {
    let mut number = [0; 8];
    if let Some(found) = bytes.get(at..at + BYTES) {
        number[..BYTES].copy_from_slice(found);
    }
    u64::from_le_bytes(number)
}

fn kind(byte: u8) -> Option<Kind> {
    [Kind::Whole, Kind::Float, Kind::Rising, Kind::Sum].into_iter().find(|kind| *kind as u8 == byte)
}

/// The columns that a sum is of.
fn parts(base: u64) -> (usize, usize) {
    ((base & 0xffff) as usize, (base >> 16 & 0xffff) as usize)
}

/// One split: rows of codes and numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct View<'a> {
    packed: &'a Packed,
    at: Option<usize>,
}

impl<'a> View<'a> {
    /// How many rows were told; the others are rests.
    pub(super) fn told(self) -> usize {
        self.at.map_or(0, |at| number::<4>(&self.packed.0, at) as usize)
    }

    /// How many rows there are.
    pub(super) fn len(self) -> usize {
        self.at.map_or(0, |at| number::<4>(&self.packed.0, at + 4) as usize)
    }

    /// The code of each row.
    pub(super) fn codes(self) -> impl Iterator<Item = u32> + 'a {
        [0, 1].into_iter().flat_map(move |slot| self.rising(slot))
    }

    /// Whether both have the same codes in the same order.
    pub(super) fn has_codes_of(self, other: View<'_>) -> bool {
        self.told() == other.told()
            && self.len() == other.len()
            && [0, 1].into_iter().all(|slot| {
                let of =
                    |view: View<'_>| view.column(slot).map(|column| (column.base, column.width));
                let bytes = |view: View<'a>| view.column(slot).map(|column| column.bytes);
                of(self) == of(other)
                    && bytes(self) == other.column(slot).map(|column| column.bytes)
            })
    }

    /// The columns whose sum is a counter.
    pub(super) fn count(self, place: usize) -> impl Iterator<Item = Wholes<'a>> {
        let column = self.column(2 + place);
        let (one, other) = match column {
            Some(column) if column.kind == Kind::Sum => {
                let (one, other) = parts(column.base);
                (Some(self.column_at(one)), Some(self.column_at(other)))
            }
            column => (column, None),
        };
        one.into_iter().chain(other).map(Wholes)
    }

    /// An amount of each row; nothing where it is zero in all of them.
    pub(super) fn amount(self, place: usize) -> Option<Floats<'a>> {
        self.column(2 + COUNTS + place).map(Floats)
    }

    /// All numbers of a row.
    pub(super) fn metrics(self, row: usize) -> Metrics {
        let count = |place| {
            self.count(place).fold(0_i64, |sum, column| sum.saturating_add(column.value(row)))
        };
        let amount = |place| self.amount(place).map_or(0.0, |column| column.value(row));
        Metrics::from_parts(std::array::from_fn(amount), std::array::from_fn(count))
    }

    /// All rows.
    pub(super) fn rows(self) -> impl Iterator<Item = (u32, Metrics)> + 'a {
        self.codes().enumerate().map(move |(row, code)| (code, self.metrics(row)))
    }

    fn is_within(self) -> bool {
        let columns = u64::try_from(self.packed.columns()).unwrap_or_default();
        let slots = 0..2 + COUNTS + AMOUNTS;
        self.at.is_some_and(|at| {
            slots.into_iter().all(|slot| number::<2>(&self.packed.0, at + 8 + 2 * slot) <= columns)
        })
    }

    /// Where the column in a slot is described.
    fn slot(self, slot: usize) -> Option<usize> {
        let named = number::<2>(&self.packed.0, self.at? + 8 + 2 * slot) as usize;
        Some(HEAD_BYTES + named.checked_sub(1)? * COLUMN_BYTES)
    }

    fn column(self, slot: usize) -> Option<Column<'a>> {
        self.slot(slot).map(|at| Column::at(&self.packed.0, at, self.packed.data_start()))
    }

    fn column_at(self, column: usize) -> Column<'a> {
        let at = HEAD_BYTES + column * COLUMN_BYTES;
        Column::at(&self.packed.0, at, self.packed.data_start())
    }

    fn rising(self, slot: usize) -> impl Iterator<Item = u32> + 'a {
        let column = self.column(slot);
        let mut code = column.map_or(0, |column| column.base as u32);
        let rows = column.map_or(0, |column| column.rows);
        (0..rows).map(move |row| {
            if let Some(column) = column {
                code = code.wrapping_add(column.unsigned(row) as u32);
            }
            code
        })
    }
}

#[derive(Clone, Copy)]
struct Column<'a> {
    kind: Kind,
    width: usize,
    rows: usize,
    base: u64,
    bytes: &'a [u8],
}

impl<'a> Column<'a> {
    fn at(packed: &'a [u8], at: usize, data_start: usize) -> Self {
        let width = usize::from(packed[at + 1]);
        let rows = number::<4>(packed, at + 2) as usize;
        let start = data_start + number::<4>(packed, at + 14) as usize;
        let kind = kind(packed[at]).unwrap_or(Kind::Whole);
        let bytes = if kind == Kind::Sum { &[] } else { &packed[start..start + rows * width] };
        Self { kind, width, rows, base: number::<8>(packed, at + 6), bytes }
    }

    fn unsigned(&self, row: usize) -> u64 {
        match self.width {
            0 => 0,
            1 => number::<1>(self.bytes, row),
            2 => number::<2>(self.bytes, row * 2),
            4 => number::<4>(self.bytes, row * 4),
            _ => number::<8>(self.bytes, row * 8),
        }
    }
}

/// A counter of all rows.
#[derive(Clone, Copy)]
pub(super) struct Wholes<'a>(Column<'a>);

impl Wholes<'_> {
    /// Whether its numbers may be so great that sums have to be looked after.
    pub(super) fn is_wide(&self) -> bool {
        self.0.width == 8
    }

    fn value(&self, row: usize) -> i64 {
        (self.0.base as i64).wrapping_add(self.0.unsigned(row) as i64)
    }

    /// Adds each row's number to that of the same place. Sums that do not fit stay at their bound,
    /// which only wide numbers reach.
    pub(super) fn add_to(&self, sums: &mut [i64]) {
        let Column { width, base, bytes, .. } = self.0;
        let base = base as i64;
        match width {
            0 => sums.iter_mut().for_each(|sum| *sum = sum.wrapping_add(base)),
            1 => add_each(sums, bytes, |[byte]: [u8; 1]| base.wrapping_add(i64::from(byte))),
            2 => {
                add_each(sums, bytes, |part| base.wrapping_add(i64::from(u16::from_le_bytes(part))))
            }
            4 => {
                add_each(sums, bytes, |part| base.wrapping_add(i64::from(u32::from_le_bytes(part))))
            }
            _ => {
                let values = bytes.as_chunks::<8>().0.iter().map(|part| i64::from_le_bytes(*part));
                let each = sums.iter_mut().zip(values);
                each.for_each(|(sum, value)| *sum = sum.saturating_add(value));
            }
        }
    }
}

fn add_each<const WIDTH: usize>(
    sums: &mut [i64],
    bytes: &[u8],
    value: impl Fn([u8; WIDTH]) -> i64,
) {
    let each = sums.iter_mut().zip(bytes.as_chunks::<WIDTH>().0);
    each.for_each(|(sum, part)| *sum = sum.wrapping_add(value(*part)));
}

/// An amount of all rows.
#[derive(Clone, Copy)]
pub(super) struct Floats<'a>(Column<'a>);

impl Floats<'_> {
    fn value(&self, row: usize) -> f64 {
        let bits = if self.0.width == 0 { self.0.base } else { self.0.unsigned(row) };
        f64::from_bits(bits)
    }

    /// Adds each row's amount to that of the same place.
    pub(super) fn add_to(&self, sums: &mut [ExactSum]) {
        if self.0.width == 0 {
            sums.iter_mut().for_each(|sum| sum.add(f64::from_bits(self.0.base)));
        } else {
            let parts = self.0.bytes.as_chunks::<8>().0;
            sums.iter_mut().zip(parts).for_each(|(sum, part)| sum.add(f64::from_le_bytes(*part)));
        }
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
        let width = width_of(steps.iter().copied().max().unwrap_or_default());
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Numbers as days have them: zeros, small ones, and now and then any at all.
    fn number_of() -> impl Strategy<Value = i64> {
        prop_oneof![Just(0), Just(1), 0..200_i64, -3..70_000_i64, 0..1_i64 << 40, any::<i64>()]
    }

    fn metrics() -> impl Strategy<Value = Metrics> {
        let amount = prop_oneof![Just(0.0), Just(0.25), -1.0..1e6_f64];
        (prop::array::uniform2(amount), prop::array::uniform10(number_of()), any::<bool>())
            .prop_map(|(amounts, mut counts, adds_up)| {
                if adds_up {
                    counts[4] = counts[0].saturating_add(counts[1]);
                    counts[5] = counts[6].saturating_add(counts[7]);
                }
                Metrics::from_parts(amounts, counts)
            })
    }

    fn rows() -> impl Strategy<Value = SplitRows> {
        let part = || prop::collection::vec((0..1_u32 << 20, metrics()), 0..40);
        (part(), part(), any::<bool>()).prop_map(|(mut told, rest, same)| {
            told.sort_unstable_by_key(|(code, _)| *code);
            if same && let Some((_, first)) = told.first().copied() {
                told.iter_mut().for_each(|(_, metrics)| *metrics = first);
            }
            SplitRows { told, rest }
        })
    }

    fn all(rows: &SplitRows) -> Vec<(u32, Metrics)> {
        rows.told.iter().chain(&rows.rest).copied().collect()
    }

    proptest! {
        #[test]
        fn what_was_packed_is_there(splits in prop::collection::vec(rows(), 1..8)) {
            let bytes = Packed::pack(&splits).bytes().clone();
            let packed = Packed::from_bytes(bytes).expect("its parts lie within it");
            for (place, rows) in splits.iter().enumerate() {
                let view = packed.split(place);
                prop_assert_eq!(view.told(), rows.told.len());
                prop_assert_eq!(view.rows().collect::<Vec<_>>(), all(rows));
                prop_assert!(view.has_codes_of(view));
                let other = &splits[(place + 1) % splits.len()];
                let codes = |rows: &SplitRows| all(rows).iter().map(|row| row.0).collect::<Vec<_>>();
                let are_same = codes(rows) == codes(other) && rows.told.len() == other.told.len();
                let next = packed.split((place + 1) % splits.len());
                prop_assert_eq!(view.has_codes_of(next), are_same);
                for count in 0..COUNTS {
                    let mut sums = vec![5; view.len()];
                    view.count(count).for_each(|column| column.add_to(&mut sums));
                    for (sum, (_, metrics)) in sums.iter().zip(all(rows)) {
                        prop_assert_eq!(*sum, metrics.counts()[count].saturating_add(5));
                    }
                }
                for amount in 0..AMOUNTS {
                    let mut sums = vec![ExactSum::default(); view.len()];
                    view.amount(amount).iter().for_each(|column| column.add_to(&mut sums));
                    for (sum, (_, metrics)) in sums.iter().zip(all(rows)) {
                        prop_assert_eq!(sum.value(), metrics.amounts()[amount]);
                    }
                }
            }
            prop_assert_eq!(packed.split(splits.len()).len(), 0);
        }

        /// Checksums stand before this. Whatever passes them nonetheless is read without a panic.
        #[test]
        fn no_bytes_at_all_make_it_panic(
            splits in prop::collection::vec(rows(), 1..3),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..20),
            length in any::<prop::sample::Index>(),
        ) {
            let mut bytes = Packed::pack(&splits).bytes().to_vec();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(length.index(bytes.len() * 4).max(1));
            if let Some(packed) = Packed::from_bytes(bytes.into()) {
                for place in 0..packed.splits() {
                    packed.split(place).rows().for_each(drop);
                }
            }
        }
    }

    #[test]
    fn the_same_columns_rest_once() {
        let metrics = |n: i64| Metrics {
            prompt_tokens: 1_000 + n,
            completion_tokens: 2_000 - n,
            total_tokens: 3_000,
            spend_usd: 0.001 * n as f64,
            ..Metrics::default()
        };
        let rows = |first: u32| SplitRows {
            told: (0..200).map(|n| (first + n, metrics(n.into()))).collect(),
            rest: Vec::new(),
        };
        let one = Packed::pack(&[rows(7)]).bytes().len();
        let twice = Packed::pack(&[rows(7), rows(9_000)]).bytes().len();
        // A byte a step for the codes, one each for both kinds of tokens, eight for the spend.
        assert!((200 * 11..200 * 11 + 250).contains(&one), "{one}");
        assert!(twice < one + 200 + 100, "{twice} is more than the codes beside {one}");
    }
}
