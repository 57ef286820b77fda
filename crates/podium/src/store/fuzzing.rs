//! Ways in for fuzzing: sums of everything in each way of telling it apart, and what rests as bytes.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::Reader;
use super::database::quarters::blob;
use super::packed::Packed;
use crate::usage::{Columns, Dimension, Filter, Metrics, Span, SumQuestion};

/// What belongs to each value of a dimension; without a dimension, everything under an empty name.
pub(crate) async fn sums(
    reader: &Reader,
    span: Span,
    by: Option<Dimension>,
) -> BTreeMap<String, Metrics> {
    let question = SumQuestion {
        slots: vec![vec![span]],
        by: by.into_iter().collect(),
        filter: Filter::default(),
        columns: Columns::ALL,
        with_times: false,
        most_rows: usize::MAX,
    };
    let sums = reader.facts.sum(&question).await.expect("what is in memory can be summed");
    let mut by_value = BTreeMap::new();
    for (row, (_, group)) in sums.rows.iter().enumerate() {
        let value = if by.is_some() { sums.id(*group, 0).to_string() } else { String::new() };
        assert!(by_value.insert(value, sums.metrics(row)).is_none(), "two rows of one value");
    }
    by_value
}

/// Everything that is read of a packed day; how many rows it has at most in one of its splits.
pub(crate) fn read_packed(bytes: &[u8]) -> Option<usize> {
    let packed = Packed::from_bytes(Bytes::copy_from_slice(bytes))?;
    let mut most = 0;
    for place in 0..=usize::from(u8::MAX) {
        let view = packed.split(place);
        most = most.max(view.len());
        assert!(view.has_codes_of(view), "it is like itself");
        let rows = view.rows().count();
        assert_eq!(rows, view.len(), "as many rows as it says");
    }
    Some(most)
}

/// How many facts of a quarter hour there are; they must come out again as they were read.
pub(crate) fn read_quarter(bytes: &[u8]) -> Option<usize> {
    const SERIES: usize = 1_000;
    let facts = blob::read_facts(bytes, SERIES)?;
    let again = blob::write_facts(facts.clone().into_iter());
    let read = blob::read_facts(&again, SERIES).map(|facts| blob::write_facts(facts.into_iter()));
    assert_eq!(read.as_ref(), Some(&again), "it comes out as it went in");
    Some(facts.len())
}
