//! How many of each team's requests were answered.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Meta, Question};
use crate::store::Error;
use crate::usage::{Dimension, share};

/// The answer of `/tokens/success-rate`.
#[derive(Debug, Serialize, ToSchema)]
pub struct SuccessRate {
    /// All listed teams, in the gateway's order.
    pub teams: Vec<TeamSuccessRate>,
    /// How far the answer can be trusted.
    pub meta: Meta,
}

/// A team's requests.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeamSuccessRate {
    /// The team's name, unlike every other in the list.
    #[schema(value_type = String)]
    pub name: Arc<str>,
    /// The gateway's id of the team.
    #[schema(value_type = String)]
    pub team_id: Arc<str>,
    /// Present and true if the gateway no longer lists the team.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// All requests.
    pub total_requests: i64,
    /// Requests that were answered.
    pub successful_requests: i64,
    /// Requests that failed.
    pub failed_requests: i64,
    /// Share of answered requests in percent, 0 to 100, two decimals; 0 for no requests.
    pub success_rate: f64,
}

/// Requests by team.
pub async fn success_rate(question: Question<'_>) -> Result<SuccessRate, Error> {
    let measures = ["requests", "successful_requests", "failed_requests"];
    let table = question.ask(&question.query(&[Dimension::Team], &measures)).await?;
    let sums = question.sums_by_place(&table);
    let teams = table.teams.iter().zip(sums).map(|(team, metrics)| TeamSuccessRate {
        name: team.name.clone(),
        team_id: team.team_id.clone(),
        deleted: team.deleted,
        total_requests: metrics.requests,
        successful_requests: metrics.successful_requests,
        failed_requests: metrics.failed_requests,
        success_rate: share(metrics.successful_requests, metrics.requests).unwrap_or_default(),
    });
    Ok(SuccessRate { teams: teams.collect(), meta: Meta::of(question, &table) })
}
