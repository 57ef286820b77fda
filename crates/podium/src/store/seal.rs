//! Checksums of what rests: a changed bit must show before a figure is told.
//!
//! A seal covers the meaning of a row: names instead of codes, measures by their names, and only
//! those that are not zero. So a flipped code shows, and a new measure changes no seal.

use xxhash_rust::xxh3::{Xxh3, xxh3_128};

use crate::usage::{AMOUNT_NAMES, COUNT_NAMES, Metrics};

/// A seal in the making.
pub(super) struct Seal(Xxh3);

impl Seal {
    /// Begins the seal of a row of `table`.
    pub(super) fn of(table: &str) -> Self {
        Self(Xxh3::new()).text(table)
    }

    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        // With its length, so that no two rows of parts are alike.
        self.0.update(&bytes.len().to_le_bytes());
        self.0.update(bytes);
        self
    }

    pub(super) fn text(self, text: &str) -> Self {
        self.bytes(text.as_bytes())
    }

    pub(super) fn optional(self, text: Option<&str>) -> Self {
        match text {
            Some(text) => self.number(1).text(text),
            None => self.number(0),
        }
    }

    pub(super) fn number(mut self, number: i64) -> Self {
        self.0.update(&number.to_le_bytes());
        self
    }

    pub(super) fn maybe(self, number: Option<i64>) -> Self {
        match number {
            Some(number) => self.number(1).number(number),
            None => self.number(0),
        }
    }

    pub(super) fn sum(self, sum: u128) -> Self {
        self.bytes(&sum.to_le_bytes())
    }

    pub(super) fn metrics(mut self, metrics: &Metrics) -> Self {
        for (name, count) in COUNT_NAMES.iter().zip(metrics.counts()) {
            if count != 0 {
                self = self.text(name).number(count);
            }
        }
        for (name, amount) in AMOUNT_NAMES.iter().zip(metrics.amounts()) {
            if amount != 0.0 {
                self = self.text(name).bytes(&amount.to_bits().to_le_bytes());
            }
        }
        self
    }

    pub(super) fn done(self) -> u128 {
        self.0.digest128()
    }
}

/// What a counted request adds to the sum of its day's identities.
pub(super) fn of_identity(identity: u128, started_ms: i64, seen: u8) -> u128 {
    let mut bytes = [0; 25];
    bytes[..16].copy_from_slice(&identity.to_be_bytes());
    bytes[16..24].copy_from_slice(&started_ms.to_le_bytes());
    bytes[24] = seen;
    xxh3_128(&bytes)
}

/// A seal as it rests.
pub(super) fn to_blob(seal: u128) -> [u8; 16] {
    seal.to_le_bytes()
}

/// A seal that rests; `None` where there is none that could be one.
pub(super) fn from_blob(blob: Option<Vec<u8>>) -> Option<u128> {
    blob?.try_into().ok().map(u128::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_tells_every_part_and_no_measure_that_is_zero() {
        let seal = |metrics: &Metrics| Seal::of("day").text("a").metrics(metrics).done();
        let nothing = Metrics::default();
        let one = Metrics { requests: 1, ..nothing };
        let other = Metrics { successful_requests: 1, ..nothing };
        let refund = Metrics { spend_usd: -0.5, ..nothing };
        let seals = [&nothing, &one, &other, &refund].map(seal);
        for (i, a) in seals.iter().enumerate() {
            assert!(seals[i + 1..].iter().all(|b| a != b));
        }
        assert_eq!(seal(&nothing), Seal::of("day").text("a").done());
        assert_ne!(
            Seal::of("t").text("ab").text("c").done(),
            Seal::of("t").text("a").text("bc").done()
        );
        assert_ne!(Seal::of("t").optional(None).done(), Seal::of("t").optional(Some("")).done());
    }
}
