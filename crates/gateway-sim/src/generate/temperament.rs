//! How a team behaves: how much, when and with which models.

use jiff::civil::{Date, Weekday};

use super::dice::{day_number, dice};
use crate::spec::Spec;
use crate::world::Model;

/// How much more is done on a day of a workshop than on another weekday.
const WORKSHOP_PACE: f64 = 1.7;
/// How much more is done around a workshop than elsewhere.
const AROUND_WORKSHOPS: f64 = 2.4;
/// Tokens of a prompt in the middle of all teams.
const MIDDLING_PROMPT: f64 = 1_700.0;

/// A team's habits; they follow from a seed and the team's id alone.
#[derive(Clone, Debug)]
pub(crate) struct Temperament {
    seed: u64,
    team_id: String,
    /// Requests that a key makes of a model on an average weekday.
    level: f64,
    /// How much more each day than the day before: 0.01 is one percent.
    growth: f64,
    /// How much of a weekday a day of the weekend is.
    weekend: f64,
    /// The share of requests that fail.
    failures: f64,
    /// Tokens of an average prompt.
    prompt_tokens: f64,
    /// Tokens of an average answer.
    completion_tokens: f64,
    /// The share of prompts that come from a provider's cache, where it has one.
    cached: f64,
}

impl Temperament {
    pub(crate) fn of(seed: u64, team_id: &str) -> Temperament {
        let mut dice = dice(seed, &["temperament", team_id], 0);
        let mut between = |low: f64, high: f64| low + (high - low) * dice.f64();
        Temperament {
            seed,
            team_id: team_id.to_owned(),
            level: between(0.8, 2.8).exp2() * 5.0,
            growth: between(-0.012, 0.025),
            weekend: between(0.05, 0.6),
            failures: between(0.005, 0.055),
            prompt_tokens: between(8.5, 13.0).exp2(),
            completion_tokens: between(6.5, 10.0).exp2(),
            cached: between(0.1, 0.6),
        }
    }

    /// How much more or less this team does than an average one, about 1.
    pub(crate) fn liveliness(&self) -> f64 {
        self.level / 18.0
    }

    /// How fond the team is of a model: 1 on average, seldom above 4, often near 0.
    pub(crate) fn fondness(&self, model: &Model) -> f64 {
        let mut dice = dice(
            self.seed,
            &["fondness", &self.team_id, &model.public_name, &model.provider_model],
            0,
        );
        (1.0 - dice.f64()).ln().abs().min(5.0)
    }

    /// How much of the team's work a key does: 1 on average.
    pub(crate) fn diligence(&self, token: &str) -> f64 {
        0.4 + 1.2 * dice(self.seed, &["diligence", token], 0).f64()
    }

    /// The expected number of requests on a day, without favourites: what an average key makes of
    /// an average model.
    pub(crate) fn requests_on(&self, date: Date, spec: &Spec) -> f64 {
        let days_before = date.until(spec.until).map_or(0, |span| span.get_days());
        let workshop = spec.workshop.is_some_and(|workshop| workshop.is_on(spec, date));
        let weekday = match date.weekday() {
            _ if workshop => WORKSHOP_PACE,
            Weekday::Saturday | Weekday::Sunday => self.weekend,
            Weekday::Friday => 0.85,
            _ => 1.0,
        };
        let mood = if spec.workshop.is_some() { self.mood(date) * self.evenness() } else { 1.0 };
        self.level * weekday * mood * (1.0 - self.growth).powi(days_before)
    }

    /// Teams of a workshop that write long prompts or many write fewer, so that none is far ahead.
    fn evenness(&self) -> f64 {
        let even = (MIDDLING_PROMPT / self.prompt_tokens) / self.liveliness();
        AROUND_WORKSHOPS * even.powf(0.85)
    }

    /// How a day goes: most are good or bad, some are off, and few are great.
    fn mood(&self, date: Date) -> f64 {
        let mut dice = dice(self.seed, &["mood", &self.team_id], day_number(date));
        match dice.u32(..20) {
            0 => 0.1,
            1 => 2.2,
            _ => 0.6 + 0.8 * dice.f64(),
        }
    }

    /// Whether a request fails; `besides` is the share that fails for reasons of the day.
    pub(crate) fn fails(&self, besides: f64, dice: &mut fastrand::Rng) -> bool {
        dice.f64() < self.failures + besides
    }

    /// Tokens of a prompt.
    pub(crate) fn prompt(&self, dice: &mut fastrand::Rng) -> i64 {
        1 + (self.prompt_tokens * spread(dice)) as i64
    }

    /// Tokens of an answer.
    pub(crate) fn completion(&self, dice: &mut fastrand::Rng) -> i64 {
        1 + (self.completion_tokens * spread(dice)) as i64
    }

    /// How many of a prompt's tokens the provider had in its cache.
    pub(crate) fn cached(
        &self,
        model: &Model,
        prompt_tokens: i64,
        dice: &mut fastrand::Rng,
    ) -> i64 {
        if model.cached_input_price.is_none() {
            return 0;
        }
        (prompt_tokens as f64 * self.cached * dice.f64()) as i64
    }
}

/// From 0.4 to 1.9, 1 in the mean of many.
fn spread(dice: &mut fastrand::Rng) -> f64 {
    0.4 + 1.5 * dice.f64() * (0.6 + 0.4 * dice.f64())
}
