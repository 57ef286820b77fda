//! When usage happens: by the hour of the day, and by weekday and hour.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Meta, Question};
use crate::query::Query;
use crate::store::Error;
use crate::usage::{Filter, Grain, Metrics};

/// The answer of `/tokens/hourly`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hourly {
    /// All 24 hours of the day, summed over the range.
    pub hours: Vec<HourTokens>,
    /// Tokens used on these days at hours that nobody knows: the gateway has no request of them.
    pub unknown_hour: i64,
    /// How far the answer can be trusted.
    pub meta: Meta,
}

/// Tokens of requests that began in an hour of the day.
#[derive(Debug, Serialize, ToSchema)]
pub struct HourTokens {
    /// The hour of the clock, 0 to 23, in the time zone of the question.
    #[schema(minimum = 0, maximum = 23)]
    pub hour: usize,
    /// All tokens.
    pub tokens: i64,
}

/// The answer of `/api/v1/heatmap`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Heatmap {
    /// The time zone of weekdays and hours.
    pub tz: String,
    /// All 168 hours of the week, Monday's first.
    pub cells: Vec<HeatmapCell>,
    /// What was used on these days at hours that nobody knows.
    pub unknown_hour: UnknownHour,
    /// How far the answer can be trusted.
    pub meta: Meta,
}

/// Usage in an hour of the week, summed over the range.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeatmapCell {
    /// 1 (Monday) to 7 (Sunday).
    #[schema(minimum = 1, maximum = 7)]
    pub weekday: usize,
    /// The hour of the clock, 0 to 23.
    #[schema(minimum = 0, maximum = 23)]
    pub hour: usize,
    /// All tokens.
    pub tokens: i64,
    /// All requests.
    pub requests: i64,
    /// Requests that failed.
    pub failed_requests: i64,
    /// Spend in US dollars, unrounded.
    pub spend_usd: f64,
}

/// Usage of which the gateway has no request.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnknownHour {
    /// All tokens.
    pub tokens: i64,
    /// All requests.
    pub requests: i64,
    /// Spend in US dollars, reserved capacity included, unrounded.
    pub spend_usd: f64,
}

const HOURS: usize = 24;
const MEASURES: [&str; 4] = ["tokens", "requests", "failed_requests", "spend_usd"];

/// Tokens by the hour of the day.
pub async fn hourly(question: Question<'_>, filter: Filter) -> Result<Hourly, Error> {
    let (by_hour, rest, meta) = sums(question, Grain::HourOfDay, filter).await?;
    let hours = by_hour.iter().enumerate();
    let hours = hours.map(|(hour, sum)| HourTokens { hour, tokens: sum.total_tokens }).collect();
    Ok(Hourly { hours, unknown_hour: rest.tokens, meta })
}

/// Usage by weekday and hour.
pub async fn heatmap(question: Question<'_>, filter: Filter) -> Result<Heatmap, Error> {
    let (sums, unknown_hour, meta) = sums(question, Grain::WeekdayHour, filter).await?;
    let cells = sums.iter().enumerate().map(|(place, sum)| HeatmapCell {
        weekday: place / HOURS + 1,
        hour: place % HOURS,
        tokens: sum.total_tokens,
        requests: sum.requests,
        failed_requests: sum.failed_requests,
        spend_usd: sum.cost_usd(),
    });
    Ok(Heatmap { tz: question.tz.to_owned(), cells: cells.collect(), unknown_hour, meta })
}

/// Sums of the listed teams by hour, and what belongs to none. That is never less than nothing:
/// where the daily table lags behind the requests, all hours are known.
async fn sums(
    question: Question<'_>,
    grain: Grain,
    filter: Filter,
) -> Result<(Vec<Metrics>, UnknownHour, Meta), Error> {
    let query = Query { grain, filter, ..question.query(&[], &MEASURES) };
    let table = question.ask(&query).await?;
    let mut sums = vec![Metrics::default(); table.buckets.len()];
    for row in &table.rows {
        sums[row.bucket] = table.metrics(*row);
    }
    let rest = sums.pop().unwrap_or_default();
    let unknown_hour = UnknownHour {
        tokens: rest.total_tokens.max(0),
        requests: rest.requests.max(0),
        spend_usd: rest.cost_usd().max(0.0),
    };
    Ok((sums, unknown_hour, Meta::of(question, &table)))
}
