//! How long requests took, in a form that adds up.

use std::ops::AddAssign;

/// Counts of durations in bands that grow by a tenth: a quantile is off by at most 5 %. Only
/// bands that hold something are kept, so that few requests take few bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    /// Bands in rising order, each with how many durations it holds.
    bands: Vec<(u16, u32)>,
}

/// How much longer the durations of the next band are.
const GROWTH: f64 = 1.1;

/// The band of a duration: 0 holds zero, band `b` holds (1.1^(b-1), 1.1^b] milliseconds.
pub fn band_of(ms: i64) -> u16 {
    if ms <= 0 {
        return 0;
    }
    #[expect(clippy::cast_precision_loss, reason = "the band is what matters")]
    let band = (ms as f64).ln() / GROWTH.ln();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the longest 64-bit duration lies in band 459"
    )]
    let band = (band - 1e-9).ceil().max(0.0) as u16;
    band + 1
}

/// The middle of a band, in milliseconds.
fn middle_of(band: u16) -> f64 {
    if band == 0 {
        return 0.0;
    }
    let upper = GROWTH.powi(i32::from(band) - 1);
    // The value that is off by the same share at both ends.
    2.0 * upper / (1.0 + GROWTH)
}

impl Histogram {
    /// Counts `count` durations of one band.
    pub fn add(&mut self, band: u16, count: u32) {
        match self.bands.binary_search_by_key(&band, |(band, _)| *band) {
            Ok(at) => self.bands[at].1 = self.bands[at].1.saturating_add(count),
            Err(at) => self.bands.insert(at, (band, count)),
        }
    }

    /// The bands in rising order, each with its count.
    pub fn bands(&self) -> &[(u16, u32)] {
        &self.bands
    }

    /// The duration in milliseconds that `share` (0 to 1) of all do not exceed; `None` without
    /// any.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let all: u64 = self.bands.iter().map(|(_, count)| u64::from(*count)).sum();
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "counts are far below 2^53"
        )]
        let rank = ((share.clamp(0.0, 1.0) * all as f64).ceil() as u64).max(1);
        let mut seen = 0;
        let band = self.bands.iter().find(|(_, count)| {
            seen += u64::from(*count);
            seen >= rank
        });
        band.map(|(band, _)| middle_of(*band))
    }
}

impl AddAssign<&Histogram> for Histogram {
    fn add_assign(&mut self, other: &Self) {
        other.bands.iter().for_each(|(band, count)| self.add(*band, *count));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_off_by_a_twentieth_at_most() {
        let mut histogram = Histogram::default();
        let mut durations: Vec<i64> = (1..=2_000).map(|n| n * n % 60_000 + 1).collect();
        durations.iter().for_each(|ms| histogram.add(band_of(*ms), 1));
        durations.sort_unstable();
        for (share, rank) in [(0.5, 1_000), (0.95, 1_900), (0.99, 1_980), (1.0, 2_000)] {
            let exact = durations[rank - 1] as f64;
            let told = histogram.quantile(share).expect("there are some");
            assert!((told - exact).abs() <= exact * 0.05, "{share}: {told} for {exact}");
        }
    }

    #[test]
    fn a_band_ends_where_the_next_begins() {
        let bands: Vec<u16> = (0..100_000).map(band_of).collect();
        assert!(bands.windows(2).all(|pair| pair[0] <= pair[1] && pair[1] - pair[0] <= 9));
        assert_eq!((band_of(0), band_of(-5), band_of(1)), (0, 0, 1));
        assert!(band_of(i64::MAX) < 500);
    }

    #[test]
    fn nothing_has_no_quantile_and_zero_is_zero() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(0.5), None);
        histogram.add(0, 3);
        assert_eq!(histogram.quantile(0.99), Some(0.0));
    }
}
