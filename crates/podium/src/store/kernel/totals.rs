//! Running sums by group: the measures that were asked for, each in one pass over its columns.

use std::ops::Range;

use super::{MOST_ALIKE, NONE, Placed};
use crate::store::columns::{Counts, Rows};
use crate::store::packed::{View, Wholes};
use crate::store::quarters::SpanRows;
use crate::usage::{AMOUNTS, COUNTS, ExactSum, ExactSums, Histogram, SumQuestion, Sums};

/// Rows whose sums of one measure stay in the nearest cache, beside a column of a day.
const BLOCK: usize = 1024;
/// Small numbers of a run of days fit in 32 bits: a counter is one column or the sum of two.
const _: () = assert!(2 * MOST_ALIKE < 1 << 16);

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    Plus,
    Minus,
}

/// Running sums by group, and the rows that are done.
pub(super) struct Totals<'a> {
    question: &'a SumQuestion,
    counts: [Vec<i64>; COUNTS],
    amounts: [Vec<ExactSum>; AMOUNTS],
    times: Vec<(Histogram, Histogram)>,
    /// The groups of the running slot, and for each group whether it is among them.
    met: Vec<u32>,
    is_met: Vec<bool>,
    /// Sums of a block of rows over a run of days, of a counter or an amount.
    of_block: Vec<i64>,
    small_of_block: Vec<u32>,
    money_of_block: ExactSums,
    pub(super) sums: Sums,
}

impl<'a> Totals<'a> {
    pub(super) fn new(question: &'a SumQuestion) -> Self {
        Self {
            question,
            counts: Default::default(),
            amounts: Default::default(),
            times: Vec::new(),
            met: Vec::new(),
            // What does not count is never met.
            is_met: vec![true],
            of_block: Vec::new(),
            small_of_block: Vec::new(),
            money_of_block: ExactSums::default(),
            sums: Sums::default(),
        }
    }

    /// Adds rows to their groups.
    pub(super) fn add(&mut self, placed: &Placed, rows: &Rows, sign: Sign) {
        if placed.distinct.is_empty() {
            return;
        }
        self.meet(&placed.distinct);
        let groups = placed.groups.as_slice();
        let columns = self.question.columns;
        let all = self.is_met.len();
        for (place, column) in rows.counts.iter().enumerate() {
            if !columns.has_count(place) {
                continue;
            }
            let sums = &mut self.counts[place];
            sums.resize(all, 0);
            match column {
                Counts::Zero => {}
                Counts::Narrow(values) => {
                    add_counts(sums, groups, values.iter().map(|value| i64::from(*value)), sign);
                }
                Counts::Wide(values) => add_counts(sums, groups, values.iter().copied(), sign),
            }
        }
        for (place, column) in rows.amounts.iter().enumerate() {
            if !columns.has_amount(place) {
                continue;
            }
            let sums = &mut self.amounts[place];
            sums.resize(all, ExactSum::default());
            for (group, value) in groups.iter().zip(column) {
                sums[*group as usize].add(if sign == Sign::Plus { *value } else { -*value });
            }
        }
    }

