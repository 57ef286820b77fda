//! A new data file from what is in memory and what can still be read of the old one, where that turned
//! out to be damaged. Days whose facts are in neither are forgotten and read anew.
//!
//! Which requests were counted is known to the file alone. So the hours of days whose logs may be
//! read once more are forgotten with it and read anew; what was only pushed stays as it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::counting;
use crate::store::Error;
use crate::store::database::days::DayWrite;
use crate::store::database::quarters::BatchWrite;
use crate::store::database::{Database, SetAside};
use crate::store::snapshot::Snapshot;
use crate::usage::{Day, Quarter};
use jiff::Timestamp;

/// Forgets what cannot be told apart any more, and writes everything else into a new file.
pub(super) fn fill(
    database: &mut Database,
    snapshot: &mut Snapshot,
    aside: &SetAside,
    now: Timestamp,
) -> Result<(), Error> {
    let states = snapshot.ledger.log_days.iter();
    let again: Vec<Day> =
        states.filter(|(day, log)| log.may_be_read_again(**day)).map(|(day, _)| *day).collect();
    counting::forget_hours(snapshot, |day| again.contains(&day));
    fill_days(database, snapshot, aside)?;
    let Snapshot { ledger, facts } = &*snapshot;
    if let Some(teams) = &ledger.teams {
        database.replace_teams(teams, now)?;
    }
    database.record_findings(&ledger.findings, usize::MAX)?;
    if let Some(day) = ledger.empty_before {
        database.set_empty_before(day)?;
    }
    let quarters = facts.quarters.iter().flat_map(|(day, quarters)| {
        let first = Quarter::first_of(*day).0;
        (first..first + Quarter::PER_DAY).map(|quarter| (Quarter(quarter), &**quarters))
    });
    let no_names = BTreeMap::new();
    let told: Vec<Day> = ledger.log_days.keys().copied().collect();
    database.begin_batch()?.commit(&BatchWrite {
        known_series: 0,
        dictionary: &facts.dictionary,
        quarters: quarters.filter(|(at, day)| day.facts_of(*at).next().is_some()).collect(),
        log_days: &ledger.log_days,
        told: &told,
        key_aliases: &no_names,
    })?;
    if let Some(seen_from) = ledger.seen_from {
        let first = facts.quarters.keys().next().copied().unwrap_or(seen_from);
        database.forget_quarters(first.min(seen_from), seen_from)?;
    }
    Ok(())
}

fn fill_days(
    database: &mut Database,
    snapshot: &mut Snapshot,
    aside: &SetAside,
) -> Result<(), Error> {
    let Snapshot { ledger, facts } = &*snapshot;
    let keys: Vec<(&str, &str)> =
        ledger.key_aliases.iter().map(|(key, alias)| (key.as_str(), &**alias)).collect();
    let teams: Vec<(&str, &str)> =
        ledger.team_aliases.iter().map(|(id, alias)| (id.as_str(), alias.as_str())).collect();
    let mut known_series = 0;
    let mut lost: Vec<Day> = Vec::new();
    for (day, stored) in ledger.days.iter() {
        let packed = facts.days.get(day).and_then(|content| {
            let read = || content.trusted(aside.content(*day)?, &facts.dictionary);
            facts.contents.kept(content).or_else(read)
        });
        let Some(packed) = packed else {
            lost.push(*day);
            continue;
        };
        database.replace_day(&DayWrite {
            day: *day,
            state: &stored.state,
            total: &stored.total,
            packed: &packed,
            with_facets: stored.with_facets,
            dictionary: &facts.dictionary,
            known_series,
            key_aliases: if known_series == 0 { keys.clone() } else { Vec::new() },
            team_aliases: if known_series == 0 { teams.clone() } else { Vec::new() },
        })?;
        known_series = facts.dictionary.series().len();
    }
    for day in lost {
        Arc::make_mut(&mut snapshot.facts_mut().days).remove(&day);
        Arc::make_mut(&mut snapshot.ledger_mut().days).remove(&day);
    }
    Ok(())
}
