//! Worlds from a recipe, and the ways of the teams in them.
//!
//! Every number is drawn from a generator seeded with what it belongs to (seed, team, key, model,
//! date), so that a world does not depend on the order in which it is made.

mod cast;
mod cell;
mod dice;
mod history;
mod logs;
mod oddities;
mod rhythm;
mod rivals;
mod story;
mod temperament;
mod traffic;
mod words;

pub(crate) use dice::{dice, draw};
pub(crate) use rhythm::Rhythm;
pub(crate) use story::trouble_at;
pub(crate) use temperament::Temperament;
pub(crate) use traffic::invent;

use self::cast::Cast;
use crate::spec::Spec;
use crate::world::World;

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
