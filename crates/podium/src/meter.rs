//! Counting while working: how long things take, in a few atomic operations each.
//!
//! A meter is added to by whoever works and looked at by whoever tells; nobody waits for anybody.
//! What the numbers are called, and in which format they are told, is left to `api/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds of the classes of durations, in seconds, as Prometheus writes them; what takes
/// longer is in a class of its own.
pub const BOUNDS: [f64; 9] = [0.0001, 0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10.0, 60.0];

/// The same in nanoseconds.
const BOUNDS_NS: [u64; BOUNDS.len()] = [
    100_000,
    1_000_000,
    5_000_000,
    25_000_000,
    100_000_000,
    500_000_000,
    2_500_000_000,
    10_000_000_000,
    60_000_000_000,
];

/// Counts durations.
#[derive(Debug, Default)]
pub struct DurationMeter {
    classes: [AtomicU64; BOUNDS.len() + 1],
    sum_ns: AtomicU64,
}

/// What a meter had counted at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Durations {
    /// How many fell into each class; the last is beyond all bounds.
    pub classes: [u64; BOUNDS.len() + 1],
    /// Seconds in all.
    pub sum_seconds: f64,
}

impl DurationMeter {
    /// Counts one more.
    pub fn add(&self, took: Duration) {
        let ns = u64::try_from(took.as_nanos()).unwrap_or(u64::MAX);
        let class = BOUNDS_NS.iter().position(|bound| ns <= *bound).unwrap_or(BOUNDS_NS.len());
        if let Some(count) = self.classes.get(class) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.sum_ns.fetch_add(ns, Ordering::Relaxed);
    }

    /// What was counted so far.
    pub fn read(&self) -> Durations {
        let sum = Duration::from_nanos(self.sum_ns.load(Ordering::Relaxed));
        Durations {
            classes: self.classes.each_ref().map(|count| count.load(Ordering::Relaxed)),
            sum_seconds: sum.as_secs_f64(),
        }
    }
}

impl Durations {
    /// How many there were.
    pub fn count(&self) -> u64 {
        self.classes.iter().sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_falls_into_the_first_class_that_holds_it() {
        let meter = DurationMeter::default();
        for us in [1, 100, 101, 24_999, 25_000, 61_000_000] {
            meter.add(Duration::from_micros(us));
        }
        let counted = meter.read();
        assert_eq!(counted.classes, [2, 1, 0, 2, 0, 0, 0, 0, 0, 1]);
        assert_eq!(counted.count(), 6);
        assert!((counted.sum_seconds - 61.050_201).abs() < 1e-9, "{}", counted.sum_seconds);
    }

    #[test]
    fn both_lists_of_bounds_are_the_same() {
        for (seconds, ns) in BOUNDS.into_iter().zip(BOUNDS_NS) {
            assert_eq!(Duration::from_secs_f64(seconds), Duration::from_nanos(ns));
        }
    }
}
