//! `GET /team/daily/activity/aggregated`: all days in one pass, with lists of keys cut short.
//!
//! Lists of keys hold the `api_key_limit` keys that spent most in the whole range, everything else
//! is complete. Two habits of the real answer (LiteLLM 1.106): the empty key is counted in
//! `total_api_keys` but never listed, and the range is at most 400 days between its ends.

use std::collections::{HashMap, HashSet};

use super::day::DayUsage;
use super::json::{Metadata, Paging, Results};
use super::ranking::keys_by_spend;
use super::scope::{RowFilter, Scope, read_dates};
use crate::answer::{Answer, Outcome};
use crate::api::context::Context;
use crate::world::{Name, NumberHashing, World};

const MOST_DAYS_APART: i64 = 400;

pub(crate) fn aggregated(context: &Context<'_>) -> Outcome {
    let world = context.world;
    let limit = context.query.int_within("api_key_limit", 100, 1, Some(1000))?;
    let scope = read_scope(context)?;
    let ranked = keys_by_spend(world, &scope);
    let total_api_keys = ranked.len();
    let shown: HashSet<Name, NumberHashing> = ranked
        .into_iter()
        .take(usize::try_from(limit).unwrap_or_default())
        .map(|(key, _)| key)
        .filter(|key| key.is_filled())
        .collect();
    let days: Vec<_> = scope
        .days(world)
        .filter_map(|(date, rows)| {
            let mut usage = DayUsage::default();
            for row in rows.iter().filter(|row| scope.rows.lets_through(row)) {
                usage.add(row, shown.contains(&row.api_key));
            }
            (!usage.entities.entries().is_empty()).then_some((date, usage))
        })
        .collect();
    let paging = Paging {
        page: 1,
        total_pages: 1,
        has_more: false,
        api_key_limit: Some(limit),
        total_api_keys: Some(total_api_keys),
        entity_total_api_keys: Some(keys_of_entities(world, &scope)),
    };
    let total = days.iter().map(|(_, day)| day.total).sum();
    let metadata = Metadata { total, paging };
    Ok(Answer::ok(&Results { world, version: context.version, days: &days, metadata }))
}

/// The scope of both aggregated routes, whose dates are checked more strictly than those of pages.
pub(super) fn read_scope(context: &Context<'_>) -> Result<Scope, Answer> {
    let (start, end) = read_dates(context.query)?;
    if end < start {
        return Err(Answer::detail_error(400, "end_date must be on or after start_date"));
    }
    let days_apart = start.until(end).map_or(i64::MAX, |span| i64::from(span.get_days()));
    if days_apart > MOST_DAYS_APART {
        return Err(Answer::detail_error(
            400,
            &format!("Date range must be at most {MOST_DAYS_APART} days"),
        ));
    }
    Ok(Scope { start, end, rows: RowFilter::read(context)? })
}

/// How many different keys, the empty one included, each entity used in the range.
fn keys_of_entities(world: &World, scope: &Scope) -> Vec<(Name, usize)> {
    let mut keys: HashMap<Name, HashSet<Name, NumberHashing>, NumberHashing> = HashMap::default();
    let mut order = Vec::new();
    for (_, rows) in scope.days(world) {
        for row in rows.iter().filter(|row| scope.rows.lets_through(row)) {
            let entity = row.team.or(Name::UNASSIGNED);
            let seen = keys.entry(entity).or_insert_with(|| {
                order.push(entity);
                HashSet::default()
            });
            seen.insert(row.api_key);
        }
    }
    order.into_iter().map(|entity| (entity, keys[&entity].len())).collect()
}
