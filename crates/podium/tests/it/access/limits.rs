//! Guessing keys: how often, and what it costs the gateway.

use futures_util::future::join_all;
use podium::access::{AccessSettings, Mode};
use serde_json::json;

use super::{Browser, in_mode, settings, start, with};
use crate::harness::{Answer, Podium};

async fn behind_a_proxy() -> (gateway_sim::Simulator, Podium) {
    let trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    start(with(AccessSettings { trusted_proxies, ..settings(Mode::Board) })).await
}

async fn tries(podium: &Podium, from: &str, key: &str) -> Answer {
    Browser::of(podium).with("X-Forwarded-For", from).sign_in(key).await
}

#[tokio::test]
async fn after_five_failures_one_has_to_wait() {
    let (gateway, podium) = in_mode(Mode::Board).await;
    let mut browser = Browser::of(&podium);
    for left in [4, 3, 2, 1, 0] {
        let answer = browser.sign_in(&format!("sk-wrong-{left}")).await;
        assert_eq!(answer.status, 401, "{left}: {}", answer.text);
        assert_eq!(answer.header("ratelimit-policy"), Some("\"sign-in\";q=5;w=60"));
        let told = answer.header("ratelimit").expect("it is told");
        assert!(told.starts_with(&format!("\"sign-in\";r={left};t=")), "{left}: {told}");
    }
    gateway.clear_calls();
    for key in ["sk-wrong-0", "sk-other", "sk-alpha"] {
        let answer = browser.sign_in(key).await;
        assert_eq!(answer.status, 429, "{key}: {}", answer.text);
        let seconds: u64 = answer.header("retry-after").expect("told").parse().expect("a number");
        assert!((1..=12).contains(&seconds), "{seconds}");
        assert_eq!(answer.header("ratelimit").map(|told| &told[..13]), Some("\"sign-in\";r=0"));
        assert!(answer.detail().contains("too many failed attempts"), "{}", answer.text);
        assert_eq!(answer.header("set-cookie"), None);
    }
    assert_eq!(gateway.calls(), [], "nobody is asked");
}

#[tokio::test]
async fn each_address_counts_for_itself() {
    let (_gateway, podium) = behind_a_proxy().await;
    for number in 0..5 {
        tries(&podium, "192.0.2.1", &format!("sk-wrong-{number}")).await;
    }
    assert_eq!(tries(&podium, "192.0.2.1", "sk-alpha").await.status, 429);
    assert_eq!(tries(&podium, "192.0.2.2", "sk-alpha").await.status, 200);
    for number in 0..5 {
        let from = format!("2001:db8:1:1::{number}");
        assert_eq!(tries(&podium, &from, &format!("sk-wrong-{number}")).await.status, 401);
    }
    let answer = tries(&podium, "2001:db8:1:1:ffff::1", "sk-beta").await;
    assert_eq!(answer.status, 429, "it is the same network");
    assert_eq!(tries(&podium, "2001:db8:1:2::1", "sk-beta").await.status, 200);
}

#[tokio::test]
async fn one_key_is_not_tried_from_everywhere() {
    let (gateway, podium) = behind_a_proxy().await;
    for number in 0..5 {
        assert_eq!(tries(&podium, &format!("192.0.2.{number}"), "sk-wrong").await.status, 401);
    }
    gateway.clear_calls();
    assert_eq!(tries(&podium, "192.0.2.77", "sk-wrong").await.status, 429);
    assert_eq!(gateway.calls(), []);
    assert_eq!(tries(&podium, "192.0.2.77", "sk-alpha").await.status, 200, "other keys are");
}

#[tokio::test]
async fn who_succeeds_is_never_kept_waiting_by_those_who_do() {
    let (_gateway, podium) = in_mode(Mode::Board).await;
    for _ in 0..12 {
        for key in ["sk-alpha", "sk-beta"] {
            assert_eq!(Browser::of(&podium).sign_in(key).await.status, 200);
        }
    }
}

#[tokio::test]
async fn guesses_at_the_same_time_are_few() {
    let (gateway, podium) = in_mode(Mode::Board).await;
    gateway.clear_calls();
    let guesses = (0..60).map(async |number| {
        Browser::of(&podium).sign_in(&format!("sk-guess-{number}")).await.status.as_u16()
    });
    let statuses = join_all(guesses).await;
    let tried = statuses.iter().filter(|status| **status == 401).count();
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 60 - tried);
    // Four are under way at once, so that many more than five may come through.
    assert!((5..=8).contains(&tried), "{tried}");
    assert!(gateway.calls().len() <= tried, "{:?}", gateway.calls());
}

#[tokio::test]
async fn wrong_keys_are_never_booked() {
    let (gateway, podium) = in_mode(Mode::Board).await;
    let booked = || -> i64 {
        gateway.change(|world| world.rows().map(|row| row.counters.api_requests).sum())
    };
    let before = booked();
    gateway.clear_calls();
    for key in ["sk-never-made", "sk-other"] {
        assert_eq!(Browser::of(&podium).sign_in(key).await.status, 401);
    }
    assert_eq!(booked(), before);
    let calls = gateway.calls();
    assert!(!calls.is_empty());
    for call in calls {
        assert_eq!(call.method, "GET", "{call:?}");
        assert!(call.query.iter().all(|(_, value)| !value.contains("sk-")), "{call:?}");
    }
}

#[tokio::test]
async fn what_is_no_attempt_does_not_count() {
    let (_gateway, podium) = in_mode(Mode::Board).await;
    let mut browser = Browser::of(&podium);
    for _ in 0..7 {
        assert_eq!(browser.post("/api/v1/sign-in", &json!({ "kee": "x" })).await.status, 400);
    }
    assert_eq!(browser.sign_in("sk-alpha").await.status, 200);
}
