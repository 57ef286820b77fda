//! For any requests, zone and grain, the series are what one gets from the requests themselves.

use std::collections::BTreeMap;

use gateway_sim::{Request, Version};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};
use serde_json::Value;

use super::{people, request, with_logs};
use crate::harness::{Podium, Setup, TestClock, gateway_with_clock};

const ZONES: [&str; 10] = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/St_Johns",
    "Pacific/Kiritimati",
    "Africa/Casablanca",
    "Asia/Tokyo",
];
const GRAINS: [&str; 5] = ["15m", "1h", "1d", "1w", "1mo"];
const BY: [&str; 4] = ["team", "api_key", "model", "provider"];

/// Beginnings of weeks in which clocks are changed somewhere, and of one in which none are.
const WEEKS: [&str; 4] = ["2026-03-27", "2026-10-23", "2026-04-03", "2026-11-18"];

#[derive(Clone, Debug)]
struct Case {
    week: usize,
    zone: usize,
    grain: usize,
    by: usize,
    /// Seconds after the week's beginning, team, key, model, tokens.
    requests: Vec<(i64, usize, usize, usize, i64)>,
}

fn case() -> impl Strategy<Value = Case> {
    let request = (0..6 * 86_400_i64, 0..2_usize, 0..3_usize, 0..3_usize, 1..1_000_i64);
    (0..WEEKS.len(), 0..ZONES.len(), 0..GRAINS.len(), 0..BY.len(), vec(request, 1..40))
        .prop_map(|(week, zone, grain, by, requests)| Case { week, zone, grain, by, requests })
}

fn requests(case: &Case) -> Vec<Request> {
    const TEAMS: [&str; 2] = ["t-alpha", "t-beta"];
    const MODELS: [(&str, &str); 3] = [("m1", "openai"), ("m2", "openai"), ("m3", "azure")];
    let start: Timestamp = format!("{}T00:00:00Z", WEEKS[case.week]).parse().expect("a time");
    let made = case.requests.iter().enumerate().map(|(n, (after, team, key, model, tokens))| {
        let at = start + SignedDuration::from_secs(*after);
        let (group, provider) = MODELS[*model];
        Request {
            api_key: format!("key-{key}"),
            team_id: Some(TEAMS[*team].to_owned()),
            model_group: group.to_owned(),
            model: format!("{provider}/{group}"),
            provider: provider.to_owned(),
            prompt_tokens: *tokens,
            completion_tokens: 0,
            ..request(&format!("r{n}"), &at.to_string())
        }
    });
    made.collect()
}

/// The beginning of the bucket that holds `at`, by the calendar alone.
fn bucket(at: Timestamp, grain: &str, zone: &TimeZone, first: Date) -> String {
    let local = at.to_zoned_datetime(zone.clone());
    let date = local.date();
    let midnight = |date: Date| {
        let date = date.max(first);
        date.to_zoned_datetime(zone.clone()).expect("within the calendar")
    };
    let start = match grain {
        "1d" => midnight(date),
        "1w" => midnight(date - i64::from(date.weekday().to_monday_zero_offset()).days()),
        "1mo" => midnight(date.first_of_month()),
        grain => {
            // The last full quarter or hour of the clock that still has the offset of now, or
            // the moment at which that offset began.
            let step: i64 = if grain == "15m" { 15 } else { 60 };
            let minutes = i64::from(local.minute()) % step;
            let into = minutes * 60 + i64::from(local.second());
            let back = local.checked_sub(into.seconds()).expect("within the calendar");
            let mut start = back.clone();
            if back.offset() != local.offset() {
                // Only quarters of an hour can be changes of clocks.
                start = local.clone();
                while start.checked_sub(1.seconds()).expect("there").offset() == local.offset() {
                    start = start.checked_sub(1.seconds()).expect("there");
                }
            }
            start
        }
    };
    start.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

fn direct(case: &Case, first: Date, last: Date) -> BTreeMap<(String, String), i64> {
    let zone = TimeZone::get(ZONES[case.zone]).expect("a zone");
    let mut sums = BTreeMap::new();
    for request in requests(case) {
        let date = request.started_at.to_zoned_datetime(zone.clone()).date();
        if date < first || date > last {
            continue;
        }
        let id = match BY[case.by] {
            "team" => request.team_id.clone().expect("a team"),
            "api_key" => request.api_key.clone(),
            "model" => request.model_group.clone(),
            _ => request.provider.clone(),
        };
        let start = bucket(request.started_at, GRAINS[case.grain], &zone, first);
        *sums.entry((id, start)).or_default() += request.prompt_tokens;
    }
    sums
}

fn told(answer: &Value) -> BTreeMap<(String, String), i64> {
    let buckets = answer["buckets"].as_array().expect("buckets");
    let mut sums = BTreeMap::new();
    for series in answer["series"].as_array().expect("series") {
        let values = series["values"]["tokens"].as_array().expect("tokens");
        assert_eq!(values.len(), buckets.len());
        for (bucket, value) in buckets.iter().zip(values) {
            let tokens = value.as_i64().expect("everything is known");
            if tokens != 0 {
                let text = |value: &Value| value.as_str().expect("a text").to_owned();
                sums.insert((text(&series["id"]), text(&bucket["start"])), tokens);
            }
        }
    }
    sums
}

async fn series_are_those_of_the_requests(case: &Case) -> Result<(), String> {
    let first: Date = WEEKS[case.week].parse().expect("a date");
    // The week is over everywhere.
    let clock = TestClock::at(&format!("{}T12:00:00Z", first + 8.days()));
    let mut world = people();
    requests(case).into_iter().for_each(|request| world.record_request(request));
    let gateway = gateway_with_clock(world, Version::CURRENT, clock.clone()).await;
    let mut setup = Setup { clock, ..with_logs() };
    setup.settings.log_days = 14;
    let podium = Podium::start(&gateway, setup).await;
    let (first, last) = (first + 1.days(), first + 5.days());
    let path = format!(
        "/api/v1/activity?grain={}&by={}&tz={}&start_date={first}&end_date={last}&measures=tokens",
        GRAINS[case.grain], BY[case.by], ZONES[case.zone]
    );
    let answer = podium.get(&path).await;
    if answer.status != 200 {
        return Err(format!("{path}: {}", answer.text));
    }
    let (told, direct) = (told(&answer.json()), direct(case, first, last));
    if told == direct { Ok(()) } else { Err(format!("{path}: {told:?}, and it is {direct:?}")) }
}

#[test]
fn series_equal_a_direct_computation() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let config = Config {
        cases: 300,
        rng_seed: RngSeed::Fixed(20_261_124),
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&case(), |case| {
        runtime.block_on(series_are_those_of_the_requests(&case)).map_err(TestCaseError::fail)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
