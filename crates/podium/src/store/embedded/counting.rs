//! Counts requests in their quarter hours, each once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use crate::store::Error;
use crate::store::counted::{Counted, Novelty};
use crate::store::database::Database;
use crate::store::database::quarters::{Batch, BatchWrite};
use crate::store::dictionary::Dictionary;
use crate::store::facts::Added;
use crate::store::ledger::{LedgerState, LogDay};
use crate::store::quarters::{Delta, PlacedFact, QuarterDay};
use crate::store::snapshot::{FactColumns, Snapshot};
use crate::usage::{Day, Quarter, Request};

/// The requests that were counted, by day and identity: when each began, and how it was seen.
pub(super) type Seen = HashMap<Day, HashMap<u128, Vec<(i64, u8)>>>;

/// The requests of `requests` that were not counted yet, by quarter hour and series.
fn delta_of(dictionary: &mut Arc<Dictionary>, requests: &[&Request], news: &[Novelty]) -> Delta {
    let mut delta = Delta::new();
    let new = requests.iter().zip(news).filter(|(_, news)| **news != Novelty::Nothing);
    for (request, news) in new {
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

/// Says of each request what is new about it, and remembers it.
fn note(seen: &mut Seen, requests: &[Counted]) -> Vec<Novelty> {
    let judged = requests.iter().map(|request| {
        let (from, to) = request.reach();
        let mut known = Vec::new();
        for day in request.days() {
            let entries = seen.get(&day).and_then(|day| day.get(&request.identity));
            let near = entries.into_iter().flatten().filter(|(ms, _)| (from..=to).contains(ms));
            known.extend(near.map(|(ms, how)| (day, *ms, *how)));
        }
        let (novelty, entry) = request.judge(&known);
        if let Some((day, ms, how)) = entry {
            let entries = seen.entry(day).or_default().entry(request.identity).or_default();
            entries.retain(|(known, _)| *known != ms);
            entries.push((ms, how));
        }
        novelty
    });
    judged.collect()
}

/// Counts requests, each once, and says what became of them and whether a figure changed. What is
/// new is noted, counted and written in one transaction.
pub(super) fn add_requests(
    next: &mut Snapshot,
    database: Option<&mut Database>,
    seen: &mut Seen,
    requests: &[Request],
    log_days: &[(Day, LogDay)],
) -> Result<(bool, Added), Error> {
    let seen_from = next.ledger.seen_from;
    let is_taken =
        |request: &&Request| seen_from.is_none_or(|first| Day::of(request.started_at) >= first);
    let taken: Vec<&Request> = requests.iter().filter(is_taken).collect();
    let counted: Vec<Counted> = taken.iter().map(|request| Counted::of(request)).collect();
    let key_aliases = new_key_aliases(&next.ledger, &taken);
    let days: BTreeSet<Day> = taken.iter().map(|request| Day::of(request.started_at)).collect();
    let begun = days.into_iter().filter(|day| !next.ledger.log_days.contains_key(day));
    let begun = begun.map(|day| (day, LogDay::default()));
    let told: Vec<(Day, LogDay)> = log_days.iter().copied().chain(begun).collect();
    merge_log_days(next, &told);
    let known_series = next.facts.dictionary.quarter_series().len();

    let mut batch = database.map(|database| begin(database, &counted)).transpose()?;
    let novelties = match &mut batch {
        Some(batch) => batch.note(&counted)?,
        None => note(seen, &counted),
    };
    let quarters = count_new(next, &taken, &novelties);
    if let Some(batch) = batch {
        let days = &next.facts.quarters;
        let of_day = |at: Quarter| Some((at, &**days.get(&at.day())?));
        batch.commit(&BatchWrite {
            known_series,
            dictionary: &next.facts.dictionary,
            quarters: quarters.into_iter().filter_map(of_day).collect(),
            log_days: &next.ledger.log_days,
            told: &told.iter().map(|(day, _)| *day).collect::<Vec<_>>(),
            key_aliases: &key_aliases,
        })?;
    }
    if !key_aliases.is_empty() {
        let news = key_aliases.into_iter().map(|(key, alias)| (key, Arc::from(alias)));
        Arc::make_mut(&mut next.ledger_mut().key_aliases).extend(news);
    }
    let of = |wanted| novelties.iter().filter(|news| **news == wanted).count();
    let new = of(Novelty::Everything);
    let added = Added { new, repeated: taken.len() - new, too_old: requests.len() - taken.len() };
    Ok((new > 0 || of(Novelty::Tokens) > 0, added))
}

/// Begins a batch once it is sure that what was counted before is still known.
fn begin<'a>(database: &'a mut Database, counted: &[Counted]) -> Result<Batch<'a>, Error> {
    let days: HashSet<Day> = counted.iter().flat_map(Counted::days).collect();
    database.look_at_identities(&days)?;
    database.begin_batch()
}

fn merge_log_days(next: &mut Snapshot, log_days: &[(Day, LogDay)]) {
    if log_days.is_empty() {
        return;
    }
    let known = Arc::make_mut(&mut next.ledger_mut().log_days);
    for (day, news) in log_days {
        let state = known.entry(*day).or_default();
        *state = state.merged(news);
    }
}

/// Forgets the hours of some days, and how far their logs were read; says whether a figure went.
pub(super) fn forget_hours(next: &mut Snapshot, is_of: impl Fn(Day) -> bool) -> bool {
    if next.ledger.log_days.keys().any(|day| is_of(*day)) {
        Arc::make_mut(&mut next.ledger_mut().log_days).retain(|day, _| !is_of(*day));
    }
    let is_news = next.facts.quarters.keys().any(|day| is_of(*day));
    if is_news {
        Arc::make_mut(&mut next.facts_mut().quarters).retain(|day, _| !is_of(*day));
        Arc::make_mut(&mut next.ledger_mut().explained).retain(|day, _| !is_of(*day));
    }
    is_news
}

/// The names of keys that are other than those known; of several in one batch the last counts.
fn new_key_aliases(ledger: &LedgerState, requests: &[&Request]) -> BTreeMap<String, String> {
    let mut aliases: BTreeMap<&str, &str> = BTreeMap::new();
    for request in requests {
        aliases.extend(request.key_alias.as_deref().map(|alias| (&*request.api_key, alias)));
    }
    aliases
        .into_iter()
        .filter(|(key, alias)| ledger.key_aliases.get(*key).map(AsRef::as_ref) != Some(*alias))
        .map(|(key, alias)| (key.to_owned(), alias.to_owned()))
        .collect()
}

/// Counts the new ones of `requests` and says which quarter hours that changed.
fn count_new(next: &mut Snapshot, requests: &[&Request], news: &[Novelty]) -> BTreeSet<Quarter> {
    let delta = delta_of(&mut next.facts_mut().dictionary, requests, news);
    let changed: BTreeSet<Quarter> = delta.keys().map(|(quarter, _)| *quarter).collect();
    let mut by_day: BTreeMap<Day, Delta> = BTreeMap::new();
    for ((quarter, series), fact) in delta {
        by_day.entry(quarter.day()).or_default().insert((quarter, series), fact);
    }
    for (day, delta) in by_day {
        let FactColumns { dictionary, quarters, .. } = next.facts_mut();
        let team_of = |series| dictionary.team_of_quarter_series(series);
        let empty = || Arc::new(QuarterDay::empty(Quarter::first_of(day)));
        let before = Arc::make_mut(quarters).entry(day).or_insert_with(empty);
        *before = Arc::new(before.with(delta.into_iter(), team_of));
        let total = before.total;
        Arc::make_mut(&mut next.ledger_mut().explained).insert(day, total);
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
