//! Worlds from a recipe, and the ways of the teams in them.
//!
//! Every number is drawn from a generator seeded with what it belongs to (seed, team, key, model,
//! date), so that a world does not depend on the order in which it is made.

mod cast;
mod history;
mod logs;
mod oddities;
mod temperament;
mod traffic;
mod words;

use jiff::civil::Date;

pub(crate) use temperament::Temperament;
pub(crate) use traffic::invent;

use self::cast::Cast;
use crate::spec::Spec;
use crate::world::{World, hash_text, scatter};

impl World {
    /// Makes teams, keys, models and their history.
    pub fn generate(spec: &Spec) -> World {
        let mut world = World::empty(spec.until);
        let mut cast = Cast::assemble(&mut world, spec);
        if spec.oddities {
            oddities::prepare(&mut world, spec, &mut cast);
        }
        history::play(&mut world, spec, &cast);
        if spec.oddities {
            oddities::add(&mut world, spec, &cast);
        }
        world
    }
}

/// A generator for what some texts and numbers name together.
pub(crate) fn dice(seed: u64, texts: &[&str], number: u64) -> fastrand::Rng {
    let named = texts.iter().fold(scatter(seed), |mixed, text| scatter(mixed ^ hash_text(text)));
    fastrand::Rng::with_seed(scatter(named ^ number))
}

/// A number for a date, for dice.
fn day_number(date: Date) -> u64 {
    u64::from(date.year().unsigned_abs()) * 400 + u64::from(date.day_of_year().unsigned_abs())
}
