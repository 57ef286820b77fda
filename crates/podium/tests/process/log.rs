//! The log as whoever reads it finds it: one line for each thing said, in the form that was asked
//! for, whatever names hold and however slowly it is read.

use std::io::Read as _;

use serde_json::Value;

use crate::gateway::{Gateway, Nowhere, free_port};
use crate::place::Place;
use crate::server::Server;
use crate::stream::until;

/// Each line of the log as JSON.
#[track_caller]
pub(crate) fn json_lines(stderr: &str) -> Vec<Value> {
    let line = |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    stderr.lines().map(line).collect()
}

#[track_caller]
fn assert_whole(stderr: &str) {
    for line in stderr.lines() {
        let (at, rest) = line.split_once(' ').unwrap_or_else(|| panic!("no time: {line:?}"));
        assert!(at.parse::<jiff::Timestamp>().is_ok(), "no time: {line:?}");
        let level = rest.split_whitespace().next().unwrap_or_default();
        assert!(["ERROR", "WARN", "INFO", "DEBUG", "TRACE"].contains(&level), "{line:?}");
        assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
    }
}

#[tokio::test]
async fn programs_get_an_object_a_line() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let serve = place
        .serve(&gateway.simulator)
        .with("PODIUM_LOG_FORMAT", "json")
        .with("PODIUM_LOG", "debug")
        .with("PODIUM_ACCESS_LOG", "all");
    let server = Server::start(serve).await;
    assert_eq!(server.get("/tokens?start_date=yesterday").await.status, 400);
    assert_eq!(server.get(&format!("/tokens{}", gateway.only(2))).await.status, 200);
    let ended = server.stop().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let lines = json_lines(&ended.stderr);
    for line in &lines {
        let at = line["timestamp"].as_str().expect("a time");
        assert!(at.ends_with('Z') && at.parse::<jiff::Timestamp>().is_ok(), "{line}");
        for name in ["level", "message", "target"] {
            assert!(line[name].is_string(), "{name}: {line}");
        }
    }
    let of = |message: &'static str| lines.iter().filter(move |line| line["message"] == message);
    let listening = lines.iter().find(|line| {
        line["message"].as_str().is_some_and(|message| message.starts_with("listening"))
    });
    assert_eq!(listening.expect("it listens")["access"], "open");
    assert!(of("gateway answered").all(|line| {
        let id = line["request_id"].as_str().unwrap_or_default();
        id.starts_with("podium-") && line["took_ms"].is_u64()
    }));
    assert!(of("gateway answered").count() > 0 && of("answered").count() >= 2, "{lines:?}");
}

#[tokio::test]
async fn errors_at_the_start_are_lines_for_programs_and_text_for_people() {
    let place = Place::new();
    let launch = || place.podium(&["serve"]).with("LITELLM_BASE_URL", "http://gateway");
    let ended = launch().run().await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.starts_with("podium: LITELLM_API_KEY is missing"), "{ended:?}");
    let ended = launch().with("PODIUM_LOG_FORMAT", "json").run().await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    let lines = json_lines(&ended.stderr);
    let reason = lines[0]["reason"].as_str().expect("a reason");
    assert!(reason.contains("LITELLM_API_KEY is missing"), "{ended:?}");
    let ended = launch().with("PODIUM_LOG_FORMAT", "xml").run().await;
    assert!(ended.stderr.contains("PODIUM_LOG_FORMAT=json"), "{ended:?}");
    for levels in ["loud", "hyper=trace", "podium::snyc=debug"] {
        let ended = launch().with("PODIUM_LOG", levels).run().await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains("PODIUM_LOG=info,podium::gateway=debug"), "{ended:?}");
    }
}

/// The directory has a name with which a line would be forged, and a terminal be told things.
#[tokio::test]
async fn names_forge_no_line() {
    let forging = "data\n2026-11-29T00:00:00.000000Z ERROR forged\u{1b}[31m\u{9b}2J";
    for format in ["human", "json"] {
        let (place, gateway) = (Place::new(), Gateway::start().await);
        let serve = || {
            place
                .serve(&gateway.simulator)
                .with("PODIUM_DATA_DIR", place.path(forging))
                .with("PODIUM_ACCESS_LOG", "all")
                .with("PODIUM_LOG_FORMAT", format)
        };
        Server::start(serve()).await.stop().await;
        std::fs::write(place.database(), "not a database".repeat(1_000)).expect("a file");
        let server = Server::start(serve()).await;
        server.get("/nothing%0A2026-11-29T00:00:00.000000Z%20ERROR%20forged%1b[31m").await;
        let ended = server.stop().await;
        assert!(ended.stderr.contains("it was set aside"), "{ended:?}");
        assert!(ended.stderr.contains("ERROR forged"), "the name is told: {ended:?}");
        assert!(!ended.stderr.contains(['\u{1b}', '\u{9b}']), "{ended:?}");
        match format {
            "json" => assert!(!json_lines(&ended.stderr).is_empty()),
            _ => assert_whole(&ended.stderr),
        }
    }
}

#[tokio::test]
async fn whoever_does_not_read_the_log_keeps_nobody_waiting() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let port = free_port();
    let serve = place
        .serve(&gateway.simulator)
        .with("PODIUM_LISTEN", format!("127.0.0.1:{port}"))
        .with("PODIUM_ACCESS_LOG", "all");
    let mut process = serve.start_saying_to(writer);
    let client = crate::server::client();
    let url = format!("http://127.0.0.1:{port}/livez");
    until("it serves", async || client.get(&url).send().await.is_ok()).await;
    // A pipe holds 64 kB, and half a megabyte waits for it: 2,300 lines with a long id.
    let id = "x".repeat(128);
    for _ in 0..3_000 {
        let asked = client.get(&url).header("X-Request-Id", &id).send().await;
        assert_eq!(asked.expect("an answer").status(), 200);
    }
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        let mut piece = [0; 4_096];
        while !text.contains("were dropped") {
            let length = reader.read(&mut piece).expect("a piece");
            assert!(length > 0, "it never told of what was dropped: {text}");
            text.push_str(&String::from_utf8_lossy(&piece[..length]));
        }
        reader
    });
    let reader = reading.join().expect("it tells that lines were dropped");
    // And whoever is gone is not waited for either.
    drop(reader);
    assert_eq!(client.get(&url).send().await.expect("an answer").status(), 200);
    process.kill().expect("it runs");
    process.wait().expect("it ends");
}

#[tokio::test]
async fn parts_can_be_listened_to_alone() {
    let (place, nowhere) = (Place::new(), Nowhere::new());
    let serve = place
        .podium(&["serve", "--port", "0"])
        .with("LITELLM_BASE_URL", nowhere.url())
        .with("LITELLM_API_KEY", "sk-sim")
        .with("PODIUM_DATA_DIR", place.path("data"))
        .with("PODIUM_LOG", "info,podium::gateway=debug");
    let server = Server::start(serve).await;
    server.child.complains("gateway failed").await;
    let ended = server.stop().await;
    assert!(!ended.stderr.contains("a run failed"), "that is sync's: {ended:?}");
}
