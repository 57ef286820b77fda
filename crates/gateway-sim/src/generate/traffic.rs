//! Single requests out of thin air.

use jiff::{SignedDuration, Timestamp};

use super::temperament::Temperament;
use crate::world::{Key, Model, Request};

/// A request that a key made to a model and that has just ended.
pub(crate) fn invent(
    temperament: &Temperament,
    key: &Key,
    model: &Model,
    ended_at: Timestamp,
    dice: &mut fastrand::Rng,
) -> Request {
    let success = !temperament.fails(dice);
    let prompt_tokens = temperament.prompt(dice);
    let (completion_tokens, cached, duration_ms) = if success {
        let cached = temperament.cached(model, prompt_tokens, dice);
        (temperament.completion(dice), cached, dice.i64(300..9_000))
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
