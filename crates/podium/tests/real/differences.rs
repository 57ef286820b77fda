//! What was compared and what was not equal.

use std::fmt::{Debug, Display};

use jiff::civil::Date;

use crate::sums::{Sums, is_same_money};

/// So many are told; more of them say the same.
const TOLD: usize = 40;
/// So much of a figure or list is told.
const TOLD_CHARACTERS: usize = 200;

#[derive(Debug, Default)]
pub(crate) struct Differences {
    compared: u64,
    found: Vec<String>,
    /// The last days of the ranges in which a difference was found.
    last_days: Vec<Date>,
    last_day: Option<Date>,
}

impl Differences {
    /// What is compared from now on lies in days up to this one.
    pub(crate) fn up_to(&mut self, last_day: Date) {
        self.last_day = Some(last_day);
    }

    /// Compares a figure, a name or a list.
    pub(crate) fn compare<T: PartialEq + Debug>(
        &mut self,
        what: impl FnOnce() -> String,
        ours: T,
        gateways: T,
    ) {
        self.compared += 1;
        if ours != gateways {
            self.add(&what(), format!("{ours:?}"), format!("{gateways:?}"));
        }
    }

    /// Compares dollars.
    pub(crate) fn compare_money(
        &mut self,
        what: impl FnOnce() -> String,
        ours: f64,
        gateways: f64,
    ) {
        self.compared += 1;
        if !is_same_money(ours, gateways) {
            self.add(&what(), ours, gateways);
        }
    }

    /// Compares all that is added up.
    pub(crate) fn compare_sums(&mut self, what: impl Fn() -> String, ours: &Sums, gateways: &Sums) {
        for ((name, ours), (_, gateways)) in ours.counts().into_iter().zip(gateways.counts()) {
            self.compare(|| format!("{}, {name}", what()), ours, gateways);
        }
        self.compare_money(|| format!("{}, spend", what()), ours.spend, gateways.spend);
    }

    fn add(&mut self, what: &str, ours: impl Display, gateways: impl Display) {
        let [ours, gateways] = [ours.to_string(), gateways.to_string()]
            .map(|text| text.chars().take(TOLD_CHARACTERS).collect::<String>());
        self.found.push(format!("{what}: {ours}, and the gateway has {gateways}"));
        self.last_days.extend(self.last_day);
    }

    pub(crate) fn compared(&self) -> u64 {
        self.compared
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether there are differences in days that stand still: before `live`.
    pub(crate) fn are_outside_of(&self, live: Date) -> bool {
        self.last_days.iter().any(|last| *last < live)
    }

    pub(crate) fn summary(&self) -> String {
        let first = self.found.first().map(|first| format!(", first {first}")).unwrap_or_default();
        format!("{} of {} figures differ{first}", self.found.len(), self.compared)
    }

    pub(crate) fn assert_none(&self, message: &str) {
        let told = self.found.iter().take(TOLD).cloned().collect::<Vec<_>>().join("\n");
        assert!(self.found.is_empty(), "{message}: {}\n{told}", self.summary());
    }
}
