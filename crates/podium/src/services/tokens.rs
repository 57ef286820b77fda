//! Tokens by team, with each team's API keys and the models they used.

use std::cmp::Reverse;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Meta, Question, model_groups};
use crate::query::{Row, Table};
use crate::store::Error;
use crate::usage::{Dimension, Metrics, REST};

/// The answer of `/tokens`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tokens {
    /// All listed teams, in the gateway's order.
    pub teams: Vec<TeamTokens>,
    /// How far the answer can be trusted.
    pub meta: Meta,
}

/// A team's tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeamTokens {
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
    /// Where they went.
    pub breakdown: Breakdown,
}

/// Where a team's tokens went.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Breakdown {
    /// The team's API keys, most tokens first.
    pub api_keys: Vec<KeyTokens>,
}

/// What an API key used under its team.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeyTokens {
    /// The gateway's hash of the key; empty for usage that the gateway attributes to no key.
    #[schema(value_type = String)]
    pub api_key: Arc<str>,
    /// The key's name, if it has one.
    #[schema(value_type = Option<String>)]
    pub key_alias: Option<Arc<str>>,
    /// The model groups it used, most tokens first; what the gateway attributes to none of them is
    /// an entry `All Models`.
    pub models: Vec<ModelUsage>,
}

/// What a key used of a model group.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelUsage {
    /// The model group's public name.
    #[schema(value_type = String)]
    pub model_name: Arc<str>,
    /// All tokens.
    pub total_tokens: i64,
    /// Tokens sent.
    pub prompt_tokens: i64,
    /// Tokens received.
    pub completion_tokens: i64,
}

/// Tokens by team, API key and model group.
pub async fn tokens(question: Question<'_>) -> Result<Tokens, Error> {
    let by = [Dimension::Team, Dimension::ApiKey, Dimension::Model];
    let measures = ["tokens", "prompt_tokens", "completion_tokens", "requests"];
    let table = question.ask(&question.query(&by, &measures)).await?;
    let models = model_groups(&table, 2);
    let by_place = question.by_place(&table);
    let teams = table.teams.iter().zip(by_place).map(|(team, rows)| TeamTokens {
        name: team.name.clone(),
        team_id: team.team_id.clone(),
        deleted: team.deleted,
        tokens: rows.iter().map(|row| table.metrics(*row).total_tokens).sum(),
        breakdown: Breakdown { api_keys: keys(question, &table, &models, rows) },
    });
    Ok(Tokens { teams: teams.collect(), meta: Meta::of(question, &table) })
}

/// A team's keys, of its rows.
fn keys(
    question: Question<'_>,
    table: &Table,
    models: &[Arc<str>],
    mut rows: Vec<Row>,
) -> Vec<KeyTokens> {
    rows.sort_unstable_by_key(|row| table.code(*row, 1));
    let mut keys: Vec<(i64, KeyTokens)> = Vec::new();
    for rows in rows.chunk_by(|a, b| table.code(*a, 1) == table.code(*b, 1)) {
        let api_key = table.id(rows[0], 1);
        let is_only_one = rows.len() == 1;
        if **api_key == *REST && !rows.iter().any(|row| is_usage(&table.metrics(*row))) {
            continue;
        }
        let mut models: Vec<ModelUsage> = rows
            .iter()
            .map(|row| (&models[table.code(*row, 2)], table.id(*row, 2), table.metrics(*row)))
            // Floats and times alone are no usage of other models.
            .filter(|(_, id, sum)| is_only_one || ***id != *REST || is_usage(sum))
            .map(|(name, _, metrics)| ModelUsage {
                model_name: Arc::clone(name),
                total_tokens: metrics.total_tokens,
                prompt_tokens: metrics.prompt_tokens,
                completion_tokens: metrics.completion_tokens,
            })
            .collect();
        models.sort_unstable_by(|a, b| {
            (Reverse(a.total_tokens), &a.model_name).cmp(&(Reverse(b.total_tokens), &b.model_name))
        });
        let tokens = models.iter().map(|model| model.total_tokens).sum();
        let key_alias = table.keys.alias(question.view.reader, api_key);
        keys.push((tokens, KeyTokens { api_key: Arc::clone(api_key), key_alias, models }));
    }
    keys.sort_unstable_by(|a, b| (Reverse(a.0), &a.1.api_key).cmp(&(Reverse(b.0), &b.1.api_key)));
    keys.into_iter().map(|(_, key)| key).collect()
}

fn is_usage(metrics: &Metrics) -> bool {
    metrics.total_tokens != 0 || metrics.requests != 0
}
