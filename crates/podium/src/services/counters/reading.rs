//! What some days add up to at one moment, by name.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{COUNTED, USD_PARTS};
use crate::access::Scope;
use crate::query::{self, Include, ListedTeams, Query, View};
use crate::store::{Error, Reader};
use crate::usage::{DayRange, Dimension, Filter, Grain, Measure, REST, Value};

/// Sums in the order of [`COUNTED`]; nothing for what is hidden.
pub(super) type Sums = [Option<i64>; COUNTED.len()];

/// Sums by name, and of all.
#[derive(Debug)]
pub(super) struct Reading {
    /// By a team's id, or by the name itself.
    pub(super) by_key: HashMap<Arc<str>, Sums>,
    pub(super) whole: Sums,
    /// Whether each is told of those whose usage is not one's own.
    pub(super) of_others: [bool; COUNTED.len()],
}

/// The teams whose usage counts: those that are gone and usage without a team are among them.
pub(super) async fn teams(
    reader: &Reader,
    days: DayRange,
    scope: &Scope,
) -> Result<Arc<ListedTeams>, Error> {
    let include = Include { unassigned: true, deleted: true };
    ListedTeams::of(reader, days, include, scope).await
}

impl Reading {
    /// Reads some days of one moment.
    pub(super) async fn of(
        reader: &Reader,
        teams: &Arc<ListedTeams>,
        now: Timestamp,
        scope: &Scope,
        days: DayRange,
        facet: Dimension,
    ) -> Result<Self, Error> {
        let measures = Measure::all_named(&COUNTED);
        let query = Query {
            days,
            zone: TimeZone::UTC,
            grain: Grain::Total,
            by: vec![facet],
            filter: Filter::default(),
            measures: measures.clone(),
            scope: scope.clone(),
            may_hide: true,
            until: None,
            most_rows: usize::MAX,
        };
        let table = query::ask(View { reader, teams, now }, &query).await?;
        let place = |place: usize| measures.get(place).copied();
        let of_others = std::array::from_fn(|at| place(at).is_some_and(|of| !table.hides(of)));
        let each = |value: &dyn Fn(&Measure) -> Value| -> Sums {
            std::array::from_fn(|at| place(at).and_then(|measure| whole_number(value(measure))))
        };
        let mut by_key: HashMap<Arc<str>, Sums> = HashMap::new();
        if facet == Dimension::Team {
            // Teams without usage have series, too.
            for team in table.teams.iter() {
                let nothing =
                    |at| place(at).filter(|of| !table.hides_of_team(&team.team_id, of)).map(|_| 0);
                by_key.insert(Arc::clone(&team.team_id), std::array::from_fn(nothing));
            }
        }
        for row in &table.rows {
            let id = table.id(*row, 0);
            let key = if **id == *REST && facet != Dimension::Team {
                Arc::from(facet.info().rest)
            } else {
                Arc::clone(id)
            };
            let sums = each(&|measure| table.value(*row, measure));
            let known = by_key.entry(key).or_insert_with(|| sums.map(|sum| sum.map(|_| 0)));
            *known =
                std::array::from_fn(|at| known[at].zip(sums[at]).map(|(a, b)| a.saturating_add(b)));
        }
        let whole = each(&|measure| table.total_value(measure));
        Ok(Self { by_key, whole, of_others })
    }

    /// Adds to `changes` by how much each name is more than it was.
    pub(super) fn add_changes(&self, was: &Self, changes: &mut HashMap<Arc<str>, Sums>) {
        let keys = self
            .by_key
            .keys()
            .chain(was.by_key.keys().filter(|key| !self.by_key.contains_key(*key)));
        for key in keys {
            let (is, was) = (self.by_key.get(key), was.by_key.get(key));
            let told = is.or(was).map_or([false; COUNTED.len()], |sums| sums.map(|s| s.is_some()));
            let nothing: Sums = told.map(|told| told.then_some(0));
            let change = changes.entry(Arc::clone(key)).or_default();
            add_change(change, is.unwrap_or(&nothing), was.unwrap_or(&nothing));
        }
    }
}

/// Adds to `change` what something is more than it was.
pub(super) fn add_change(change: &mut Sums, is: &Sums, was: &Sums) {
    for (change, (is, was)) in change.iter_mut().zip(is.iter().zip(was)) {
        if let (Some(is), Some(was)) = (is, was) {
            let more = is.saturating_sub(*was);
            *change = Some(change.unwrap_or_default().saturating_add(more));
        }
    }
}

/// A value in whole numbers; money in parts of a dollar.
fn whole_number(value: Value) -> Option<i64> {
    match value {
        Value::Unknown => None,
        Value::Count(count) => Some(count),
        #[expect(clippy::cast_possible_truncation, reason = "a float beyond all money is the most")]
        Value::Amount(usd) => Some((usd * USD_PARTS).round() as i64),
    }
}
