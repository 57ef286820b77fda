//! Generators of random numbers, each seeded with what its numbers belong to.

use jiff::civil::Date;

use crate::world::{hash_text, scatter};

/// A generator for what some texts and numbers name together.
pub(crate) fn dice(seed: u64, texts: &[&str], number: u64) -> fastrand::Rng {
    let named = texts.iter().fold(scatter(seed), |mixed, text| scatter(mixed ^ hash_text(text)));
    fastrand::Rng::with_seed(scatter(named ^ number))
}

/// A number for a date, for dice.
pub(super) fn day_number(date: Date) -> u64 {
    u64::from(date.year().unsigned_abs()) * 400 + u64::from(date.day_of_year().unsigned_abs())
}

/// A place, in proportion to the weights; none when all are zero.
pub(crate) fn draw(weights: impl Iterator<Item = f64>, dice: &mut fastrand::Rng) -> Option<usize> {
    let mut weights: Vec<f64> = weights.collect();
    let mut sum = 0.0;
    for weight in &mut weights {
        sum += *weight;
        *weight = sum;
    }
    let drawn = dice.f64() * sum;
    weights.iter().position(|until| drawn < *until)
}
