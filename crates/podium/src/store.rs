//! Where usage rests, and how it is read.
//!
//! [`UsageStore`] is what the rest of Podium needs; [`EmbeddedStore`] keeps it in SQLite for
//! durability and in columns for speed. A day is replaced whole: readers and a crash see the
//! old day or the new one, never a part. Readers hold a [`UsageReader`], an immutable state
//! of everything, so that all sums of one answer fit together.

mod columns;
mod counted;
mod database;
mod dictionary;
mod embedded;
mod health;
mod kernel;
mod quarters;
mod seal;
mod snapshot;

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::watch;

use crate::usage::{
    Day, DayRange, DayUsage, Dimension, Finding, Metrics, Request, SumQuestion, Sums, Team, Totals,
};

pub use database::Health;
pub use embedded::{EmbeddedStore, Location};
pub use health::{StoreFailure, StoreHealth};

/// Why usage could not be kept or read back.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another process has the database open.
    #[error(
        "the data in {path} is in use by another Podium; stop that one, or give this one \
         another directory with --data-dir"
    )]
    InUse {
        /// The database file.
        path: String,
    },
    /// The directory or file cannot be made or opened.
    #[error(
        "cannot open {path}: {cause}; check the directory's permissions, or choose another with --data-dir"
    )]
    Open {
        /// The database file or its directory.
        path: String,
        /// What the system says.
        cause: String,
    },
    /// A newer Podium wrote the file.
    #[error(
        "{path} was written by a newer Podium (schema {found}, this one knows {known}); use \
         that version, or another directory with --data-dir"
    )]
    Newer {
        /// The database file.
        path: String,
        /// The file's schema version.
        found: i64,
        /// The newest one that this program knows.
        known: i64,
    },
    /// The file is no database, or its content is not what was written.
    #[error("the data file is damaged: {0}")]
    Damaged(String),
    /// Reading or writing failed: disk full, for example.
    #[error("the data file cannot be used: {0}")]
    Database(String),
}

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
    fn may_be_read_again(&self, day: Day) -> bool {
        let end = day.end();
        let last = end.saturating_add(LAST_READ).unwrap_or(Timestamp::MAX);
        let was_read_last = self.read_until.is_some_and(|until| until >= end)
            && self.read_at.is_some_and(|at| at >= last);
        self.read_until.is_some() && !was_read_last
    }

    /// What both know together: pushing and polling go on side by side.
    fn merged(&self, other: &Self) -> Self {
        Self {
            read_until: self.read_until.max(other.read_until),
            read_at: self.read_at.max(other.read_at),
            pushed: self.pushed || other.pushed,
        }
    }
}

/// What became of a batch of requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Added {
    /// Requests that were not counted before.
    pub new: usize,
    /// Those that were.
    pub repeated: usize,
    /// Those so old that nobody could say.
    pub too_old: usize,
}

/// Keeps usage. All writes are durable before readers see them.
#[async_trait]
pub trait UsageStore: Send + Sync + std::fmt::Debug {
    /// Everything as it is now.
    async fn read(&self) -> Arc<dyn UsageReader>;

    /// Replaces a day's facts and state.
    async fn replace_day(&self, usage: DayUsage, state: DayState) -> Result<(), Error>;

    /// Replaces the list of teams; teams that left it keep their last name.
    async fn replace_teams(&self, teams: Vec<Team>, read_at: Timestamp) -> Result<(), Error>;

    /// Notes the public names of teams' own models, by the names that usage has for them.
    async fn name_models(&self, names: HashMap<String, String>) -> Result<(), Error>;

    /// Notes that the gateway's totals of `days` are those that are stored.
    async fn mark_checked(&self, days: &[Day], checked_at: Timestamp) -> Result<(), Error>;

    /// Notes that the gateway has nothing before `day`.
    async fn set_empty_before(&self, day: Day) -> Result<(), Error>;

    /// Keeps what an audit found.
    async fn record_findings(&self, findings: Vec<Finding>) -> Result<(), Error>;

    /// Counts requests in their quarter hours, each once however often it comes, and notes how
    /// far logs were read.
    async fn add_requests(
        &self,
        requests: Vec<Request>,
        log_days: Vec<(Day, LogDay)>,
    ) -> Result<Added, Error>;

    /// Forgets quarter hours before `keep_from`, and which requests of days before `seen_from`
    /// were counted: these are not taken any more.
    async fn forget_quarters(&self, keep_from: Day, seen_from: Day) -> Result<(), Error>;

    /// How keeping what is learned goes.
    fn health(&self) -> StoreHealth;

    /// Changes with every change that readers can see.
    fn changes(&self) -> watch::Receiver<u64>;
}

/// An immutable state of everything that is stored.
#[async_trait]
pub trait UsageReader: Send + Sync + std::fmt::Debug {
    /// Grows with every change of a figure or a name; never used twice.
    fn version(&self) -> u64;

    /// Grows with every change, those of ages included.
    fn revision(&self) -> u64;

    /// The teams as the gateway lists them; `None` if they were never read.
    fn teams(&self) -> Option<&[Team]>;

    /// A team's name, also of one that is no longer listed.
    fn team_alias(&self, team_id: &str) -> Option<&str>;

    /// An API key's name, wherever it was seen last.
    fn key_alias(&self, api_key: &str) -> Option<Arc<str>>;

    /// The public name of a team's own model, which usage calls by a made-up one.
    fn public_model_name(&self, model_group: &str) -> Option<&str>;

    /// Whether there are teams' own models whose public names are not known.
    fn has_unnamed_models(&self) -> bool;

    /// How `day` stands; `None` if it was never read.
    fn day_state(&self, day: Day) -> Option<&DayState>;

    /// Whether `day` was read by a Podium that did not keep all facets.
    fn lacks_facets(&self, day: Day) -> bool;

    /// The gateway has nothing before this day, as far as it was asked.
    fn empty_before(&self) -> Option<Day>;

    /// The oldest stored day on which anything was used.
    fn first_used(&self) -> Option<Day>;

    /// The stored total of `day` alone.
    fn day_total(&self, day: Day) -> Option<Metrics>;

    /// The stored totals of `day` and of its teams.
    fn totals(&self, day: Day) -> Option<Totals>;

    /// The days of `range` that were read, newest first.
    fn stored_days(&self, range: DayRange) -> Vec<(Day, &DayState)>;

    /// What audits found on days of `range`, newest finding first.
    fn findings(&self, range: DayRange) -> Vec<Finding>;

    /// The ids of a dimension that usage was ever known of.
    fn ids(&self, dimension: Dimension) -> Vec<Arc<str>>;

    /// Sums of facts, in the order of the question's slots.
    async fn sum(&self, question: &SumQuestion) -> Result<Sums, Error>;

    /// How far the logs of `day` were read; `None` if nothing is known of its requests.
    fn log_day(&self, day: Day) -> Option<LogDay>;

    /// What the quarter hours of `day` add up to.
    fn explained(&self, day: Day) -> Metrics;
}

impl dyn UsageReader + '_ {
    /// Whether `day` can be answered from here.
    pub fn knows(&self, day: Day) -> bool {
        self.day_state(day).is_some() || self.empty_before().is_some_and(|first| day < first)
    }
}
