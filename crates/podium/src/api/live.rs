//! What those who listen to changes are told: computed once for all of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use utoipa::ToSchema;

use super::Parts;
use super::routes::status::SyncStatus;
use super::told::{State, States};
use crate::access::{Scope, Visitor};
use crate::query::{Include, ListedTeams, Today, View, today};
use crate::store::{Error, Reader};
use crate::sync::Listening;
use crate::usage::{Day, DayRange};

/// Changes that come faster are told together.
const AT_MOST_EVERY: Duration = Duration::from_millis(250);

/// Topics that somebody may listen to, in the order in which they are told.
pub(super) const TOPICS: [&str; 3] = ["totals", "leaderboard", FRESHNESS];
/// The one that changes without the figures.
pub(super) const FRESHNESS: &str = "freshness";

/// The present state of everything that can be listened to.
#[derive(Clone, Debug, Default)]
pub(super) struct Live {
    /// The data version that all of it is of.
    pub(super) version: u64,
    /// The figures, to be told as far as each listener may see them.
    figures: Option<Arc<Figures>>,
    /// How Podium stands, for those who look after it, and for others.
    freshness: Option<[State; 2]>,
}

/// The figures of one state of the store.
#[derive(Debug)]
struct Figures {
    reader: Reader,
    at: Timestamp,
    /// What they are to those who see the same: told once for all of them.
    told: Mutex<HashMap<Scope, States>>,
}

/// An event's data on the topic `totals`: today's usage of everybody, by the daily table or the
/// quarter hours, whichever knows of more requests.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct LiveTotals {
    /// The state of the store that it is of.
    data_version: u64,
    /// When that was.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Today in UTC.
    #[schema(value_type = String, format = Date)]
    date: Day,
    /// All tokens. This and the others are `null` where they are not shown to whoever listens.
    tokens: Option<i64>,
    /// All requests.
    requests: Option<i64>,
    /// Requests that failed.
    failed_requests: Option<i64>,
    /// Spend in US dollars, reserved capacity included, unrounded.
    spend_usd: Option<f64>,
    /// Over the last minute; `null` until enough of it was seen.
    tokens_per_second: Option<f64>,
}

/// An event's data on the topic `leaderboard`: today's teams, most tokens first.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct LiveBoard {
    /// The state of the store that it is of.
    data_version: u64,
    /// Today in UTC.
    #[schema(value_type = String, format = Date)]
    date: Day,
    /// All listed teams.
    teams: Vec<LiveTeam>,
}

/// A team today.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::api) struct LiveTeam {
    /// The gateway's id of the team.
    team_id: String,
    /// The team's name, unlike every other in the list.
    name: String,
    /// All tokens. This and the others are `null` where they are not shown to whoever listens.
    tokens: Option<i64>,
    /// All requests.
    requests: Option<i64>,
    /// Requests that failed.
    failed_requests: Option<i64>,
    /// Spend in US dollars, reserved capacity included, unrounded.
    spend_usd: Option<f64>,
}

/// Hands the present state to who listens, and keeps it present while somebody does.
#[derive(Debug)]
pub(super) struct Broadcast {
    parts: Parts,
    live: watch::Sender<Live>,
    cancel: CancellationToken,
    /// Whether somebody keeps it present already.
    is_running: Mutex<bool>,
    /// Tokens of today at earlier moments, to tell a rate, by who sees them.
    earlier: Mutex<HashMap<Scope, Vec<(Timestamp, i64)>>>,
}

/// Somebody listens.
#[derive(Debug)]
pub(super) struct Listener {
    pub(super) live: watch::Receiver<Live>,
    _listening: Listening,
}

/// The rate is that of so long.
const RATE_OVER: SignedDuration = SignedDuration::from_secs(60);

impl Broadcast {
    pub(super) fn new(parts: Parts, cancel: CancellationToken) -> Self {
        Self {
            parts,
            live: watch::Sender::new(Live::default()),
            cancel,
            is_running: Mutex::new(false),
            earlier: Mutex::default(),
        }
    }

    /// Ends with the process.
    pub(super) fn ended(&self) -> CancellationToken {
        self.cancel.clone()
    }

    /// Listens from now on; the present state is there at once.
    pub(super) async fn listen(self: &Arc<Self>) -> Result<Listener, Error> {
        let listening = self.parts.sync.listen();
        self.publish().await?;
        let mut is_running = self.is_running.lock().unwrap_or_else(PoisonError::into_inner);
        if !*is_running {
            *is_running = true;
            self.parts.tasks.spawn("live", Arc::clone(self).run());
        }
        Ok(Listener { live: self.live.subscribe(), _listening: listening })
    }

