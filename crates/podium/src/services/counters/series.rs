//! Counters side by side that never go down, and whose sum is the whole.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::reading::{Reading, Sums};
use super::{COUNTED, OTHER};

/// How many sums a name has.
const PLACES: usize = COUNTED.len();

/// What was counted of one name.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    /// Where it would be if it could go down.
    truth: [i64; PLACES],
    /// What is told, never less than before.
    shown: [i64; PLACES],
    /// Whether each is told at all.
    told: [bool; PLACES],
}

impl Tally {
    /// Nothing so far of what is told.
    pub(super) fn told(told: [bool; PLACES]) -> Self {
        Self { told, ..Self::default() }
    }

    /// Adds what changed; what is told of it is left to [`allot`].
    pub(super) fn add(&mut self, change: &Sums) {
        for (place, change) in change.iter().enumerate() {
            if let (true, Some(change)) = (self.told[place], change) {
                self.truth[place] = self.truth[place].saturating_add(*change);
            }
        }
    }

    pub(super) fn shown(&self) -> [Option<u64>; PLACES] {
        std::array::from_fn(|at| {
            self.told[at].then(|| u64::try_from(self.shown[at]).unwrap_or_default())
        })
    }
}

/// The series of a dimension.
#[derive(Debug)]
pub(super) struct Series {
    most: usize,
    /// Those of names that have one; none ever loses it.
    own: BTreeMap<Arc<str>, Tally>,
    other: Tally,
}

impl Series {
    pub(super) fn new(most: usize) -> Self {
        Self { most, own: BTreeMap::new(), other: Tally::default() }
    }

    /// Gives series to the greatest of the names that are known, as many as may have one.
    pub(super) fn begin(&mut self, known: Reading) {
        self.other = Tally::told(known.of_others);
        let tokens = |sums: &Sums| sums[0].unwrap_or_default() + sums[1].unwrap_or_default();
        let mut names: Vec<(Arc<str>, Sums)> = known.by_key.into_iter().collect();
        names.sort_unstable_by(|(a, x), (b, y)| {
            (Reverse(tokens(x)), a).cmp(&(Reverse(tokens(y)), b))
        });
        for (key, sums) in names {
            if self.has_room_for(&key) {
                self.own.insert(key, Tally::told(sums.map(|sum| sum.is_some())));
            }
        }
    }

    fn has_room_for(&self, key: &str) -> bool {
        // A name that looks like the rest is a part of it.
        self.own.len() < self.most && key != OTHER
    }

    /// Adds what changed. A name that comes up now has a series from here on, if there is room; what
    /// it came with counts with the rest, since nobody sees the rise of a series that begins.
    pub(super) fn add(&mut self, changes: HashMap<Arc<str>, Sums>) {
        let mut changes: Vec<_> = changes.into_iter().collect();
        changes.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        for (key, change) in changes {
            if let Some(own) = self.own.get_mut(&key) {
                own.add(&change);
                continue;
            }
            self.other.add(&change);
            if self.has_room_for(&key) {
                self.own.insert(key, Tally::told(change.map(|change| change.is_some())));
            }
        }
        allot(self.own.values_mut().chain([&mut self.other]));
    }

    /// The series by name; the rest comes last, under none.
    pub(super) fn shown(&self) -> impl Iterator<Item = (Option<&Arc<str>>, [Option<u64>; PLACES])> {
        let own = self.own.iter().map(|(key, tally)| (Some(key), tally.shown()));
        own.chain([(None, self.other.shown())])
    }
}

/// Shows as much more of each as it has become, so that together they show what all have become, or
/// as much as before where that is more: what one has too much, others wait for.
pub(super) fn allot<'t>(tallies: impl IntoIterator<Item = &'t mut Tally>) {
    let mut tallies: Vec<&mut Tally> = tallies.into_iter().collect();
    for place in 0..PLACES {
        let told = || tallies.iter().filter(|tally| tally.told[place]);
        let truth: i128 = told().map(|tally| i128::from(tally.truth[place])).sum();
        let shown: i128 = told().map(|tally| i128::from(tally.shown[place])).sum();
        let mut left = (truth - shown).max(0);
        // The smallest first: who waits is who has most to wait with.
        let mut rises: Vec<(i64, usize)> = tallies
            .iter()
            .enumerate()
            .filter(|(_, tally)| tally.told[place])
            .map(|(at, tally)| (tally.truth[place].saturating_sub(tally.shown[place]), at))
            .filter(|(rise, _)| *rise > 0)
            .collect();
        rises.sort_unstable();
        for (rise, at) in rises {
            let more = i128::from(rise).min(left);
            left -= more;
            let shown = &mut tallies[at].shown[place];
            *shown = shown.saturating_add(i64::try_from(more).unwrap_or(i64::MAX));
        }
    }
}

#[cfg(test)]
mod tests;
