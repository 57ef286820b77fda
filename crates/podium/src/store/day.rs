//! A day's usage in every split, packed.

use std::collections::{BTreeMap, HashMap};

use super::dictionary::{ALL, Dictionary, Split};
use super::packed::{Packed, SplitRows};
use super::seal::Seal;
use crate::usage::{DIMENSIONS, Day, DayUsage, Dimension, Metrics, MetricsSum};

/// Sums of keys, by team and key.
type ByKey = HashMap<(u32, u32), Metrics>;

/// Adds rows up by team and key: their order depends on the order in which names came to be known,
/// and is to show in no digit.
fn added<'a>(rows: impl Iterator<Item = ((u32, u32), &'a Metrics)>) -> ByKey {
    let mut sums: HashMap<(u32, u32), MetricsSum> = HashMap::new();
    rows.for_each(|(key, metrics)| sums.entry(key).or_default().add(metrics));
    sums.into_iter().map(|(key, sum)| (key, sum.value())).collect()
}

/// Packs a day's rows of (series code, metrics), in any order. Each split adds up to the day's
/// teams: what the gateway attributes to no key, or to no value of a facet, stands behind what it
/// tells, by the code of its team or key; negative where the parts exceed their whole. A facet that
/// the gateway does not tell of the day shows the keys' own totals, of which nothing is told.
pub(super) fn pack(mut rows: Vec<(u32, Metrics)>, dictionary: &Dictionary) -> Packed {
    rows.sort_unstable_by_key(|(code, _)| *code);
    let mut splits: [SplitRows; DIMENSIONS] = Default::default();
    for (code, metrics) in rows {
        let series = dictionary.series()[code as usize];
        splits[series.split().place()].told.push((code, metrics));
    }
    add_rests(&mut splits, dictionary);
    Packed::pack(&splits)
}

fn add_rests(splits: &mut [SplitRows; DIMENSIONS], dictionary: &Dictionary) {
    let sums = |rows: &SplitRows| {
        added(rows.told.iter().map(|(code, metrics)| {
            let series = dictionary.series()[*code as usize];
            ((series.team, series.api_key), metrics)
        }))
    };
    let keys = sums(&splits[Split::ApiKey.place()]);
    let by_team = added(keys.iter().map(|((team, _), metrics)| ((*team, ALL), metrics)));
    let coded = |((team, api_key), metrics)| Some((dictionary.total_code(team, api_key)?, metrics));
    let without_key = rests(&sums(&splits[Split::Team.place()]), &by_team);
    let without_key: Vec<_> = without_key.into_iter().filter_map(coded).collect();
    for facet in Dimension::FACETS {
        let place = Split::Facet(facet).place();
        let of_keys = if splits[place].told.is_empty() {
            splits[Split::ApiKey.place()].told.clone()
        } else {
            let rests = rests(&keys, &sums(&splits[place]));
            rests.into_iter().filter_map(coded).collect()
        };
        let rest = &mut splits[place].rest;
        rest.extend(of_keys);
        rest.extend(&without_key);
        rest.sort_unstable_by_key(|(code, _)| *code);
    }
    splits[Split::ApiKey.place()].rest = without_key;
}

/// Facets of which nothing is told show the keys' own totals, as [`pack`] has it.
pub(super) fn fill_untold(splits: &mut [SplitRows; DIMENSIONS]) {
    let keys = &splits[Split::ApiKey.place()];
    let all: Vec<_> = keys.told.iter().chain(&keys.rest).copied().collect();
    for facet in Dimension::FACETS {
        let rows = &mut splits[Split::Facet(facet).place()];
        if rows.told.is_empty() {
            rows.rest.clone_from(&all);
        }
    }
}

/// The teams' totals, by id.
pub(super) fn team_totals(day: &Packed, dictionary: &Dictionary) -> BTreeMap<String, Metrics> {
    let of_team = |(code, metrics): (u32, Metrics)| {
        let team = dictionary.series().get(code as usize)?.team;
        Some((dictionary.names(Dimension::Team).name(team)?.to_string(), metrics))
    };
    day.split(Split::Team.place()).rows().filter_map(of_team).collect()
}

/// The checksum of a day's packed usage: of its bytes, and of what its codes stand for, so that no
/// code comes to stand for something else. Nothing where a code stands for nothing.
pub(super) fn seal(day: Day, packed: &Packed, dictionary: &Dictionary) -> Option<u128> {
    let mut meaning = 0_u128;
    for place in 0..DIMENSIONS {
        for code in packed.split(place).codes() {
            meaning = meaning.wrapping_add(dictionary.meaning(code)?);
        }
    }
    let seal = Seal::of("day_content").text(&day.to_string()).bytes(packed.bytes()).sum(meaning);
    Some(seal.done())
}

/// What the wholes have beyond their parts, where that is more than floats make of nothing.
fn rests(wholes: &ByKey, parts: &ByKey) -> Vec<((u32, u32), Metrics)> {
    let nothing = Metrics::default();
    let keys = wholes.keys().chain(parts.keys().filter(|key| !wholes.contains_key(*key)));
    let mut rests: Vec<((u32, u32), Metrics)> = keys
        .map(|key| (key, wholes.get(key).unwrap_or(&nothing), parts.get(key).unwrap_or(&nothing)))
        .filter(|(_, whole, part)| !whole.matches(part))
        .map(|(key, whole, part)| (*key, whole.minus(part)))
        .collect();
    rests.sort_unstable_by_key(|(key, _)| *key);
    rests
}

/// A day's rows as (series code, metrics). `code` gives the code of a team, API key and facet's
/// value; the rows are `None` if it has none for one of them.
pub(super) fn encode<'a>(
    usage: &'a DayUsage,
    mut code: impl FnMut(&'a str, Option<&'a str>, Option<(Dimension, &'a str)>) -> Option<u32>,
) -> Option<Vec<(u32, Metrics)>> {
    let mut rows = Vec::new();
    for team in &usage.teams {
        let id = team.team_id.as_str();
        rows.push((code(id, None, None)?, team.metrics));
        for key in &team.keys {
            let api_key = Some(key.api_key.as_str());
            rows.push((code(id, api_key, None)?, key.metrics));
            for (facet, value, metrics) in key.parts() {
                rows.push((code(id, api_key, Some((facet, value)))?, *metrics));
            }
        }
    }
    Some(rows)
}
