//! What those who listen to changes are told: computed once for all of them.

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
use crate::query::{Include, ListedTeams, today_by_team};
use crate::store::{Error, Reader};
use crate::sync::Listening;
use crate::usage::{Day, DayRange, Metrics, UNASSIGNED};

/// Changes that come faster are told together.
const AT_MOST_EVERY: Duration = Duration::from_millis(250);

/// Topics that somebody may listen to, in the order in which they are told.
pub(super) const TOPICS: [&str; 3] = ["totals", "leaderboard", FRESHNESS];
/// The one that changes without the figures.
pub(super) const FRESHNESS: &str = "freshness";

/// The present state of each topic.
#[derive(Clone, Debug, Default)]
pub(super) struct Live {
    /// The data version that all of it is of.
    pub(super) version: u64,
    pub(super) states: States,
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
    /// All tokens.
    tokens: i64,
    /// All requests.
    requests: i64,
    /// Requests that failed.
    failed_requests: i64,
    /// Spend in US dollars, reserved capacity included, unrounded.
    spend_usd: f64,
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
    /// All tokens.
    tokens: i64,
    /// All requests.
    requests: i64,
    /// Requests that failed.
    failed_requests: i64,
    /// Spend in US dollars, reserved capacity included, unrounded.
    spend_usd: f64,
}

/// Hands the present state to who listens, and keeps it present while somebody does.
#[derive(Debug)]
pub(super) struct Broadcast {
    parts: Parts,
    live: watch::Sender<Live>,
    cancel: CancellationToken,
    /// Whether somebody keeps it present already.
    is_running: Mutex<bool>,
    /// Tokens of today at earlier moments, to tell a rate.
    earlier: Mutex<Vec<(Timestamp, i64)>>,
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
        let now = self.parts.clock.now();
        let status = SyncStatus::of(&self.parts).await;
        let freshness = State::of(&status, None)?;
        let version = reader.ledger.version();
        let before = self.live.borrow().clone();
        let figures = before.version != version || before.states.is_empty();
        if !figures && before.states.get(FRESHNESS).is_some_and(|known| known.is(&freshness)) {
            return Ok(());
        }
        let mut states = before.states;
        if figures {
            let (totals, board) = self.today(&reader, now).await?;
            states.insert("totals", State::of(&totals, None)?);
            states.insert("leaderboard", State::of(&board, Some(("teams", "team_id")))?);
        }
        states.insert(FRESHNESS, freshness);
        self.live.send_replace(Live { version, states });
        Ok(())
    }

    /// Of each team, whichever knows of more requests: the daily table, which lags behind, or the
    /// quarter hours, which lack what the gateway dropped from its logs. Both only ever miss some.
    async fn today(
        &self,
        reader: &Reader,
        now: Timestamp,
    ) -> Result<(LiveTotals, LiveBoard), Error> {
        let today = Day::of(now);
        let range = DayRange::single(today);
        let listed = ListedTeams::of(reader, range, Include::default()).await?;
        let by_team = today_by_team(reader, today).await?;
        let mut all = Metrics::default();
        by_team.values().for_each(|metrics| all += metrics);
        let mut teams: Vec<LiveTeam> = listed
            .iter()
            .map(|team| {
                let metrics = by_team.get(&team.team_id).copied().unwrap_or_default();
                LiveTeam {
                    team_id: team.team_id.to_string(),
                    name: team.name.to_string(),
                    tokens: metrics.total_tokens,
                    requests: metrics.requests,
                    failed_requests: metrics.failed_requests,
                    spend_usd: metrics.cost_usd(),
                }
            })
            .collect();
        debug_assert!(teams.iter().all(|team| team.team_id != UNASSIGNED));
        teams.sort_by_key(|team| std::cmp::Reverse(team.tokens));
        let data_version = reader.ledger.version();
        let totals = LiveTotals {
            data_version,
            at: now,
            date: today,
            tokens: all.total_tokens,
            requests: all.requests,
            failed_requests: all.failed_requests,
            spend_usd: all.cost_usd(),
            tokens_per_second: self.rate(now, all.total_tokens),
        };
        Ok((totals, LiveBoard { data_version, date: today, teams }))
    }

    /// Tokens a second over the last minute; `None` until enough of it was seen.
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no 64 bits")]
    fn rate(&self, now: Timestamp, tokens: i64) -> Option<f64> {
        let mut earlier = self.earlier.lock().unwrap_or_else(PoisonError::into_inner);
        // A new day begins at zero; and what is only being caught up on is no rate.
        let in_step = self.parts.sync.status().in_step_at.is_some();
        if !in_step || earlier.last().is_some_and(|(_, before)| *before > tokens) {
            earlier.clear();
        }
        earlier.retain(|(at, _)| now.duration_since(*at) <= RATE_OVER);
        earlier.push((now, tokens));
        let (since, before) = earlier.first().copied()?;
        let seconds = now.duration_since(since).as_secs_f64();
        (seconds >= 5.0).then(|| (tokens - before) as f64 / seconds)
    }
}
