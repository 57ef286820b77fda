//! When usage happens: by the hour of the day, and by weekday and hour.

use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Meta, Question};
use crate::store::Error;
use crate::usage::{
    DayRange, Dimension, Filter, Metrics, Quarter, QuarterAggregate, clock_of,
    quarters_of_local_day,
};

/// The answer of `/tokens/hourly`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hourly {
    /// All 24 hours of the day, summed over the range.
    pub hours: Vec<HourTokens>,
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

const HOURS: usize = 24;
const WEEKDAYS: usize = 7;

/// Tokens by the hour of the day.
pub async fn hourly(
    question: Question<'_>,
    zone: &TimeZone,
    filter: Filter,
) -> Result<Hourly, Error> {
    let by_hour = sums(question, zone, filter, HOURS, |hour, _| hour).await?;
    let hours = by_hour.iter().enumerate();
    let hours = hours.map(|(hour, sum)| HourTokens { hour, tokens: sum.total_tokens }).collect();
    Ok(Hourly { hours, meta: Meta::of(question).await? })
}

/// Usage by weekday and hour.
pub async fn heatmap(
    question: Question<'_>,
    zone: &TimeZone,
    filter: Filter,
) -> Result<Heatmap, Error> {
    let place = |hour, weekday| weekday * HOURS + hour;
    let sums = sums(question, zone, filter, WEEKDAYS * HOURS, place).await?;
    let cells = sums.iter().enumerate().map(|(place, sum)| HeatmapCell {
        weekday: place / HOURS + 1,
        hour: place % HOURS,
        tokens: sum.total_tokens,
        requests: sum.requests,
        failed_requests: sum.failed_requests,
        spend_usd: sum.cost_usd(),
    });
    let tz = question.basis.tz.clone();
    Ok(Heatmap { tz, cells: cells.collect(), meta: Meta::of(question).await? })
}

/// Sums of the listed teams over the range, by the place of each quarter hour's clock (hour 0 to
/// 23, weekday 0 to 6).
async fn sums(
    question: Question<'_>,
    zone: &TimeZone,
    filter: Filter,
    places: usize,
    place: impl Fn(usize, usize) -> usize,
) -> Result<Vec<Metrics>, Error> {
    let mut slots = vec![Vec::new(); places];
    for day in question.range.newest_first() {
        let quarters = quarters_of_local_day(day, zone);
        let mut next = quarters.start;
        // Quarter hours of one hour of the clock are asked for together.
        while next < quarters.end {
            let (hour, weekday) = clock_of(next, zone);
            let mut end = Quarter(next.0 + 1);
            while end < quarters.end && clock_of(end, zone) == (hour, weekday) {
                end = Quarter(end.0 + 1);
            }
            let (hour, weekday) = (hour.unsigned_abs().into(), weekday.unsigned_abs() - 1);
            slots[place(hour, weekday.into())].push(next..end);
            next = end;
        }
    }
    let by = vec![Dimension::Team];
    let asked = QuarterAggregate { slots, by, filter, with_times: false };
    let mut sums = vec![Metrics::default(); places];
    let found = question.reader.aggregate_quarters(&asked).await?;
    for row in found.rows {
        let team_id = found.groups[row.group].team_id.as_ref();
        if team_id.is_some_and(|team_id| question.teams.place(team_id).is_some()) {
            sums[row.slot] += &row.metrics;
        }
    }
    Ok(sums)
}

/// Whether quarter hours tell nothing at all of days that have usage.
pub fn is_unexplained(question: Question<'_>, utc_days: DayRange) -> bool {
    let mut is_used = false;
    for day in utc_days.newest_first() {
        if question.reader.explained(day).requests > 0 {
            return false;
        }
        is_used |= question.reader.day_total(day).is_some_and(|total| total.total_tokens > 0);
    }
    is_used
}
