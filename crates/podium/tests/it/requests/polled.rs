//! Requests from the gateway's own logs.

use gateway_sim::{Request, Version};
use jiff::{SignedDuration, Timestamp};

use super::{hours, people, request, with_logs, with_logs_in_front_of};
use crate::harness::{Podium, Setup, gateway_of, gateway_with_clock};

const TODAY_ONLY: &str = "start_date=2026-11-24";

#[tokio::test]
async fn hours_are_those_in_which_requests_began() {
    let mut world = people();
    world.record_request(request("a", "2026-11-24T00:00:00Z"));
    world.record_request(request("b", "2026-11-24T09:59:59.999Z"));
    world.record_request(request("c", "2026-11-24T10:00:00Z"));
    world.record_request(Request {
        team_id: Some("t-beta".to_owned()),
        api_key: "key-b1".to_owned(),
        ..request("d", "2026-11-23T10:30:00Z")
    });
    let gateway = gateway_of(world, Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    let both = podium.get("/tokens/hourly").await.figures();
    assert_eq!(hours(&both), [(0, 12), (9, 12), (10, 24)]);
    let today = podium.get(&format!("/tokens/hourly?{TODAY_ONLY}")).await.figures();
    assert_eq!(hours(&today), [(0, 12), (9, 12), (10, 12)]);
    let beta = podium.get("/tokens/hourly?team=Beta").await.figures();
    assert_eq!(hours(&beta), [(10, 12)]);
    let nobody = podium.get("/tokens/hourly?team=Nobody").await.figures();
    assert_eq!(hours(&nobody), []);
    let berlin = podium.get("/tokens/hourly?tz=Europe/Berlin&start_date=2026-11-24").await;
    assert_eq!(hours(&berlin.figures()), [(1, 12), (10, 12), (11, 12)]);
    assert_eq!(berlin.json()["meta"]["tz"], "Europe/Berlin");
}

#[tokio::test]
async fn a_gateway_without_logs_is_told_to_keep_them() {
    let mut no_endpoint = Version::OLDER;
    no_endpoint.spend_logs_v2 = false;
    for (version, missing) in [(Version::CURRENT, false), (no_endpoint, true)] {
        let mut world = people();
        world.record_request(request("a", "2026-11-24T09:00:00Z"));
        world.clear_requests();
        let gateway = gateway_of(world, version).await;
        if missing {
            let gone = gateway_sim::Fault::Status(404, gateway_sim::ErrorBody::Detail("Not Found"));
            gateway.faults().set("/spend/logs", gone);
        }
        let podium = with_logs_in_front_of(&gateway).await;
        for path in ["/tokens/hourly", "/api/v1/heatmap", "/api/v1/activity?grain=15m"] {
            let answer = podium.get(path).await;
            assert_eq!(answer.status, 501, "{path}: {}", answer.text);
            assert!(answer.detail().contains("keeps no request logs"), "{}", answer.text);
            assert!(answer.detail().contains("disable_spend_logs"), "{}", answer.text);
        }
        // Days without usage need no logs.
        let empty = podium.get("/tokens/hourly?start_date=2026-11-22&end_date=2026-11-22").await;
        assert_eq!(hours(&empty.figures()), []);
    }
}

#[tokio::test]
async fn a_window_of_ten_thousand_rows_is_cut_until_all_are_read() {
    for version in [Version::CURRENT, Version::OLDER] {
        let mut world = people();
        let start: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        let many = 12_345;
        for n in 0..many {
            let at = start + SignedDuration::from_millis(n * 97);
            world.record_request(request(&format!("r{n}"), &at.to_string()));
        }
        let gateway = gateway_of(world, version.clone()).await;
        let podium = with_logs_in_front_of(&gateway).await;
        let answer = podium.get(&format!("/tokens/hourly?{TODAY_ONLY}")).await;
        assert_eq!(hours(&answer.figures()), [(6, many * 12)]);
        let coverage = &answer.json()["meta"]["coverage"];
        assert_eq!(coverage["tokens"], coverage["explained_tokens"]);
        let pages = gateway.calls().iter().filter(|call| call.path.starts_with("/spend")).count();
        let rows_a_page = version.spend_logs_max_page_size as usize;
        assert!(pages < 2 * 12_345 / rows_a_page + 40, "{pages} questions");
    }
}

#[tokio::test]
async fn more_requests_in_one_second_than_the_gateway_counts_are_all_read() {
    let mut world = people();
    for n in 0..10_500 {
        world.record_request(request(&format!("r{n}"), "2026-11-24T06:00:00.500Z"));
    }
    let gateway = gateway_of(world, Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    let answer = podium.get(&format!("/tokens/hourly?{TODAY_ONLY}")).await.figures();
    assert_eq!(hours(&answer), [(6, 10_500 * 12)]);
}

#[tokio::test]
async fn looks_overlap_and_count_nothing_twice() {
    let setup = with_logs();
    let clock = setup.clock.clone();
    let mut world = people();
    world.record_request(request("a", "2026-11-24T11:59:00Z"));
    let gateway = gateway_with_clock(world, Version::CURRENT, clock.clone()).await;
    let podium = Podium::start(&gateway, setup).await;
    podium.look().await.expect("in step");
    // It began before the last look and ended after it.
    gateway.change(|world| world.record_request(request("b", "2026-11-24T11:58:30Z")));
    clock.advance(0);
    for _ in 0..3 {
        podium.look().await.expect("in step");
    }
    let answer = podium.get(&format!("/tokens/hourly?{TODAY_ONLY}")).await.figures();
    assert_eq!(hours(&answer), [(11, 24)]);
}

#[tokio::test]
async fn calls_that_ran_for_hours_are_found_when_their_day_is_over() {
    let setup = with_logs();
    let clock = setup.clock.clone();
    let mut world = people();
    world.record_request(request("a", "2026-11-24T03:00:00Z"));
    let gateway = gateway_with_clock(world, Version::CURRENT, clock.clone()).await;
    let podium = Podium::start(&gateway, setup).await;
    podium.look().await.expect("in step");
    let late = Request {
        ended_at: "2026-11-24T18:00:00Z".parse().unwrap(),
        ..request("late", "2026-11-24T04:00:00Z")
    };
    gateway.change(|world| world.record_request(late));
    clock.advance(13);
    podium.look().await.expect("in step");
    let answer = podium.get(&format!("/tokens/hourly?{TODAY_ONLY}&end_date=2026-11-24")).await;
    assert_eq!(hours(&answer.figures()), [(3, 12), (4, 12)]);
}

#[tokio::test]
async fn refused_management_calls_are_not_usage() {
    let mut world = people();
    world.record_request(request("a", "2026-11-24T09:00:00Z"));
    world.record_request(Request {
        call_type: "/team/list".to_owned(),
        api_key: "hash-of-a-bad-key".to_owned(),
        team_id: None,
        model: String::new(),
        model_group: String::new(),
        provider: String::new(),
        success: false,
        prompt_tokens: 0,
        completion_tokens: 0,
        ..request("refused", "2026-11-24T09:10:00Z")
    });
    let gateway = gateway_of(world, Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    let path = format!("/api/v1/activity?grain=1h&by=total&include=unassigned&{TODAY_ONLY}");
    let answer = podium.get(&path).await.figures();
    let requests = answer["series"][0]["values"]["requests"].as_array().expect("requests");
    assert_eq!(requests[9], 1);
    assert_eq!(answer["series"].as_array().expect("series").len(), 1);
}

#[tokio::test]
async fn a_restart_reads_on_where_it_was_and_counts_nothing_twice() {
    let directory = tempfile::tempdir().unwrap();
    let setup =
        || Setup { data: podium::config::DataDir::At(directory.path().to_owned()), ..with_logs() };
    let mut world = people();
    world.record_request(request("a", "2026-11-24T09:00:00Z"));
    world.record_request(request("b", "2026-11-23T09:00:00Z"));
    let gateway = gateway_of(world, Version::CURRENT).await;
    let mut podium = Podium::start(&gateway, setup()).await;
    podium.look().await.expect("in step");
    let before = podium.get("/tokens/hourly").await.figures();
    podium.stop().await;
    gateway.change(|world| world.record_request(request("c", "2026-11-24T11:59:30Z")));
    gateway.clear_calls();
    let podium = Podium::start(&gateway, setup()).await;
    assert_eq!(podium.get("/tokens/hourly").await.figures(), before, "from the file");
    podium.look().await.expect("in step");
    let after = podium.get("/tokens/hourly").await.figures();
    assert_eq!(hours(&before), [(9, 24)]);
    assert_eq!(hours(&after), [(9, 24), (11, 12)]);
    let again = gateway
        .calls()
        .iter()
        .filter(|call| call.path.starts_with("/spend"))
        .any(|call| format!("{call:?}").contains("2026-11-23"));
    assert!(!again, "yesterday was read before: {:?}", gateway.calls());
}

#[tokio::test]
async fn names_of_keys_come_from_logs_too_and_times_are_distributions() {
    let mut world = people();
    for n in 0..100 {
        let started_at: Timestamp = "2026-11-24T09:00:00Z".parse().unwrap();
        let ended_at = started_at + SignedDuration::from_millis(10 * (n + 1));
        world.record_request(Request {
            ended_at,
            ..request(&format!("r{n}"), &started_at.to_string())
        });
    }
    world.record_request(Request { success: false, ..request("f", "2026-11-24T09:00:00Z") });
    let gateway = gateway_of(world, Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    let measures = "requests,failed_requests,duration_p50_ms,duration_p99_ms";
    let path = format!("/api/v1/activity?grain=1d&by=api_key&measures={measures}&{TODAY_ONLY}");
    let answer = podium.get(&path).await.figures();
    let series = &answer["series"][0];
    assert_eq!((&series["id"], &series["name"]), (&"key-a1".into(), &"alpha one".into()));
    let values = |measure: &str| series["values"][measure][0].as_f64().expect("a number");
    assert_eq!((values("requests"), values("failed_requests")), (101.0, 1.0));
    for (measure, exact) in [("duration_p50_ms", 500.0), ("duration_p99_ms", 990.0)] {
        assert!((values(measure) - exact).abs() <= exact * 0.05, "{measure}: {}", values(measure));
    }
}

#[tokio::test]
async fn a_refused_key_is_not_tried_on_logs() {
    let mut world = people();
    world.record_request(request("a", "2026-11-24T09:00:00Z"));
    let gateway = gateway_of(world, Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    podium.get("/tokens").await.figures();
    gateway.faults().set("", gateway_sim::Fault::EchoKey { status: 401 });
    podium.look().await.expect_err("the key is refused");
    gateway.clear_calls();
    let answer = podium.get("/tokens/hourly").await;
    assert_eq!(answer.status, 502, "{}", answer.text);
    assert!(answer.detail().contains("LITELLM_API_KEY"), "{}", answer.text);
    assert_eq!(gateway.calls(), []);
    gateway.faults().clear();
    podium.look().await.expect("accepted again");
    assert_eq!(hours(&podium.get("/tokens/hourly").await.figures()), [(9, 12)]);
}
