//! A line for each answer: what was asked by its route, by whom as far as a pseudonym tells, and how
//! it went, whatever became of it.

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::gateway::{Gateway, Nowhere};
use crate::log::json_lines;
use crate::place::{Launch, Place};
use crate::server::{Server, answer};

fn logged(launch: Launch, what: &str) -> Launch {
    launch.with("PODIUM_LOG_FORMAT", "json").with("PODIUM_ACCESS_LOG", what)
}

fn answered(stderr: &str) -> Vec<Value> {
    let is_of_answers = |line: &Value| line["target"] == "podium::access_log";
    json_lines(stderr).into_iter().filter(is_of_answers).collect()
}

/// The line under an id.
#[track_caller]
fn under<'l>(lines: &'l [Value], id: &str) -> &'l Value {
    let found: Vec<_> = lines.iter().filter(|line| line["request_id"] == id).collect();
    assert_eq!(found.len(), 1, "{id}: {lines:?}");
    found[0]
}

#[tokio::test]
async fn each_answer_has_a_line_with_its_route_and_how_it_went() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let server = Server::start(logged(place.serve(&gateway.simulator), "all")).await;
    let get = async |id: &str, path: &str, more: &[(&str, &str)]| {
        let own = [("X-Request-Id", id), ("Accept-Encoding", "identity")];
        let headers = [&own, more].concat();
        server.send(Method::GET, path, &headers).await
    };
    let path = format!("/tokens{}&canary=secret", gateway.only(2));
    get("first", &path, &[]).await;
    let again = get("again", &path, &[]).await;
    assert_eq!(again.header("x-request-id"), Some("again"), "out of memory, too");
    // What is still being read makes an answer another one.
    let mut known = String::new();
    for attempt in 0..100 {
        let answer = get(&format!("new-{attempt}"), &path, &[]).await;
        let tag = answer.header("etag").expect("a tag");
        known = format!("known-{attempt}");
        if get(&known, &path, &[("If-None-Match", tag)]).await.status == 304 {
            break;
        }
    }
    assert_eq!(get("wrong", "/tokens?start_date=x", &[]).await.status, 400);
    assert_eq!(get("lost", "/nowhere/sk-canary", &[]).await.status, 404);
    for (method, id, path) in
        [(Method::HEAD, "head", path.as_str()), (Method::DELETE, "gone", "/api/v1/tokens/canary")]
    {
        server.send(method, path, &[("X-Request-Id", id)]).await;
    }
    let events = server.client.get(server.url("/api/v1/events")).header("X-Request-Id", "events");
    drop(events.send().await.expect("a stream"));
    // Nothing that is HTTP, and a way to know that all of it was seen.
    let mut stream = TcpStream::connect(server.address()).await.expect("it listens");
    stream.write_all(b"\x16\x03\x01 no HTTP\r\n\r\n").await.expect("it takes it");
    server.child.complains("not_http").await;
    server.child.complains("\"request_id\":\"events\"").await;
    let ended = server.stop().await;
    let lines = answered(&ended.stderr);
    assert!(!ended.stderr.contains("canary"), "no query, no id: {}", ended.stderr);
    for (id, method, route, status) in [
        ("first", "GET", json!("/tokens"), 200),
        ("again", "GET", json!("/tokens"), 200),
        (&known, "GET", json!("/tokens"), 304),
        ("wrong", "GET", json!("/tokens"), 400),
        ("lost", "GET", Value::Null, 404),
        ("gone", "DELETE", json!("/api/v1/tokens/{id}"), 403),
        ("head", "HEAD", json!("/tokens"), 200),
        ("events", "GET", json!("/api/v1/events"), 200),
    ] {
        let line = under(&lines, id);
        let told = (&line["method"], &line["route"], &line["status"], &line["outcome"]);
        assert_eq!(told, (&json!(method), &route, &json!(status), &json!("done")), "{line}");
        assert!(line["duration_ms"].is_number() && line["client"] == "127.0.0.1", "{line}");
        assert_eq!(line["role"], "anybody");
    }
    let bytes = |id: &str| under(&lines, id)["bytes"].as_u64().expect("a number");
    assert_eq!(bytes("again"), again.text.len() as u64);
    assert_eq!((bytes(&known), bytes("head")), (0, 0));
}

#[tokio::test]
async fn by_default_only_faults_have_lines() {
    let (place, nowhere) = (Place::new(), Nowhere::new());
    let serve = place
        .podium(&["serve", "--port", "0"])
        .with("LITELLM_BASE_URL", nowhere.url())
        .with("LITELLM_API_KEY", "sk-sim")
        .with("PODIUM_LOG_FORMAT", "json")
        .with("PODIUM_DATA_DIR", place.path("data"));
    let server = Server::start(serve).await;
    assert_eq!(server.get("/livez").await.status, 200);
    assert_eq!(server.get("/tokens?start_date=x").await.status, 400);
    let failed = server.get("/tokens").await;
    assert_eq!(failed.status, 502);
    let ended = server.stop().await;
    let lines = answered(&ended.stderr);
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["status"], 502);
    assert_eq!(lines[0]["request_id"].as_str(), failed.header("x-request-id"));
}

