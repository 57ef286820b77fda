//! Keys of all kinds: Podium needs no more rights than the backend that it replaces, and takes
//! what a key with narrow rights is shown for no truth about everybody.

use gateway_sim::{ErrorBody, Fault, Version};
use podium::gateway::Limits;
use serde_json::json;

use crate::harness::{Podium, Setup, gateway_of};
use crate::requests::request;
use crate::worlds::workshop;

const TWO_ROUTES: [&str; 2] = ["/team/list", "/team/daily/activity"];

fn with_key(api_key: &str) -> Setup {
    let settings = podium::sync::Settings { log_days: 7, ..Setup::default().settings };
    Setup { api_key: api_key.to_owned(), settings, ..Setup::default() }
}

/// The figures of a good key.
async fn truth() -> serde_json::Value {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    Podium::in_front_of(&gateway).await.get("/tokens").await.figures()
}

#[tokio::test]
async fn a_key_of_two_routes_serves_everything_but_hours() {
    for version in [Version::CURRENT, Version::NEWEST, Version::OLDER] {
        let gateway = gateway_of(workshop(), version).await;
        gateway.change(|world| {
            world.add_admin_key("sk-two", &TWO_ROUTES);
            world.log_request(request("a", "2026-11-24T09:00:00Z"));
        });
        let podium = Podium::start(&gateway, with_key("sk-two")).await;
        assert_eq!(podium.get("/tokens").await.figures(), truth().await);
        podium.look().await.expect("in step");
        for path in ["/tokens/timeseries", "/tokens/models", "/api/v1/leaderboard"] {
            assert_eq!(podium.get(path).await.status, 200, "{path}");
        }
        let hours = podium.get("/tokens/hourly").await;
        assert_eq!(hours.status, 501);
        assert!(hours.detail().contains("may not read request logs"), "{}", hours.text);
        let status = podium.get("/api/v1/status").await.json();
        assert_eq!(status["gateway"]["reachable"], true, "{status}");
    }
}

#[tokio::test]
async fn a_newer_question_that_fails_alone_is_left_to_the_older_one() {
    for status in [401, 403, 404, 405, 422, 500, 502] {
        for newer in ["/v2/team/list", "/team/daily/activity/aggregated", "/spend/logs/v2"] {
            let gateway = gateway_of(workshop(), Version::CURRENT).await;
            gateway.change(|world| world.log_request(request("a", "2026-11-24T09:00:00Z")));
            gateway.faults().set(newer, Fault::Status(status, ErrorBody::Plain("no")));
            let podium = Podium::start(&gateway, with_key("sk-sim")).await;
            assert_eq!(podium.get("/tokens").await.figures(), truth().await, "{newer} {status}");
            podium.look().await.expect("in step");
            let hours = podium.get("/tokens/hourly").await;
            assert_eq!(hours.status, 200, "{newer} {status}: {}", hours.text);
            for _ in 0..3 {
                podium.look().await.expect("in step");
            }
            gateway.clear_calls();
            podium.look().await.expect("in step");
            let asked = gateway.calls().iter().filter(|call| call.path.starts_with(newer)).count();
            assert_eq!(asked, 0, "{newer} {status}: it was learned");
        }
    }
}

#[tokio::test]
async fn what_was_learned_is_asked_again() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let newer = "/team/daily/activity/aggregated";
    gateway.faults().set(newer, Fault::Status(404, ErrorBody::Plain("no")));
    let limits = Limits { ask_again: std::time::Duration::ZERO, ..Setup::default().limits };
    let podium = Podium::start(&gateway, Setup { limits, ..Setup::default() }).await;
    podium.look().await.expect("in step");
    gateway.faults().clear();
    gateway.clear_calls();
    podium.look().await.expect("in step");
    assert!(gateway.calls().iter().any(|call| call.path.starts_with(newer)));
}

