//! Other sites make browsers ask; nothing comes of it.

use podium::access::Mode;
use reqwest::Method;
use serde_json::json;

use super::{Browser, in_mode, settings, start, with};
use crate::harness::{Podium, Setup};

/// What changes something for whoever is signed in.
const CHANGES: [(Method, &str); 4] = [
    (Method::POST, "/api/v1/sign-out"),
    (Method::POST, "/api/v1/tokens"),
    (Method::DELETE, "/api/v1/tokens/abc"),
    (Method::POST, "/api/v1/audit"),
];

/// Asks everything that changes something, with a signed-in browser's cookie.
async fn ask_all(podium: &Podium, headers: &[(&str, &str)]) -> Vec<(String, u16)> {
    let mut answers = Vec::new();
    for (method, path) in CHANGES {
        let browser = Browser::signed_in(podium, "sk-root").await;
        let cookies = browser.cookie_header();
        let headers = [&[("Cookie", cookies.as_str())], headers].concat();
        let answer = podium.send_with(method, path, &headers, Some("{}".to_owned())).await;
        answers.push((answer.text, answer.status.as_u16()));
    }
    answers
}

fn are_refused(answers: &[(String, u16)]) -> bool {
    answers.iter().all(|(text, status)| *status == 403 && text.contains("Another site"))
}

fn are_heard(answers: &[(String, u16)]) -> bool {
    answers.iter().map(|(_, status)| *status).eq([200, 400, 404, 202])
}

#[tokio::test]
async fn another_site_changes_nothing() {
    let (_gateway, podium) = in_mode(Mode::Private).await;
    let own = podium.url("");
    for headers in [
        vec![("Sec-Fetch-Site", "cross-site")],
        vec![("Sec-Fetch-Site", "same-site")],
        vec![("Sec-Fetch-Site", "cross-site"), ("X-Requested-With", "x")],
        vec![("Sec-Fetch-Site", "cross-site"), ("Origin", own.as_str())],
        vec![("Origin", "https://evil.example")],
        vec![("Origin", "null")],
        vec![("Origin", "https://evil.example"), ("X-Requested-With", "x")],
        vec![("Origin", "http://127.0.0.1")],
        vec![],
        vec![("X-Requested-With", "")],
    ] {
        let answers = ask_all(&podium, &headers).await;
        assert!(are_refused(&answers), "{headers:?}: {answers:?}");
    }
}

#[tokio::test]
async fn podiums_own_page_and_scripts_that_say_so_are_heard() {
    let public_url = Some("https://podium.example/board".to_owned());
    let (_gateway, podium) = start(with(settings(Mode::Private))).await;
    let own = podium.url("");
    for headers in [
        vec![("Sec-Fetch-Site", "same-origin")],
        vec![("Sec-Fetch-Site", "none")],
        vec![("Origin", own.as_str())],
        vec![("X-Requested-With", "script")],
    ] {
        let answers = ask_all(&podium, &headers).await;
        assert!(are_heard(&answers), "{headers:?}: {answers:?}");
    }
    let (_gateway, podium) = start(Setup { public_url, ..with(settings(Mode::Private)) }).await;
    let answers = ask_all(&podium, &[("Origin", "https://podium.example")]).await;
    assert!(are_heard(&answers), "{answers:?}");
    let answers = ask_all(&podium, &[("Origin", "http://podium.example")]).await;
    assert!(are_refused(&answers), "{answers:?}");
}

#[tokio::test]
async fn another_site_signs_nobody_in() {
    let (gateway, podium) = in_mode(Mode::Board).await;
    gateway.clear_calls();
    let body = || Some(json!({ "key": "sk-beta" }).to_string());
    for headers in [
        [("Sec-Fetch-Site", "cross-site"), ("Content-Type", "text/plain")],
        [("Origin", "https://evil.example"), ("Content-Type", "text/plain")],
        [("Origin", "null"), ("Content-Type", "application/json")],
    ] {
        let answer = podium.send_with(Method::POST, "/api/v1/sign-in", &headers, body()).await;
        assert_eq!(answer.status, 403, "{headers:?}: {}", answer.text);
        assert_eq!(answer.header("set-cookie"), None);
    }
    assert_eq!(gateway.calls(), [], "the key is not even tried");
    let answer = podium.send_with(Method::POST, "/api/v1/sign-in", &[], body()).await;
    assert_eq!(answer.status, 200, "scripts without a session need to say nothing");
}

/// Pages of allowed origins read the board; they do so without anybody's cookie.
#[tokio::test]
async fn an_allowed_origin_is_not_podiums_own() {
    let origin = "https://board.example";
    let setup = Setup { cors_origins: vec![origin.to_owned()], ..with(settings(Mode::Board)) };
    let (_gateway, podium) = start(setup).await;
    let answers = ask_all(&podium, &[("Origin", origin)]).await;
    assert!(are_refused(&answers), "{answers:?}");
    let mut browser = Browser::signed_in(&podium, "sk-root").await.with("Origin", origin);
    let answer = browser.get("/tokens").await;
    assert_eq!(answer.header("access-control-allow-credentials"), None, "the browser keeps it");
    let asked = [("Origin", origin), ("Access-Control-Request-Method", "DELETE")];
    let answer = podium.send(Method::OPTIONS, "/api/v1/tokens/abc", &asked).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
}
