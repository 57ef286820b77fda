//! Teams that are close to each other, so that they can pass each other.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::cast::Cast;
use super::dice::{day_number, dice, draw};
use super::logs::moment;
use super::temperament::Temperament;
use super::traffic::invent;
use crate::spec::Spec;
use crate::world::World;

/// How many teams are close to each other, from the first one on.
const GROUPS: [usize; 3] = [3, 3, 2];
/// By how much, as a share of what they used.
const GAP: f64 = 0.015;

/// Lets those who are behind in their group do more on a day, up to a small gap.
pub(super) fn catch_up(world: &mut World, spec: &Spec, cast: &Cast, date: Date) {
    let mut used: BTreeMap<String, i64> = BTreeMap::new();
    for row in world.rows_of(date) {
        let tokens = row.counters.prompt_tokens + row.counters.completion_tokens;
        *used.entry(row.team_id.unwrap_or_default()).or_default() += tokens;
    }
    let mut order: Vec<(String, i64)> = used.into_iter().collect();
    order.sort_by_key(|(_, tokens)| std::cmp::Reverse(*tokens));
    let mut teams = order.into_iter();
    for size in GROUPS {
        let group: Vec<_> = teams.by_ref().take(size).collect();
        let Some((_, most)) = group.first() else { return };
        for (place, (team_id, tokens)) in group.iter().enumerate().skip(1) {
            let wanted = (*most as f64 * (1.0 - GAP * place as f64)) as i64;
            add_requests(world, spec, cast, date, team_id, wanted - tokens);
        }
    }
}

/// Requests of a team until they have so many tokens.
fn add_requests(
    world: &mut World,
    spec: &Spec,
    cast: &Cast,
    date: Date,
    team_id: &str,
    mut tokens: i64,
) {
    let Some(team) = cast.teams.iter().find(|team| team.team_id == team_id) else { return };
    let temperament = Temperament::of(spec.seed, team_id);
    let models = world.models().to_vec();
    let keys: Vec<_> = team.tokens.iter().filter_map(|token| world.key(token).cloned()).collect();
    let mut dice = dice(spec.seed, &["rivals", team_id], day_number(date));
    while tokens > 0 && !keys.is_empty() {
        let key = &keys[dice.usize(..keys.len())];
        let fond = models.iter().map(|model| temperament.fondness(model));
        let Some(model) = draw(fond, &mut dice) else { return };
        let at = moment(spec, date, &mut dice);
        let request = invent(&temperament, key, &models[model], at, None, &mut dice);
        tokens -= request.prompt_tokens + request.completion_tokens;
        world.record_request(request);
    }
}
