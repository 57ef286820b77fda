//! Tokens by team, with each team's API keys and the models they used.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Meta, Question};
use crate::store::Error;
use crate::usage::{Aggregate, Dimension, Metrics};

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
    pub name: String,
    /// The gateway's id of the team.
    pub team_id: String,
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
    /// The gateway's hash of the key.
    #[schema(value_type = String)]
    pub api_key: Arc<str>,
    /// The key's name, if it has one.
    #[schema(value_type = Option<String>)]
    pub key_alias: Option<Arc<str>>,
    /// The model groups it used, most tokens first; one entry `All Models` with the key's
    /// totals where the gateway tells no models.
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

const ALL_MODELS: &str = "All Models";

impl ModelUsage {
    fn new(model_name: Arc<str>, metrics: &Metrics) -> Self {
        Self {
            model_name,
            total_tokens: metrics.total_tokens,
            prompt_tokens: metrics.prompt_tokens,
            completion_tokens: metrics.completion_tokens,
        }
    }
}

/// Tokens by team, API key and model group.
pub async fn tokens(question: Question<'_>) -> Result<Tokens, Error> {
    let Question { reader, range, teams: listed, .. } = question;
    let by_team = reader.aggregate(&Aggregate { range, by: &[Dimension::Team] }).await?;
    let by_key =
        reader.aggregate(&Aggregate { range, by: &[Dimension::Team, Dimension::ApiKey] }).await?;
    let by_model = reader
        .aggregate(&Aggregate {
            range,
            by: &[Dimension::Team, Dimension::ApiKey, Dimension::ModelGroup],
        })
        .await?;

    let mut teams: Vec<TeamTokens> = listed
        .iter()
        .map(|team| TeamTokens {
            name: team.name.clone(),
            team_id: team.team_id.clone(),
            deleted: team.deleted,
            tokens: 0,
            breakdown: Breakdown::default(),
        })
        .collect();
    for row in by_team {
        if let Some(place) = row.team_id.and_then(|team_id| listed.place(&team_id)) {
            teams[place].tokens = row.metrics.total_tokens;
        }
    }
    let mut models: HashMap<(usize, Arc<str>), Vec<ModelUsage>> = HashMap::new();
    for row in by_model {
        let (Some(team_id), Some(api_key), Some(model)) =
            (row.team_id, row.api_key, row.model_group)
        else {
            continue;
        };
        if let Some(place) = listed.place(&team_id) {
            models.entry((place, api_key)).or_default().push(ModelUsage::new(model, &row.metrics));
        }
    }
    let all_models: Arc<str> = Arc::from(ALL_MODELS);
    let mut keys: Vec<(usize, i64, KeyTokens)> = Vec::new();
    for row in by_key {
        let (Some(team_id), Some(api_key)) = (row.team_id, row.api_key) else { continue };
        let Some(place) = listed.place(&team_id) else { continue };
        let mut models = models
            .remove(&(place, Arc::clone(&api_key)))
            .unwrap_or_else(|| vec![ModelUsage::new(Arc::clone(&all_models), &row.metrics)]);
        models.sort_unstable_by(|a, b| {
            (Reverse(a.total_tokens), &a.model_name).cmp(&(Reverse(b.total_tokens), &b.model_name))
        });
        let key_alias = reader.key_alias(&api_key);
        keys.push((place, row.metrics.total_tokens, KeyTokens { api_key, key_alias, models }));
    }
    keys.sort_unstable_by(|a, b| {
        (a.0, Reverse(a.1), &a.2.api_key).cmp(&(b.0, Reverse(b.1), &b.2.api_key))
    });
    for (place, _, key) in keys {
        teams[place].breakdown.api_keys.push(key);
    }
    Ok(Tokens { teams, meta: Meta::of(question).await? })
}
