//! Whether a day's parts add up to what the gateway says of the whole.

use crate::gateway::DayReading;
use crate::store::Discrepancy;
use crate::usage::Metrics;

/// The two sums of a reading that should agree and do not: keys against their team, models
/// against their key, teams against the day, and the day against the sums that the gateway
/// gave with its answer.
pub(crate) fn discrepancy(reading: &DayReading) -> Option<Discrepancy> {
    let day = reading.usage.total;
    let mut teams = Metrics::default();
    for team in &reading.usage.teams {
        teams += &team.metrics;
        let keys = sum(team.keys.iter().map(|key| &key.metrics));
        // LiteLLM names no key for refused calls (1.106, aggregated), and books no model for
        // them: parts may fall short of their whole, but never exceed it.
        if exceeds(&keys, &team.metrics) {
            return Some(Discrepancy { read: keys, gateway: team.metrics });
        }
        for key in &team.keys {
            let models = sum(key.models.iter().map(|(_, metrics)| metrics));
            if exceeds(&models, &key.metrics) {
                return Some(Discrepancy { read: models, gateway: key.metrics });
            }
        }
    }
    if !equal(&teams, &day) {
        return Some(Discrepancy { read: teams, gateway: day });
    }
    let reported = reading.reported.applied_to(&day);
    let is_sure = reading.consistent && reading.implausible == 0 && equal(&day, &reported);
    (!is_sure).then_some(Discrepancy { read: day, gateway: reported })
}

fn sum<'a>(parts: impl Iterator<Item = &'a Metrics>) -> Metrics {
    let mut sum = Metrics::default();
    for part in parts {
        sum += part;
    }
    sum
}

/// Whether a sum of parts is more than their whole in any counter. Money says nothing here: a
/// part without a name may be a refund.
fn exceeds(parts: &Metrics, whole: &Metrics) -> bool {
    let (parts_counts, whole_counts) = (parts.counts(), whole.counts());
    parts_counts.iter().zip(whole_counts).any(|(part, whole)| *part > whole)
}

/// Equal in what is shown; LiteLLM adds the other counters up in some places only.
fn equal(a: &Metrics, b: &Metrics) -> bool {
    let shown = |metrics: &Metrics| Metrics {
        spend_usd: metrics.spend_usd,
        flat_cost_usd: metrics.flat_cost_usd,
        prompt_tokens: metrics.prompt_tokens,
        completion_tokens: metrics.completion_tokens,
        total_tokens: metrics.total_tokens,
        requests: metrics.requests,
        successful_requests: metrics.successful_requests,
        failed_requests: metrics.failed_requests,
        ..Metrics::default()
    };
    shown(a).matches(&shown(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gateway::Reported;
    use crate::usage::{Day, DayUsage, KeyUsage, TeamUsage};

    fn reading(team: i64, day: i64, reported: Option<i64>) -> DayReading {
        let tokens = |total_tokens| Metrics { total_tokens, ..Metrics::default() };
        let mut usage = DayUsage::empty(Day::parse("2026-01-01").expect("a date"));
        usage.total = tokens(day);
        usage.teams = vec![TeamUsage { metrics: tokens(team), ..TeamUsage::default() }];
        let reported = Reported { total_tokens: reported, ..Reported::default() };
        DayReading { usage, reported, pages: 1, consistent: true, implausible: 0 }
    }

    #[test]
    fn sums_that_agree_or_were_not_told_are_fine() {
        assert_eq!(discrepancy(&reading(7, 7, Some(7))), None);
        assert_eq!(discrepancy(&reading(7, 7, None)), None);
    }

    #[test]
    fn both_sums_of_a_mismatch_are_told() {
        let teams = discrepancy(&reading(6, 7, Some(7))).expect("teams do not add up");
        assert_eq!((teams.read.total_tokens, teams.gateway.total_tokens), (6, 7));
        let page = discrepancy(&reading(7, 7, Some(9))).expect("the page says otherwise");
        assert_eq!((page.read.total_tokens, page.gateway.total_tokens), (7, 9));
    }

    #[test]
    fn parts_that_exceed_their_whole_are_not_trusted() {
        let tokens = |total_tokens| Metrics { total_tokens, ..Metrics::default() };
        let mut doubled = reading(7, 7, Some(7));
        let key = KeyUsage { metrics: tokens(8), ..KeyUsage::default() };
        doubled.usage.teams[0].keys = vec![key];
        let found = discrepancy(&doubled).expect("a key cannot use more than its team");
        assert_eq!((found.read.total_tokens, found.gateway.total_tokens), (8, 7));
        doubled.usage.teams[0].keys[0].metrics = tokens(6);
        assert_eq!(discrepancy(&doubled), None, "usage without a key is fine");
        doubled.usage.teams[0].keys[0].models = vec![("m".to_owned(), tokens(7))];
        assert!(discrepancy(&doubled).is_some());
    }

    #[test]
    fn values_that_cannot_be_true_put_a_day_in_doubt() {
        assert!(discrepancy(&DayReading { implausible: 1, ..reading(7, 7, Some(7)) }).is_some());
    }

    #[test]
    fn answers_that_do_not_fit_together_are_not_trusted() {
        let torn = DayReading { consistent: false, ..reading(7, 7, Some(7)) };
        assert!(discrepancy(&torn).is_some());
    }
}
