//! Which teams are listed, in which order and under which names.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{list, text};
use crate::answers::{Answers, Range};
use crate::differences::Differences;
use crate::gateway::Team;
use crate::truth::Truth;

/// Teams come in the gateway's order, under their own names or their ids, and under one name in
/// all answers.
pub(super) fn compare(
    range: &Range,
    answers: &Answers,
    truth: &Truth,
    differences: &mut Differences,
) {
    let listed: Vec<(String, String)> = teams(&answers.tokens["teams"]);
    order(range, &listed, truth, differences);
    let rates = teams(&answers.success_rate["teams"]);
    differences.compare(|| format!("/tokens/success-rate {range}: teams"), &rates, &listed);
    for day in list(&answers.time_series["timeseries"]) {
        let of_day = teams(&day["teams"]);
        let what = || format!("/tokens/timeseries {range}, {}: teams", day["date"]);
        differences.compare(what, &of_day, &listed);
    }
    let names: BTreeMap<&str, &str> =
        listed.iter().map(|(team_id, name)| (team_id.as_str(), name.as_str())).collect();
    for cell in &answers.cost_efficiency.cells {
        let what = || format!("/tokens/cost-efficiency {range}, {}: team", cell.team_id);
        let known = names.get(cell.team_id.as_str()).copied();
        differences.compare(what, Some(cell.team.as_str()), known);
    }
    for team in &truth.teams {
        let what = || format!("/tokens {range}, team {}: name", team.team_id);
        let ours = names.get(team.team_id.as_str()).copied();
        let is_right = ours.is_some_and(|ours| is_name_of(ours, team, &truth.teams));
        differences.compare(what, ours.filter(|_| is_right), ours.or(Some("no name")));
    }
    let mut all: Vec<&str> = names.values().copied().collect();
    all.sort_unstable();
    all.dedup();
    differences.compare(|| format!("/tokens {range}: distinct names"), all.len(), listed.len());
}

/// The gateway's order is that of the aliases; among teams of one alias, or without one, it is
/// whatever its database gives, so that these may change places.
fn order(range: &Range, listed: &[(String, String)], truth: &Truth, differences: &mut Differences) {
    let alias = |team: &Team| team.team_alias.clone().unwrap_or_default();
    let aliases: BTreeMap<&str, String> =
        truth.teams.iter().map(|team| (team.team_id.as_str(), alias(team))).collect();
    let ours = listed.iter().filter_map(|(team_id, _)| aliases.get(team_id.as_str()).cloned());
    let theirs = truth.teams.iter().map(alias);
    let differing = ours.zip(theirs).enumerate().find(|(_, (ours, theirs))| ours != theirs);
    differences.compare(|| format!("/tokens {range}: first alias out of order"), differing, None);

    let sorted = |mut team_ids: Vec<String>| {
        team_ids.sort_unstable();
        team_ids
    };
    differences.compare(
        || format!("/tokens {range}: teams"),
        sorted(listed.iter().map(|(team_id, _)| team_id.clone()).collect()),
        sorted(truth.teams.iter().map(|team| team.team_id.clone()).collect()),
    );
}

fn teams(teams: &Value) -> Vec<(String, String)> {
    list(teams).iter().map(|team| (text(&team["team_id"]), text(&team["name"]))).collect()
}

/// The alias, or the id where there is none; of twins, with the beginning of the id behind it.
fn is_name_of(name: &str, team: &Team, teams: &[Team]) -> bool {
    let plain = plain_name(team);
    if teams.iter().filter(|other| plain_name(other) == plain).count() == 1 {
        return name == plain;
    }
    let mark = name.strip_prefix(plain).and_then(|rest| rest.strip_prefix(" ("));
    mark.and_then(|mark| mark.strip_suffix(')'))
        .is_some_and(|mark| !mark.is_empty() && team.team_id.starts_with(mark))
}

fn plain_name(team: &Team) -> &str {
    team.team_alias.as_deref().filter(|alias| !alias.is_empty()).unwrap_or(&team.team_id)
}
