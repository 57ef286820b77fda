//! How many of each team's requests were answered.

use serde::Serialize;
use utoipa::ToSchema;

use super::rounding::to_2_decimals;
use super::{Meta, Question};
use crate::store::Error;

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
    pub name: String,
    /// The gateway's id of the team.
    pub team_id: String,
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
    let by_place = question.by_team(question.range).await?;
    let teams = question.teams.iter().zip(by_place).map(|(team, metrics)| TeamSuccessRate {
        name: team.name.clone(),
        team_id: team.team_id.clone(),
        deleted: team.deleted,
        total_requests: metrics.requests,
        successful_requests: metrics.successful_requests,
        failed_requests: metrics.failed_requests,
        success_rate: percentage(metrics.successful_requests, metrics.requests),
    });
    Ok(SuccessRate { teams: teams.collect(), meta: Meta::of(question).await? })
}

/// A share in percent, 0 to 100, two decimals; 0 of nothing.
#[expect(clippy::cast_precision_loss, reason = "a percentage of two decimals needs no 64 bits")]
pub(super) fn percentage(part: i64, whole: i64) -> f64 {
    if whole <= 0 {
        return 0.0;
    }
    to_2_decimals((part as f64 * 100.0 / whole as f64).clamp(0.0, 100.0))
}

#[cfg(test)]
mod tests {
    use super::percentage;

    #[test]
    fn rates_have_two_decimals_and_stay_between_0_and_100() {
        assert_eq!(percentage(1, 3), 33.33);
        assert_eq!(percentage(2, 3), 66.67);
        assert_eq!(percentage(1, 800), 0.12, "0.125 is a tie and goes to the even digit");
        assert_eq!(percentage(0, 0), 0.0);
        assert_eq!(percentage(5, 5), 100.0);
        assert_eq!(percentage(6, 5), 100.0);
    }
}
