//! Keys by what they spent in a scope: most first, then by name.

use super::scope::Scope;
use super::slots::Slots;
use crate::world::{Counters, Name, World};

pub(super) fn keys_by_spend(world: &World, scope: &Scope) -> Vec<(Name, Counters)> {
    let mut keys: Slots<Counters> = Slots::default();
    for (_, rows) in scope.days(world) {
        for row in rows.iter().filter(|row| scope.rows.lets_through(row)) {
            *keys.slot(row.api_key) += row.counters;
        }
    }
    let mut keys = keys.into_entries();
    keys.sort_by(|(a, spent_a), (b, spent_b)| {
        let by_spend = spent_b.spend.total_cmp(&spent_a.spend);
        by_spend.then_with(|| world.names().text(*a).cmp(world.names().text(*b)))
    });
    keys
}
