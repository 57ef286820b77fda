//! Numbers in columns as they rest, in the file and in memory: each as narrow as its values allow,
//! and each once, however many rows show it. They are summed as they are.
//!
//! A packed block is a list of columns, a list of splits that name columns, and the columns' bytes.
//! All numbers in it are little endian. Nothing in it is believed before [`Packed::from_bytes`]
//! found that all its parts lie within it.

mod packer;

use std::ops::Range;

use bytes::Bytes;

pub(super) use self::packer::SplitRows;
use crate::usage::{AMOUNTS, COUNTS, ExactSums, Metrics};

/// The first byte; another layout has another.
const LAYOUT: u8 = 1;
/// Layout, how many columns, how many splits.
const HEAD_BYTES: usize = 1 + 2 + 1;
/// Kind, width, rows, base, where its bytes begin.
const COLUMN_BYTES: usize = 1 + 1 + 4 + 8 + 4;
/// Rows that are told, all rows, and a column each for the codes of both and for each measure.
const SPLIT_BYTES: usize = 4 + 4 + 2 * (2 + COUNTS + AMOUNTS);
/// Some splits of the same usage. Cloning shares it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Packed(Bytes);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `base` and a number of no sign, of `width` bytes; of eight, the number itself.
    Whole = 0,
    /// Floats; of no width, `base` has the bits of all of them.
    Float = 1,
    /// The first is `base`, each further one is so much more than the one before; a byte each at
    /// least where there are several.
    Rising = 2,
    /// The sum of two columns, whose numbers `base` has in its low and next 16 bits.
    Sum = 3,
}

impl Packed {
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
                    // A few bytes must not stand for many rows: reading these takes memory.
                    && (kind != Kind::Rising || (width < 8 && (width > 0 || rows <= 1)))
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
    pub(super) fn codes(self) -> Vec<u32> {
        let mut codes = Vec::with_capacity(self.len());
        for column in [0, 1].into_iter().filter_map(|slot| self.column(slot)) {
            column.rise(&mut codes);
        }
        codes
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
        self.codes().into_iter().enumerate().map(move |(row, code)| (code, self.metrics(row)))
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

    /// The same column of some rows.
    fn part(self, rows: Range<usize>) -> Self {
        let bytes = &self.bytes[rows.start * self.width..rows.end * self.width];
        Self { rows: rows.len(), bytes, ..self }
    }

    /// Adds the codes of a rising column.
    fn rise(&self, codes: &mut Vec<u32>) {
        let steps = self.bytes;
        let mut code = self.base as u32;
        let mut next = |step: u32| {
            code = code.wrapping_add(step);
            code
        };
        match self.width {
            0 => codes.extend(std::iter::repeat_n(code, self.rows)),
            1 => codes.extend(steps.iter().map(|step| next((*step).into()))),
            2 => codes.extend(chunks(steps).map(|step| next(u16::from_le_bytes(step).into()))),
            _ => codes.extend(chunks(steps).map(|step| next(u32::from_le_bytes(step)))),
        }
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

/// The numbers of a column, each in its bytes.
fn chunks<const WIDTH: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; WIDTH]> {
    bytes.as_chunks::<WIDTH>().0.iter().copied()
}

/// A counter of all rows.
#[derive(Clone, Copy)]
pub(super) struct Wholes<'a>(Column<'a>);

impl<'a> Wholes<'a> {
    pub(super) fn part(self, rows: Range<usize>) -> Wholes<'a> {
        Self(self.0.part(rows))
    }

    /// Whether its numbers may be so great that sums have to be looked after.
    pub(super) fn is_wide(&self) -> bool {
        self.0.width == 8
    }

    fn value(&self, row: usize) -> i64 {
        (self.0.base as i64).wrapping_add(self.0.unsigned(row) as i64)
    }

    /// Whether its numbers are less than 2^16 more than a base that they share.
    pub(super) fn is_small(&self) -> bool {
        self.0.width <= 2
    }

    /// What all its numbers have in common; wide ones have nothing.
    pub(super) fn base(&self) -> i64 {
        self.0.base as i64
    }

    /// Adds what each row's small number is more than the base to that of the same place. The
    /// processor adds more of these at once than of long ones.
    pub(super) fn add_small_to(&self, sums: &mut [u32]) {
        let Column { width, bytes, .. } = self.0;
        match width {
            1 => sums.iter_mut().zip(bytes).for_each(|(sum, byte)| *sum += u32::from(*byte)),
            2 => {
                let parts = chunks(bytes).map(u16::from_le_bytes);
                sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum += u32::from(part));
            }
            _ => {}
        }
    }

    /// The same for numbers that are not small. Sums that do not fit stay at their bound, which only
    /// wide numbers reach.
    pub(super) fn add_to(&self, sums: &mut [i64]) {
        let bytes = self.0.bytes;
        if self.is_wide() {
            let values = chunks(bytes).map(i64::from_le_bytes);
            sums.iter_mut().zip(values).for_each(|(sum, value)| *sum = sum.saturating_add(value));
        } else {
            let parts = chunks(bytes).map(|part| i64::from(u32::from_le_bytes(part)));
            sums.iter_mut().zip(parts).for_each(|(sum, part)| *sum = sum.wrapping_add(part));
        }
    }
}

/// An amount of all rows.
#[derive(Clone, Copy)]
pub(super) struct Floats<'a>(Column<'a>);

impl<'a> Floats<'a> {
    pub(super) fn part(self, rows: Range<usize>) -> Floats<'a> {
        Self(self.0.part(rows))
    }

    fn value(&self, row: usize) -> f64 {
        let bits = if self.0.width == 0 { self.0.base } else { self.0.unsigned(row) };
        f64::from_bits(bits)
    }

    /// Adds each row's amount to that of the same place.
    pub(super) fn add_to(&self, sums: &mut ExactSums) {
        let Column { width, rows, base, bytes, .. } = self.0;
        if width == 0 {
            sums.add_each(std::iter::repeat_n(f64::from_bits(base), rows));
        } else {
            sums.add_each(chunks(bytes).map(f64::from_le_bytes));
        }
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
                    let (small, others): (Vec<_>, Vec<_>) =
                        view.count(count).partition(Wholes::is_small);
                    let mut smalls = vec![0; view.len()];
                    small.iter().for_each(|column| column.add_small_to(&mut smalls));
                    let base: i64 = small.iter().chain(&others).map(Wholes::base).sum();
                    let mut sums: Vec<i64> = smalls.iter().map(|n| base + i64::from(*n)).collect();
                    others.iter().for_each(|column| column.add_to(&mut sums));
                    for (sum, (_, metrics)) in sums.iter().zip(all(rows)) {
                        prop_assert_eq!(*sum, metrics.counts()[count]);
                    }
                }
                for amount in 0..AMOUNTS {
                    let mut sums = ExactSums::default();
                    sums.begin(view.len());
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
