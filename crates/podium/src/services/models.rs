//! Tokens by model group.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Meta, Question};
use crate::store::Error;
use crate::usage::{Aggregate, Dimension, distinct_model_names};

/// The answer of `/tokens/models`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Models {
    /// The model groups that the listed teams used, most tokens first.
    pub models: Vec<ModelTokens>,
    /// How far the answer can be trusted.
    pub meta: Meta,
}

/// A model group's tokens.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelTokens {
    /// The model group's public name, as in the breakdown of `/tokens`.
    #[schema(value_type = String)]
    pub model: Arc<str>,
    /// A friendly form of the name's last part, unlike all others in the answer: `openai/gpt-4.1` is
    /// `GPT-4.1`. A team's own model goes by its public name.
    pub display_name: String,
    /// All tokens.
    pub tokens: i64,
}

/// Tokens by model group.
pub async fn models(question: Question<'_>) -> Result<Models, Error> {
    let Question { reader, range, teams: listed, .. } = question;
    let rows = reader
        .aggregate(&Aggregate { range, by: &[Dimension::Team, Dimension::ModelGroup] })
        .await?;
    let mut tokens: HashMap<Arc<str>, i64> = HashMap::new();
    for row in rows {
        let (Some(team_id), Some(model)) = (row.team_id, row.model_group) else { continue };
        if listed.place(&team_id).is_some() {
            let sum = tokens.entry(model).or_default();
            *sum = sum.saturating_add(row.metrics.total_tokens);
        }
    }
    let names = distinct_model_names(tokens.keys().map(AsRef::as_ref), |name| {
        reader.public_model_name(name).map(str::to_owned)
    });
    let mut models: Vec<ModelTokens> = tokens
        .iter()
        .map(|(model, tokens)| ModelTokens {
            display_name: names.get(&**model).cloned().unwrap_or_default(),
            model: Arc::clone(model),
            tokens: *tokens,
        })
        .collect();
    models
        .sort_unstable_by(|a, b| (Reverse(a.tokens), &a.model).cmp(&(Reverse(b.tokens), &b.model)));
    Ok(Models { models, meta: Meta::of(question).await? })
}
