//! The small things that are known beside the facts.
//!
//! They are owned values in ordered maps, so that a reader of one moment shares them and never
//! waits. What they say of days and requests always fits the facts of the same moment.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::watch;

use super::{Error, StoreHealth, StoreSize};
use crate::usage::{Day, DayRange, Finding, Metrics, Team};

/// How a stored day stands.
#[derive(Clone, Debug, PartialEq)]
pub struct DayState {
    /// When the day was read in full.
    pub fetched_at: Timestamp,
    /// When the gateway last said that the day is as it is stored; not before `fetched_at`.
    pub checked_at: Timestamp,
    /// Whether the gateway has rows of the day.
    pub has_usage: bool,
    /// Set where the day's sums did not agree, however often it was read.
    pub discrepancy: Option<Discrepancy>,
}

/// Two sums of one day that should be equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Discrepancy {
    /// What the parts that were read add up to.
    pub read: Metrics,
    /// What the gateway says.
    pub gateway: Metrics,
}

/// How far the logs of a day's requests were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogDay {
    /// They were read from the day's beginning until here.
    pub read_until: Option<Timestamp>,
    /// When reading them from the beginning was last begun, or done once more.
    pub read_at: Option<Timestamp>,
    /// Whether requests of the day were pushed.
    pub pushed: bool,
}

/// A day's logs are read once more so long after its end.
const LAST_READ: jiff::SignedDuration = jiff::SignedDuration::from_hours(48);

impl LogDay {
    /// Whether the logs of `day`, which were read before, may be read once more.
    pub(super) fn may_be_read_again(&self, day: Day) -> bool {
        let end = day.end();
        let last = end.saturating_add(LAST_READ).unwrap_or(Timestamp::MAX);
        let was_read_last = self.read_until.is_some_and(|until| until >= end)
            && self.read_at.is_some_and(|at| at >= last);
        self.read_until.is_some() && !was_read_last
    }

    /// What both know together: pushing and polling go on side by side.
    pub(super) fn merged(&self, other: &Self) -> Self {
        Self {
            read_until: self.read_until.max(other.read_until),
            read_at: self.read_at.max(other.read_at),
            pushed: self.pushed || other.pushed,
        }
    }
}

/// A day that was read. Its age changes more often than its numbers.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct StoredDay {
    pub(super) state: DayState,
    pub(super) total: Metrics,
    /// Whether it was read with all facets.
    pub(super) with_facets: bool,
}

/// Everything that the ledger says at one moment. Cloning shares it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LedgerState {
    pub(super) version: u64,
    pub(super) revision: u64,
    /// The version that last changed something other than days.
    pub(super) names_changed: u64,
    /// The version that last changed a day, since the start.
    pub(super) days_changed: Arc<BTreeMap<Day, u64>>,
    pub(super) days: Arc<BTreeMap<Day, StoredDay>>,
    pub(super) teams: Option<Arc<Vec<Team>>>,
    pub(super) team_aliases: Arc<HashMap<String, String>>,
    pub(super) key_aliases: Arc<HashMap<String, Arc<str>>>,
    pub(super) model_names: Arc<HashMap<String, String>>,
    pub(super) empty_before: Option<Day>,
    /// Oldest first, the last few.
    pub(super) findings: Arc<Vec<Finding>>,
    pub(super) log_days: Arc<BTreeMap<Day, LogDay>>,
    /// What the quarter hours of days add up to.
    pub(super) explained: Arc<BTreeMap<Day, Metrics>>,
    /// Requests of days before this one are not taken.
    pub(super) seen_from: Option<Day>,
}

impl LedgerState {
    /// Grows with every change of a figure or a name; never used twice.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// The version that last changed what can be told of these days: a figure of theirs, or a name.
    pub fn version_of(&self, days: DayRange) -> u64 {
        let of_days = self.days_changed.range(days.first()..=days.last());
        of_days.map(|(_, version)| *version).fold(self.names_changed, u64::max)
    }

    /// The days of which a figure changed after that version, oldest first.
    pub fn days_changed_after(&self, version: u64) -> Vec<Day> {
        let changed = self.days_changed.iter().filter(|(_, at)| **at > version);
        changed.map(|(day, _)| *day).collect()
    }

