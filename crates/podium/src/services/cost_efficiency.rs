//! What each team paid for each model.

use std::cmp::Reverse;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::rounding::to_4_decimals;
use super::{Meta, Question};
use crate::store::Error;
use crate::usage::{Aggregate, Dimension};

/// The answer of `/tokens/cost-efficiency`.
#[derive(Debug, Serialize, ToSchema)]
pub struct CostEfficiency {
    /// A cell for each listed team and model group with usage: teams in the gateway's order,
    /// then most tokens first.
    pub cells: Vec<CostEfficiencyCell>,
    /// How far the answer can be trusted.
    pub meta: Meta,
}

/// What a team paid for a model group.
#[derive(Debug, Serialize, ToSchema)]
pub struct CostEfficiencyCell {
    /// The team's name, unlike every other in the list.
    pub team: String,
    /// The gateway's id of the team.
    pub team_id: String,
    /// Present and true if the gateway no longer lists the team.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deleted: bool,
    /// The model group's public name.
    #[schema(value_type = String)]
    pub model: Arc<str>,
    /// US dollars for 1,000 tokens, four decimals; 0 for no tokens.
    pub cost_per_1k_tokens: f64,
    /// US dollars, reserved capacity included, four decimals.
    pub total_cost: f64,
    /// All tokens.
    pub total_tokens: i64,
    /// US dollars for 1,000 tokens, unrounded.
    pub cost_per_1k_tokens_unrounded: f64,
    /// US dollars, unrounded.
    pub total_cost_unrounded: f64,
}

/// Spend and tokens by team and model group.
pub async fn cost_efficiency(question: Question<'_>) -> Result<CostEfficiency, Error> {
    let Question { reader, range, teams: listed, .. } = question;
    let rows = reader
        .aggregate(&Aggregate { range, by: &[Dimension::Team, Dimension::ModelGroup] })
        .await?;
    let mut by_place: Vec<Vec<CostEfficiencyCell>> = Vec::new();
    by_place.resize_with(listed.len(), Vec::new);
    let teams: Vec<_> = listed.iter().collect();
    for row in rows.into_iter().filter(|row| !row.metrics.is_zero()) {
        let (Some(team_id), Some(model)) = (row.team_id, row.model_group) else { continue };
        let Some(place) = listed.place(&team_id) else { continue };
        let (cost, tokens) = (row.metrics.cost_usd(), row.metrics.total_tokens);
        let price = price_per_1k(cost, tokens);
        by_place[place].push(CostEfficiencyCell {
            team: teams[place].name.clone(),
            team_id: teams[place].team_id.clone(),
            deleted: teams[place].deleted,
            model,
            cost_per_1k_tokens: to_4_decimals(price),
            total_cost: to_4_decimals(cost),
            total_tokens: tokens,
            cost_per_1k_tokens_unrounded: price,
            total_cost_unrounded: cost,
        });
    }
    for cells in &mut by_place {
        cells.sort_unstable_by(|a, b| {
            (Reverse(a.total_tokens), &a.model).cmp(&(Reverse(b.total_tokens), &b.model))
        });
    }
    let cells = by_place.into_iter().flatten().collect();
    Ok(CostEfficiency { cells, meta: Meta::of(question).await? })
}

#[expect(clippy::cast_precision_loss, reason = "a price needs no 64 bits")]
fn price_per_1k(cost_usd: f64, tokens: i64) -> f64 {
    if tokens <= 0 { 0.0 } else { cost_usd / tokens as f64 * 1000.0 }
}

#[cfg(test)]
mod tests {
    use super::price_per_1k;

    #[test]
    fn no_tokens_have_no_price() {
        assert_eq!(price_per_1k(1.0, 0), 0.0);
        assert_eq!(price_per_1k(0.5, 1000), 0.5);
    }
}
