//! Counts requests in their quarter hours, each once.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::store::database::Database;
use crate::store::database::quarters::BatchWrite;
use crate::store::dictionary::Dictionary;
use crate::store::quarters::{Delta, Novelty, PlacedFact, QuarterDay};
use crate::store::snapshot::Snapshot;
use crate::store::{Added, Error, LogDay};
use crate::usage::{Day, Quarter, Request};

/// The requests that were counted, by day; with tokens or without.
pub(super) type Seen = HashMap<Day, HashMap<u128, bool>>;

/// The requests of `requests` that were not counted yet, by quarter hour and series.
fn delta_of(dictionary: &mut Arc<Dictionary>, requests: &[(Request, Novelty)]) -> Delta {
    let mut delta = Delta::new();
    for (request, news) in requests.iter().filter(|(_, news)| *news != Novelty::Nothing) {
        let names = [
            &request.team_id,
            &request.api_key,
            &request.model_group,
            &request.model,
            &request.provider,
        ]
        .map(String::as_str);
        let series = dictionary
            .known_quarter_series_code(names)
            .unwrap_or_else(|| Arc::make_mut(dictionary).quarter_series_code(names));
        delta.entry((Quarter::of(request.started_at), series)).or_default().count(request, *news);
    }
    delta
}

/// Counts requests, each once, and says what became of them and whether a figure changed.
pub(super) fn add_requests(
    next: &mut Snapshot,
    database: Option<&mut Database>,
    seen: &mut Seen,
    requests: Vec<Request>,
    log_days: Vec<(Day, LogDay)>,
) -> Result<(bool, Added), Error> {
    let merged = |(day, news): (Day, LogDay)| {
        (day, next.log_days.get(&day).map_or(news, |known| known.merged(&news)))
    };
    let log_days: Vec<(Day, LogDay)> = log_days.into_iter().map(merged).collect();
    let all = requests.len();
    let too_old = |request: &Request| {
        next.seen_from.is_some_and(|seen_from| Day::of(request.started_at) < seen_from)
    };
    let mut requests: Vec<(Request, Novelty)> = requests
        .into_iter()
        .filter(|request| !too_old(request))
        .map(|request| (request, Novelty::Nothing))
        .collect();
    let mut added = Added { too_old: all - requests.len(), ..Added::default() };
    let key_aliases = new_key_aliases(next, &requests);
    let known_series = next.dictionary.quarter_series().len();
    match database {
        None => {
            for (request, news) in &mut requests {
                let day = seen.entry(Day::of(request.started_at)).or_default();
                let has_tokens = request.metrics.total_tokens != 0;
                *news = match day.insert(request.identity, has_tokens) {
                    None => Novelty::Everything,
                    Some(false) if has_tokens => Novelty::Tokens,
                    Some(had_tokens) => {
                        day.insert(request.identity, had_tokens);
                        Novelty::Nothing
                    }
                };
            }
            count_new(next, &requests);
        }
        Some(database) => {
            let identities: Vec<(Day, u128, bool)> = requests
                .iter()
                .map(|(request, _)| {
                    let has_tokens = request.metrics.total_tokens != 0;
                    (Day::of(request.started_at), request.identity, has_tokens)
                })
                .collect();
            database.add_requests(&identities, |news| {
                requests.iter_mut().zip(news).for_each(|((_, mine), news)| *mine = *news);
                let quarters = count_new(next, &requests);
                let codes = known_series..next.dictionary.quarter_series().len();
                let series = |code: usize| {
                    (
                        u32::try_from(code).unwrap_or(u32::MAX),
                        next.dictionary.quarter_series()[code],
                    )
                };
                BatchWrite {
                    new_series: codes.map(series).collect(),
                    dictionary: &next.dictionary,
                    quarters: quarters
                        .into_iter()
                        .filter_map(|quarter| {
                            Some((quarter, &**next.quarters.get(&quarter.day())?))
                        })
                        .collect(),
                    log_days: &log_days,
                    key_aliases: &key_aliases,
                }
            })?;
        }
    }
    let of = |wanted| requests.iter().filter(|(_, news)| *news == wanted).count();
    added.new = of(Novelty::Everything);
    added.repeated = requests.len() - added.new;
    if !key_aliases.is_empty() {
        let news = key_aliases.into_iter().map(|(key, alias)| (key, Arc::from(alias)));
        Arc::make_mut(&mut next.key_aliases).extend(news);
    }
    if !log_days.is_empty() {
        Arc::make_mut(&mut next.log_days).extend(log_days);
    }
    Ok((added.new > 0 || of(Novelty::Tokens) > 0, added))
}

/// The names of keys that are other than those known; of several in one batch the last counts.
fn new_key_aliases(next: &Snapshot, requests: &[(Request, Novelty)]) -> BTreeMap<String, String> {
    let mut aliases: BTreeMap<&str, &str> = BTreeMap::new();
    for (request, _) in requests {
        aliases.extend(request.key_alias.as_deref().map(|alias| (&*request.api_key, alias)));
    }
    aliases
        .into_iter()
        .filter(|(key, alias)| next.key_aliases.get(*key).map(AsRef::as_ref) != Some(*alias))
        .map(|(key, alias)| (key.to_owned(), alias.to_owned()))
        .collect()
}

/// Counts the new ones of `requests` and says which quarter hours that changed.
fn count_new(next: &mut Snapshot, requests: &[(Request, Novelty)]) -> BTreeSet<Quarter> {
    let delta = delta_of(&mut next.dictionary, requests);
    let changed: BTreeSet<Quarter> = delta.keys().map(|(quarter, _)| *quarter).collect();
    let mut by_day: BTreeMap<Day, Delta> = BTreeMap::new();
    for ((quarter, series), fact) in delta {
        by_day.entry(quarter.day()).or_default().insert((quarter, series), fact);
    }
    for (day, delta) in by_day {
        let team_of = |series| next.dictionary.team_of_quarter_series(series);
        let quarters = Arc::make_mut(&mut next.quarters);
        let empty = || Arc::new(QuarterDay::empty(Quarter::first_of(day)));
        let before = quarters.entry(day).or_insert_with(empty);
        *before = Arc::new(before.with(delta.into_iter(), team_of));
    }
    changed
}

/// Days of quarter hours from facts that are sorted by quarter hour.
pub(super) fn quarter_days(
    facts: Vec<PlacedFact>,
    dictionary: &Dictionary,
) -> BTreeMap<Day, Arc<QuarterDay>> {
    let mut by_day: BTreeMap<Day, Vec<PlacedFact>> = BTreeMap::new();
    for (place, fact) in facts {
        by_day.entry(place.0.day()).or_default().push((place, fact));
    }
    let team_of = |series| dictionary.team_of_quarter_series(series);
    let quarter_day = |(day, facts): (Day, Vec<PlacedFact>)| {
        let empty = QuarterDay::empty(Quarter::first_of(day));
        (day, Arc::new(empty.with(facts.into_iter(), team_of)))
    };
    by_day.into_iter().map(quarter_day).collect()
}
