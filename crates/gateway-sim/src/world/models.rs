//! Models: public names and what is behind them.

use super::World;

/// A deployment: a public name and one provider's model behind it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Model {
    /// What clients ask for, `model_group` in usage: `acme/OpenAI/gpt-5.2`. Several deployments
    /// may share it.
    pub public_name: String,
    /// The provider's name, `model` in usage: `openai/gpt-5.2`. Several public names may share it.
    pub provider_model: String,
    /// Such as `openai`.
    pub provider: String,
    /// US dollars a prompt token.
    pub input_price: f64,
    /// US dollars a completion token.
    pub output_price: f64,
    /// US dollars a prompt token that came from the provider's cache; `None`: nothing is cached.
    pub cached_input_price: Option<f64>,
}

impl Model {
    /// What tokens cost, in US dollars. `cached_tokens` are part of `prompt_tokens`.
    pub fn price(&self, prompt_tokens: i64, cached_tokens: i64, completion_tokens: i64) -> f64 {
        let cached_price = self.cached_input_price.unwrap_or(self.input_price);
        (prompt_tokens - cached_tokens) as f64 * self.input_price
            + cached_tokens as f64 * cached_price
            + completion_tokens as f64 * self.output_price
    }
}

impl World {
    /// Adds a deployment.
    pub fn add_model(&mut self, model: Model) {
        self.models.push(model);
    }

    /// All deployments, in the order they were added.
    pub fn models(&self) -> &[Model] {
        &self.models
    }
}
