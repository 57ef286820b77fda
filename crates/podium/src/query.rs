//! The one way to ask for figures: a [`Query`] becomes a plan, and the plan a [`Table`].
//!
//! The daily table is the truth for how much was used; requests tell when. What a UTC day has
//! beyond its quarter hours belongs to the day and to no hour. So sums over local days equal sums
//! over UTC days, and whatever the usage is grouped by, the groups add up to the same total.

mod ask;
mod known;
mod plan;
mod table;
mod teams;
mod today;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use ask::ask;
pub use known::{Coverage, DayCoverage, has_quarters, is_unexplained, used_part, utc_days};
pub use plan::{ApproximateDay, BucketState, PlannedBucket, Source};
pub use table::{Row, Table};
pub use teams::{Include, ListedTeam, ListedTeams};
pub use today::today_by_team;

use crate::access::Scope;
use crate::store::Reader;
use crate::usage::{DayRange, Dimension, Filter, Grain, Measure};

/// Dimensions that one question may tell apart.
pub const MOST_DIMENSIONS: usize = 3;

/// A question about usage.
#[derive(Clone, Debug)]
pub struct Query {
    /// The days of `zone` that count.
    pub days: DayRange,
    /// The zone of days and hours.
    pub zone: TimeZone,
    /// How usage is told apart by time.
    pub grain: Grain,
    /// The dimensions by which it is told apart, [`MOST_DIMENSIONS`] at most.
    pub by: Vec<Dimension>,
    /// What counts, within the listed teams.
    pub filter: Filter,
    /// What is computed; only what these need is summed.
    pub measures: Vec<&'static Measure>,
    /// What whoever asks may see.
    pub scope: Scope,
    /// Usage counts up to here, to the quarter hour; of the whole last day where there is nothing.
    /// Only for questions that are not told apart by time.
    pub until: Option<Timestamp>,
    /// With more rows the table says that it is cut.
    pub most_rows: usize,
}

/// What a question is answered from: one state of the store, at one moment.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// The state.
    pub reader: &'a Reader,
    /// The teams whose usage counts.
    pub teams: &'a ListedTeams,
    /// The moment.
    pub now: Timestamp,
}

impl Query {
    /// The dimensions that are told apart or restricted.
    fn used(&self) -> impl Iterator<Item = Dimension> + Clone {
        self.by.iter().copied().chain(self.filter.dimensions())
    }

    fn needs_requests(&self) -> bool {
        needs_requests(self.grain, self.used(), &self.measures)
    }
}

/// Whether several facets are told apart or restricted: the daily table knows one at a time.
pub fn is_joint(used: impl Iterator<Item = Dimension> + Clone) -> bool {
    Dimension::facets_among(used).count() > 1
}

/// Whether request logs have to be known for more than the hours of local days.
pub fn needs_requests(
    grain: Grain,
    used: impl Iterator<Item = Dimension> + Clone,
    measures: &[&Measure],
) -> bool {
    !grain.is_of_days() || is_joint(used) || measures.iter().any(|measure| measure.is_of_times())
}
