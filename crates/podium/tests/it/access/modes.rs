//! What is seen without signing in.

use podium::access::{AccessSettings, Mode};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Browser, in_mode, settings, start, with};
use crate::harness::{Podium, Setup};

/// What needs signing in, in every mode but `open`.
const FIGURES: [&str; 12] = [
    "/tokens",
    "/tokens/",
    "/tokens/timeseries",
    "/tokens/models",
    "/tokens/success-rate",
    "/tokens/cost-efficiency",
    "/tokens/hourly?team=t-alpha",
    "/api/v1/activity",
    "/api/v1/heatmap",
    "/metrics",
    "/openapi.json",
    "/docs",
];

/// What the board needs.
const BOARD: [&str; 5] = [
    "/api/v1/leaderboard",
    "/api/v1/query?by=team",
    "/api/v1/meta",
    "/api/v1/status",
    "/preview.png",
];

#[tokio::test]
async fn in_mode_open_everything_is_as_before() {
    let (_gateway, podium) = in_mode(Mode::Open).await;
    let plain = podium.get("/tokens").await.figures();
    for header in ["Bearer podium_a_b", "Bearer sk-x", "Basic eA==", "nonsense", ""] {
        let answer = podium.send(Method::GET, "/tokens", &[("Authorization", header)]).await;
        assert_eq!(answer.figures(), plain, "{header}");
        assert_eq!(answer.header("set-cookie"), None);
    }
    assert_eq!(podium.get("/tokens?token=podium_a_b").await.figures(), plain);
    let me = podium.get("/api/v1/me").await.json();
    assert_eq!(me["mode"], "open");
    assert_eq!((&me["role"], &me["signed_in"]), (&json!("anybody"), &json!(false)));
    assert_eq!(me["may_see"]["own"], "everything");
    assert_eq!(me["sign_in"], json!({ "key": false, "single_sign_on": null }));
    let mut browser = Browser::of(&podium);
    let answer = browser.sign_in("sk-alpha").await;
    assert_eq!((answer.status.as_u16(), answer.header("set-cookie")), (404, None));
    assert_eq!(podium.get("/api/v1/tokens").await.status, 403);
    assert_eq!(podium.get("/api/v1/access-log").await.status, 403);
    assert_eq!(podium.get("/auth/sign-on").await.status, 404);
}

/// All keys of `/tokens` and of a question by key, whole or masked.
async fn keys(podium: &Podium) -> (Vec<String>, Vec<String>) {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let tokens = podium.get("/tokens").await.json();
    let teams = tokens["teams"].as_array().expect("teams").iter();
    let keys = teams.flat_map(|team| team["breakdown"]["api_keys"].as_array().expect("keys"));
    let mut of_tokens: Vec<String> = keys.map(|key| text(&key["api_key"])).collect();
    let sheet = podium.get("/api/v1/query?by=api_key&measures=tokens").await.json();
    let rows = sheet["rows"].as_array().expect("rows").iter();
    let mut of_sheet: Vec<String> = rows.map(|row| text(&row[1])).collect();
    of_tokens.sort();
    of_sheet.sort();
    of_tokens.dedup();
    (of_tokens, of_sheet)
}

#[tokio::test]
async fn keys_can_be_masked_where_everything_else_is_open() {
    let (_gateway, open) = in_mode(Mode::Open).await;
    let masks = AccessSettings { masks_keys: true, ..settings(Mode::Open) };
    let (_gateway, masked) = start(with(masks)).await;
    let ((whole, _), (of_tokens, of_sheet)) = (keys(&open).await, keys(&masked).await);
    let mask = |key: &String| match key.chars().count() {
        0 => String::new(),
        count if count >= 16 => format!("{}…{}", &key[..4], &key[count - 4..]),
        // Of a short name half is told at most.
        count => format!("…{}", &key[count - count.div_ceil(2).min(4)..]),
    };
    let mut expected: Vec<String> = whole.iter().map(mask).collect();
    expected.sort();
    assert_eq!(of_tokens, expected);
    assert!(of_tokens.iter().all(|key| of_sheet.contains(key)), "{of_sheet:?}");
    let one = of_tokens.iter().find(|key| key.contains('…')).expect("a key");
    let by_key = "/api/v1/query?by=api_key&measures=tokens&api_key=";
    assert_eq!(masked.get(&format!("{by_key}{one}")).await.json()["rows"][0][1], **one);
    let whole = whole.iter().find(|key| key.len() >= 16).or(whole.last()).expect("a key");
    let rows = masked.get(&format!("{by_key}{whole}")).await.json()["rows"].clone();
    assert_eq!(rows, json!([]), "the whole hash is the name of no key");
    assert_eq!(masked.get("/api/v1/me").await.json()["may_see"]["keys_masked"], true);
}

#[tokio::test]
async fn without_a_floor_keys_of_any_team_are_told_apart() {
    let access = AccessSettings { people_floor: 1, ..settings(Mode::Private) };
    let (_gateway, podium) = start(with(access)).await;
    let mut browser = Browser::of(&podium);
    browser.sign_in("sk-looker").await;
    let tokens = browser.get("/tokens").await;
    assert!(tokens.text.contains('…') && !tokens.text.contains("hidden"), "{}", tokens.text);
}

