//! Single requests out of thin air.

use jiff::{SignedDuration, Timestamp};

use super::story::Trouble;
use super::temperament::Temperament;
use crate::world::{Key, Model, Request};

/// A request that a key made to a model and that has just ended.
pub(crate) fn invent(
    temperament: &Temperament,
    key: &Key,
    model: &Model,
    ended_at: Timestamp,
    trouble: Option<Trouble>,
    dice: &mut fastrand::Rng,
) -> Request {
    let success = !temperament.fails(trouble.map_or(0.0, |trouble| trouble.failures), dice);
    let slowness = trouble.map_or(1.0, |trouble| trouble.slowness);
    let prompt_tokens = temperament.prompt(dice);
    let (completion_tokens, cached, duration_ms) = if success {
        let cached = temperament.cached(model, prompt_tokens, dice);
        let duration_ms = (dice.i64(300..9_000) as f64 * slowness) as i64;
        (temperament.completion(dice), cached, duration_ms)
    } else {
        (0, 0, dice.i64(20..900))
    };
    Request {
        request_id: format!("chatcmpl-{:016x}{:016x}", dice.u64(..), dice.u64(..)),
        call_type: "acompletion".to_owned(),
        api_key: key.token.clone(),
        team_id: Some(key.team_id.clone().unwrap_or_default()),
        model: model.provider_model.clone(),
        model_group: model.public_name.clone(),
        provider: model.provider.clone(),
        user: key.user_id.clone().unwrap_or_default(),
        started_at: ended_at - SignedDuration::from_millis(duration_ms),
        ended_at,
        success,
        spend: if success { model.price(prompt_tokens, cached, completion_tokens) } else { 0.0 },
        prompt_tokens,
        completion_tokens,
        cache_read_input_tokens: cached,
    }
}