#[tokio::test]
async fn refused_connections_have_lines_unless_switched_off() {
    for (what, are_told) in [("errors", true), ("off", false)] {
        let place = Place::new();
        let demo = place.podium(&["demo", "--port", "0"]).with("PODIUM_MAX_CONNECTIONS", "16");
        let server = Server::start_demo(logged(demo, what)).await;
        let mut idle = Vec::new();
        for _ in 0..40 {
            idle.extend(TcpStream::connect(server.address()).await);
        }
        server.child.complains("as many connections as allowed").await;
        if are_told {
            server.child.complains("\"refused\"").await;
        }
        drop(idle);
        let ended = server.stop().await;
        let refused = answered(&ended.stderr).into_iter().find(|l| l["outcome"] == "refused");
        assert_eq!(refused.is_some(), are_told, "{}", ended.stderr);
    }
}

#[tokio::test]
async fn whoever_asks_has_a_role_and_a_pseudonym() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let launch = |arguments: &[&str]| {
        let launch = place.podium(arguments).in_front_of(&gateway.simulator);
        launch.with("PODIUM_DATA_DIR", place.path("data")).with("PODIUM_ACCESS", "private")
    };
    let made = launch(&["token", "create", "--role", "viewer", "--name", "canary"]).run().await;
    let token = made.stdout.split_whitespace().find(|word| word.starts_with("podium_"));
    let token = token.expect("a token").to_owned();
    let serve = launch(&["serve", "--port", "0"]).with("PODIUM_LISTEN", "127.0.0.1");
    let server = Server::start(logged(serve, "all")).await;
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("X-Request-Id", "token")];
    assert_eq!(server.send(Method::GET, "/tokens", &headers).await.status, 200);
    let key = gateway.simulator.api_key().to_owned();
    let sign_in = server.client.post(server.url("/api/v1/sign-in"));
    let entered = answer(sign_in.body(json!({ "key": key }).to_string())).await.expect("answered");
    let cookie = entered.header("set-cookie").expect("a cookie").to_owned();
    let headers = [("Cookie", cookie.as_str()), ("X-Request-Id", "session")];
    assert_eq!(server.send(Method::GET, "/api/v1/me", &headers).await.status, 200);
    let ended = server.stop().await;
    let lines = answered(&ended.stderr);
    let told = |id: &str| (under(&lines, id)["role"].clone(), under(&lines, id)["by"].clone());
    let (role, by) = told("token");
    assert_eq!(role, "viewer");
    let id = by.as_str().and_then(|by| by.strip_prefix("token:")).expect("a token's id");
    assert!(!id.is_empty() && id.len() < token.len() / 2, "{by}");
    let (role, by) = told("session");
    assert_eq!(role, "admin");
    assert!(by.as_str().is_some_and(|by| by.starts_with("session:")), "{by}");
    let cookie = cookie.split(['=', ';']).nth(1).expect("its value");
    for secret in [token.rsplit('_').next().expect("its end"), cookie, key.as_str()] {
        assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_question_for_a_request_goes_under_its_id() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let serve = place.serve(&gateway.simulator).with("PODIUM_ACCESS", "board");
    let server = Server::start(logged(serve, "all").with("PODIUM_LOG", "debug")).await;
    let sign_in = server.client.post(server.url("/api/v1/sign-in"));
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let sign_in = sign_in.header("X-Request-Id", "mine").header("Traceparent", trace);
    let body = json!({ "key": gateway.simulator.api_key() }).to_string();
    assert_eq!(answer(sign_in.body(body)).await.expect("answered").status, 200);
    let ended = server.stop().await;
    let calls = gateway.simulator.calls();
    let header = |call: &gateway_sim::Call, name: &str| {
        call.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    };
    let (mine, others): (Vec<_>, Vec<_>) =
        calls.iter().partition(|call| header(call, "x-request-id").as_deref() == Some("mine"));
    assert!(!mine.is_empty() && !others.is_empty(), "{calls:?}");
    assert!(mine.iter().all(|call| header(call, "traceparent").as_deref() == Some(trace)));
    let is_podiums = |call: &&gateway_sim::Call| {
        header(call, "x-request-id").is_some_and(|id| id.starts_with("podium-"))
            && header(call, "traceparent").is_none()
    };
    assert!(others.iter().all(is_podiums), "{others:?}");
    let asked = json_lines(&ended.stderr);
    let under_it = asked.iter().filter(|line| line["request_id"] == "mine");
    assert_eq!(under_it.count(), mine.len() + 1, "each question and the answer: {asked:?}");
}
