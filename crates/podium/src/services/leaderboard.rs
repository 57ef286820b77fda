//! Everything that a board of teams shows, in one answer.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Meta, Question};
use crate::query::{BucketState, PlannedBucket, Query};
use crate::store::Error;
use crate::usage::{Day, DayRange, Dimension, Metrics, price, share};

/// The answer of `/api/v1/leaderboard`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Leaderboard {
    /// All listed teams, in the gateway's order.
    pub teams: Vec<TeamStanding>,
    /// All listed teams together.
    pub totals: Standing,
    /// The period of the same length before.
    pub previous: Period,
    /// When the trends' buckets begin, with the zone's offset.
    pub trend_buckets: Vec<String>,
    /// How far the answer can be trusted.
    pub meta: Meta,
}

/// A range of days.
#[derive(Debug, Serialize, ToSchema)]
pub struct Period {
    /// First day.
    #[schema(value_type = String, format = Date)]
    pub start_date: Day,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    pub end_date: Day,
}

/// A team on the board.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeamStanding {
    /// The gateway's id of the team.
    #[schema(value_type = String)]
    pub team_id: Arc<str>,
    /// The team's name, unlike every other in the list.
    #[schema(value_type = String)]
    pub name: Arc<str>,
    /// Present and true if the gateway no longer lists the team.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    #[serde(flatten)]
    #[schema(inline)]
    standing: Standing,
    /// Tokens by bucket; `null` where they are not known.
    pub trend: Vec<Option<i64>>,
}

/// What was used.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Standing {
    /// All tokens.
    pub tokens: i64,
    /// Tokens sent.
    pub prompt_tokens: i64,
    /// Tokens received.
    pub completion_tokens: i64,
    /// Tokens sent that the provider had in its cache.
    pub cache_read_tokens: i64,
    /// Tokens sent that the provider put into its cache.
    pub cache_creation_tokens: i64,
    /// All requests.
    pub requests: i64,
    /// Requests that were answered.
    pub successful_requests: i64,
    /// Requests that failed.
    pub failed_requests: i64,
    /// Spend in US dollars, reserved capacity included, unrounded.
    pub spend_usd: f64,
    /// The part of it that requests cost.
    pub request_spend_usd: f64,
    /// The part of it that reserved capacity cost: booked by the day, up to 91 days late.
    pub flat_cost_usd: f64,
    /// Share of answered requests in percent, two decimals; `null` without requests.
    pub success_rate: Option<f64>,
    /// US dollars for 1,000 tokens, unrounded; `null` without tokens.
    pub usd_per_1k_tokens: Option<f64>,
    /// The same in the period before; `null` where that is not known.
    pub previous: Option<PreviousStanding>,
}

/// What was used in the period before.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct PreviousStanding {
    /// All tokens.
    pub tokens: i64,
    /// All requests.
    pub requests: i64,
    /// Requests that were answered.
    pub successful_requests: i64,
    /// Requests that failed.
    pub failed_requests: i64,
    /// Spend in US dollars, reserved capacity included, unrounded.
    pub spend_usd: f64,
}

impl Standing {
    fn new(metrics: &Metrics, previous: Option<&Metrics>) -> Self {
        Self {
            tokens: metrics.total_tokens,
            prompt_tokens: metrics.prompt_tokens,
            completion_tokens: metrics.completion_tokens,
            cache_read_tokens: metrics.cache_read_tokens,
            cache_creation_tokens: metrics.cache_creation_tokens,
            requests: metrics.requests,
            successful_requests: metrics.successful_requests,
            failed_requests: metrics.failed_requests,
            spend_usd: metrics.cost_usd(),
            request_spend_usd: metrics.spend_usd,
            flat_cost_usd: metrics.flat_cost_usd,
            success_rate: share(metrics.successful_requests, metrics.requests),
            usd_per_1k_tokens: price(metrics.cost_usd(), metrics.total_tokens, 1_000.0),
            previous: previous.map(|metrics| PreviousStanding {
                tokens: metrics.total_tokens,
                requests: metrics.requests,
                successful_requests: metrics.successful_requests,
                failed_requests: metrics.failed_requests,
                spend_usd: metrics.cost_usd(),
            }),
        }
    }
}

/// The days as many before `range`.
pub fn period_before(range: DayRange) -> DayRange {
    let days = u32::try_from(range.day_count()).unwrap_or(u32::MAX);
    let last = range.first().previous().unwrap_or(range.first());
    DayRange::ending(last, days)
}

const MEASURES: [&str; 10] = [
    "tokens",
    "prompt_tokens",
    "completion_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "requests",
    "successful_requests",
    "failed_requests",
    "request_spend_usd",
    "flat_cost_usd",
];

/// The board of a range.
pub async fn leaderboard(question: Question<'_>) -> Result<Leaderboard, Error> {
    let by_team = question.query(&[Dimension::Team], &MEASURES);
    let table = question.ask(&by_team).await?;
    let now_by_place = question.sums_by_place(&table);
    let before = period_before(question.asked);
    let before_by_place = if question.is_known(before) {
        let table = question.ask(&Query { days: before, ..by_team }).await?;
        Some(question.sums_by_place(&table))
    } else {
        None
    };
    let (trend_buckets, trends) = trends(question).await?;
    let sum = |metrics: &[Metrics]| {
        let mut sum = Metrics::default();
        metrics.iter().for_each(|metrics| sum += metrics);
        sum
    };
    let totals = Standing::new(&table.total, before_by_place.as_deref().map(sum).as_ref());
    let teams = question.view.teams.iter().zip(&now_by_place).zip(trends).enumerate();
    let teams = teams.map(|(place, ((team, metrics), trend))| TeamStanding {
        team_id: team.team_id.clone(),
        name: team.name.clone(),
        deleted: team.deleted,
        standing: Standing::new(metrics, before_by_place.as_ref().map(|before| &before[place])),
        trend,
    });
    Ok(Leaderboard {
        teams: teams.collect(),
        totals,
        previous: Period { start_date: before.first(), end_date: before.last() },
        trend_buckets,
        meta: Meta::of(question, &table),
    })
}

/// Longer ones still have the last so many days.
const MOST_BUCKETS: u32 = 400;

/// The starts of buckets, and each team's tokens in them.
async fn trends(question: Question<'_>) -> Result<(Vec<String>, Vec<Vec<Option<i64>>>), Error> {
    let Question { view, asked: range, .. } = question;
    let grain = question.hours_or_days();
    let shown = DayRange::ending(range.last(), MOST_BUCKETS).first().max(range.first());
    let days = DayRange::new(shown, range.last()).unwrap_or(range);
    let by_team = question.query(&[Dimension::Team], &["tokens"]);
    let table = question.ask(&Query { grain, days, ..by_team }).await?;
    let in_order: Vec<&PlannedBucket> =
        table.buckets.iter().filter(|bucket| bucket.bounds.is_some()).collect();
    let nothing = |bucket: &&PlannedBucket| (bucket.state != BucketState::Unknown).then_some(0);
    let empty: Vec<Option<i64>> = in_order.iter().map(nothing).collect();
    let mut trends = vec![empty; view.teams.len()];
    for (trend, rows) in trends.iter_mut().zip(question.by_place(&table)) {
        for row in rows {
            if let Some(Some(tokens)) = trend.get_mut(row.bucket) {
                *tokens = table.metrics(row).total_tokens;
            }
        }
    }
    Ok((in_order.iter().map(|bucket| bucket.name.clone()).collect(), trends))
}
