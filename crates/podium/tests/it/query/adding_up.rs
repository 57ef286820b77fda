//! For any world, every grouping, grain, zone and filter adds up to the same totals, and equals
//! what one gets from the gateway's rows and requests themselves.

use std::collections::BTreeMap;

use gateway_sim::{Request, Version};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use serde_json::Value;

use super::rows;
use crate::harness::{Podium, Setup, TestClock, gateway_with_clock};
use crate::requests::{people, request, with_logs};

const ZONES: [&str; 6] = [
    "UTC",
    "Europe/Berlin",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
    "America/New_York",
];
const GRAINS: [&str; 8] = ["total", "1h", "15m", "1d", "1w", "1mo", "hour_of_day", "weekday_hour"];
const DIMENSIONS: [&str; 5] = ["team", "api_key", "model", "provider_model", "provider"];
/// The week in which clocks are put back, and one in which they stay.
const WEEKS: [&str; 2] = ["2026-10-23", "2026-11-16"];

#[derive(Clone, Debug)]
struct Made {
    after_seconds: i64,
    team: usize,
    key: usize,
    model: usize,
    tokens: i64,
    /// Whether the gateway keeps a log of it.
    is_logged: bool,
}

#[derive(Clone, Debug)]
struct Case {
    week: usize,
    zone: usize,
    grain: usize,
    by: Vec<usize>,
    filter: Option<(usize, bool)>,
    made: Vec<Made>,
}

fn case() -> impl Strategy<Value = Case> {
    let made = (0..6 * 86_400_i64, 0..4_usize, 0..3_usize, 0..4_usize, 1..1_000_i64, 0..10_u8);
    let made = made.prop_map(|(after_seconds, team, key, model, tokens, luck)| Made {
        after_seconds,
        team,
        key,
        model,
        tokens,
        is_logged: luck > 2,
    });
    let by = proptest::sample::subsequence((0..DIMENSIONS.len()).collect::<Vec<_>>(), 0..=3);
    (
        0..WEEKS.len(),
        0..ZONES.len(),
        0..GRAINS.len(),
        by,
        any::<Option<(bool, bool)>>(),
        vec(made, 1..40),
    )
        .prop_map(|(week, zone, grain, by, filter, made)| {
            let filter = filter.map(|(which, excludes)| (usize::from(which), excludes));
            Case { week, zone, grain, by, filter, made }
        })
}

/// Team id, model group, provider's model, provider.
const TEAMS: [Option<&str>; 4] = [Some("t-alpha"), Some("t-beta"), Some("gone"), None];
const MODELS: [(&str, &str, &str); 4] = [
    ("m1", "openai/m1", "openai"),
    ("m2", "openai/m2", "openai"),
    ("m3", "azure/m3", "azure"),
    ("", "", ""),
];

impl Made {
    fn request(&self, n: usize, week: &str) -> Request {
        let start: Timestamp = format!("{week}T00:00:00Z").parse().expect("a time");
        let at = start + SignedDuration::from_secs(self.after_seconds);
        let (group, model, provider) = MODELS[self.model];
        Request {
            api_key: format!("key-{}", self.key),
            team_id: TEAMS[self.team].map(str::to_owned),
            model_group: group.to_owned(),
            model: model.to_owned(),
            provider: provider.to_owned(),
            prompt_tokens: self.tokens,
            completion_tokens: 0,
            ..request(&format!("r{n}"), &at.to_string())
        }
    }

    /// Its value of a dimension, as answers call it.
    fn value(&self, dimension: usize) -> String {
        let (group, model, provider) = MODELS[self.model];
        let or = |name: &str, rest: &str| if name.is_empty() { rest } else { name }.to_owned();
        match DIMENSIONS[dimension] {
            "team" => TEAMS[self.team].unwrap_or("Unassigned").to_owned(),
            "api_key" => format!("key-{}", self.key),
            "model" => or(group, "All Models"),
            "provider_model" => or(model, "Unknown"),
            _ => or(provider, "Unknown"),
        }
    }
}

/// The column that tells a dimension's id.
fn id_column(dimension: usize) -> &'static str {
    match DIMENSIONS[dimension] {
        "team" => "team_id",
        other => other,
    }
}

/// The bucket of a request, by the calendar alone; nothing where only whole days are compared.
fn bucket(at: Timestamp, grain: &str, zone: &TimeZone) -> Option<String> {
    let local = at.to_zoned_datetime(zone.clone());
    match grain {
        "hour_of_day" => Some(format!("{:02}:00", local.hour())),
        "weekday_hour" => Some(local.strftime("%a %H:00").to_string()),
        _ => None,
    }
}

fn filter_of(case: &Case) -> Option<(&'static str, bool)> {
    case.filter.map(|(which, excludes)| (["m1", "m3"][which], excludes))
}

/// What of the requests counts, by the ids of the dimensions.
fn direct(case: &Case) -> BTreeMap<Vec<String>, i64> {
    let mut sums = BTreeMap::new();
    for made in &case.made {
        let group = MODELS[made.model].0;
        let counts = filter_of(case).is_none_or(|(model, excludes)| (group == model) != excludes);
        if counts {
            let key = case.by.iter().map(|dimension| made.value(*dimension)).collect();
            *sums.entry(key).or_default() += made.tokens;
        }
    }
    sums
}

