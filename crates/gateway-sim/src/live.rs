//! Traffic while time passes.
//!
//! Keys have moods, which wander: who is busy now may rest later, so that ranks change while one
//! looks. What a team likes and how often it fails are its habits, as in its history. Traffic that
//! goes on with a history is as busy as the hour, and rivals chase each other in it.

mod rivals;

use std::sync::Weak;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use self::rivals::Rivals;
use crate::clock::{Clock, start_of, utc_date};
use crate::generate::{Rhythm, Temperament, dice, draw, invent, trouble_at};
use crate::spec::Spec;
use crate::world::{Key, Request, SharedWorld, World};

/// How much happens, see [`crate::Simulator::go_live`].
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// Of all teams together, on average.
    pub requests_per_second: f64,
    /// The same seed makes the same requests, as long as the world is the same.
    pub seed: u64,
    /// The recipe of the history that goes on: then `requests_per_second` are those of a busy hour.
    pub after: Option<Spec>,
}

impl Default for Live {
    fn default() -> Live {
        Live { requests_per_second: 5.0, seed: 1, after: None }
    }
}

impl Live {
    /// What a generated world's day goes on with, at the same scale.
    pub fn continuing(world: &World, spec: &Spec) -> Live {
        let today = spec.until;
        let requests: i64 = world.rows_of(today).map(|row| row.counters.api_requests).sum();
        let busy_hours = spec.now.map_or(24.0, hours_into_day);
        let done = Rhythm::on(spec, today).done_by(busy_hours);
        let requests_per_second = if done > 0.0 { requests as f64 / done / 3_600.0 } else { 0.1 };
        Live { requests_per_second, seed: spec.seed, after: Some(spec.clone()) }
    }

    /// How much happens at a moment.
    fn pace(&self, now: Timestamp) -> f64 {
        let Some(spec) = &self.after else { return self.requests_per_second };
        self.requests_per_second * Rhythm::on(spec, utc_date(now)).weight(hours_into_day(now))
    }
}

/// Whether somebody works with a key: it opens the gateway, and is not there to look after it.
fn calls_models(world: &World, key: &Key, now: Timestamp) -> bool {
    let user = key.user_id.as_ref().and_then(|user_id| world.user(user_id));
    let looks_after = user.is_some_and(|user| user.role.sees_everything());
    !key.deleted && !key.blocked && !key.is_expired_at(now) && !looks_after
}

fn hours_into_day(now: Timestamp) -> f64 {
    (now.as_second() - start_of(utc_date(now)).as_second()) as f64 / 3_600.0
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
        let now = clock.now();
        due += crowd.live.pace(now) * TICK.as_secs_f64();
        let mut world = world.lock();
        for request in crowd.requests(&world, due as usize, now) {
            world.record_request(request);
        }
        due = due.fract();
    }
}

/// Everyone who might call.
struct Crowd {
    live: Live,
    dice: fastrand::Rng,
    /// Moods of the world's keys, in the order of their tokens; 1 at first.
    moods: Vec<f64>,
    rivals: Option<Rivals>,
}

impl Crowd {
    fn new(live: Live) -> Crowd {
        let rivals = live.after.is_some().then(Rivals::default);
        Crowd { dice: dice(live.seed, &["live"], 0), live, moods: Vec::new(), rivals }
    }

    /// Some requests that end now; none in a world without keys or models.
    fn requests(&mut self, world: &World, count: usize, now: Timestamp) -> Vec<Request> {
        if count == 0 {
            return Vec::new();
        }
        let mut keys: Vec<&Key> =
            world.keys().filter(|key| calls_models(world, key, now)).collect();
        keys.sort_by(|a, b| a.token.cmp(&b.token));
        self.moods.resize(keys.len(), 1.0);
        let seed = self.live.seed;
        let temperament =
            |key: &Key| Temperament::of(seed, key.team_id.as_deref().unwrap_or_default());
        let temperaments: Vec<Temperament> = keys.iter().map(|key| temperament(key)).collect();
        if let Some(rivals) = &mut self.rivals {
            rivals.look(world, now);
        }
        (0..count).filter_map(|_| self.request(world, &keys, &temperaments, now)).collect()
    }

    fn request(
        &mut self,
        world: &World,
        keys: &[&Key],
        temperaments: &[Temperament],
        now: Timestamp,
    ) -> Option<Request> {
        self.wander();
        let chase = self.rivals.as_mut().and_then(|rivals| rivals.chase(now, &mut self.dice));
        let chases = |key: &Key| {
            chase.as_ref().is_none_or(|chase| key.team_id.as_deref() == Some(&*chase.team_id))
        };
        let who = temperaments
            .iter()
            .zip(&self.moods)
            .zip(keys)
            .map(|((who, mood), key)| if chases(key) { who.liveliness() * mood } else { 0.0 });
        let at = draw(who, &mut self.dice)?;
        let fond = world.models().iter().map(|model| temperaments[at].fondness(model));
        let model = draw(fond, &mut self.dice)?;
        let trouble = self.live.after.as_ref().and_then(|spec| trouble_at(spec, now, model));
        let dice = &mut self.dice;
        let of = &world.models()[model];
        let mut request = invent(&temperaments[at], keys[at], of, now, trouble, dice);
        if let Some(chase) = chase.filter(|_| request.success) {
            request.prompt_tokens += chase.prompt_tokens;
            request.spend = of.price(
                request.prompt_tokens,
                request.cache_read_input_tokens,
                request.completion_tokens,
            );
        }
        if let Some(rivals) = &mut self.rivals {
            rivals.count(&request);
        }
        Some(request)
    }

    /// Changes one mood a little, and keeps it within bounds.
    fn wander(&mut self) {
        if !self.moods.is_empty() {
            let at = self.dice.usize(..self.moods.len());
            self.moods[at] = (self.moods[at] * (0.5 + self.dice.f64())).clamp(0.1, 8.0);
        }
    }
}