    /// Publishes each change until nobody listens.
    async fn run(self: Arc<Self>) {
        let mut changes = self.parts.store.ledger.changes();
        loop {
            tokio::select! {
                () = self.cancel.cancelled() => return,
                changed = changes.changed() => if changed.is_err() { return },
            }
            {
                let mut is_running = self.is_running.lock().unwrap_or_else(PoisonError::into_inner);
                if self.live.receiver_count() == 0 {
                    *is_running = false;
                    return;
                }
            }
            if let Err(error) = self.publish().await {
                tracing::error!(%error, "a change could not be told");
            }
            tokio::time::sleep(AT_MOST_EVERY).await;
        }
    }

    /// Brings the state up to date, if it is not.
    async fn publish(&self) -> Result<(), Error> {
        let reader = self.parts.store.read();
        let at = self.parts.clock.now();
        let status = SyncStatus::of(&self.parts).await;
        let of_others = State::of(&status.for_outsiders(), None)?;
        let freshness = [State::of(&status, None)?, of_others];
        let version = reader.ledger.version();
        let before = self.live.borrow().clone();
        let moved = before.version != version || before.figures.is_none();
        let same = |known: &[State; 2]| known.iter().zip(&freshness).all(|(a, b)| a.is(b));
        if !moved && before.freshness.as_ref().is_some_and(same) {
            return Ok(());
        }
        let figures = match before.figures {
            Some(figures) if !moved => figures,
            _ => Arc::new(Figures { reader, at, told: Mutex::default() }),
        };
        let (figures, freshness) = (Some(figures), Some(freshness));
        self.live.send_replace(Live { version, figures, freshness });
        Ok(())
    }

    /// The present state of each topic, as far as a listener may see it.
    pub(super) async fn states(&self, live: &Live, visitor: &Visitor) -> Result<States, Error> {
        let (Some(figures), Some(freshness)) = (&live.figures, &live.freshness) else {
            return Ok(States::default());
        };
        let scope = &visitor.scope;
        let known = figures.told.lock().unwrap_or_else(PoisonError::into_inner).get(scope).cloned();
        let mut states = match known {
            Some(states) => states,
            None => {
                let states = self.told(figures, scope).await?;
                let mut told = figures.told.lock().unwrap_or_else(PoisonError::into_inner);
                told.entry(scope.clone()).or_insert(states).clone()
            }
        };
        let [full, of_others] = freshness;
        let freshness = if visitor.scope.sees_everything() { full } else { of_others };
        states.insert(FRESHNESS, freshness.clone());
        Ok(states)
    }

    /// Of each team, whichever knows of more requests: the daily table, which lags behind, or the
    /// quarter hours, which lack what the gateway dropped from its logs. Both only ever miss some.
    async fn told(&self, figures: &Figures, scope: &Scope) -> Result<States, Error> {
        let (reader, now) = (&figures.reader, figures.at);
        let date = Day::of(now);
        let days = DayRange::single(date);
        let teams = ListedTeams::of(reader, days, Include::default(), scope).await?;
        let Today { teams, total } =
            today(View { reader, teams: &teams, now }, scope, date).await?;
        let teams = teams.into_iter().map(|(team, used)| LiveTeam {
            team_id: team.team_id.to_string(),
            name: team.name.to_string(),
            tokens: used.tokens(),
            requests: used.requests(),
            failed_requests: used.failed_requests(),
            spend_usd: used.spend_usd(),
        });
        let data_version = reader.ledger.version();
        let board = LiveBoard { data_version, date, teams: teams.collect() };
        let totals = LiveTotals {
            data_version,
            at: now,
            date,
            tokens: total.tokens(),
            requests: total.requests(),
            failed_requests: total.failed_requests(),
            spend_usd: total.spend_usd(),
            tokens_per_second: total.tokens().and_then(|tokens| self.rate(scope, now, tokens)),
        };
        Ok(States::from([
            ("totals", State::of(&totals, None)?),
            ("leaderboard", State::of(&board, Some(("teams", "team_id")))?),
        ]))
    }

    /// Tokens a second over the last minute; `None` until enough of it was seen.
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no 64 bits")]
    fn rate(&self, scope: &Scope, now: Timestamp, tokens: i64) -> Option<f64> {
        let mut all = self.earlier.lock().unwrap_or_else(PoisonError::into_inner);
        let is_recent = |at: &Timestamp| now.duration_since(*at) <= RATE_OVER;
        all.retain(|_, earlier| earlier.last().is_some_and(|(at, _)| is_recent(at)));
        let earlier = all.entry(scope.clone()).or_default();
        // A new day begins at zero; and what is only being caught up on is no rate.
        let in_step = self.parts.sync.status().in_step_at.is_some();
        if !in_step || earlier.last().is_some_and(|(_, before)| *before > tokens) {
            earlier.clear();
        }
        earlier.retain(|(at, _)| is_recent(at));
        earlier.push((now, tokens));
        let (since, before) = earlier.first().copied()?;
        let seconds = now.duration_since(since).as_secs_f64();
        (seconds >= 5.0).then(|| (tokens - before) as f64 / seconds)
    }
}
