//! Tokens for machines.

use podium::access::{AccessSettings, Mode};
use podium::config::DataDir;
use reqwest::Method;
use serde_json::{Value, json};

use super::{Browser, in_mode, log, logged, settings, start, with};
use crate::harness::{Answer, Podium, Setup};

/// Makes a token, and returns it as it is told this once.
async fn make(admin: &mut Browser<'_>, wish: Value) -> Value {
    let answer = admin.post("/api/v1/tokens", &wish).await;
    assert_eq!(answer.status, 201, "{wish}: {}", answer.text);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    answer.json()
}

fn text(made: &Value) -> &str {
    made["token"].as_str().expect("a token")
}

async fn shows(podium: &Podium, token: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    podium.send(Method::GET, path, &[("Authorization", &bearer)]).await
}

#[tokio::test]
async fn a_token_is_told_once_and_kept_nowhere() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = DataDir::At(directory.path().to_owned());
    let (_gateway, mut podium) = start(Setup { data, ..with(settings(Mode::Private)) }).await;
    let mut admin = Browser::signed_in(&podium, "sk-root").await;
    let wish = json!({ "name": " grafana ", "role": "viewer", "expires_in_days": 90 });
    let made = make(&mut admin, wish).await;
    let token = text(&made).to_owned();
    assert!(token.starts_with("podium_") && token.len() > 64, "{token}");
    assert_eq!(shows(&podium, &token, "/tokens").await.status, 200);
    let list = admin.get("/api/v1/tokens").await;
    let mut listed = made.clone();
    listed.as_object_mut().expect("an object").remove("token");
    listed["last_used_at"] = json!("2026-11-24T12:00:00Z");
    assert_eq!(list.json(), json!({ "tokens": [listed] }));
    assert_eq!((&made["name"], &made["created_by"]), (&json!("grafana"), &json!("root")));
    assert_eq!(made["expires_at"], "2027-02-22T12:00:00Z");
    let tail = token.rsplit('_').next().expect("a tail").to_owned();
    let lines = log(&podium).await;
    assert_eq!(lines[0]["event"], "token_created", "{lines:?}");
    assert!(lines[0]["detail"].as_str().expect("detail").contains("grafana (viewer)"));
    assert!(!format!("{}{lines:?}", list.text).contains(&tail));
    podium.stop().await;
    for file in std::fs::read_dir(directory.path()).expect("files") {
        let content = std::fs::read(file.expect("a file").path()).expect("it is read");
        assert!(memchr::memmem::find(&content, tail.as_bytes()).is_none());
    }
}

#[tokio::test]
async fn a_token_sees_what_its_role_does() {
    let (_gateway, podium) = in_mode(Mode::Private).await;
    let mut admin = Browser::signed_in(&podium, "sk-root").await;
    for (role, teams, statuses) in [
        ("viewer", json!([]), [200, 200, 403, 403]),
        ("team", json!(["t-alpha"]), [200, 403, 403, 403]),
        ("admin", json!([]), [200, 200, 200, 202]),
    ] {
        let made = make(&mut admin, json!({ "name": role, "role": role, "teams": teams })).await;
        let token = text(&made);
        let me = shows(&podium, token, "/api/v1/me").await.json();
        assert_eq!(
            (&me["role"], &me["how"], &me["name"]),
            (&json!(role), &json!("token"), &json!(role))
        );
        let mut told = Vec::new();
        for path in ["/tokens", "/api/v1/audit", "/api/v1/tokens"] {
            told.push(shows(&podium, token, path).await.status.as_u16());
        }
        let bearer = format!("Bearer {token}");
        let headers = [("Authorization", bearer.as_str())];
        let audit = podium.send(Method::POST, "/api/v1/audit", &headers).await;
        told.push(audit.status.as_u16());
        assert_eq!(told, statuses, "{role}");
    }
    let list = admin.get("/api/v1/tokens").await.json();
    let of_team = list["tokens"].as_array().expect("a list")[1].clone();
    assert_eq!(of_team["teams"], json!(["t-alpha"]));
    let made = make(&mut admin, json!({ "name": "a", "role": "team", "teams": ["t-alpha"] })).await;
    let tokens = shows(&podium, text(&made), "/tokens").await.text;
    assert!(tokens.contains("Alpha") && !tokens.contains("beta one"), "{tokens}");
    // Scripts with a token are not made to ask by another site.
    let made = make(&mut admin, json!({ "name": "b", "role": "admin" })).await;
    let bearer = format!("Bearer {}", text(&made));
    let headers = [("Authorization", bearer.as_str())];
    let wish = json!({ "name": "c", "role": "viewer" }).to_string();
    let answer = podium.send_with(Method::POST, "/api/v1/tokens", &headers, Some(wish)).await;
    assert_eq!((answer.status.as_u16(), &answer.json()["created_by"]), (201, &json!("b")));
}

