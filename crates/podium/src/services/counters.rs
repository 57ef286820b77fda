//! Usage as counters that only grow, for those who keep time series of it.
//!
//! They begin at zero and count what is booked from then on, whichever of the days that Podium has
//! compared since its start it is booked to: so nothing is lost at midnight, what the gateway books
//! late counts when it comes, and history that is read for the first time is no usage of now. What
//! the gateway takes back is held: a counter rests until what it counts has caught up.
//!
//! A number of names have series of their own, the rest is one. Their sum is the whole, always.

mod reading;
mod series;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use self::reading::{Reading, Sums};
use self::series::{Series, Tally};
use crate::access::Scope;
use crate::query::ListedTeams;
use crate::store::{Error, Reader};
use crate::usage::{Day, DayRange, Dimension};

/// What is counted, by the names of its measures; money in [`USD_PARTS`] of a dollar.
pub const COUNTED: [&str; 7] = [
    "prompt_tokens",
    "completion_tokens",
    "cache_read_tokens",
    "cache_creation_tokens",
    "requests",
    "failed_requests",
    "spend_usd",
];
/// Money is counted in whole billionths, so that sums are exact.
pub const USD_PARTS: f64 = 1e9;

/// The dimensions that have series, one at a time: the daily table knows no two of them together.
pub const FACETS: [Dimension; 3] = [Dimension::Team, Dimension::Model, Dimension::Provider];
/// What the names are called together that have no series of their own.
const OTHER: &str = "other";

/// Names with usage within so many days are given series when counting begins.
const KNOWN_DAYS: u32 = 30;
/// Whoever sees a part of the usage and does not ask for so long begins anew.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_mins(15);
/// So many of them are counted for at once.
const MOST_SCOPES: usize = 16;

/// The counters of everybody who asks for them.
#[derive(Debug)]
pub struct UsageCounters {
    most_names: usize,
    begun_at: Timestamp,
    /// By what is seen; nothing stands for everything.
    counting: Mutex<HashMap<Option<Scope>, Counting>>,
}

/// What was counted, as it is told.
#[derive(Debug, Default)]
pub struct CountedUsage {
    /// All together, in the order of [`COUNTED`]; nothing for what is hidden.
    pub whole: [Option<u64>; COUNTED.len()],
    /// The series of each of [`FACETS`].
    pub facets: [Vec<CountedName>; FACETS.len()],
}

/// A series.
#[derive(Clone, Debug, PartialEq)]
pub struct CountedName {
    /// What it is called.
    pub name: Arc<str>,
    /// A team's id, empty for `other`.
    pub id: Option<Arc<str>>,
    /// In the order of [`COUNTED`]; nothing for what is hidden.
    pub counts: [Option<u64>; COUNTED.len()],
}

/// The counters of one scope.
#[derive(Debug)]
struct Counting {
    asked_at: Timestamp,
    /// The day on which counting began.
    first_day: Day,
    /// The state of the store up to which everything is counted.
    last: Reader,
    whole: Tally,
    facets: [Series; FACETS.len()],
    team_names: HashMap<Arc<str>, Arc<str>>,
    told: Arc<CountedUsage>,
}

impl UsageCounters {
    /// Counters with series of their own for so many names; days that were last compared before
    /// `begun_at` are history.
    pub fn new(most_names: usize, begun_at: Timestamp) -> Self {
        Self { most_names, begun_at, counting: Mutex::default() }
    }

    /// What was counted; nothing before today was compared. Sums only what changed since the last
    /// time, so it belongs on a thread that may block.
    pub async fn counted(
        &self,
        reader: &Reader,
        now: Timestamp,
        scope: &Scope,
    ) -> Result<Option<Arc<CountedUsage>>, Error> {
        let today = Day::of(now);
        if !self.is_compared(reader, today) {
            return Ok(None);
        }
        let key = (!scope.sees_everything()).then(|| scope.clone());
        let mut all = self.counting.lock().await;
        forget(&mut all, now);
        if let Some(counting) = all.get_mut(&key) {
            counting.asked_at = now;
            if counting.last.ledger.version() < reader.ledger.version() {
                self.go_on(counting, reader, now, scope).await?;
            }
            return Ok(Some(Arc::clone(&counting.told)));
        }
        let counting = self.begin(reader, now, scope).await?;
        let told = Arc::clone(&counting.told);
        all.insert(key, counting);
        Ok(Some(told))
    }

