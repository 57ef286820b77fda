//! Whether a day's parts add up to what the gateway says of the whole.

use crate::gateway::DayReading;
use crate::store::Discrepancy;
use crate::usage::Metrics;

/// The two sums of a reading that should be equal and are not: the teams' totals against the
/// day's, then the day's against the sums that the gateway gave with its answer.
pub(super) fn discrepancy(reading: &DayReading) -> Option<Discrepancy> {
    let mut teams = Metrics::default();
    for team in &reading.usage.teams {
        teams += &team.metrics;
    }
    let day = reading.usage.total;
    if !equal(&teams, &day) {
        return Some(Discrepancy { read: teams, gateway: day });
    }
    let reported = reading.reported.applied_to(&day);
    if !equal(&day, &reported) {
        return Some(Discrepancy { read: day, gateway: reported });
    }
    (!reading.consistent).then_some(Discrepancy { read: day, gateway: reported })
}

/// Equal in what is shown; LiteLLM adds the other counters up in some places only.
fn equal(a: &Metrics, b: &Metrics) -> bool {
    let shown = |metrics: &Metrics| Metrics {
        spend_usd: metrics.spend_usd,
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
    use crate::usage::{Day, DayUsage, TeamUsage};

    fn reading(team: i64, day: i64, reported: Option<i64>) -> DayReading {
        let tokens = |total_tokens| Metrics { total_tokens, ..Metrics::default() };
        let mut usage = DayUsage::empty(Day::parse("2026-01-01").expect("a date"));
        usage.total = tokens(day);
        usage.teams = vec![TeamUsage { metrics: tokens(team), ..TeamUsage::default() }];
        let reported = Reported { total_tokens: reported, ..Reported::default() };
        DayReading { usage, reported, pages: 1, consistent: true }
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
    fn answers_that_do_not_fit_together_are_not_trusted() {
        let torn = DayReading { consistent: false, ..reading(7, 7, Some(7)) };
        assert!(discrepancy(&torn).is_some());
    }
}
