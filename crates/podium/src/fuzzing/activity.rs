//! The gateway's daily activity in any shape: what is read of it adds up.

use super::stage::{DAY, NOW, day, instant, runtime};
use crate::gateway::{DayReading, read_day_answer};
use crate::store::fuzzing::sums;
use crate::store::{DayState, EmbeddedStore, Location};
use crate::sync::verify::discrepancy;
use crate::usage::{DayRange, DayUsage};
use crate::usage::{Dimension, Metrics, Span};

/// Reads an answer about [`DAY`] twice, and stores what it tells.
pub(super) fn run(bytes: &[u8]) {
    let Ok(reading) = read_day_answer(bytes, day(DAY)) else { return };
    let again = read_day_answer(bytes, day(DAY)).expect("it was read before");
    assert_eq!(reading.usage, again.usage, "the same answer tells the same");
    adds_up(&reading);
}

/// What a reading tells adds up in the store, whichever way it is told apart.
pub(super) fn adds_up(reading: &DayReading) {
    let DayUsage { total, teams, .. } = &reading.usage;
    let mut of_teams = Metrics::default();
    teams.iter().for_each(|team| of_teams += &team.metrics);
    let is_possible = |sums: &Metrics| sums.counts().iter().all(|count| *count < i64::MAX);
    if !(is_possible(total) && is_possible(&of_teams)) {
        // Beyond 64 bits sums end at their bound, and parts do not add up.
        return;
    }
    let is_believed = discrepancy(reading).is_none();
    if is_believed {
        assert_eq!(of_teams.total_tokens, total.total_tokens, "teams and their day");
        assert_eq!(of_teams.requests, total.requests, "teams and their day");
    }
    runtime().block_on(stored(reading, &of_teams));
}

/// Keeps the day, and sums it by each dimension.
async fn stored(reading: &DayReading, of_teams: &Metrics) {
    let now = instant(NOW);
    let store = EmbeddedStore::open(&Location::Memory, now).expect("memory").store();
    let state = DayState {
        fetched_at: now,
        checked_at: now,
        has_usage: reading.usage.has_usage,
        discrepancy: discrepancy(reading),
    };
    store.facts.replace_day(reading.usage.clone(), state).await.expect("memory takes it");
    let reader = store.read();
    let span = || Span::Days(DayRange::single(day(DAY)));
    let everything = sums(&reader, span(), None).await.remove("").unwrap_or_default();
    is_same(&everything, of_teams, "the whole day");
    for dimension in Dimension::ALL {
        let mut sum = Metrics::default();
        let by_value = sums(&reader, span(), Some(dimension)).await;
        by_value.values().for_each(|metrics| sum += metrics);
        is_same(&sum, &everything, dimension.name());
    }
}

/// Equal but for what floats lose where large amounts go and come.
pub(super) fn is_same(ours: &Metrics, theirs: &Metrics, what: &str) {
    assert_eq!(ours.counts(), theirs.counts(), "{what}");
    for (ours, theirs) in ours.amounts().into_iter().zip(theirs.amounts()) {
        assert!(ours.is_finite() && theirs.is_finite(), "{what}: {ours} and {theirs}");
    }
}
