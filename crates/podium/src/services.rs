//! The figures: one module each, an aggregate question and the shaping of its rows.
//!
//! Answers are what the HTTP contract promises; they know neither HTTP statuses nor SQL.
//! All lists hold the teams that the gateway lists, in its order, and those that were asked for
//! with [`Include`]; what was used outside of them is told in [`Meta`].

mod activity;
mod cost_efficiency;
mod coverage;
mod hours;
mod leaderboard;
mod local;
mod meta;
mod models;
mod rounding;
mod success_rate;
mod teams;
mod time_series;
mod tokens;

pub use activity::{
    Activity, ActivityBucket, ActivityQuestion, ActivitySeries, BucketState, MEASURES, Measure,
    SeriesOf, activity,
};
pub use cost_efficiency::{CostEfficiency, CostEfficiencyCell, cost_efficiency};
pub use coverage::{Basis, Coverage, DayCoverage, Source};
pub use hours::{Heatmap, HeatmapCell, HourTokens, Hourly, heatmap, hourly, is_unexplained};
pub use leaderboard::{
    Leaderboard, Period, PreviousStanding, Standing, TeamStanding, leaderboard, period_before,
};
pub use local::{LocalReader, has_quarters, utc_days};
pub use meta::{DayDoubt, Doubt, Freshness, Meta, Sums};
pub use models::{ModelTokens, Models, models};
pub use success_rate::{SuccessRate, TeamSuccessRate, success_rate};
pub use teams::{Include, ListedTeam, ListedTeams};
pub use time_series::{TimeSeries, TimeSeriesDay, TimeSeriesTeam, time_series};
pub use tokens::{Breakdown, KeyTokens, ModelUsage, TeamTokens, Tokens, tokens};

use crate::store::{Error, UsageReader};
use crate::usage::{Aggregate, DayRange, Dimension, Metrics};

/// What every figure is computed from: one state of the store, a range, and the teams.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The store's state.
    pub reader: &'a dyn UsageReader,
    /// The days that count: those of `asked` on which something may have been used.
    pub range: DayRange,
    /// The days that were asked for.
    pub asked: DayRange,
    /// The teams of the lists.
    pub teams: &'a ListedTeams,
    /// How old and how sure the days are.
    pub freshness: &'a Freshness,
    /// From what it is answered.
    pub basis: &'a Basis,
}

impl Question<'_> {
    /// What each listed team used in `range`, in the order of the list.
    async fn by_team(self, range: DayRange) -> Result<Vec<Metrics>, Error> {
        let mut by_place = vec![Metrics::default(); self.teams.len()];
        let rows = self.reader.aggregate(&Aggregate { range, by: &[Dimension::Team] }).await?;
        for row in rows {
            if let Some(place) = row.team_id.and_then(|team_id| self.teams.place(&team_id)) {
                by_place[place] = row.metrics;
            }
        }
        Ok(by_place)
    }
}
