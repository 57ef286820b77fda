//! Logs of single requests.

use gateway_sim::{Simulator, Spec, World};
use serde_json::Value;

use crate::client::{get, get_as, try_get};
use crate::story::{TODAY, day, request, token, two_teams};

const MORNING: &str = "start_date=2026-11-20%2006:00:00&end_date=2026-11-20%2012:00:00";

fn ids(answer: &Value) -> Vec<&str> {
    let rows = answer["data"].as_array().expect("a list");
    rows.iter().filter_map(|row| row["request_id"].as_str()).collect()
}

fn with_three_requests() -> World {
    let mut world = two_teams();
    world.record_request(request("a", "2026-11-20T06:00:00Z", "2026-11-20T06:00:01Z"));
    world.record_request(request("b", "2026-11-20T12:00:00Z", "2026-11-20T12:00:09.5Z"));
    world.record_request(request("c", "2026-11-19T23:59:59.9Z", "2026-11-20T07:00:00Z"));
    world
}

#[tokio::test]
async fn a_window_is_one_of_start_times_with_both_ends() {
    let simulator = Simulator::start(with_three_requests()).await.expect("a port");

    let answer = get(&simulator, &format!("/spend/logs/v2?{MORNING}")).await;

    assert_eq!(ids(&answer), ["b", "a"], "newest first");
    assert_eq!(answer["total"], 2);
    assert_eq!(answer["total_is_capped"], false);
    assert_eq!(answer["data"][0]["startTime"], "2026-11-20T12:00:00+00:00");
    assert_eq!(answer["data"][0]["endTime"], "2026-11-20T12:00:09.500+00:00");
    assert_eq!(answer["data"][0]["request_duration_ms"], 9_500);
    assert_eq!(answer["data"][0]["metadata"]["user_api_key_team_alias"], "Red");
    let ascending = get(&simulator, &format!("/spend/logs/v2?{MORNING}&sort_order=asc")).await;
    assert_eq!(ids(&ascending), ["a", "b"]);
    let second = get(&simulator, &format!("/spend/logs/v2?{MORNING}&page_size=1&page=2")).await;
    assert_eq!(ids(&second), ["a"]);
    assert_eq!(second["total_pages"], 2);
}

#[tokio::test]
async fn a_request_counts_on_the_day_it_began() {
    let simulator = Simulator::start(with_three_requests()).await.expect("a port");

    let path = "/team/daily/activity?start_date=2026-11-19&end_date=2026-11-20";
    let answer = get(&simulator, path).await;

    assert_eq!(answer["results"][0]["metrics"]["api_requests"], 2);
    assert_eq!(answer["results"][1]["metrics"]["api_requests"], 1);
    assert_eq!(answer["results"][1]["metrics"]["total_response_time_ms"], 25_200_100);
}

#[tokio::test]
async fn a_repeated_id_is_dropped_from_the_logs_but_not_from_the_day() {
    let mut world = with_three_requests();
    world.record_request(request("a", "2026-11-20T08:00:00Z", "2026-11-20T08:00:01Z"));
    let simulator = Simulator::start(world).await.expect("a port");

    assert_eq!(ids(&get(&simulator, &format!("/spend/logs/v2?{MORNING}")).await), ["b", "a"]);
    let answer = get(&simulator, &format!("/team/daily/activity?{}", day(TODAY))).await;
    assert_eq!(answer["metadata"]["total_api_requests"], 3);
    simulator.change(World::clear_requests);
    assert_eq!(get(&simulator, &format!("/spend/logs/v2?{MORNING}")).await["total"], 0);
    let answer = get(&simulator, &format!("/team/daily/activity?{}", day(TODAY))).await;
    assert_eq!(answer["metadata"]["total_api_requests"], 3);
}

#[tokio::test]
async fn times_have_one_spelling_and_bare_dates_mean_midnight() {
    let simulator = Simulator::start(with_three_requests()).await.expect("a port");
    let status = async |path: &str| try_get(&simulator, path).await.status;

    let iso = "start_date=2026-11-20T06:00:00&end_date=2026-11-20T12:00:00";
    assert_eq!(status(&format!("/spend/logs/v2?{iso}")).await, 400);
    assert_eq!(status("/spend/logs/v2").await, 400);
    assert_eq!(status(&format!("/spend/logs/v2?{MORNING}&page_size=1001")).await, 422);
    assert_eq!(status(&format!("/spend/logs/v2?{MORNING}&sort_order=up")).await, 400);
    let same_day = "start_date=2026-11-20&end_date=2026-11-20";
    assert_eq!(get(&simulator, &format!("/spend/logs/v2?{same_day}")).await["total"], 0);
    assert_eq!(status(&format!("/spend/logs/ui?{same_day}")).await, 400);
}

#[tokio::test]
async fn the_total_stops_at_ten_thousand_but_pages_go_on() {
    let mut world = two_teams();
    for number in 0..10_050 {
        let at = jiff::Timestamp::from_millisecond(1_795_161_600_000 + number).expect("a time");
        let mut request = request("", "2026-11-20T08:00:00Z", "2026-11-20T08:00:00Z");
        (request.request_id, request.started_at, request.ended_at) = (number.to_string(), at, at);
        world.log_request(request);
    }
    let simulator = Simulator::start(world).await.expect("a port");

    let window = "start_date=2026-11-20%2000:00:00&end_date=2026-11-21%2000:00:00";
    let behind = get(&simulator, &format!("/spend/logs/v2?{window}&page_size=1000&page=11")).await;

    assert_eq!(behind["total"], 10_000);
    assert_eq!(behind["total_pages"], 10);
    assert_eq!(behind["total_is_capped"], true);
    assert_eq!(behind["data"].as_array().map(Vec::len), Some(50));
}

#[tokio::test]
async fn users_see_their_own_requests() {
    let mut world = with_three_requests();
    world.add_user_key("sk-user", vec![token("sk-blue-1")]);
    let simulator = Simulator::start(world).await.expect("a port");

    let reply = get_as(&simulator, &format!("/spend/logs/v2?{MORNING}"), Some("sk-user")).await;

    assert_eq!(reply.json()["total"], 0);
}

#[tokio::test]
async fn generated_logs_add_up_to_their_days() {
    let spec = Spec {
        log_days: 3,
        now: Some("2026-11-20T15:30:00Z".parse().expect("a time")),
        ..Spec::workshop(TODAY)
    };
    let world = World::generate(&spec);
    for ago in 0..3 {
        let date = TODAY - jiff::Span::new().days(ago);
        let rows: gateway_sim::Counters = world.rows_of(date).map(|row| row.counters).sum();
        let on_date = |request: &&gateway_sim::Request| {
            request.started_at.to_string().starts_with(&date.to_string())
        };
        let logged: Vec<_> = world.requests().filter(on_date).collect();
        assert!(logged.len() > 100);
        assert_eq!(logged.len() as i64, rows.api_requests);
        assert_eq!(
            logged.iter().map(|request| request.prompt_tokens).sum::<i64>(),
            rows.prompt_tokens
        );
        assert_eq!(
            logged.iter().map(|request| request.completion_tokens).sum::<i64>(),
            rows.completion_tokens
        );
        assert_eq!(
            logged.iter().filter(|request| !request.success).count() as i64,
            rows.failed_requests
        );
        let spend: f64 = logged.iter().map(|request| request.spend).sum();
        assert!((spend - rows.spend).abs() < 1e-6);
        assert!(logged.iter().all(|request| Some(request.started_at) <= spec.now));
    }
}
