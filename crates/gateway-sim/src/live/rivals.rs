//! Teams that chase each other: about twice a minute one passes another.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::clock::utc_date;
use crate::world::{Request, World};

/// The share of requests that are those of who chases, while somebody does.
const EAGERNESS: f64 = 0.6;
/// The longest prompt of somebody who chases: a whole repository.
const LONGEST_PROMPT: i64 = 60_000;
/// By at least so many tokens.
const CLEAR: i64 = 12_000;
/// Who is further behind does not try.
const FURTHEST: i64 = 400_000;
/// From one chase to the next, on average.
const PAUSE_SECONDS: f64 = 30.0;

/// What teams used today, and who is after whom.
#[derive(Debug, Default)]
pub(super) struct Rivals {
    date: Option<Date>,
    used: BTreeMap<String, i64>,
    chase: Option<(String, String)>,
    /// Who was passed last does not strike back at once.
    passed: Option<String>,
    next: Option<Timestamp>,
}

/// A request of somebody who chases.
#[derive(Debug)]
pub(super) struct Chase {
    pub(super) team_id: String,
    /// What is put into the prompt besides.
    pub(super) prompt_tokens: i64,
}

impl Rivals {
    /// Learns what was used before; on a new day that is nothing.
    pub(super) fn look(&mut self, world: &World, now: Timestamp) {
        let today = utc_date(now);
        if self.date == Some(today) {
            return;
        }
        *self = Self { date: Some(today), ..Self::default() };
        for row in world.rows_of(today) {
            let tokens = row.counters.prompt_tokens + row.counters.completion_tokens;
            *self.used.entry(row.team_id.unwrap_or_default()).or_default() += tokens;
        }
    }

    pub(super) fn count(&mut self, request: &Request) {
        let team = request.team_id.clone().unwrap_or_default();
        *self.used.entry(team).or_default() += request.prompt_tokens + request.completion_tokens;
    }

    /// The next request of the chase that is on, where it is that one's turn.
    pub(super) fn chase(&mut self, now: Timestamp, dice: &mut fastrand::Rng) -> Option<Chase> {
        if let Some((behind, ahead)) = self.chase.clone() {
            let gap = self.used_by(&ahead) - self.used_by(&behind);
            if gap >= 0 {
                // Who passes gets ahead by enough to stay there for a while.
                let share = 0.4 + 0.8 * dice.f64();
                let wanted = (gap as f64 * share) as i64 + dice.i64(CLEAR..3 * CLEAR);
                let prompt_tokens = wanted.min(LONGEST_PROMPT);
                let is_turn = dice.f64() < EAGERNESS;
                return is_turn.then_some(Chase { team_id: behind, prompt_tokens });
            }
            self.passed = Some(ahead);
            self.chase = None;
            let pause = (PAUSE_SECONDS * 1_000.0 * (0.5 + dice.f64())) as i64;
            self.next = Some(now + SignedDuration::from_millis(pause));
        }
        if self.next.is_none_or(|next| now >= next) {
            self.chase = self.pair(dice);
        }
        None
    }

    /// Two neighbours that are close, not always the closest.
    fn pair(&self, dice: &mut fastrand::Rng) -> Option<(String, String)> {
        let mut order: Vec<(&String, i64)> =
            self.used.iter().map(|(team, used)| (team, *used)).collect();
        order.sort_by_key(|(_, used)| std::cmp::Reverse(*used));
        let mut pairs: Vec<_> = order
            .windows(2)
            .map(|two| (two[1].0, two[0].0, two[0].1 - two[1].1))
            .filter(|(behind, _, gap)| *gap < FURTHEST && self.passed.as_ref() != Some(*behind))
            .collect();
        pairs.sort_by_key(|(.., gap)| *gap);
        pairs.truncate(3);
        let (behind, ahead, _) = dice.choice(pairs)?;
        Some((behind.clone(), ahead.clone()))
    }

    fn used_by(&self, team: &str) -> i64 {
        self.used.get(team).copied().unwrap_or_default()
    }
}