#[tokio::test]
async fn a_token_that_is_none_is_said_to_be_none() {
    let (_gateway, podium) = in_mode(Mode::Board).await;
    let mut admin = Browser::signed_in(&podium, "sk-root").await;
    let made = make(&mut admin, json!({ "name": "a", "role": "viewer" })).await;
    let token = text(&made).to_owned();
    let (head, tail) = token.rsplit_once('_').expect("two parts");
    let other = if tail.ends_with('0') { "1" } else { "0" };
    let board = podium.get("/api/v1/leaderboard").await;
    assert_eq!(board.status, 200);
    for wrong in [
        format!("{head}_{}{other}", &tail[..tail.len() - 1]),
        format!("{head}_"),
        format!("{token}0"),
        "podium_".to_owned(),
        "podium_x_y".to_owned(),
        token.to_uppercase().replace("PODIUM", "podium"),
    ] {
        for path in ["/tokens", "/api/v1/leaderboard"] {
            let answer = shows(&podium, &wrong, path).await;
            assert_eq!(answer.status, 401, "{wrong} {path}: {}", answer.text);
            assert_eq!(answer.detail(), "The token is unknown, expired or revoked");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
        assert_eq!(shows(&podium, &wrong, "/api/v1/me").await.json()["role"], "anybody");
    }
    // What is not one of Podium's is meant for somebody else.
    for other in ["sk-alpha", "Podium_x_y", "x", ""] {
        assert_eq!(shows(&podium, other, "/api/v1/leaderboard").await.text, board.text, "{other}");
        assert_eq!(shows(&podium, other, "/tokens").await.detail(), "Sign in to see this");
    }
    let answer = admin.with("Authorization", "Bearer sk-x").get("/tokens").await;
    assert_eq!(answer.status, 200, "the session counts");
}

#[tokio::test]
async fn a_token_ends_with_its_time_or_at_once() {
    let (_gateway, podium) = in_mode(Mode::Private).await;
    let mut admin = Browser::signed_in(&podium, "sk-root").await;
    let day =
        make(&mut admin, json!({ "name": "day", "role": "viewer", "expires_in_days": 1.0 })).await;
    let ever = make(&mut admin, json!({ "name": "ever", "role": "viewer" })).await;
    assert_eq!(shows(&podium, text(&day), "/tokens").await.status, 200);
    assert_eq!(shows(&podium, text(&ever), "/tokens").await.status, 200);
    let path = format!("/api/v1/tokens/{}", ever["id"].as_str().expect("an id"));
    let gone = admin.delete(&path).await;
    assert_eq!((gone.status.as_u16(), gone.text.as_str()), (204, ""));
    assert_eq!(shows(&podium, text(&ever), "/tokens").await.status, 401, "at once");
    assert_eq!(admin.delete(&path).await.status, 404);
    let lines = logged(&podium, "token_revoked").await;
    assert_eq!((lines.len(), &lines[0]["who"]), (1, &json!("root")));
    podium.clock.advance(23);
    assert_eq!(shows(&podium, text(&day), "/tokens").await.status, 200);
    podium.clock.advance(1);
    assert_eq!(shows(&podium, text(&day), "/tokens").await.status, 401);
}

#[tokio::test]
async fn tokens_are_for_admins_to_make() {
    let (_gateway, podium) = in_mode(Mode::Private).await;
    let wish = json!({ "name": "a", "role": "admin" });
    assert_eq!(Browser::of(&podium).post("/api/v1/tokens", &wish).await.status, 401);
    for key in ["sk-alpha", "sk-lone", "sk-looker"] {
        let mut browser = Browser::signed_in(&podium, key).await;
        assert_eq!(browser.post("/api/v1/tokens", &wish).await.status, 403, "{key}");
        assert_eq!(browser.delete("/api/v1/tokens/abc").await.status, 403, "{key}");
    }
    let mut admin = Browser::signed_in(&podium, "sk-sim").await;
    assert_eq!(admin.get("/api/v1/tokens").await.json(), json!({ "tokens": [] }));
}

#[tokio::test]
async fn a_token_that_makes_no_sense_is_not_made() {
    let (_gateway, podium) = in_mode(Mode::Private).await;
    let mut admin = Browser::signed_in(&podium, "sk-root").await;
    let long = "a".repeat(101);
    for wish in [
        json!({}),
        json!([]),
        json!({ "name": "", "role": "viewer" }),
        json!({ "name": "  ", "role": "viewer" }),
        json!({ "name": long, "role": "viewer" }),
        json!({ "name": "a\nb", "role": "viewer" }),
        json!({ "name": 7, "role": "viewer" }),
        json!({ "name": "a" }),
        json!({ "name": "a", "role": "anybody" }),
        json!({ "name": "a", "role": "self" }),
        json!({ "name": "a", "role": "Viewer" }),
        json!({ "name": "a", "role": "team" }),
        json!({ "name": "a", "role": "team", "teams": [] }),
        json!({ "name": "a", "role": "team", "teams": [""] }),
        json!({ "name": "a", "role": "team", "teams": "t-alpha" }),
        json!({ "name": "a", "role": "viewer", "teams": ["t-alpha"] }),
        json!({ "name": "a", "role": "viewer", "expires_in_days": 0 }),
        json!({ "name": "a", "role": "viewer", "expires_in_days": -1 }),
        json!({ "name": "a", "role": "viewer", "expires_in_days": 1.5 }),
        json!({ "name": "a", "role": "viewer", "expires_in_days": "7" }),
        json!({ "name": "a", "role": "viewer", "expires_in_days": 4_000_000_000_u32 }),
        json!({ "name": "a", "role": "admin", "in_address": true }),
    ] {
        let answer = admin.post("/api/v1/tokens", &wish).await;
        assert_eq!(answer.status, 400, "{wish}: {}", answer.text);
        assert!(!answer.detail().is_empty(), "{wish}");
    }
    assert_eq!(admin.get("/api/v1/tokens").await.json(), json!({ "tokens": [] }));
    make(&mut admin, json!({ "name": "ä".repeat(100), "role": "viewer" })).await;
}

#[tokio::test]
async fn a_token_stands_in_an_address_only_where_it_may() {
    for allowed in [false, true] {
        let access = AccessSettings { token_in_address: allowed, ..settings(Mode::Private) };
        let (_gateway, podium) = start(with(access)).await;
        let mut admin = Browser::signed_in(&podium, "sk-root").await;
        let wish = |in_address| json!({ "name": "a", "role": "viewer", "in_address": in_address });
        let made = make(&mut admin, wish(true)).await;
        let plain = make(&mut admin, wish(false)).await;
        for path in ["/tokens?token=", "/preview.png?token=", "/api/v1/query?by=team&token="] {
            let answer = podium.get(&format!("{path}{}", text(&made))).await;
            assert_eq!(answer.status, if allowed { 200 } else { 401 }, "{path}");
            let answer = podium.get(&format!("{path}{}", text(&plain))).await;
            assert_eq!(answer.status, 401, "{path}");
        }
        for token in [&made, &plain] {
            assert_eq!(shows(&podium, text(token), "/tokens").await.status, 200);
        }
    }
}

#[tokio::test]
async fn a_token_in_an_address_opens_that_address_for_nobody_else() {
    let access = AccessSettings { token_in_address: true, ..settings(Mode::Private) };
    let (_gateway, podium) = start(with(access)).await;
    let mut admin = Browser::signed_in(&podium, "sk-root").await;
    let made = make(&mut admin, json!({ "name": "a", "role": "viewer", "in_address": true })).await;
    let with_token = format!("/tokens?start_date=2026-11-24&token={}", text(&made));
    let told = podium.get(&with_token).await;
    assert_eq!(told.status, 200, "{}", told.text);
    assert_eq!(podium.get(&with_token).await.figures(), told.figures(), "at once");
    assert_eq!(podium.get("/tokens?start_date=2026-11-24").await.status, 401);
    let bare = shows(&podium, text(&made), "/tokens?start_date=2026-11-24").await;
    assert_eq!(bare.header("etag"), told.header("etag"), "the token is no part of the question");
    for header in told.headers.values() {
        assert!(!header.to_str().expect("text").contains("podium_"), "{header:?}");
    }
    assert!(!told.text.contains(text(&made)), "{}", told.text);
    let path = format!("/api/v1/tokens/{}", made["id"].as_str().expect("an id"));
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(podium.get(&with_token).await.status, 401, "what was kept is not told");
}

#[tokio::test]
async fn when_a_token_was_last_used_is_told_to_the_minute() {
    let (_gateway, podium) = in_mode(Mode::Private).await;
    let mut admin = Browser::signed_in(&podium, "sk-root").await;
    let made = make(&mut admin, json!({ "name": "a", "role": "viewer" })).await;
    assert_eq!(made["last_used_at"], json!(null));
    for (seconds, told) in
        [(0, "2026-11-24T12:00:00Z"), (59, "2026-11-24T12:00:00Z"), (1, "2026-11-24T12:01:00Z")]
    {
        podium.clock.pass(jiff::SignedDuration::from_secs(seconds));
        assert_eq!(shows(&podium, text(&made), "/tokens").await.status, 200);
        let list = admin.get("/api/v1/tokens").await.json();
        assert_eq!(list["tokens"][0]["last_used_at"], told, "{seconds}");
    }
    let wrong = format!("{}0", text(&made));
    podium.clock.advance(1);
    shows(&podium, &wrong, "/tokens").await;
    let list = admin.get("/api/v1/tokens").await.json();
    assert_eq!(list["tokens"][0]["last_used_at"], "2026-11-24T12:01:00Z", "guesses are no use");
}
