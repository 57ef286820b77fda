//! The one way to ask for figures: a [`Query`] becomes a plan, and the plan a [`Table`].
//!
//! The daily table is the truth for how much was used; requests tell when. What a UTC day has
//! beyond its quarter hours belongs to the day and to no hour. So sums over local days equal sums
//! over UTC days, and whatever the usage is grouped by, the groups add up to the same total.

mod ask;
mod keys;
mod known;
mod plan;
mod table;
mod teams;
mod today;
mod veil;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use ask::ask;
pub use keys::{HIDDEN_KEY, KeyNames};
pub use known::{Coverage, DayCoverage, has_quarters, is_unexplained, used_part, utc_days};
pub use plan::{ApproximateDay, BucketState, PlannedBucket, Source};
pub use table::{Row, Table};
pub use teams::{Include, ListedTeam, ListedTeams};
pub use today::{Today, TodayMetrics, today};

use crate::access::{Scope, Sight, Subject};
use crate::store::{Error, Reader};
use crate::usage::{Columns, DayRange, Dimension, Filter, Grain, Measure};

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
    /// Whether rows of others may be without what is not shown of them; otherwise such a question is
    /// about one's own usage alone.
    pub may_hide: bool,
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
    pub teams: &'a Arc<ListedTeams>,
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

    fn subject<'q>(
        &'q self,
        filtered: &'q [Dimension],
        columns: Columns,
        with_times: bool,
    ) -> Subject<'q> {
        let is_total = self.grain == Grain::Total && self.until.is_none();
        Subject { by: &self.by, filtered, columns, with_times, is_total, may_hide: self.may_hide }
    }

    /// Whose usage counts.
    fn sight(&self, columns: Columns, with_times: bool) -> Sight {
        let filtered: Vec<Dimension> = self.filter.dimensions().collect();
        self.scope.sight(self.subject(&filtered, columns, with_times))
    }

    /// Whether it asks how teams stand beside each other.
    fn is_ranking(&self) -> bool {
        let filtered: Vec<Dimension> = self.filter.dimensions().collect();
        self.subject(&filtered, Columns::NONE, false).is_ranking()
    }

    /// What keys are called in the answer, where it tells of any.
    async fn key_names(&self, view: View<'_>) -> Result<KeyNames, Error> {
        if self.used().any(|dimension| dimension == Dimension::ApiKey) {
            return KeyNames::of(view, &self.scope, self.days).await;
        }
        Ok(KeyNames::default())
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
