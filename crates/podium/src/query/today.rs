//! Today, live.

use std::collections::HashMap;
use std::sync::Arc;

use crate::store::{Error, Reader};
use crate::usage::{
    Columns, Day, DayRange, Dimension, Filter, Metrics, Span, SumQuestion, quarters_of,
};

/// What each team used on a UTC day, by whichever knows of more requests: the daily table, which
/// lags behind, or the quarter hours, which lack what the gateway dropped from its logs. Both only
/// ever miss some.
pub async fn today_by_team(
    reader: &Reader,
    today: Day,
) -> Result<HashMap<Arc<str>, Metrics>, Error> {
    let question = SumQuestion {
        slots: vec![
            vec![Span::Days(DayRange::single(today))],
            vec![Span::Quarters(quarters_of(today))],
        ],
        by: vec![Dimension::Team],
        filter: Filter::default(),
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