fn tokens(answer: &Value) -> i64 {
    rows(answer, &["tokens"]).iter().map(|row| row[0].parse::<i64>().expect("a count")).sum()
}

/// How many facets the question tells apart or restricts.
fn facets(case: &Case) -> usize {
    let by_model = case.by.contains(&2);
    let by = case.by.iter().filter(|dimension| **dimension >= 2).count();
    by + usize::from(case.filter.is_some() && !by_model)
}

async fn it_adds_up(case: &Case) -> Result<(), String> {
    let week = WEEKS[case.week];
    let first: jiff::civil::Date = week.parse().expect("a date");
    use jiff::ToSpan as _;
    let clock = TestClock::at(&format!("{}T12:00:00Z", first + 9.days()));
    let mut world = people();
    for (n, made) in case.made.iter().enumerate() {
        let request = made.request(n, week);
        if made.is_logged {
            world.record_request(request);
        } else {
            world.record(request.daily_row());
        }
    }
    let gateway = gateway_with_clock(world, Version::CURRENT, clock.clone()).await;
    let mut setup = Setup { clock, ..with_logs() };
    setup.settings.log_days = 14;
    let podium = Podium::start(&gateway, setup).await;
    let by: Vec<&str> = case.by.iter().map(|dimension| DIMENSIONS[*dimension]).collect();
    let mut path = format!(
        "/api/v1/query?start_date={}&end_date={}&include=unassigned,deleted&measures=tokens,requests\
         &tz={}&grain={}&by={}",
        first - 2.days(),
        first + 8.days(),
        ZONES[case.zone],
        GRAINS[case.grain],
        by.join(",")
    );
    if let Some((model, excludes)) = filter_of(case) {
        path.push_str(&format!("&model={}{model}", if excludes { "!" } else { "" }));
    }
    let answer = podium.get(&path).await;
    let nothing_logged = !case.made.iter().any(|made| made.is_logged);
    if nothing_logged && [400, 501].contains(&answer.status.as_u16()) {
        return Ok(());
    }
    if answer.status != 200 {
        return Err(format!("{path}: {}", answer.text));
    }
    let answer = answer.json();
    let direct = direct(case);
    let all: i64 = direct.values().sum();
    let told = tokens(&answer);
    let total = answer["totals"]["tokens"].as_i64().expect("a count");
    if told != total {
        return Err(format!("{path}: the rows have {told}, the total is {total}"));
    }
    // A filter by one facet and a grouping by another are known of logged requests alone.
    if facets(case) > 1 && case.filter.is_some() {
        return Ok(());
    }
    if total != all {
        return Err(format!("{path}: {total}, and it is {all}: {answer}"));
    }
    if facets(case) <= 1 {
        groups_are_those_of_the_requests(case, &path, &answer, &direct)?;
    }
    hours_are_those_of_the_logs(case, &path, &answer)
}

fn groups_are_those_of_the_requests(
    case: &Case,
    path: &str,
    answer: &Value,
    direct: &BTreeMap<Vec<String>, i64>,
) -> Result<(), String> {
    let mut columns: Vec<&str> = case.by.iter().map(|dimension| id_column(*dimension)).collect();
    columns.push("tokens");
    let mut told: BTreeMap<Vec<String>, i64> = BTreeMap::new();
    for mut row in rows(answer, &columns) {
        let tokens: i64 = row.pop().expect("tokens").parse().expect("a count");
        *told.entry(row).or_default() += tokens;
    }
    told.retain(|_, tokens| *tokens != 0);
    if told == *direct { Ok(()) } else { Err(format!("{path}: {told:?}, and it is {direct:?}")) }
}

/// Hours hold what was logged in them; the rest has none.
fn hours_are_those_of_the_logs(case: &Case, path: &str, answer: &Value) -> Result<(), String> {
    let grain = GRAINS[case.grain];
    if !["hour_of_day", "weekday_hour"].contains(&grain) || case.filter.is_some() {
        return Ok(());
    }
    let zone = TimeZone::get(ZONES[case.zone]).expect("a zone");
    let mut direct: BTreeMap<String, i64> = BTreeMap::new();
    for (n, made) in case.made.iter().enumerate() {
        let at = made.request(n, WEEKS[case.week]).started_at;
        let hour = bucket(at, grain, &zone).filter(|_| made.is_logged);
        *direct.entry(hour.unwrap_or_else(|| "unknown_hour".to_owned())).or_default() +=
            made.tokens;
    }
    let mut told: BTreeMap<String, i64> = BTreeMap::new();
    for row in rows(answer, &["bucket", "tokens"]) {
        *told.entry(row[0].clone()).or_default() += row[1].parse::<i64>().expect("a count");
    }
    told.retain(|_, tokens| *tokens != 0);
    if told == direct { Ok(()) } else { Err(format!("{path}: {told:?}, and it is {direct:?}")) }
}

#[test]
fn every_grouping_grain_zone_and_filter_adds_up() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let config = Config {
        cases: 300,
        rng_seed: RngSeed::Fixed(20_261_125),
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config)
        .run(&case(), |case| runtime.block_on(it_adds_up(&case)).map_err(TestCaseError::fail));
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