#[tokio::test]
async fn on_a_board_anybody_sees_the_leaderboard_and_nothing_else() {
    let origin = "https://board.example";
    let setup = Setup { cors_origins: vec![origin.to_owned()], ..with(settings(Mode::Board)) };
    let (_gateway, podium) = start(setup).await;
    for path in BOARD {
        let answer = podium.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        assert_eq!(answer.header("set-cookie"), None, "{path}");
    }
    drop(podium.listen("/api/v1/events", &[]).await);
    for path in FIGURES {
        let answer = podium.send(Method::GET, path, &[("Origin", origin)]).await;
        assert_eq!(answer.status, 401, "{path}: {}", answer.text);
        assert_eq!(answer.detail(), "Sign in to see this", "{path}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(origin), "{path}");
        let foreign = [("Origin", "https://other.example")];
        let answer = podium.send(Method::GET, path, &foreign).await;
        assert_eq!(answer.header("access-control-allow-origin"), None, "{path}");
    }
    for path in ["/api/v1/audit", "/api/v1/tokens", "/api/v1/access-log", "/api/v1/facts.parquet"] {
        assert_eq!(podium.get(path).await.status, 401, "{path}");
    }
}

#[tokio::test]
async fn the_board_tells_places_and_no_money() {
    let (_gateway, podium) = in_mode(Mode::Board).await;
    let answer = podium.get("/api/v1/query?by=team&measures=tokens,spend_usd").await.json();
    assert_eq!(answer["meta"]["scope"], json!({ "reach": "all", "hidden": ["spend_usd"] }));
    let board = podium.get("/api/v1/leaderboard").await.text;
    assert!(board.contains("Alpha"), "{board}");
    assert!(!board.contains("0.25"), "{board}");
}

#[tokio::test]
async fn in_mode_private_there_is_the_page_and_a_way_in() {
    let (_gateway, podium) = in_mode(Mode::Private).await;
    for path in ["/", "/charts", "/livez", "/readyz", "/api/v1/me"] {
        assert_eq!(podium.get(path).await.status, 200, "{path}");
    }
    for path in BOARD.iter().chain(&FIGURES).chain(&["/api/v1/events", "/nothing", "/api/v1/x"]) {
        let answer = podium.get(path).await;
        assert_eq!(answer.status, 401, "{path}: {}", answer.text);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"), "{path}");
        assert!(!answer.text.contains("Alpha"), "{path}");
    }
    let me = podium.get("/api/v1/me").await.json();
    assert_eq!(me["may_see"]["own"], "nothing");
    assert_eq!(me["may_see"]["others"], json!([]));
    assert_eq!((&me["mode"], &me["sign_in"]["key"]), (&json!("private"), &json!(true)));
}

#[tokio::test]
async fn other_ways_to_write_an_address_open_nothing() {
    let setup = Setup { base_path: "/board".to_owned(), ..with(settings(Mode::Private)) };
    let (_gateway, podium) = start(setup).await;
    for path in [
        "/board/tokens",
        "/board/tokens/",
        "/board//tokens",
        "/board/%74okens",
        "/board/tokens?x=/livez",
        "/board/./tokens",
        "/board/assets/../tokens",
        "/tokens",
        "/livez/../tokens",
        "/TOKENS",
    ] {
        let answer = podium.get(path).await;
        assert!(answer.status != 200, "{path}: {}", answer.text);
        assert!(!answer.text.contains("Alpha"), "{path}: {}", answer.text);
    }
    for method in [Method::HEAD, Method::POST, Method::PUT, Method::DELETE] {
        let answer = podium.send(method.clone(), "/board/tokens", &[]).await;
        assert_eq!(answer.status, 401, "{method}");
    }
    assert_eq!(podium.get("/board/livez").await.status, 200);
}

#[tokio::test]
async fn what_is_wrong_behind_the_scenes_is_told_to_those_who_look_after_it() {
    let (gateway, mut podium) = in_mode(Mode::Private).await;
    let url = gateway.url();
    let mut looker = Browser::signed_in(&podium, "sk-looker").await;
    gateway.abort().await;
    podium.look().await.expect_err("the gateway is away");
    let check = |answer: crate::harness::Answer| {
        assert_eq!(answer.status, 200, "usage is stored");
        let checks = answer.json()["checks"].clone();
        let check = checks.as_array().expect("a list").iter().find(|of| of["name"] == "gateway");
        check.expect("the gateway").clone()
    };
    let stranger = check(podium.get("/readyz?verbose").await);
    assert_eq!((&stranger["ok"], &stranger["detail"]), (&json!(false), &json!(null)));
    assert!(check(looker.get("/readyz?verbose").await)["detail"].is_string());
    podium.stop().await;

    let other = gateway_that_is_gone(&url).await;
    other.look().await.expect_err("the gateway is away");
    for path in ["/readyz", "/readyz?verbose"] {
        let answer = other.get(path).await;
        assert_eq!(answer.status, 503, "{path}");
        assert!(!answer.text.contains("gateway could"), "{path}: {}", answer.text);
        assert!(!answer.text.contains("127.0.0.1"), "{path}: {}", answer.text);
    }
    assert_eq!(other.get("/readyz").await.detail(), "Not ready");
    assert_eq!(other.get("/livez").await.status, 200);
}

/// A Podium that never reached its gateway.
async fn gateway_that_is_gone(url: &str) -> Podium {
    let gateway = crate::harness::empty_gateway().await;
    let base_url = Some(url.to_owned());
    Podium::start(&gateway, Setup { base_url, ..with(settings(Mode::Private)) }).await
}
