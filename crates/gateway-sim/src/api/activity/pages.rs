//! `GET /team/daily/activity`: pages of rows, newest day first.
//!
//! A page is cut after `page_size` rows of the table, wherever that is within a day, and its
//! `metadata` totals are those of the page.

use jiff::civil::Date;

use super::day::DayUsage;
use super::json::{Metadata, Paging, Results};
use super::scope::{RowFilter, Scope, read_dates};
use crate::answer::{Answer, Outcome};
use crate::api::context::Context;
use crate::world::{Row, World, scatter};

pub(crate) fn pages(context: &Context<'_>) -> Outcome {
    let query = context.query;
    let page = query.int("page", 1)?;
    let page_size = match context.version.max_page_size {
        Some(most) => query.int_within("page_size", 10, 1, Some(i64::from(most)))?,
        None => query.int("page_size", 10)?,
    };
    let rows = RowFilter::read(context)?;
    let (start, end) = read_dates(query)?;
    if page < 1 || page_size < 1 {
        let message =
            format!("page and page_size must be >= 1, got page={page}, page_size={page_size}");
        return Err(Answer::detail(400, &message));
    }
    if end < start && context.version.rejects_backward_ranges {
        return Err(Answer::detail_error(400, "end_date must be on or after start_date"));
    }
    let scope = Scope { start, end, rows };
    let window = Window {
        first: usize::try_from((page - 1).saturating_mul(page_size)).unwrap_or(usize::MAX),
        size: usize::try_from(page_size).unwrap_or(usize::MAX),
    };
    let (days, total_rows) = window.read(context.world, &scope, context.shuffle);
    let paging = Paging {
        page,
        total_pages: total_rows.div_ceil(window.size),
        has_more: window.first.saturating_add(window.size) < total_rows,
        api_key_limit: None,
        total_api_keys: None,
        entity_total_api_keys: None,
    };
    let total = days.iter().map(|(_, day)| day.total).sum();
    let metadata = Metadata { total, paging };
    let has_more = metadata.paging.has_more;
    let results = Results { world: context.world, version: context.version, days: &days, metadata };
    Ok(Answer { has_more, ..Answer::ok(&results) })
}

/// The rows from `first` on, `size` of them, counted over all days.
struct Window {
    first: usize,
    size: usize,
}

impl Window {
    /// The days of the window, and how many rows the scope has in all.
    fn read(
        &self,
        world: &World,
        scope: &Scope,
        shuffle: Option<u64>,
    ) -> (Vec<(Date, DayUsage)>, usize) {
        let mut days = Vec::new();
        let mut seen = 0;
        for (date, rows) in scope.days(world) {
            let matching = if scope.rows.lets_all_through() {
                rows.len()
            } else {
                rows.iter().filter(|row| scope.rows.lets_through(row)).count()
            };
            let skip = self.first.saturating_sub(seen);
            let take = self.first.saturating_add(self.size).saturating_sub(seen.max(self.first));
            if skip < matching && take > 0 {
                let mut usage = DayUsage::default();
                let matching =
                    in_order(rows, shuffle).into_iter().filter(|row| scope.rows.lets_through(row));
                for row in matching.skip(skip).take(take) {
                    usage.add(row, true);
                }
                days.push((date, usage));
            }
            seen += matching;
        }
        (days, seen)
    }
}

/// The rows of a date by id, or in an order of the moment.
fn in_order(rows: &[Row], shuffle: Option<u64>) -> Vec<&Row> {
    let mut rows: Vec<&Row> = rows.iter().collect();
    if let Some(seed) = shuffle {
        rows.sort_by_key(|row| scatter(row.id ^ scatter(seed)));
    }
    rows
}
