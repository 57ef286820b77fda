//! Tokens by model group.

use std::cmp::Reverse;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Meta, Question};
use crate::store::Error;
use crate::usage::{Dimension, REST, distinct_model_names};

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

/// Tokens by model group. What no model group claims is no model, and in `All Models` of its keys.
pub async fn models(question: Question<'_>) -> Result<Models, Error> {
    let table = question.ask(&question.query(&[Dimension::Model], &["tokens"])).await?;
    let named = || table.rows.iter().filter(|row| &**table.id(**row, 0) != REST);
    let names = distinct_model_names(named().map(|row| &**table.id(*row, 0)), |name| {
        question.view.reader.ledger.public_model_name(name).map(str::to_owned)
    });
    let mut models: Vec<ModelTokens> = named()
        .map(|row| {
            let model = table.id(*row, 0);
            ModelTokens {
                display_name: names.get(&**model).cloned().unwrap_or_default(),
                model: Arc::clone(model),
                tokens: table.metrics(*row).total_tokens,
            }
        })
        .collect();
    models
        .sort_unstable_by(|a, b| (Reverse(a.tokens), &a.model).cmp(&(Reverse(b.tokens), &b.model)));
    Ok(Models { models, meta: Meta::of(question, &table) })
}
