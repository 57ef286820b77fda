//! Signing out: here, and everywhere.

use podium::access::Mode;
use reqwest::Method;
use serde_json::json;

use super::{Browser, in_mode, logged, settings, start, with};

#[tokio::test]
async fn who_signs_out_is_out_and_so_is_a_copy_of_the_cookie() {
    let (_gateway, podium) = in_mode(Mode::Private).await;
    let mut browser = Browser::signed_in(&podium, "sk-alpha").await;
    let mut other = Browser::signed_in(&podium, "sk-alpha").await;
    let mut copy = browser.clone();
    let answer = browser.post("/api/v1/sign-out", &json!({ "everywhere": false })).await;
    assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({ "location": null })));
    assert!(browser.cookies.is_empty(), "the browser forgets it");
    let me = copy.me().await;
    assert_eq!(
        (&me["role"], &me["signed_in"], &me["name"]),
        (&json!("anybody"), &json!(false), &json!(null))
    );
    assert_eq!(copy.get("/tokens").await.status, 401);
    assert_eq!(other.role().await, "team", "another session of the same key goes on");
}

#[tokio::test]
async fn who_signs_out_everywhere_is_out_everywhere_and_nobody_else_is() {
    let (_gateway, podium) = in_mode(Mode::Private).await;
    let mut browser = Browser::signed_in(&podium, "sk-alpha").await;
    let mut other = Browser::signed_in(&podium, "sk-alpha").await;
    let mut foreign = Browser::signed_in(&podium, "sk-beta").await;
    let mut copy = browser.clone();
    let answer = browser.post("/api/v1/sign-out", &json!({ "everywhere": true })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    for browser in [&mut copy, &mut other] {
        assert_eq!(browser.role().await, "anybody");
        assert_eq!(browser.get("/tokens").await.status, 401);
    }
    assert_eq!(foreign.role().await, "team");
    podium.clock.pass(jiff::SignedDuration::from_secs(1));
    assert_eq!(Browser::signed_in(&podium, "sk-alpha").await.role().await, "team");
    let left = logged(&podium, "sign_out").await;
    assert_eq!(left.len(), 1, "{left:?}");
    assert_eq!(left[0]["detail"], "everywhere");
}

/// Whoever finds an old cookie shuts nobody out with it.
#[tokio::test]
async fn a_session_that_is_over_ends_no_others() {
    let (_gateway, podium) = in_mode(Mode::Private).await;
    let mut browser = Browser::signed_in(&podium, "sk-alpha").await;
    let mut copy = browser.clone();
    browser.post("/api/v1/sign-out", &json!({})).await;
    podium.clock.pass(jiff::SignedDuration::from_secs(1));
    let mut other = Browser::signed_in(&podium, "sk-alpha").await;
    let answer = copy.post("/api/v1/sign-out", &json!({ "everywhere": true })).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert!(copy.cookies.is_empty(), "its browser forgets it all the same");
    assert_eq!(other.role().await, "team");
    assert_eq!(logged(&podium, "sign_out").await.len(), 1);
}

#[tokio::test]
async fn one_may_leave_while_the_gateway_is_away() {
    let (gateway, podium) = in_mode(Mode::Private).await;
    let mut browser = Browser::signed_in(&podium, "sk-alpha").await;
    let mut copy = browser.clone();
    gateway.abort().await;
    podium.clock.pass(jiff::SignedDuration::from_mins(61));
    assert_eq!(browser.get("/tokens").await.status, 503);
    let answer = browser.post("/api/v1/sign-out", &json!(null)).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(copy.get("/tokens").await.status, 401, "it is known to be over");
}

#[tokio::test]
async fn who_was_never_in_may_leave() {
    let (_gateway, podium) = start(with(settings(Mode::Board))).await;
    let mut browser = Browser::of(&podium);
    for body in ["", "{}", " {\"everywhere\": true} "] {
        let answer = browser.send(Method::POST, "/api/v1/sign-out", Some(body.to_owned())).await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({ "location": null })));
    }
    let answer = browser.send(Method::POST, "/api/v1/sign-out", Some("{".to_owned())).await;
    assert_eq!(answer.status, 400);
    assert!(logged(&podium, "sign_out").await.is_empty());
}
