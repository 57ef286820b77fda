//! Everything that a board of teams shows, in one answer.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;
use utoipa::ToSchema;

use super::local::has_quarters;
use super::success_rate::percentage;
use super::{Meta, Question};
use crate::store::{Error, UsageReader};
use crate::usage::{
    Aggregate, Bucket, Day, DayRange, Dimension, Filter, Grain, Metrics, QuarterAggregate, buckets,
    iso,
};

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
    pub team_id: String,
    /// The team's name, unlike every other in the list.
    pub name: String,
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
    #[expect(clippy::cast_precision_loss, reason = "prices need no 64 bits")]
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
            success_rate: (metrics.requests > 0)
                .then(|| percentage(metrics.successful_requests, metrics.requests)),
            usd_per_1k_tokens: (metrics.total_tokens > 0)
                .then(|| metrics.cost_usd() / metrics.total_tokens as f64 * 1_000.0),
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

/// The board of a range.
pub async fn leaderboard(
    question: Question<'_>,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<Leaderboard, Error> {
    let Question { reader, range, asked, teams: listed, .. } = question;
    let now_by_place = question.by_team(range).await?;
    let before = period_before(asked);
    let used = reader.first_used().and_then(|first| before.from(first));
    let unknown = reader.empty_before().map_or(Some(before), |first| before.from(first));
    let today = Day::of(now);
    let is_known =
        unknown.is_none_or(|days| days.newest_first().all(|day| reader.knows(day) || day > today));
    let before_by_place = match used {
        _ if !is_known => None,
        Some(used) => Some(question.by_team(used).await?),
        None => Some(vec![Metrics::default(); listed.len()]),
    };
    let (trend_buckets, trends) = trends(question, zone, now).await?;
    let sum = |metrics: &[Metrics]| {
        let mut sum = Metrics::default();
        metrics.iter().for_each(|metrics| sum += metrics);
        sum
    };
    let totals = Standing::new(&sum(&now_by_place), before_by_place.as_deref().map(sum).as_ref());
    let teams = listed.iter().zip(&now_by_place).zip(trends).enumerate();
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
        meta: Meta::of(question).await?,
    })
}

/// Longer ranges have trends of days.
const MOST_DAYS_OF_HOURS: usize = 2;
/// Longer ones still have the last so many days.
const MOST_BUCKETS: u32 = 400;

/// The starts of buckets, and each team's tokens in them.
async fn trends(
    question: Question<'_>,
    zone: &TimeZone,
    now: Timestamp,
) -> Result<(Vec<String>, Vec<Vec<Option<i64>>>), Error> {
    let Question { reader, asked: range, teams, .. } = question;
    let of_hours = range.day_count() <= MOST_DAYS_OF_HOURS && logs_know(reader, range, zone, now);
    let grain = if of_hours { Grain::Hour } else { Grain::Day };
    let shown = DayRange::ending(range.last(), MOST_BUCKETS).first().max(range.first());
    let shown = DayRange::new(shown, range.last()).unwrap_or(range);
    let buckets = buckets(shown, grain, zone, usize::MAX).unwrap_or_default();
    let is_known = |bucket: &Bucket| {
        bucket.start.timestamp() <= now && (of_hours || reader.knows(bucket.first))
    };
    let empty: Vec<Option<i64>> =
        buckets.iter().map(|bucket| is_known(bucket).then_some(0)).collect();
    let mut trends = vec![empty; teams.len()];
    let mut add = |team_id: Option<std::sync::Arc<str>>, bucket: usize, tokens: i64| {
        let place = team_id.and_then(|team_id| teams.place(&team_id));
        if let Some(Some(sum)) = place.and_then(|place| trends[place].get_mut(bucket)) {
            *sum += tokens;
        }
    };
    if of_hours {
        let slots = buckets.iter().map(|bucket| vec![bucket.quarters()]).collect();
        let (by, filter) = (vec![Dimension::Team], Filter::default());
        let asked = QuarterAggregate { slots, by, filter, with_times: false };
        let sums = reader.aggregate_quarters(&asked).await?;
        for row in sums.rows {
            let team_id = sums.groups[row.group].team_id.clone();
            add(team_id, row.slot, row.metrics.total_tokens);
        }
    } else {
        let asked = Aggregate { range: shown, by: &[Dimension::Day, Dimension::Team] };
        for row in reader.aggregate(&asked).await? {
            let Some(day) = row.day else { continue };
            let bucket = buckets.partition_point(|bucket| bucket.first <= day);
            add(row.team_id, bucket.saturating_sub(1), row.metrics.total_tokens);
        }
    }
    let starts = buckets.iter().map(|bucket| iso(&bucket.start)).collect();
    Ok((starts, trends))
}

fn logs_know(reader: &dyn UsageReader, range: DayRange, zone: &TimeZone, now: Timestamp) -> bool {
    super::local::utc_days(range, zone, Day::of(now))
        .is_some_and(|days| days.newest_first().all(|day| has_quarters(reader, day, now)))
}
