//! Sums of money, exact in every digit that is shown.

use super::metrics::{AMOUNTS, Metrics};

/// A sum of floats that does not depend on their order in any digit that is shown: what each
/// addition loses is summed beside it.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExactSum {
    sum: f64,
    lost: f64,
}

impl ExactSum {
    /// Adds one value.
    pub fn add(&mut self, value: f64) {
        // What is lost in the addition, whichever of both is greater (Knuth's two-sum).
        let sum = self.sum + value;
        let added = sum - self.sum;
        self.lost += (self.sum - (sum - added)) + (value - added);
        self.sum = sum;
    }

    /// Adds what was summed elsewhere.
    pub fn add_sum(&mut self, other: Self) {
        self.add(other.sum);
        self.lost += other.lost;
    }

    /// The sum so far, rounded once.
    pub fn value(self) -> f64 {
        self.sum + self.lost
    }
}

/// A sum of metrics whose amounts are [`ExactSum`]s: the same in any order.
#[derive(Clone, Copy, Debug, Default)]
pub struct MetricsSum {
    counts: Metrics,
    amounts: [ExactSum; AMOUNTS],
}

impl MetricsSum {
    /// Adds one row.
    pub fn add(&mut self, metrics: &Metrics) {
        self.counts += metrics;
        for (sum, amount) in self.amounts.iter_mut().zip(metrics.amounts()) {
            sum.add(amount);
        }
    }

    /// The sum so far, its amounts rounded once.
    pub fn value(self) -> Metrics {
        Metrics::from_parts(self.amounts.map(ExactSum::value), self.counts.counts())
    }
}

/// Sums side by side, each as [`ExactSum`] makes it; so the processor adds to several at once.
#[derive(Debug, Default)]
pub struct ExactSums {
    sums: Vec<f64>,
    lost: Vec<f64>,
}

impl ExactSums {
    /// Begins anew with so many sums of nothing.
    pub fn begin(&mut self, count: usize) {
        for parts in [&mut self.sums, &mut self.lost] {
            parts.clear();
            parts.resize(count, 0.0);
        }
    }

    /// Adds one value to each, as long as there are both.
    pub fn add_each(&mut self, values: impl Iterator<Item = f64>) {
        let sums = self.sums.iter_mut().zip(&mut self.lost);
        for ((sum, lost), value) in sums.zip(values) {
            let mut one = ExactSum { sum: *sum, lost: *lost };
            one.add(value);
            (*sum, *lost) = (one.sum, one.lost);
        }
    }

    /// The sums so far.
    pub fn iter(&self) -> impl Iterator<Item = ExactSum> {
        self.sums.iter().zip(&self.lost).map(|(sum, lost)| ExactSum { sum: *sum, lost: *lost })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compensated_sum_loses_nothing() {
        let mut sum = ExactSum::default();
        for value in [1e16, 1.0, -1e16, 0.25] {
            sum.add(value);
        }
        assert_eq!(sum.value(), 1.25);
    }

    #[test]
    fn metrics_add_up_to_the_same_in_any_order() {
        let rows = [0.1, 0.2, 0.3, 0.4, 0.7].map(|spend_usd| Metrics {
            spend_usd,
            requests: 1,
            ..Metrics::default()
        });
        let sum = |rows: &mut dyn Iterator<Item = &Metrics>| {
            let mut sum = MetricsSum::default();
            rows.for_each(|row| sum.add(row));
            sum.value()
        };
        let forth = sum(&mut rows.iter());
        assert_eq!(forth, sum(&mut rows.iter().rev()));
        assert_eq!((forth.requests, forth.spend_usd), (5, 1.7));
        let mut plain = [Metrics::default(); 2];
        rows.iter().for_each(|row| plain[0] += row);
        rows.iter().rev().for_each(|row| plain[1] += row);
        assert_ne!(plain[0], plain[1], "rows whose order shows without it");
    }

    #[test]
    fn sums_side_by_side_are_those_of_each() {
        let rows = [[1e16, 0.1], [1.0, 0.2], [-1e16, 0.3], [0.25, -0.6]];
        let mut sums = ExactSums::default();
        sums.begin(2);
        rows.iter().for_each(|row| sums.add_each(row.iter().copied()));
        let of_each = [0, 1].map(|place| {
            let mut sum = ExactSum::default();
            rows.iter().for_each(|row| sum.add(row[place]));
            sum.value()
        });
        assert_eq!(sums.iter().map(ExactSum::value).collect::<Vec<_>>(), of_each);
        assert_eq!(of_each[0], 1.25);
        sums.begin(1);
        assert_eq!(sums.iter().map(ExactSum::value).collect::<Vec<_>>(), [0.0]);
    }
}