    /// Grows with every change, those of ages included.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The teams as the gateway lists them; `None` if they were never read.
    pub fn teams(&self) -> Option<&[Team]> {
        self.teams.as_deref().map(Vec::as_slice)
    }

    /// A team's name, also of one that is no longer listed.
    pub fn team_alias(&self, team_id: &str) -> Option<&str> {
        self.team_aliases.get(team_id).map(String::as_str)
    }

    /// An API key's name, wherever it was seen last.
    pub fn key_alias(&self, api_key: &str) -> Option<Arc<str>> {
        self.key_aliases.get(api_key).cloned()
    }

    /// The public name of a team's own model, which usage calls by a made-up one.
    pub fn public_model_name(&self, model_group: &str) -> Option<&str> {
        self.model_names.get(model_group).map(String::as_str)
    }

    /// How `day` stands; `None` if it was never read.
    pub fn day_state(&self, day: Day) -> Option<&DayState> {
        self.days.get(&day).map(|stored| &stored.state)
    }

    /// Whether `day` was read by a Podium that did not keep all facets.
    pub fn lacks_facets(&self, day: Day) -> bool {
        self.days.get(&day).is_some_and(|stored| !stored.with_facets && stored.state.has_usage)
    }

    /// The gateway has nothing before this day, as far as it was asked.
    pub fn empty_before(&self) -> Option<Day> {
        self.empty_before
    }

    /// Whether `day` can be answered from here.
    pub fn knows(&self, day: Day) -> bool {
        self.day_state(day).is_some() || self.empty_before.is_some_and(|first| day < first)
    }

    /// The oldest stored day on which anything was used.
    pub fn first_used(&self) -> Option<Day> {
        let of_days = self.days.iter().find(|(_, stored)| stored.state.has_usage);
        let of_quarters = self.explained.keys().next();
        of_days.map(|(day, _)| *day).into_iter().chain(of_quarters.copied()).min()
    }

    /// The stored total of `day` alone.
    pub fn day_total(&self, day: Day) -> Option<Metrics> {
        self.days.get(&day).map(|stored| stored.total)
    }

    /// The days of `range` that were read, newest first.
    pub fn stored_days(&self, range: DayRange) -> Vec<(Day, &DayState)> {
        let stored = self.days.range(range.first()..=range.last()).rev();
        stored.map(|(day, stored)| (*day, &stored.state)).collect()
    }

    /// What audits found on days of `range`, newest finding first.
    pub fn findings(&self, range: DayRange) -> Vec<Finding> {
        let findings = self.findings.iter().rev();
        findings.filter(|finding| range.contains(finding.found.day)).cloned().collect()
    }

    /// How far the logs of `day` were read; `None` if nothing is known of its requests.
    pub fn log_day(&self, day: Day) -> Option<LogDay> {
        self.log_days.get(&day).copied()
    }

    /// What the quarter hours of `day` add up to.
    pub fn explained(&self, day: Day) -> Metrics {
        self.explained.get(&day).copied().unwrap_or_default()
    }
}

/// Keeps the small things. What is written is durable before readers see it.
#[async_trait]
pub trait Ledger: Send + Sync + std::fmt::Debug {
    /// Everything as it is now.
    fn state(&self) -> Arc<LedgerState>;

    /// Replaces the list of teams; teams that left it keep their last name.
    async fn replace_teams(&self, teams: Vec<Team>, read_at: Timestamp) -> Result<(), Error>;

    /// Notes the public names of teams' own models, by the names that usage has for them. They
    /// are not kept over a restart.
    async fn name_models(&self, names: HashMap<String, String>) -> Result<(), Error>;

    /// Notes that the gateway's totals of `days` are those that are stored.
    async fn mark_checked(&self, days: &[Day], checked_at: Timestamp) -> Result<(), Error>;

    /// Notes that the gateway has nothing before `day`.
    async fn set_empty_before(&self, day: Day) -> Result<(), Error>;

    /// Keeps what an audit found; of many findings the newest.
    async fn record_findings(&self, findings: Vec<Finding>) -> Result<(), Error>;

    /// How keeping what is learned goes.
    fn health(&self) -> StoreHealth;

    /// How much room stored usage takes. Looks at the file system.
    fn size(&self) -> StoreSize;

    /// Changes with every change that readers can see, those of facts included.
    fn changes(&self) -> watch::Receiver<u64>;
}
