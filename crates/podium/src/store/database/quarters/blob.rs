//! A quarter hour's facts as bytes.

use crate::store::quarters::QuarterFact;
use crate::usage::{COUNTS, Histogram, Metrics};

const LAYOUT: u8 = 1;

pub(in crate::store) fn write_facts(facts: impl Iterator<Item = (u32, QuarterFact)>) -> Vec<u8> {
    let mut bytes = vec![LAYOUT];
    for (series, fact) in facts {
        put(&mut bytes, u64::from(series));
        let counts = fact.metrics.counts();
        let mask = (0..COUNTS).filter(|i| counts[*i] != 0).fold(0, |mask, i| mask | 1 << i);
        put(&mut bytes, mask);
        counts.iter().filter(|count| **count != 0).for_each(|count| {
            put(&mut bytes, count.cast_unsigned());
        });
        bytes.extend(fact.metrics.spend_usd.to_le_bytes());
        for histogram in [&fact.durations, &fact.first_tokens] {
            put(&mut bytes, histogram.bands().len() as u64);
            for (band, count) in histogram.bands() {
                put(&mut bytes, u64::from(*band));
                put(&mut bytes, u64::from(*count));
            }
        }
    }
    bytes
}

/// The inverse of [`write_facts`]; `None` where the bytes are not what it wrote.
pub(in crate::store) fn read_facts(
    bytes: &[u8],
    series_known: usize,
) -> Option<Vec<(u32, QuarterFact)>> {
    let (&LAYOUT, mut rest) = bytes.split_first()? else { return None };
    let rest = &mut rest;
    let mut facts = Vec::new();
    while !rest.is_empty() {
        let series = u32::try_from(take(rest)?).ok()?;
        if series as usize >= series_known {
            return None;
        }
        let mask = take(rest)?;
        let mut counts = [0; COUNTS];
        for (_, count) in counts.iter_mut().enumerate().filter(|(i, _)| mask >> i & 1 == 1) {
            *count = take(rest)?.cast_signed();
        }
        let (spend, after) = rest.split_first_chunk::<8>()?;
        *rest = after;
        let mut histograms = [Histogram::default(), Histogram::default()];
        for histogram in &mut histograms {
            for _ in 0..take(rest)? {
                let (band, count) = (take(rest)?, take(rest)?);
                histogram.add(u16::try_from(band).ok()?, u32::try_from(count).ok()?);
            }
        }
        let [durations, first_tokens] = histograms;
        let metrics = Metrics::from_parts([f64::from_le_bytes(*spend), 0.0], counts);
        facts.push((series, QuarterFact { metrics, durations, first_tokens }));
    }
    Some(facts)
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_come_back_as_they_were() {
        let counts = std::array::from_fn(|i| i as i64 * 1_000_003);
        let metrics = Metrics::from_parts([0.1, 0.0], counts);
        let mut fact = QuarterFact { metrics, ..QuarterFact::default() };
        fact.durations.add(7, 300);
        fact.durations.add(90, 1);
        let huge = QuarterFact {
            metrics: Metrics { total_tokens: i64::MAX, ..Metrics::default() },
            ..QuarterFact::default()
        };
        let facts = vec![(0, fact), (300, huge), (301, QuarterFact::default())];
        let bytes = write_facts(facts.clone().into_iter());
        assert_eq!(read_facts(&bytes, 302), Some(facts));
        assert_eq!(read_facts(&bytes, 301), None, "a series that nobody knows");
        for cut in 1..bytes.len() - 1 {
            // A cut between two rows cannot be seen; everywhere else it is.
            let read = read_facts(&bytes[..cut], 302);
            assert!(read.is_none_or(|read| read.len() < 3), "{cut}");
        }
        assert_eq!(read_facts(&[], 302), None);
        assert_eq!(read_facts(&[9], 302), None);
    }
}
