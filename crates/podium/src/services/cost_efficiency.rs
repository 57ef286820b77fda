//! What each team paid for each model.

use std::cmp::Reverse;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Meta, Question, model_groups};
use crate::store::Error;
use crate::usage::{Dimension, price, to_4_decimals};

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
    #[schema(value_type = String)]
    pub team: Arc<str>,
    /// The gateway's id of the team.
    #[schema(value_type = String)]
    pub team_id: Arc<str>,
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
    // Requests that cost nothing are usage, too.
    let measures = ["tokens", "spend_usd", "request_spend_usd", "requests", "cache_read_tokens"];
    let by = [Dimension::Team, Dimension::Model];
    let table = question.ask(&question.query(&by, &measures)).await?;
    let mut cells = Vec::with_capacity(table.rows.len());
    let models = model_groups(&table, 1);
    for (team, rows) in table.teams.iter().zip(question.by_place(&table)) {
        let first = cells.len();
        for row in rows {
            let metrics = table.metrics(row);
            if metrics.is_zero() {
                continue;
            }
            let (cost, tokens) = (metrics.cost_usd(), metrics.total_tokens);
            let price = price(cost, tokens, 1_000.0).unwrap_or_default();
            cells.push(CostEfficiencyCell {
                team: team.name.clone(),
                team_id: team.team_id.clone(),
                deleted: team.deleted,
                model: models[table.code(row, 1)].clone(),
                cost_per_1k_tokens: to_4_decimals(price),
                total_cost: to_4_decimals(cost),
                total_tokens: tokens,
                cost_per_1k_tokens_unrounded: price,
                total_cost_unrounded: cost,
            });
        }
        cells[first..].sort_unstable_by(|a: &CostEfficiencyCell, b| {
            (Reverse(a.total_tokens), &a.model).cmp(&(Reverse(b.total_tokens), &b.model))
        });
    }
    Ok(CostEfficiency { cells, meta: Meta::of(question, &table) })
}
