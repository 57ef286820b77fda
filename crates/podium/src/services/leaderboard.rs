//! Everything that a board of teams shows, in one answer.

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Meta, Question};
use crate::query::{BucketState, PlannedBucket, Query, Table};
use crate::store::Error;
use crate::usage::{Day, DayRange, Dimension, Measure, Metrics, price, share};

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
    /// The rank by tokens, where it is shown without the tokens themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    #[serde(flatten)]
    #[schema(inline)]
    standing: Standing,
    /// Tokens by bucket; `null` where they are not known.
    pub trend: Vec<Option<i64>>,
}

/// What was used.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct Standing {
    /// All tokens. This and the others are `null` where they are not shown to whoever asks.
    pub tokens: Option<i64>,
    /// Tokens sent.
    pub prompt_tokens: Option<i64>,
    /// Tokens received.
    pub completion_tokens: Option<i64>,
    /// Tokens sent that the provider had in its cache.
    pub cache_read_tokens: Option<i64>,
    /// Tokens sent that the provider put into its cache.
    pub cache_creation_tokens: Option<i64>,
    /// All requests.
    pub requests: Option<i64>,
    /// Requests that were answered.
    pub successful_requests: Option<i64>,
    /// Requests that failed.
    pub failed_requests: Option<i64>,
    /// Spend in US dollars, reserved capacity included, unrounded.
    pub spend_usd: Option<f64>,
    /// The part of it that requests cost.
    pub request_spend_usd: Option<f64>,
    /// The part of it that reserved capacity cost: booked by the day, up to 91 days late.
    pub flat_cost_usd: Option<f64>,
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
    pub tokens: Option<i64>,
    /// All requests.
    pub requests: Option<i64>,
    /// Requests that were answered.
    pub successful_requests: Option<i64>,
    /// Requests that failed.
    pub failed_requests: Option<i64>,
    /// Spend in US dollars, reserved capacity included, unrounded.
    pub spend_usd: Option<f64>,
}

/// Which sums are told.
#[derive(Clone, Copy, Debug)]
struct Told {
    counts: bool,
    costs: bool,
}

impl Told {
    /// What is told of a team, or of all together.
    fn of(table: &Table, team_id: Option<&str>) -> Self {
        let is_told = |name: &str| {
            Measure::named(name).is_some_and(|measure| match team_id {
                Some(team_id) => !table.hides_of_team(team_id, measure),
                None => !table.hides(measure),
            })
        };
        Self { counts: is_told("tokens"), costs: is_told("spend_usd") }
    }
}

impl Standing {
    fn new(metrics: &Metrics, previous: Option<&Metrics>, told: Told) -> Self {
        let count = |count: i64| told.counts.then_some(count);
        let cost = |usd: f64| told.costs.then_some(usd);
        let all = told.counts && told.costs;
        Self {
            tokens: count(metrics.total_tokens),
            prompt_tokens: count(metrics.prompt_tokens),
            completion_tokens: count(metrics.completion_tokens),
            cache_read_tokens: count(metrics.cache_read_tokens),
            cache_creation_tokens: count(metrics.cache_creation_tokens),
            requests: count(metrics.requests),
            successful_requests: count(metrics.successful_requests),
            failed_requests: count(metrics.failed_requests),
            spend_usd: cost(metrics.cost_usd()),
            request_spend_usd: cost(metrics.spend_usd),
            flat_cost_usd: cost(metrics.flat_cost_usd),
            success_rate: share(metrics.successful_requests, metrics.requests)
                .filter(|_| told.counts),
            usd_per_1k_tokens: price(metrics.cost_usd(), metrics.total_tokens, 1_000.0)
                .filter(|_| all),
            previous: previous.map(|metrics| PreviousStanding {
                tokens: count(metrics.total_tokens),
                requests: count(metrics.requests),
                successful_requests: count(metrics.successful_requests),
                failed_requests: count(metrics.failed_requests),
                spend_usd: cost(metrics.cost_usd()),
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
    let by_team = Query { may_hide: true, ..question.query(&[Dimension::Team], &MEASURES) };
    let table = question.ask(&by_team).await?;
    let now_by_place = question.sums_by_place(&table);
    let period = period_before(question.asked);
    let before_by_place = if question.is_known(period) {
        let table = question.ask(&Query { days: period, ..by_team }).await?;
        Some(question.sums_by_place(&table))
    } else {
        None
    };
    let trends = Trends::of(question).await?;
    let sum = |metrics: &[Metrics]| {
        let mut sum = Metrics::default();
        metrics.iter().for_each(|metrics| sum += metrics);
        sum
    };
    let before = before_by_place.as_deref();
    let totals = Standing::new(&table.total, before.map(sum).as_ref(), Told::of(&table, None));
    let ranks = ranks(&table);
    let teams = table.teams.iter().zip(&now_by_place).enumerate();
    let teams = teams.map(|(place, (team, metrics))| {
        let told = Told::of(&table, Some(&team.team_id));
        TeamStanding {
            team_id: team.team_id.clone(),
            name: team.name.clone(),
            deleted: team.deleted,
            rank: ranks.get(&team.team_id).copied(),
            standing: Standing::new(metrics, before.map(|before| &before[place]), told),
            trend: trends.of_team(&team.team_id),
        }
    });
    Ok(Leaderboard {
        teams: teams.collect(),
        totals,
        previous: Period { start_date: period.first(), end_date: period.last() },
        trend_buckets: trends.buckets,
        meta: Meta::of(question, &table),
    })
}

/// Longer ones still have the last so many days.
const MOST_BUCKETS: u32 = 400;

/// Each team's tokens over time.
struct Trends {
    /// The starts of the buckets.
    buckets: Vec<String>,
    by_team: HashMap<Arc<str>, Vec<Option<i64>>>,
}

impl Trends {
    async fn of(question: Question<'_>) -> Result<Self, Error> {
        let range = question.asked;
        let grain = question.hours_or_days();
        let shown = DayRange::ending(range.last(), MOST_BUCKETS).first().max(range.first());
        let days = DayRange::new(shown, range.last()).unwrap_or(range);
        let by_team = question.query(&[Dimension::Team], &["tokens"]);
        let table = question.ask(&Query { grain, days, ..by_team }).await?;
        let in_order: Vec<&PlannedBucket> =
            table.buckets.iter().filter(|bucket| bucket.bounds.is_some()).collect();
        let nothing = |bucket: &&PlannedBucket| (bucket.state != BucketState::Unknown).then_some(0);
        let empty: Vec<Option<i64>> = in_order.iter().map(nothing).collect();
        let mut by_team = HashMap::new();
        for (team, rows) in table.teams.iter().zip(question.by_place(&table)) {
            let mut trend = empty.clone();
            for row in rows {
                if let Some(Some(tokens)) = trend.get_mut(row.bucket) {
                    *tokens = table.metrics(row).total_tokens;
                }
            }
            by_team.insert(team.team_id.clone(), trend);
        }
        let buckets = in_order.iter().map(|bucket| bucket.name.clone()).collect();
        Ok(Self { buckets, by_team })
    }

    /// Nothing of teams whose tokens are not shown.
    fn of_team(&self, team_id: &str) -> Vec<Option<i64>> {
        let unknown = || vec![None; self.buckets.len()];
        self.by_team.get(team_id).cloned().unwrap_or_else(unknown)
    }
}

/// The ranks of teams by tokens, where these are not told themselves.
fn ranks(table: &Table) -> HashMap<Arc<str>, u32> {
    let rows = table.rows.iter();
    rows.filter_map(|row| Some((table.id(*row, 0).clone(), table.rank(*row)?))).collect()
}