    /// Adds days whose rows are of the same series: each series over all days first, which needs no
    /// look at its group. Rows are taken block by block, so that their sums stay near the processor.
    pub(super) fn add_alike(&mut self, placed: &Placed, days: &[View<'_>]) {
        if placed.distinct.is_empty() {
            return;
        }
        self.meet(&placed.distinct);
        let (all, columns) = (self.is_met.len(), self.question.columns);
        for place in (0..COUNTS).filter(|place| columns.has_count(*place)) {
            self.counts[place].resize(all, 0);
            self.add_alike_counts(place, &placed.groups, days);
        }
        for place in (0..AMOUNTS).filter(|place| columns.has_amount(*place)) {
            self.amounts[place].resize(all, ExactSum::default());
            self.add_alike_amounts(place, &placed.groups, days);
        }
    }

    fn add_alike_counts(&mut self, place: usize, groups: &[u32], days: &[View<'_>]) {
        let columns = days.iter().flat_map(|day| day.count(place));
        let (small, mut others): (Vec<_>, Vec<_>) = columns.partition(Wholes::is_small);
        if small.is_empty() && others.is_empty() {
            return;
        }
        let base = small.iter().chain(&others).map(Wholes::base).fold(0, i64::wrapping_add);
        // Narrow numbers fit however many they are; wide ones after them stay at their bound.
        others.sort_by_key(Wholes::is_wide);
        for (rows, groups) in blocks(groups) {
            self.small_of_block.clear();
            self.small_of_block.resize(groups.len(), 0);
            for column in &small {
                column.part(rows.clone()).add_small_to(&mut self.small_of_block);
            }
            self.of_block.clear();
            let smalls = self.small_of_block.iter().map(|small| base.wrapping_add((*small).into()));
            self.of_block.extend(smalls);
            for column in &others {
                column.part(rows.clone()).add_to(&mut self.of_block);
            }
            let of_rows = self.of_block.iter().copied();
            add_counts(&mut self.counts[place], groups, of_rows, Sign::Plus);
        }
    }

    fn add_alike_amounts(&mut self, place: usize, groups: &[u32], days: &[View<'_>]) {
        let columns: Vec<_> = days.iter().filter_map(|day| day.amount(place)).collect();
        if columns.is_empty() {
            return;
        }
        let sums = &mut self.amounts[place];
        for (rows, groups) in blocks(groups) {
            self.money_of_block.begin(groups.len());
            for column in &columns {
                column.part(rows.clone()).add_to(&mut self.money_of_block);
            }
            let of_groups = groups.iter().zip(self.money_of_block.iter());
            of_groups.for_each(|(group, sum)| sums[*group as usize].add_sum(sum));
        }
    }

    fn meet(&mut self, distinct: &[u32]) {
        for group in distinct {
            let place = *group as usize;
            if place >= self.is_met.len() {
                self.is_met.resize(place + 1, false);
            }
            if !self.is_met[place] {
                self.is_met[place] = true;
                self.met.push(*group);
            }
        }
    }

    pub(super) fn add_times(&mut self, groups: &[u32], rows: &SpanRows) {
        if !self.question.with_times {
            return;
        }
        self.times.resize_with(self.is_met.len(), Default::default);
        for (row, group) in groups.iter().enumerate().filter(|(_, group)| **group != NONE) {
            let (durations, first_tokens) = &mut self.times[*group as usize];
            rows.durations.of(row).iter().for_each(|(band, n)| durations.add(*band, *n));
            rows.first_tokens.of(row).iter().for_each(|(band, n)| first_tokens.add(*band, *n));
        }
    }

    /// Ends a slot: its groups become rows.
    pub(super) fn take(&mut self, slot: u32) {
        let columns = self.question.columns;
        let met = std::mem::take(&mut self.met);
        self.sums.rows.extend(met.iter().map(|group| (slot, *group - 1)));
        for (place, sums) in self.counts.iter_mut().enumerate() {
            if columns.has_count(place) {
                let taken = met.iter().map(|group| std::mem::take(&mut sums[*group as usize]));
                self.sums.counts[place].extend(taken);
            }
        }
        for (place, sums) in self.amounts.iter_mut().enumerate() {
            if columns.has_amount(place) {
                let taken = met.iter().map(|group| std::mem::take(&mut sums[*group as usize]));
                self.sums.amounts[place].extend(taken.map(ExactSum::value));
            }
        }
        if self.question.with_times {
            self.times.resize_with(self.is_met.len(), Default::default);
            let taken = met.iter().map(|group| std::mem::take(&mut self.times[*group as usize]));
            self.sums.times.extend(taken);
        }
        met.iter().for_each(|group| self.is_met[*group as usize] = false);
    }
}

/// Rows by the block, and their groups.
fn blocks(groups: &[u32]) -> impl Iterator<Item = (Range<usize>, &[u32])> {
    groups.chunks(BLOCK).enumerate().map(|(block, groups)| {
        let first = block * BLOCK;
        (first..first + groups.len(), groups)
    })
}

fn add_counts(sums: &mut [i64], groups: &[u32], values: impl Iterator<Item = i64>, sign: Sign) {
    if sign == Sign::Plus {
        for (group, value) in groups.iter().zip(values) {
            let sum = &mut sums[*group as usize];
            *sum = sum.saturating_add(value);
        }
    } else {
        for (group, value) in groups.iter().zip(values) {
            let sum = &mut sums[*group as usize];
            *sum = sum.saturating_sub(value);
        }
    }
}
