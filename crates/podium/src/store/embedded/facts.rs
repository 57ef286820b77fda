//! Days and requests, in the file and in the snapshot.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use async_trait::async_trait;

use super::EmbeddedStore;
use super::counting::{self, forget_hours};
use crate::store::Error;
use crate::store::contents::Content;
use crate::store::database::Database;
use crate::store::database::days::DayWrite;
use crate::store::day::{encode, pack};
use crate::store::facts::{Added, Facts, Reader};
use crate::store::ledger::{DayState, LedgerState, LogDay, StoredDay};
use crate::store::snapshot::Snapshot;
use crate::usage::{Day, DayUsage, Request};

#[async_trait]
impl Facts for EmbeddedStore {
    fn read(&self) -> Reader {
        self.reader(&self.inner.snapshot.load())
    }

    async fn replace_day(&self, usage: DayUsage, state: DayState) -> Result<(), Error> {
        self.change("day", move |next, database| {
            Ok((replace_day(next, database, &usage, state.clone())?, ()))
        })
        .await
    }

    async fn add_requests(
        &self,
        requests: Vec<Request>,
        log_days: Vec<(Day, LogDay)>,
    ) -> Result<Added, Error> {
        let inner = Arc::clone(&self.inner);
        self.change("requests", move |next, database| {
            let mut seen = inner.seen.lock().unwrap_or_else(PoisonError::into_inner);
            counting::add_requests(next, database, &mut seen, &requests, &log_days)
        })
        .await
    }

    async fn forget_quarters(&self, keep_from: Day, seen_from: Day) -> Result<(), Error> {
        let inner = Arc::clone(&self.inner);
        self.change("old requests", move |next, database| {
            let before = next.ledger.seen_from.unwrap_or(seen_from);
            let seen_from = before.max(seen_from).max(keep_from);
            if let Some(database) = database {
                database.forget_quarters(keep_from, seen_from)?;
            }
            let mut seen = inner.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.retain(|day, _| *day >= seen_from);
            next.ledger_mut().seen_from = Some(seen_from);
            Ok((forget_hours(next, |day| day < keep_from), ()))
        })
        .await
    }
}

fn replace_day(
    next: &mut Snapshot,
    database: Option<&mut Database>,
    usage: &DayUsage,
    state: DayState,
) -> Result<bool, Error> {
    let known_series = next.facts.dictionary.series().len();
    let known = encode(usage, |team, api_key, value| {
        next.facts.dictionary.known_series_code(team, api_key, value)
    });
    let facts = known.unwrap_or_else(|| {
        let dictionary = Arc::make_mut(&mut next.facts_mut().dictionary);
        let code = |team, api_key, value| Some(dictionary.series_code(team, api_key, value));
        encode(usage, code).unwrap_or_default()
    });
    let packed = pack(facts, &next.facts.dictionary);
    let content = match database {
        None => Content::held(usage.day, packed),
        Some(database) => {
            let write = DayWrite {
                day: usage.day,
                state: &state,
                total: &usage.total,
                packed: &packed,
                with_facets: true,
                dictionary: &next.facts.dictionary,
                known_series,
                key_aliases: borrowed(&usage.key_aliases),
                team_aliases: borrowed(&usage.team_aliases),
            };
            hold_what_was(next, database, usage.day)?;
            let seal = database.replace_day(&write)?;
            let content = Content::in_file(usage.day, seal);
            next.facts.contents.keep(&content, packed);
            content
        }
    };
    learn_names(next.ledger_mut(), usage);
    Arc::make_mut(&mut next.facts_mut().days).insert(usage.day, Arc::new(content));
    let stored = StoredDay { state, total: usage.total, with_facets: true };
    Arc::make_mut(&mut next.ledger_mut().days).insert(usage.day, stored);
    Ok(true)
}

fn borrowed(names: &HashMap<String, String>) -> Vec<(&str, &str)> {
    names.iter().map(|(id, alias)| (id.as_str(), alias.as_str())).collect()
}

/// Whoever reads an earlier moment still finds the day as it was then.
fn hold_what_was(next: &Snapshot, database: &Database, day: Day) -> Result<(), Error> {
    let facts = &next.facts;
    let Some(content) = facts.days.get(&day) else { return Ok(()) };
    let kept = facts.contents.kept(content);
    let trusted = |bytes| content.trusted(bytes, &facts.dictionary);
    let packed = match kept {
        Some(packed) => Some(packed),
        None => database.content(day)?.and_then(trusted),
    };
    // What is damaged is not worth keeping: it is what is being replaced.
    packed.into_iter().for_each(|packed| content.hold(packed));
    Ok(())
}

/// Keys' names are those seen last; teams' names only count for teams that are not listed,
/// since the list knows better.
fn learn_names(ledger: &mut LedgerState, usage: &DayUsage) {
    let is_news = |(api_key, alias): &(&String, &String)| {
        ledger.key_aliases.get(*api_key).map(AsRef::as_ref) != Some(alias.as_str())
    };
    let news: Vec<(String, Arc<str>)> = usage
        .key_aliases
        .iter()
        .filter(is_news)
        .map(|(api_key, alias)| (api_key.clone(), Arc::from(alias.as_str())))
        .collect();
    if !news.is_empty() {
        Arc::make_mut(&mut ledger.key_aliases).extend(news);
    }
    let listed = |team_id: &str| {
        ledger.teams.iter().flat_map(|teams| teams.iter()).any(|team| team.team_id == team_id)
    };
    let news: Vec<(String, String)> = usage
        .team_aliases
        .iter()
        .filter(|(team_id, alias)| {
            ledger.team_aliases.get(*team_id) != Some(*alias) && !listed(team_id)
        })
        .map(|(team_id, alias)| (team_id.clone(), alias.clone()))
        .collect();
    if !news.is_empty() {
        Arc::make_mut(&mut ledger.team_aliases).extend(news);
    }
}
