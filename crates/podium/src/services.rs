//! The figures: one module each, a question and the shaping of its table.
//!
//! Answers are what the HTTP contract promises; they know neither HTTP statuses nor SQL.
//! All lists hold the teams that the gateway lists, in its order, and those that were asked for
//! with [`crate::query::Include`]; what was used outside of them is told in [`Meta`].

mod activity;
mod cost_efficiency;
mod counters;
mod focus;
mod hours;
mod leaderboard;
mod meta;
mod models;
mod preview;
mod sheet;
mod success_rate;
mod time_series;
mod tokens;

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use activity::{
    Activity, ActivityBucket, ActivityQuestion, ActivitySeries, SeriesOf, activity,
};
pub use cost_efficiency::{CostEfficiency, CostEfficiencyCell, cost_efficiency};
pub use counters::{COUNTED, CountedName, CountedUsage, FACETS, USD_PARTS, UsageCounters};
pub use focus::{Focus, focus};
pub use hours::{Heatmap, HeatmapCell, HourTokens, Hourly, UnknownHour, heatmap, hourly};
pub use leaderboard::{
    Leaderboard, Period, PreviousStanding, Standing, TeamStanding, leaderboard, period_before,
};
pub use meta::{DayDoubt, Doubt, Freshness, Meta, Sums};
pub use models::{ModelTokens, Models, models};
pub use preview::{Preview, PreviewContent, PreviewOf, PreviewQuestion, Ranked, preview};
pub use sheet::{
    Cell, CellType, Column, ColumnKind, Compare, Grid, Named, Order, OrderBy, Sheet, SheetBucket,
    SheetCompare, SheetError, SheetJson, SheetQuestion, TimeType, sheet,
};
pub use success_rate::{SuccessRate, TeamSuccessRate, success_rate};
pub use time_series::{TimeSeries, TimeSeriesDay, TimeSeriesTeam, time_series};
pub use tokens::{Breakdown, KeyTokens, ModelUsage, TeamTokens, Tokens, tokens};

use crate::access::Scope;
use crate::query::{self, Query, Table, View, has_quarters, utc_days};
use crate::store::Error;
use crate::usage::{
    Day, DayRange, Dimension, Filter, Grain, Measure, Metrics, REST, quarters_of_local_day,
};

/// The model groups at a place of a table, by code; what none of them claims is `All Models`.
fn model_groups(table: &Table, place: usize) -> Vec<Arc<str>> {
    let rest: Arc<str> = Dimension::Model.info().rest.into();
    let name = |id: &Arc<str>| if **id == *REST { &rest } else { id }.clone();
    table.ids(place).iter().map(name).collect()
}

/// More days are told apart rather than their hours.
const MOST_DAYS_OF_HOURS: usize = 2;

/// When a local day begins.
fn start_of(day: Day, zone: &TimeZone) -> Timestamp {
    quarters_of_local_day(day, zone).start.start()
}

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
    pub scope: &'a Scope,
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
            until: None,
            most_rows: usize::MAX,
            scope: self.scope.clone(),
            may_hide: false,
        }
    }

    async fn ask(self, query: &Query) -> Result<Table, Error> {
        query::ask(self.view, query).await
    }

    /// Whether all days are known, from the first on which the gateway may have usage.
    fn is_known(self, days: DayRange) -> bool {
        let View { reader, now, .. } = self.view;
        let unknown = reader.ledger.empty_before().map_or(Some(days), |first| days.from(first));
        let today = Day::of(now);
        unknown.is_none_or(|days| {
            days.newest_first().all(|day| reader.ledger.knows(day) || day > today)
        })
    }

    /// The moment in the last of `days` at which as much of it was over as is now of the days that
    /// were asked for; nothing where the hours of that day are not known.
    fn moment_before(self, days: DayRange) -> Option<Timestamp> {
        let into = self.view.now.duration_since(start_of(self.asked.first(), self.zone));
        let moment = start_of(days.first(), self.zone).saturating_add(into).ok()?;
        self.knows_hours(DayRange::single(Day::at(moment, self.zone))).then_some(moment)
    }

    /// Whether the hours of all these days are known.
    fn knows_hours(self, days: DayRange) -> bool {
        let View { reader, now, .. } = self.view;
        let touched = utc_days(days, self.zone, Day::of(now));
        touched.is_some_and(|days| {
            days.newest_first().all(|day| has_quarters(&reader.ledger, day, now))
        })
    }

    /// The grain in which one sees how usage went: hours of one or two days of which all are
    /// known, else days.
    fn hours_or_days(self) -> Grain {
        let are_few = self.asked.day_count() <= MOST_DAYS_OF_HOURS;
        if are_few && self.knows_hours(self.asked) { Grain::Hour } else { Grain::Day }
    }

    /// What a value of a dimension of the table is called; nothing for a key without a name.
    fn name_of(self, table: &Table, dimension: Dimension, id: &str) -> Option<String> {
        match dimension {
            Dimension::ApiKey => {
                table.keys.alias(self.view.reader, id).map(|alias| alias.to_string())
            }
            _ if id == REST => Some(dimension.info().rest.to_owned()),
            Dimension::Team => Some(table.teams.name(id).unwrap_or(id).to_owned()),
            _ => Some(id.to_owned()),
        }
    }

    /// The rows of each listed team, which is the first dimension of the table.
    fn by_place(self, table: &Table) -> Vec<Vec<query::Row>> {
        let teams = &table.teams;
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
