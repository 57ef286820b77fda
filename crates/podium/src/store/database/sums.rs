//! Sums at rest: as JSON, each measure under its name.

use serde_json::{Map, Value};

use crate::store::Discrepancy;
use crate::usage::{AMOUNT_NAMES, AMOUNTS, COUNT_NAMES, COUNTS, Metrics};

fn to_json(sum: &Metrics) -> Value {
    let counts = COUNT_NAMES.iter().zip(sum.counts()).map(|(name, count)| (name, count.into()));
    let amounts = AMOUNT_NAMES.iter().zip(sum.amounts()).map(|(name, usd)| (name, usd.into()));
    Value::Object(counts.chain(amounts).map(|(name, value)| ((*name).to_owned(), value)).collect())
}

/// Measures that were not known when the sum was written are zero; anything else that is not a
/// number of its kind makes the sum unreadable.
fn from_json(value: &Value) -> Option<Metrics> {
    let named: &Map<String, Value> = value.as_object()?;
    let (mut counts, mut amounts) = ([0; COUNTS], [0.0; AMOUNTS]);
    for (name, count) in COUNT_NAMES.iter().zip(&mut counts) {
        *count = named.get(*name).map_or(Some(0), Value::as_i64)?;
    }
    for (name, amount) in AMOUNT_NAMES.iter().zip(&mut amounts) {
        *amount = named.get(*name).map_or(Some(0.0), Value::as_f64)?;
    }
    Some(Metrics::from_parts(amounts, counts))
}

pub(super) fn sum_text(sum: &Metrics) -> String {
    to_json(sum).to_string()
}

pub(super) fn sum_from(text: &str) -> Option<Metrics> {
    from_json(&serde_json::from_str(text).ok()?)
}

pub(super) fn discrepancy_text(discrepancy: &Discrepancy) -> String {
    serde_json::json!({
        "read": to_json(&discrepancy.read),
        "gateway": to_json(&discrepancy.gateway),
    })
    .to_string()
}

pub(super) fn discrepancy_from(text: &str) -> Option<Discrepancy> {
    let both: Value = serde_json::from_str(text).ok()?;
    Some(Discrepancy {
        read: from_json(both.get("read")?)?,
        gateway: from_json(both.get("gateway")?)?,
    })
}

/// As versions 1 and 2 of the schema wrote them: spend, then ten counters by their places.
pub(super) mod by_place {
    use super::{Discrepancy, Metrics};

    type Places = (f64, [i64; 10]);

    fn metrics((spend_usd, places): Places) -> Metrics {
        let [prompt, completion, read, creation, total, requests, successful, failed, ms, timed] =
            places;
        Metrics {
            spend_usd,
            prompt_tokens: prompt,
            completion_tokens: completion,
            cache_read_tokens: read,
            cache_creation_tokens: creation,
            total_tokens: total,
            requests,
            successful_requests: successful,
            failed_requests: failed,
            response_time_ms: ms,
            timed_requests: timed,
            ..Metrics::default()
        }
    }

    pub(in super::super) fn sum_from(text: &str) -> Option<Metrics> {
        serde_json::from_str(text).ok().map(metrics)
    }

    pub(in super::super) fn discrepancy_from(text: &str) -> Option<Discrepancy> {
        let [read, gateway]: [Places; 2] = serde_json::from_str(text).ok()?;
        Some(Discrepancy { read: metrics(read), gateway: metrics(gateway) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_that_came_later_leaves_an_old_discrepancy_what_it_was() {
        let read = Metrics { requests: 3, spend_usd: 0.1 + 0.2, ..Metrics::default() };
        let both = Discrepancy { read, gateway: Metrics::default() };
        assert_eq!(discrepancy_from(&discrepancy_text(&both)), Some(both));
        let written_before =
            r#"{"read":{"requests":3,"spend_usd":0.30000000000000004},"gateway":{}}"#;
        assert_eq!(discrepancy_from(written_before), Some(both));
        for broken in
            ["", "[]", "{}", r#"{"read":{}}"#, r#"{"read":{"requests":"3"},"gateway":{}}"#]
        {
            assert_eq!(discrepancy_from(broken), None, "{broken}");
        }
        let places = "[[0.5, [1,2,3,4,5,6,7,8,9,10]], [0.0, [0,0,0,0,0,0,0,0,0,0]]]";
        let old = by_place::discrepancy_from(places).expect("the old form");
        assert_eq!((old.read.total_tokens, old.read.timed_requests), (5, 10));
    }
}
