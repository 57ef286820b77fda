//! What the gateway says of somebody is asked again within the hour.

use gateway_sim::{Role, hash_token};
use jiff::SignedDuration;
use podium::access::Mode;
use serde_json::json;

use super::{Browser, in_mode, logged, next_question, questions};

#[tokio::test]
async fn a_key_that_moved_sees_its_new_team_within_the_hour() {
    let (gateway, podium) = in_mode(Mode::Board).await;
    let mut browser = Browser::signed_in(&podium, "sk-alpha").await;
    assert!(browser.get("/tokens").await.text.contains("Alpha"));
    gateway.change(|world| world.move_key(&hash_token("sk-alpha"), Some("t-beta")));
    podium.clock.pass(next_question());
    let me = browser.me().await;
    assert_eq!(me["teams"], json!([{ "team_id": "t-beta", "name": "Beta" }]));
    let tokens = browser.get("/tokens").await.text;
    assert!(tokens.contains("Beta") && !tokens.contains("Alpha"), "{tokens}");
    let changed = logged(&podium, "role_changed").await;
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert_eq!((&changed[0]["who"], &changed[0]["role"]), (&json!("alpha"), &json!("team")));
    gateway.change(|world| world.move_key(&hash_token("sk-alpha"), None));
    podium.clock.pass(next_question());
    assert_eq!(browser.role().await, "self");
    let changed = logged(&podium, "role_changed").await;
    assert_eq!((&changed[0]["role"], &changed[0]["detail"]), (&json!("self"), &json!("was team")));
}

#[tokio::test]
async fn an_admin_who_is_none_any_more_is_none_within_the_hour() {
    let (gateway, podium) = in_mode(Mode::Private).await;
    let mut browser = Browser::signed_in(&podium, "sk-root").await;
    assert_eq!(browser.get("/api/v1/tokens").await.status, 200);
    gateway.change(|world| world.set_role("root", Role::InternalUser));
    podium.clock.pass(next_question());
    assert_eq!(browser.get("/api/v1/tokens").await.status, 403);
    assert_eq!(browser.role().await, "self");
    let changed = logged(&podium, "role_changed").await;
    assert_eq!(changed[0]["detail"], "was admin", "{changed:?}");
}

#[tokio::test]
async fn a_key_that_is_gone_opens_nothing_within_the_hour() {
    for how in ["deleted", "blocked", "forgotten"] {
        let (gateway, podium) = in_mode(Mode::Private).await;
        let mut browser = Browser::signed_in(&podium, "sk-alpha").await;
        let hash = hash_token("sk-alpha");
        gateway.change(|world| match how {
            "deleted" => world.delete_key(&hash),
            "blocked" => world.block_key(&hash, true),
            _ => world.forget_key(&hash),
        });
        assert_eq!(browser.get("/tokens").await.status, 200, "{how}: nobody has asked yet");
        podium.clock.pass(next_question());
        let answer = browser.get("/tokens").await;
        assert_eq!(answer.status, 401, "{how}: {}", answer.text);
        let reason = if how == "blocked" { "blocked" } else { "does not know" };
        assert!(answer.detail().contains(reason), "{how}: {}", answer.text);
        assert_eq!(browser.role().await, "anybody", "{how}");
    }
}

/// A page that is left open asks again and again.
#[tokio::test]
async fn a_lost_key_is_asked_about_and_logged_once() {
    let (gateway, podium) = in_mode(Mode::Private).await;
    let mut browser = Browser::signed_in(&podium, "sk-alpha").await;
    gateway.change(|world| world.delete_key(&hash_token("sk-alpha")));
    podium.clock.pass(next_question());
    gateway.clear_calls();
    for _ in 0..5 {
        assert_eq!(browser.get("/tokens").await.status, 401);
    }
    assert_eq!(questions(&gateway), 1);
    let lost = logged(&podium, "access_lost").await;
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert!(lost[0]["who"].as_str().expect("who").contains('…'), "{lost:?}");
}

#[tokio::test]
async fn while_the_gateway_is_away_its_word_holds_for_an_hour() {
    let (gateway, podium) = in_mode(Mode::Private).await;
    let mut browser = Browser::signed_in(&podium, "sk-alpha").await;
    gateway.abort().await;
    podium.clock.pass(SignedDuration::from_mins(59));
    assert_eq!(browser.get("/tokens").await.status, 200);
    podium.clock.pass(SignedDuration::from_mins(1));
    let answer = browser.get("/tokens").await;
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert!(answer.detail().starts_with("Nobody can say who you are"), "{}", answer.text);
    let me = browser.me().await;
    assert_eq!(me["role"], "anybody", "the page is told how things are");
    assert!(browser.cookies.contains_key("podium"), "and comes back with the same session");
}

#[tokio::test]
async fn who_asks_often_costs_the_gateway_one_question_an_hour() {
    let (gateway, podium) = in_mode(Mode::Private).await;
    let mut browsers = Vec::new();
    for _ in 0..5 {
        browsers.push(Browser::signed_in(&podium, "sk-alpha").await);
    }
    gateway.clear_calls();
    for browser in &mut browsers {
        assert_eq!(browser.get("/tokens").await.status, 200);
    }
    assert_eq!(questions(&gateway), 0);
    podium.clock.pass(next_question());
    for browser in &mut browsers {
        assert_eq!(browser.get("/tokens").await.status, 200);
    }
    assert_eq!(questions(&gateway), 1, "{:?}", gateway.calls());
}

#[tokio::test]
async fn the_master_keys_session_ends_after_an_hour() {
    let (_gateway, podium) = in_mode(Mode::Private).await;
    let mut master = Browser::signed_in(&podium, "sk-sim").await;
    assert_eq!(master.me().await["expires_at"], "2026-11-24T13:00:00Z", "it is told so");
    podium.clock.pass(SignedDuration::from_mins(59));
    assert_eq!(master.role().await, "admin");
    podium.clock.pass(SignedDuration::from_mins(1));
    assert_eq!(master.role().await, "anybody");
    assert_eq!(master.get("/api/v1/tokens").await.status, 401);
    let mut root = Browser::signed_in(&podium, "sk-root").await;
    podium.clock.pass(SignedDuration::from_mins(90));
    assert_eq!(root.role().await, "admin", "others are asked about again");
}
