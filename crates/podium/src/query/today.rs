//! Today, live.

use std::collections::HashMap;
use std::sync::Arc;

use super::{ListedTeam, View};
use crate::access::{Scope, Sight, Subject, Whose};
use crate::store::{Error, Reader};
use crate::usage::{
    Columns, Day, DayRange, Dimension, Filter, Metrics, Span, SumQuestion, quarters_of,
};

/// What was used today, as far as somebody sees it.
#[derive(Debug)]
pub struct Today {
    /// Each team that is seen, most tokens first.
    pub teams: Vec<(ListedTeam, TodayMetrics)>,
    /// All together; of those who see everything, whatever is in no list as well.
    pub total: TodayMetrics,
}

/// What somebody sees of sums.
#[derive(Clone, Copy, Debug, Default)]
pub struct TodayMetrics {
    metrics: Metrics,
    hidden: Columns,
}

impl TodayMetrics {
    /// All tokens.
    pub fn tokens(&self) -> Option<i64> {
        self.told(Columns::TOKENS, self.metrics.total_tokens)
    }

    /// All requests.
    pub fn requests(&self) -> Option<i64> {
        self.told(Columns::TOKENS, self.metrics.requests)
    }

    /// Requests that failed.
    pub fn failed_requests(&self) -> Option<i64> {
        self.told(Columns::TOKENS, self.metrics.failed_requests)
    }

    /// US dollars, reserved capacity included.
    pub fn spend_usd(&self) -> Option<f64> {
        self.told(Columns::COST, self.metrics.cost_usd())
    }

    fn told<T>(&self, columns: Columns, value: T) -> Option<T> {
        columns.is_apart_from(self.hidden).then_some(value)
    }
}

/// What was used on a UTC day.
pub async fn today(view: View<'_>, scope: &Scope, day: Day) -> Result<Today, Error> {
    let sight = scope.sight(Subject {
        by: &[Dimension::Team],
        filtered: &[],
        columns: Columns::ALL,
        with_times: false,
        is_total: true,
        may_hide: true,
    });
    let listed = view.teams.of_whose(sight.whose);
    let by_team = today_by_team(view.reader, day, own_keys(scope, sight)).await?;
    let mut teams: Vec<(ListedTeam, TodayMetrics)> = listed
        .iter()
        .map(|team| {
            let metrics = by_team.get(&team.stored_id).copied().unwrap_or_default();
            let is_own = scope.owns_team(&team.stored_id);
            let hidden = if is_own { Columns::NONE } else { sight.hidden };
            (team.clone(), TodayMetrics { metrics, hidden })
        })
        .collect();
    teams.sort_by_key(|(_, used)| std::cmp::Reverse(used.metrics.total_tokens));
    let mut total = Metrics::default();
    if scope.sees_everything() {
        by_team.values().for_each(|metrics| total += metrics);
    } else {
        teams.iter().for_each(|(_, used)| total += &used.metrics);
    }
    Ok(Today { teams, total: TodayMetrics { metrics: total, hidden: sight.hidden } })
}

/// The usage that counts where only that of some keys does.
fn own_keys(scope: &Scope, sight: Sight) -> Filter {
    match (sight.whose, scope.own_keys()) {
        (Whose::Own, Some(keys)) => {
            let keys = keys.iter().map(|key| key.to_string()).collect();
            Filter::default().only(Dimension::ApiKey, keys)
        }
        _ => Filter::default(),
    }
}

/// What each team used on a UTC day, by whichever knows of more requests: the daily table, which
/// lags behind, or the quarter hours, which lack what the gateway dropped from its logs. Both only
/// ever miss some.
async fn today_by_team(
    reader: &Reader,
    today: Day,
    filter: Filter,
) -> Result<HashMap<Arc<str>, Metrics>, Error> {
    let question = SumQuestion {
        slots: vec![
            vec![Span::Days(DayRange::single(today))],
            vec![Span::Quarters(quarters_of(today))],
        ],
        by: vec![Dimension::Team],
        filter,
        columns: Columns::ALL,
        with_times: false,
        most_rows: usize::MAX,
    };
    let sums = reader.facts.sum(&question).await?;
    let mut by_team: HashMap<Arc<str>, Metrics> = HashMap::new();
    for (row, (_, group)) in sums.rows.iter().enumerate() {
        let (metrics, known) = (sums.metrics(row), by_team.entry(sums.id(*group, 0).clone()));
        let known = known.or_default();
        if metrics.requests > known.requests || *known == Metrics::default() {
            *known = metrics;
        }
    }
    Ok(by_team)
}
