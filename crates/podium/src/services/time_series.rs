//! Tokens and requests of each team, day by day.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Meta, Question};
use crate::store::Error;
use crate::usage::{Aggregate, Day, Dimension, Metrics};

/// The answer of `/tokens/timeseries`.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimeSeries {
    /// The days on which the gateway has usage, newest first.
    pub timeseries: Vec<TimeSeriesDay>,
    /// How far the answer can be trusted.
    pub meta: Meta,
}

/// One day.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimeSeriesDay {
    /// The day, `YYYY-MM-DD` in UTC.
    #[schema(value_type = String, format = Date)]
    pub date: Day,
    /// All listed teams, in the gateway's order.
    pub teams: Vec<TimeSeriesTeam>,
}

/// A team on one day.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimeSeriesTeam {
    /// The team's name, unlike every other in the list.
    pub name: String,
    /// The gateway's id of the team.
    pub team_id: String,
    /// Present and true if the gateway no longer lists the team.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// The gateway's total of the team's tokens.
    pub tokens: i64,
    /// All requests.
    pub total_requests: i64,
    /// Requests that were answered.
    pub successful_requests: i64,
    /// Requests that failed.
    pub failed_requests: i64,
}

/// Tokens and requests by day and team.
pub async fn time_series(question: Question<'_>) -> Result<TimeSeries, Error> {
    let Question { reader, range, teams: listed, .. } = question;
    let rows =
        reader.aggregate(&Aggregate { range, by: &[Dimension::Day, Dimension::Team] }).await?;
    let mut rows = rows.into_iter().peekable();
    let timeseries = reader
        .stored_days(range)
        .into_iter()
        .filter(|(_, state)| state.has_usage)
        .map(|(date, _)| {
            let mut by_place = vec![Metrics::default(); listed.len()];
            while let Some(row) = rows.next_if(|row| row.day == Some(date)) {
                if let Some(place) = row.team_id.and_then(|team_id| listed.place(&team_id)) {
                    by_place[place] = row.metrics;
                }
            }
            let teams = listed.iter().zip(by_place).map(|(team, metrics)| TimeSeriesTeam {
                name: team.name.clone(),
                team_id: team.team_id.clone(),
                deleted: team.deleted,
                tokens: metrics.total_tokens,
                total_requests: metrics.requests,
                successful_requests: metrics.successful_requests,
                failed_requests: metrics.failed_requests,
            });
            TimeSeriesDay { date, teams: teams.collect() }
        })
        .collect();
    Ok(TimeSeries { timeseries, meta: Meta::of(question).await? })
}
