//! Podium's answers about a range against what the gateway reports of it.

mod cells;
mod expected;
mod names;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::answers::{Answers, Range};
use crate::differences::Differences;
use crate::sums::Sums;
use crate::truth::Truth;

use expected::Expected;

/// Compares all answers about a range. `whole` is the gateway's own sum of it.
pub(crate) fn range(
    range: &Range,
    answers: &Answers,
    truth: &Truth,
    whole: Option<&Sums>,
    differences: &mut Differences,
) {
    differences.up_to(range.last);
    let expected = Expected::of(range, truth);
    if let Some(whole) = whole {
        differences.compare_sums(|| format!("{range}: sum of its days"), &expected.total, whole);
    }
    for (path, of_answer) in answers.meta() {
        meta(&format!("{path} {range}"), range, of_answer, &expected, differences);
    }
    names::compare(range, answers, truth, differences);
    tokens(range, &answers.tokens, truth, &expected, differences);
    time_series(range, &answers.time_series, &expected, differences);
    success_rate(range, &answers.success_rate, &expected, differences);
    cells::models(range, &answers.models, &expected, differences);
    cells::cost_efficiency(range, &answers.cost_efficiency.cells, &expected, differences);
}

/// What is not in the lists and what is in them together are the gateway's whole.
fn meta(
    what: &str,
    range: &Range,
    meta: &Value,
    expected: &Expected<'_>,
    differences: &mut Differences,
) {
    let what = |field: &str| format!("{what}: {field}");
    differences.compare(|| what("start_date"), text(&meta["start_date"]), range.first.to_string());
    differences.compare(|| what("end_date"), text(&meta["end_date"]), range.last.to_string());
    differences.compare(|| what("complete"), meta["complete"].as_bool(), Some(true));
    differences.compare(
        || what("incomplete_days"),
        meta["incomplete_days"].to_string(),
        "[]".to_owned(),
    );
    let unlisted = &meta["unlisted"];
    let hidden = &expected.unlisted;
    differences.compare(
        || what("unlisted tokens"),
        count(&unlisted["tokens"]),
        hidden.total_tokens,
    );
    differences.compare(
        || what("unlisted requests"),
        count(&unlisted["requests"]),
        hidden.api_requests,
    );
    differences.compare_money(
        || what("unlisted spend"),
        money(&unlisted["spend_usd"]),
        hidden.spend,
    );
}

fn tokens(
    range: &Range,
    answer: &Value,
    truth: &Truth,
    expected: &Expected<'_>,
    differences: &mut Differences,
) {
    let mut listed = 0;
    for team in list(&answer["teams"]) {
        let team_id = text(&team["team_id"]);
        let what = |of: &str| format!("/tokens {range}, team {team_id}{of}");
        let sums = expected.team(&team_id);
        differences.compare(|| what(""), count(&team["tokens"]), sums.total_tokens);
        listed += count(&team["tokens"]);
        let mut keys: BTreeMap<String, &Value> = BTreeMap::new();
        for key in list(&team["breakdown"]["api_keys"]) {
            keys.insert(text(&key["api_key"]), key);
        }
        let theirs = expected.keys_of(&team_id);
        let names = |keys: Vec<&String>| keys.into_iter().cloned().collect::<Vec<_>>();
        differences.compare(
            || what(": keys"),
            names(keys.keys().collect()),
            names(theirs.keys().collect()),
        );
        differences.compare(
            || what(": listed keys"),
            list(&team["breakdown"]["api_keys"]).len(),
            theirs.len(),
        );
        for (api_key, key) in keys {
            let alias = truth.key_aliases.get(&api_key).map(String::as_str);
            differences.compare(|| what(": alias"), key["key_alias"].as_str(), alias);
            if let Some(sums) = theirs.get(&api_key) {
                let what = || format!("{}, key {api_key}", what(""));
                cells::models_of_key(
                    what,
                    key,
                    expected.models_of(&team_id, &api_key, sums),
                    differences,
                );
            }
        }
    }
    differences.compare(
        || format!("/tokens {range}: listed and unlisted tokens"),
        listed + count(&answer["meta"]["unlisted"]["tokens"]),
        expected.total.total_tokens,
    );
}

fn time_series(
    range: &Range,
    answer: &Value,
    expected: &Expected<'_>,
    differences: &mut Differences,
) {
    let days = list(&answer["timeseries"]);
    let dates: Vec<String> = days.iter().map(|day| text(&day["date"])).collect();
    let theirs: Vec<String> =
        expected.days.iter().rev().map(|(date, _)| date.to_string()).collect();
    differences.compare(|| format!("/tokens/timeseries {range}: days"), &dates, &theirs);
    for (day, (date, truth)) in days.iter().zip(expected.days.iter().rev()) {
        for team in list(&day["teams"]) {
            let team_id = text(&team["team_id"]);
            let sums = truth.teams.get(&team_id).copied().unwrap_or_default();
            requests(&format!("/tokens/timeseries {range}, {date}"), team, &sums, differences);
            differences.compare(
                || format!("/tokens/timeseries {range}, {date}, team {team_id}: tokens"),
                count(&team["tokens"]),
                sums.total_tokens,
            );
        }
    }
}

fn success_rate(
    range: &Range,
    answer: &Value,
    expected: &Expected<'_>,
    differences: &mut Differences,
) {
    for team in list(&answer["teams"]) {
        let sums = expected.team(&text(&team["team_id"]));
        requests(&format!("/tokens/success-rate {range}"), team, &sums, differences);
        let rate = match sums.api_requests {
            0 => 0.0,
            all => 100.0 * sums.successful_requests as f64 / all as f64,
        };
        differences.compare(
            || format!("/tokens/success-rate {range}, {}: success_rate", team["team_id"]),
            team["success_rate"].as_f64().map(|rate| format!("{rate:.2}")),
            Some(format!("{rate:.2}")),
        );
    }
}

fn requests(what: &str, team: &Value, sums: &Sums, differences: &mut Differences) {
    for (field, theirs) in [
        ("total_requests", sums.api_requests),
        ("successful_requests", sums.successful_requests),
        ("failed_requests", sums.failed_requests),
    ] {
        differences.compare(
            || format!("{what}, team {}: {field}", team["team_id"]),
            count(&team[field]),
            theirs,
        );
    }
}

/// A list that must be there.
fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// A text that must be there.
fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// A whole number that must be there.
fn count(value: &Value) -> i64 {
    value.as_i64().expect("a whole number")
}

/// An amount that must be there.
fn money(value: &Value) -> f64 {
    value.as_f64().expect("a number")
}
