//! A sheet as JSON.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::{Before, Cell, Column, Grid as _, Sheet};
use crate::query::BucketState;
use crate::services::Meta;
use crate::usage::{Day, Value};

/// The answer to a question of somebody's own.
#[derive(Serialize, ToSchema)]
pub struct SheetJson<'a> {
    /// How usage is told apart by time: what was asked for; `1h` or `1d` for `auto`.
    grain: &'static str,
    /// The columns of the rows.
    columns: &'a [Column],
    /// The rows: a cell for each column, null where it is not known or there is none.
    #[schema(value_type = Vec<Vec<serde_json::Value>>)]
    rows: Rows<'a>,
    /// By measure, the value of everything that matches, whatever is shown of it.
    #[schema(value_type = std::collections::HashMap<String, Option<f64>>)]
    totals: BTreeMap<&'static str, Value>,
    /// How many groups the row `Others` (of each bucket) is of; null without such a row.
    others: Option<usize>,
    /// The days of the comparison; null without one.
    compare: Option<SheetCompare>,
    /// The buckets of time, in order.
    buckets: Vec<SheetBucket<'a>>,
    /// How far the answer can be trusted.
    meta: &'a Meta,
}

/// A bucket of time.
#[derive(Serialize, ToSchema)]
pub struct SheetBucket<'a> {
    /// What the column `bucket` calls it.
    name: &'a str,
    /// When it begins, with the zone's offset; null for hours of the clock.
    start: Option<&'a str>,
    /// When it ends.
    end: Option<&'a str>,
    /// How it stands.
    state: BucketState,
    /// The share (0 to 1) of its days' tokens of which requests are known; null where the answer
    /// does without requests.
    coverage: Option<f64>,
}

/// What the days of the comparison used.
#[derive(Serialize, ToSchema)]
pub struct SheetCompare {
    /// First day.
    #[schema(value_type = String, format = Date)]
    start_date: Day,
    /// Last day.
    #[schema(value_type = String, format = Date)]
    end_date: Day,
    /// Usage counts up to here; null where all of the last day does.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Whether all these days were read.
    complete: bool,
    /// By measure, the value of everything that matches.
    #[schema(value_type = std::collections::HashMap<String, Option<f64>>)]
    totals: BTreeMap<&'static str, Value>,
}

struct Rows<'a>(&'a Sheet);
struct OneRow<'a>(&'a Sheet, usize);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((0..self.0.row_count()).map(|row| OneRow(self.0, row)))
    }
}

impl Serialize for OneRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut cells = serializer.serialize_seq(Some(self.0.columns.len()))?;
        for cell in self.0.cells(self.1) {
            match cell {
                Cell::Null => cells.serialize_element(&None::<()>)?,
                cell => cells.serialize_element(&cell)?,
            }
        }
        cells.end()
    }
}

impl Sheet {
    /// The sheet with its totals, buckets and what is to be said of it.
    pub fn json(&self) -> SheetJson<'_> {
        let totals = self.measures.iter().map(|m| (m.name, self.table.total_value(m)));
        let buckets = self.table.buckets.iter().map(|bucket| SheetBucket {
            name: &bucket.name,
            start: bucket.bounds.as_ref().map(|(start, _)| start.as_str()),
            end: bucket.bounds.as_ref().map(|(_, end)| end.as_str()),
            state: bucket.state,
            coverage: bucket.coverage,
        });
        SheetJson {
            grain: self.grain.name(),
            columns: &self.columns,
            rows: Rows(self),
            totals: totals.collect(),
            others: (self.others > 0).then_some(self.others),
            compare: self.before.as_ref().map(|before| self.compare(before)),
            buckets: buckets.collect(),
            meta: &self.meta,
        }
    }

    fn compare(&self, before: &Before) -> SheetCompare {
        let totals = self.measures.iter().map(|m| (m.name, before.table.total_value(m)));
        SheetCompare {
            start_date: before.days.first(),
            end_date: before.days.last(),
            until: before.until,
            complete: before.is_complete,
            totals: totals.collect(),
        }
    }
}