    /// Whether a day was compared with the gateway since the start.
    fn is_compared(&self, reader: &Reader, day: Day) -> bool {
        reader.ledger.day_state(day).is_some_and(|state| state.checked_at >= self.begun_at)
    }

    async fn begin(
        &self,
        reader: &Reader,
        now: Timestamp,
        scope: &Scope,
    ) -> Result<Counting, Error> {
        let today = Day::of(now);
        let days = DayRange::ending(today, KNOWN_DAYS);
        let teams = reading::teams(reader, days, scope).await?;
        let mut counting = Counting {
            asked_at: now,
            first_day: today,
            last: reader.clone(),
            whole: Tally::default(),
            facets: FACETS.map(|_| Series::new(self.most_names)),
            team_names: HashMap::new(),
            told: Arc::default(),
        };
        counting.learn_names(&teams);
        for (facet, series) in FACETS.into_iter().zip(&mut counting.facets) {
            let known = Reading::of(reader, &teams, now, scope, days, facet).await?;
            if facet == Dimension::Team {
                counting.whole = Tally::told(known.whole.map(|sum| sum.is_some()));
            }
            series.begin(known);
        }
        counting.tell(self.most_names);
        Ok(counting)
    }

    /// Counts what changed since the last time.
    async fn go_on(
        &self,
        counting: &mut Counting,
        reader: &Reader,
        now: Timestamp,
        scope: &Scope,
    ) -> Result<(), Error> {
        let last = counting.last.clone();
        let mut changed = reader.ledger.days_changed_after(last.ledger.version());
        changed.retain(|day| *day > counting.first_day || self.is_compared(&last, *day));
        let mut whole = Sums::default();
        let mut facets: [HashMap<Arc<str>, Sums>; FACETS.len()] = Default::default();
        for day in changed {
            let days = DayRange::single(day);
            let teams = reading::teams(reader, days, scope).await?;
            counting.learn_names(&teams);
            for (facet, sums) in FACETS.into_iter().zip(&mut facets) {
                let is = Reading::of(reader, &teams, now, scope, days, facet).await?;
                // A day that was damaged begins anew.
                let Ok(was) = Reading::of(&last, &teams, now, scope, days, facet).await else {
                    continue;
                };
                if facet == Dimension::Team {
                    reading::add_change(&mut whole, &is.whole, &was.whole);
                }
                is.add_changes(&was, sums);
            }
        }
        counting.whole.add(&whole);
        series::allot([&mut counting.whole]);
        for (series, sums) in counting.facets.iter_mut().zip(facets) {
            series.add(sums);
        }
        counting.last = reader.clone();
        counting.tell(self.most_names);
        Ok(())
    }
}

impl Counting {
    fn learn_names(&mut self, teams: &ListedTeams) {
        let names = teams.iter().map(|team| (Arc::clone(&team.team_id), Arc::clone(&team.name)));
        self.team_names.extend(names);
    }

    /// Puts down what is told.
    fn tell(&mut self, most_names: usize) {
        let mut told = CountedUsage { whole: self.whole.shown(), ..CountedUsage::default() };
        let facets = FACETS.into_iter().zip(&self.facets).zip(&mut told.facets);
        for ((facet, series), names) in facets.filter(|_| most_names > 0) {
            let named = |(key, counts): (Option<&Arc<str>>, _)| {
                let other = || Arc::from(OTHER);
                let is_team = facet == Dimension::Team;
                let name =
                    key.map(|key| self.team_names.get(key).filter(|_| is_team).unwrap_or(key));
                let id = is_team.then(|| key.cloned().unwrap_or_default());
                CountedName { name: name.cloned().unwrap_or_else(other), id, counts }
            };
            names.extend(series.shown().map(named));
        }
        self.told = Arc::new(told);
    }
}

/// Makes room for one more, but of who sees everything nothing is forgotten.
fn forget(all: &mut HashMap<Option<Scope>, Counting>, now: Timestamp) {
    all.retain(|scope, counting| {
        scope.is_none() || now.duration_since(counting.asked_at) < FORGOTTEN_AFTER
    });
    while all.len() > MOST_SCOPES {
        let some = all.iter().filter_map(|(scope, counting)| Some((scope.as_ref()?, counting)));
        let oldest = some.min_by_key(|(_, counting)| counting.asked_at);
        let Some(oldest) = oldest.map(|(scope, _)| scope.clone()) else { return };
        all.remove(&Some(oldest));
    }
}
