//! Single requests that add up to a daily row.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::cell::Cell;
use super::rhythm::Rhythm;
use super::story::Trouble;
use crate::clock::start_of;
use crate::spec::Spec;
use crate::world::{Model, Request, hash_token};

/// The requests of a row: their tokens and times sum up to the row's exactly, their spend but for
/// the rounding of floats.
pub(super) fn split(
    spec: &Spec,
    team_id: &str,
    token: &str,
    model: &Model,
    date: Date,
    cell: Cell,
    dice: &mut fastrand::Rng,
) -> Vec<Request> {
    let counters = cell.counters;
    let successful = counters.successful_requests;
    let mut prompts = Shares::new(counters.prompt_tokens - cell.failed_prompt_tokens, successful);
    let mut cached = Shares::new(counters.cache_read_input_tokens, successful);
    let mut completions = Shares::new(counters.completion_tokens, successful);
    let mut durations = Shares::new(counters.total_response_time_ms, successful);
    let mut failed_prompts = Shares::new(cell.failed_prompt_tokens, counters.failed_requests);
    (0..counters.api_requests)
        .map(|number| {
            let success = number < successful;
            let (prompt_tokens, cached_tokens, completion_tokens, duration_ms) = if success {
                (prompts.next(), cached.next(), completions.next(), durations.next())
            } else {
                (failed_prompts.next(), 0, 0, dice.i64(20..900))
            };
            let started_at = match cell.trouble {
                Some(trouble) if !success => moment_of(trouble, spec, date, dice),
                _ => moment(spec, date, dice),
            };
            let spend = if success {
                model.price(prompt_tokens, cached_tokens, completion_tokens)
            } else {
                0.0
            };
            let id = hash_token(&format!(
                "{token} {} {} {date} {number}",
                model.provider_model, model.public_name
            ));
            Request {
                request_id: format!("chatcmpl-{}", &id[..32]),
                call_type: "acompletion".to_owned(),
                api_key: token.to_owned(),
                team_id: Some(team_id.to_owned()),
                model: model.provider_model.clone(),
                model_group: model.public_name.clone(),
                provider: model.provider.clone(),
                user: String::new(),
                started_at,
                ended_at: started_at + SignedDuration::from_millis(duration_ms),
                success,
                spend,
                prompt_tokens,
                completion_tokens,
                cache_read_input_tokens: cached_tokens,
            }
        })
        .collect()
}

/// A sum in whole parts, none left over.
struct Shares {
    left: i64,
    parts_left: i64,
}

impl Shares {
    fn new(sum: i64, parts: i64) -> Shares {
        Shares { left: sum, parts_left: parts }
    }

    fn next(&mut self) -> i64 {
        // Parts shrink and grow in turn, so that not all requests look alike.
        let even = self.left / self.parts_left.max(1);
        let part = match self.parts_left {
            ..=1 => self.left,
            parts if parts % 2 == 0 => even + even / 3,
            _ => even,
        };
        self.left -= part;
        self.parts_left -= 1;
        part
    }
}

/// A time of a day, more likely in busy hours, and not after `spec.now`.
pub(super) fn moment(spec: &Spec, date: Date, dice: &mut fastrand::Rng) -> Timestamp {
    const DAY_MS: i64 = 86_400_000;
    let rhythm = Rhythm::on(spec, date);
    let midnight = start_of(date);
    let latest =
        spec.now.filter(|now| *now > midnight).map_or(i64::MAX, |now| now.as_millisecond());
    let over = (latest - midnight.as_millisecond()).clamp(1, DAY_MS);
    let range = if spec.workshop.is_some() { over } else { DAY_MS };
    for _ in 0..200 {
        let ms = dice.i64(0..range);
        let at = midnight + SignedDuration::from_millis(ms);
        let weight = rhythm.weight(ms as f64 / 3_600_000.0);
        if dice.f64() * rhythm.most() < weight && at.as_millisecond() <= latest {
            return at;
        }
    }
    midnight
}

/// A time of trouble, as far as that is over by `spec.now`.
fn moment_of(trouble: Trouble, spec: &Spec, date: Date, dice: &mut fastrand::Rng) -> Timestamp {
    let (from, until) = trouble.hours();
    let hours = from + (until - from) * dice.f64();
    let at = start_of(date) + SignedDuration::from_millis((hours * 3_600_000.0) as i64);
    if spec.now.is_some_and(|now| at > now) { moment(spec, date, dice) } else { at }
}
