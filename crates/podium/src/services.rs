//! The figures: one module each, a question and the shaping of its table.
//!
//! Answers are what the HTTP contract promises; they know neither HTTP statuses nor SQL.
//! All lists hold the teams that the gateway lists, in its order, and those that were asked for
//! with [`crate::query::Include`]; what was used outside of them is told in [`Meta`].

mod activity;
mod cost_efficiency;
mod hours;
mod leaderboard;
mod meta;
mod models;
mod success_rate;
mod time_series;
mod tokens;

use jiff::tz::TimeZone;

pub use activity::{
    Activity, ActivityBucket, ActivityQuestion, ActivitySeries, SeriesOf, activity,
};
pub use cost_efficiency::{CostEfficiency, CostEfficiencyCell, cost_efficiency};
pub use hours::{Heatmap, HeatmapCell, HourTokens, Hourly, UnknownHour, heatmap, hourly};
pub use leaderboard::{
    Leaderboard, Period, PreviousStanding, Standing, TeamStanding, leaderboard, period_before,
};
pub use meta::{DayDoubt, Doubt, Freshness, Meta, Sums};
pub use models::{ModelTokens, Models, models};
pub use success_rate::{SuccessRate, TeamSuccessRate, success_rate};
pub use time_series::{TimeSeries, TimeSeriesDay, TimeSeriesTeam, time_series};
pub use tokens::{Breakdown, KeyTokens, ModelUsage, TeamTokens, Tokens, tokens};

use crate::access::Scope;
use crate::query::{self, Query, Table, View};
use crate::store::Error;
use crate::usage::{DayRange, Dimension, Filter, Grain, Measure, Metrics};

/// What every figure is computed from.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// The store's state, the teams, and the moment.
    pub view: View<'a>,
    /// The days that count: those of `asked` on which something may have been used.
    pub range: DayRange,
    /// The days that were asked for.
    pub asked: DayRange,
    /// The zone of the days.
    pub zone: &'a TimeZone,
    /// Its canonical name.
    pub tz: &'a str,
    /// How old and how sure the days are.
    pub freshness: &'a Freshness,
    /// What whoever asks may see.
    pub scope: Scope,
}

impl Question<'_> {
    /// Asks for sums over the whole range.
    fn query(self, by: &[Dimension], measures: &[&str]) -> Query {
        Query {
            days: self.range,
            zone: self.zone.clone(),
            grain: Grain::Total,
            by: by.to_vec(),
            filter: Filter::default(),
            measures: Measure::all_named(measures),
            scope: self.scope,
        }
    }

    async fn ask(self, query: &Query) -> Result<Table, Error> {
        query::ask(self.view, query).await
    }

    /// The rows of each listed team, which is the first dimension of the table.
    fn by_place(self, table: &Table) -> Vec<Vec<query::Row>> {
        let teams = self.view.teams;
        let places: Vec<Option<usize>> = table.ids(0).iter().map(|id| teams.place(id)).collect();
        let mut by_place = vec![Vec::new(); teams.len()];
        for row in &table.rows {
            if let Some(place) = places[table.code(*row, 0)] {
                by_place[place].push(*row);
            }
        }
        by_place
    }

    /// What each listed team used, in the order of the list.
    fn sums_by_place(self, table: &Table) -> Vec<Metrics> {
        let by_place = self.by_place(table);
        by_place.into_iter().map(|rows| table.sum_of(rows.into_iter())).collect()
    }
}
