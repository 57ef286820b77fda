//! Tokens and requests of each team, day by day.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Meta, Question};
use crate::query::{Query, View, utc_days};
use crate::store::Error;
use crate::usage::{Day, DayRange, Dimension, Grain, Metrics};

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
    #[schema(value_type = String)]
    pub name: Arc<str>,
    /// The gateway's id of the team.
    #[schema(value_type = String)]
    pub team_id: Arc<str>,
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
    let measures = ["tokens", "requests", "successful_requests", "failed_requests"];
    let by_team = question.query(&[Dimension::Team], &measures);
    let table = question.ask(&Query { grain: Grain::Day, ..by_team }).await?;
    let View { reader, teams: listed, now } = question.view;
    let places: Vec<Option<usize>> = table.ids(0).iter().map(|id| listed.place(id)).collect();
    let mut rows = table.rows.iter().peekable();
    let mut timeseries = Vec::new();
    for (bucket, planned) in table.buckets.iter().enumerate() {
        let mut by_place = vec![Metrics::default(); listed.len()];
        while let Some(row) = rows.next_if(|row| row.bucket == bucket) {
            if let Some(place) = places[table.code(*row, 0)] {
                by_place[place] = table.metrics(*row);
            }
        }
        let date = planned.days.first();
        let utc = utc_days(planned.days, question.zone, Day::of(now));
        let state = |day| reader.ledger.day_state(day);
        let is_used = |days: DayRange| days.newest_first().filter_map(state).any(|s| s.has_usage);
        if !utc.is_some_and(is_used) {
            continue;
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
        timeseries.push(TimeSeriesDay { date, teams: teams.collect() });
    }
    timeseries.reverse();
    Ok(TimeSeries { timeseries, meta: Meta::of(question, &table) })
}