#[tokio::test]
async fn what_a_plain_users_key_is_shown_is_never_stored_as_the_truth() {
    let directory = tempfile::tempdir().expect("a directory");
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    gateway.change(|world| world.add_user_key("sk-user", Vec::new()));
    let data = || podium::config::DataDir::At(directory.path().to_owned());
    let mut narrow = Podium::start(&gateway, Setup { data: data(), ..with_key("sk-user") }).await;
    for path in ["/tokens", "/tokens/timeseries", "/api/v1/heatmap"] {
        let answer = narrow.get(path).await;
        assert_eq!(answer.status, 502, "{path}: {}", answer.text);
        assert!(answer.detail().contains("only see its own user's usage"), "{}", answer.text);
    }
    narrow.look().await.expect_err("the key is narrow");
    assert_eq!(narrow.get("/api/v1/status").await.json()["stored"]["days"], 0);
    narrow.stop().await;
    let podium = Podium::start(&gateway, Setup { data: data(), ..with_key("sk-sim") }).await;
    assert_eq!(podium.get("/tokens").await.figures(), truth().await);
}

#[tokio::test]
async fn a_key_that_turns_narrow_later_stores_nothing_more() {
    let directory = tempfile::tempdir().expect("a directory");
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let data = || podium::config::DataDir::At(directory.path().to_owned());
    let mut good = Podium::start(&gateway, Setup { data: data(), ..with_key("sk-sim") }).await;
    good.get("/tokens").await.figures();
    good.stop().await;
    gateway.change(|world| world.add_user_key("sk-user", Vec::new()));
    // The teams are stored, so nobody needs to ask for them.
    let narrow = Podium::start(&gateway, Setup { data: data(), ..with_key("sk-user") }).await;
    assert_eq!(narrow.get("/tokens").await.figures(), truth().await, "what is stored is told");
    let unread = narrow.get("/tokens?start_date=2026-11-01").await;
    assert_eq!(unread.status, 502, "{}", unread.text);
}

#[tokio::test]
async fn a_key_without_a_user_is_told_from_a_wrong_address() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::start(&gateway, with_key("key-a1")).await;
    let answer = podium.get("/tokens").await;
    assert_eq!(answer.status, 502);
    assert!(answer.detail().contains("not to a user"), "{}", answer.text);
    assert!(!answer.detail().contains("LITELLM_BASE_URL"), "{}", answer.text);
}

#[tokio::test]
async fn an_answer_about_other_days_or_of_another_shape_is_a_failure() {
    let other = json!({ "results": [{ "date": "2020-01-01", "metrics": { "spend": 1.0 } }],
        "metadata": { "total_pages": 1, "total_api_keys": 1 } });
    for (path, answer) in [
        ("/team/daily/activity", other),
        ("/team/daily/activity", json!({ "data": [] })),
        ("/team/daily/activity", json!([])),
        ("/team/list", json!({})),
        ("/team/list", json!("teams")),
    ] {
        let gateway = gateway_of(workshop(), Version::OLDER).await;
        gateway.faults().set(path, Fault::OtherJson(answer.clone()));
        let podium = Podium::in_front_of(&gateway).await;
        let told = podium.get("/tokens").await;
        assert_eq!(told.status, 502, "{path} {answer}: {}", told.text);
        assert!(told.detail().contains("unexpected shape"), "{}", told.text);
    }
}

#[tokio::test]
async fn the_gateway_is_left_alone_as_long_as_it_asks() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    podium.get("/tokens").await.figures();
    gateway.faults().set_next(1, "", Fault::TooManyRequests { retry_after_s: 500 });
    podium.look().await.expect_err("limited");
    gateway.clear_calls();
    for _ in 0..5 {
        podium.look().await.expect_err("still limited");
        assert_eq!(podium.get("/tokens?start_date=2026-11-01").await.status, 502);
    }
    assert_eq!(gateway.calls(), []);
    assert_eq!(podium.get("/tokens").await.status, 200, "what is stored is told");
}

#[tokio::test]
async fn an_address_within_the_gateway_is_explained() {
    for end in ["/v1", "/ui", "/ui/", "/v1/"] {
        let gateway = gateway_of(workshop(), Version::CURRENT).await;
        gateway.faults().set(end.trim_end_matches('/'), Fault::Status(404, ErrorBody::Html));
        let base_url = Some(format!("{}{end}", gateway.url()));
        let podium = Podium::start(&gateway, Setup { base_url, ..Setup::default() }).await;
        let answer = podium.get("/tokens").await;
        let part = format!("ends in {}", end.trim_end_matches('/'));
        assert!(answer.detail().contains(&part), "{}", answer.text);
    }
}
