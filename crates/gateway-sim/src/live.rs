//! Traffic while time passes.
//!
//! Keys have moods, which wander: who is busy now may rest later, so that ranks change while one
//! looks. What a team likes and how often it fails are its habits, as in its history.

use std::sync::Weak;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::generate::{Temperament, dice, invent};
use crate::world::{Key, Request, SharedWorld, World};

/// How much happens, see [`crate::Simulator::go_live`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Live {
    /// Of all teams together, on average.
    pub requests_per_second: f64,
    /// The same seed makes the same requests, as long as the world is the same.
    pub seed: u64,
}

impl Default for Live {
    fn default() -> Live {
        Live { requests_per_second: 5.0, seed: 1 }
    }
}

/// How often requests are added: often enough to look steady, seldom enough to cost little.
const TICK: Duration = Duration::from_millis(200);

/// Adds requests until the simulator stops or is dropped.
pub(crate) async fn run(
    world: Weak<SharedWorld>,
    clock: Clock,
    live: Live,
    stopping: CancellationToken,
) {
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut crowd = Crowd::new(live);
    let mut due = 0.0;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stopping.cancelled() => return,
        }
        let Some(world) = world.upgrade() else { return };
        due += live.requests_per_second * TICK.as_secs_f64();
        let now = clock.now();
        let mut world = world.lock();
        for request in crowd.requests(&world, due as usize, now) {
            world.record_request(request);
        }
        due = due.fract();
    }
}

/// Everyone who might call.
struct Crowd {
    seed: u64,
    dice: fastrand::Rng,
    /// Moods of the world's keys, in the order of their tokens; 1 at first.
    moods: Vec<f64>,
}

impl Crowd {
    fn new(live: Live) -> Crowd {
        Crowd { seed: live.seed, dice: dice(live.seed, &["live"], 0), moods: Vec::new() }
    }

    /// Some requests that end now; none in a world without keys or models.
    fn requests(&mut self, world: &World, count: usize, now: Timestamp) -> Vec<Request> {
        if count == 0 {
            return Vec::new();
        }
        let mut keys: Vec<&Key> = world.keys().filter(|key| !key.deleted).collect();
        keys.sort_by(|a, b| a.token.cmp(&b.token));
        self.moods.resize(keys.len(), 1.0);
        let temperament =
            |key: &Key| Temperament::of(self.seed, key.team_id.as_deref().unwrap_or_default());
        let temperaments: Vec<Temperament> = keys.iter().map(|key| temperament(key)).collect();
        (0..count)
            .filter_map(|_| {
                self.wander();
                let who = temperaments.iter().zip(&self.moods);
                let at = draw(who.map(|(who, mood)| who.liveliness() * mood), &mut self.dice)?;
                let fond = world.models().iter().map(|model| temperaments[at].fondness(model));
                let model = draw(fond, &mut self.dice)?;
                let dice = &mut self.dice;
                Some(invent(&temperaments[at], keys[at], &world.models()[model], now, dice))
            })
            .collect()
    }

    /// Changes one mood a little, and keeps it within bounds.
    fn wander(&mut self) {
        if !self.moods.is_empty() {
            let at = self.dice.usize(..self.moods.len());
            self.moods[at] = (self.moods[at] * (0.5 + self.dice.f64())).clamp(0.1, 8.0);
        }
    }
}

/// A place, in proportion to the weights; none when all are zero.
fn draw(weights: impl Iterator<Item = f64>, dice: &mut fastrand::Rng) -> Option<usize> {
    let mut weights: Vec<f64> = weights.collect();
    let mut sum = 0.0;
    for weight in &mut weights {
        sum += *weight;
        *weight = sum;
    }
    let drawn = dice.f64() * sum;
    weights.iter().position(|until| drawn < *until)
}
