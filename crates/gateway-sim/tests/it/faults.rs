//! What can go wrong.

use std::io::ErrorKind;
use std::time::Duration;

use gateway_sim::{ErrorBody, Fault, Simulator, Target};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::{Reply, get, get_as, send, try_get};
use crate::story::{TODAY, day, two_teams, usage};

const KEY: &str = "Authorization: Bearer sk-sim\r\n";

async fn start() -> Simulator {
    let mut world = two_teams();
    world.record(usage(TODAY, "red", "sk-red-1", "Big", 2));
    Simulator::start(world).await.expect("a port")
}

fn activity() -> String {
    format!("/team/daily/activity?{}", day(TODAY))
}

async fn with(fault: Fault) -> Reply {
    let simulator = start().await;
    simulator.faults().set_next(1, "/team/daily", fault);
    let reply = try_get(&simulator, &activity()).await;
    assert_eq!(get(&simulator, &activity()).await["metadata"]["total_api_requests"], 2, "once");
    reply
}

#[tokio::test]
async fn error_statuses_come_in_all_shapes() {
    for (body, content_type, part) in [
        (ErrorBody::Plain("Bad Gateway"), "text/plain", "Bad Gateway"),
        (ErrorBody::Error("oh"), "application/json", r#""code":"502""#),
        (ErrorBody::Detail("oh"), "application/json", r#"{"detail":"oh"}"#),
        (ErrorBody::DetailError("oh"), "application/json", r#"{"detail":{"error":"oh"}}"#),
        (ErrorBody::Html, "text/html", "<h1>502</h1>"),
        (ErrorBody::Empty, "text/plain", ""),
    ] {
        let reply = with(Fault::Status(502, body)).await;
        assert_eq!(reply.status, 502);
        assert_eq!(reply.header("content-type"), Some(content_type));
        assert!(reply.text().contains(part), "{}", reply.text());
    }
}

#[tokio::test]
async fn too_many_requests_say_when_to_come_back() {
    let reply = with(Fault::TooManyRequests { retry_after_s: 7 }).await;
    assert_eq!((reply.status, reply.header("retry-after")), (429, Some("7")));
}

#[tokio::test]
async fn a_careless_gateway_echoes_the_key() {
    let reply = with(Fault::EchoKey { status: 401 }).await;
    assert_eq!(reply.status, 401);
    assert!(reply.text().contains("sk-sim"));
}

#[tokio::test]
async fn the_database_may_be_away() {
    let simulator = start().await;
    simulator.faults().set("", Fault::DatabaseAway);

    for key in [Some("sk-sim"), Some("sk-stranger"), None] {
        let reply = get_as(&simulator, &activity(), key).await;
        assert_eq!(reply.status, 503);
        assert_eq!(reply.json()["error"]["type"], "no_db_connection");
    }
    let aggregated = format!("/team/daily/activity/aggregated?{}", day(TODAY));
    let reply = try_get(&simulator, &aggregated).await;
    assert_eq!(reply.status, 500);
    assert!(reply.text().contains("Failed to fetch analytics"));
    let ready = get_as(&simulator, "/health/readiness", None).await;
    assert_eq!((ready.status, ready.json()["db"].clone()), (503, json!("disconnected")));
    assert_eq!(get_as(&simulator, "/health/liveliness", None).await.status, 200);

    simulator.faults().clear();
    assert_eq!(get(&simulator, &activity()).await["metadata"]["total_failed_requests"], 0);
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_begin_late() {
    let simulator = start().await;
    simulator.faults().set_next(1, "/team/list", Fault::Delay(Duration::from_secs(3_600)));
    let before = tokio::time::Instant::now();

    get(&simulator, "/team/list").await;

    assert!(before.elapsed() >= Duration::from_secs(3_600));
}

#[tokio::test]
async fn a_connection_may_be_reset_before_the_answer() {
    let simulator = start().await;
    simulator.faults().set_next(1, "/team/list", Fault::ResetBefore);

    let error = send(&simulator, "GET", "/team/list", KEY, "").await.err().expect("no answer");

    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_connection_may_be_reset_in_the_middle() {
    let simulator = start().await;
    simulator.faults().set_next(1, "/team/list", Fault::ResetAfter { bytes: 100 });

    match send(&simulator, "GET", "/team/list", KEY, "").await {
        Ok(reply) => {
            assert!(!reply.complete);
            assert!(reply.body.len() <= 100);
            assert_eq!(reply.end, Some(ErrorKind::ConnectionReset));
        }
        // A reset may overtake what was sent before it.
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_fall_silent() {
    let simulator = start().await;
    simulator.faults().set_next(1, "/team/list", Fault::Silence { after_bytes: 50 });
    let stream = TcpStream::connect(simulator.url().trim_start_matches("http://")).await;
    let mut stream = stream.expect("a connection");
    let request = format!("GET /team/list HTTP/1.1\r\nHost: sim\r\n{KEY}\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");

    let mut seen = Vec::new();
    let body_begins = |seen: &[u8]| seen.windows(4).position(|window| window == b"\r\n\r\n");
    while body_begins(&seen).is_none_or(|head| seen.len() < head + 4 + 50) {
        assert!(stream.read_buf(&mut seen).await.expect("bytes") > 0, "the connection stays open");
    }
    // Time stands still in this test, and jumps when nobody has anything to do.
    let an_hour = Duration::from_secs(3_600);
    assert!(timeout(an_hour, stream.read_buf(&mut seen)).await.is_err(), "nothing follows");
    simulator.stop().await;
}

#[tokio::test]
async fn json_may_be_cut_broken_or_of_another_shape() {
    let cut = with(Fault::Truncated).await;
    assert!(cut.complete && serde_json::from_str::<serde_json::Value>(&cut.text()).is_err());
    let malformed = with(Fault::Malformed).await;
    assert!(serde_json::from_str::<serde_json::Value>(&malformed.text()).is_err());
    for other in [json!([]), json!(null), json!({ "error": "in a 200" })] {
        assert_eq!(with(Fault::OtherJson(other.clone())).await.json(), other);
    }
    assert_eq!(with(Fault::Without("results")).await.json().get("results"), None);
    let edited = with(Fault::edit(|value| value["results"] = json!("none"))).await.json();
    assert_eq!(edited["results"], "none");
}

#[tokio::test]
async fn json_may_be_odd_but_right() {
    let extra = with(Fault::ExtraFields).await.json();
    assert_eq!(extra["metadata"]["brand_new_text"], "news");
    let entities = extra["results"][0]["breakdown"]["entities"].as_object().expect("a map").clone();
    assert_eq!(entities.keys().collect::<Vec<_>>(), ["red"], "maps get no new members");
    let nulls = with(Fault::Nulls).await.json();
    assert_eq!(
        nulls["results"][0]["breakdown"]["entities"]["red"]["metadata"]["team_alias"],
        json!(null)
    );
    assert_eq!(nulls["metadata"]["total_api_requests"], 2);
    let text = with(Fault::NumbersAsText).await.json();
    assert_eq!(text["metadata"]["total_api_requests"], "2");
    let floats = with(Fault::NumbersAsFloats).await;
    assert!(floats.text().contains("\"total_api_requests\":2.0"));
    let has_more = with(Fault::HasMoreAsText).await.json();
    assert_eq!(has_more["metadata"]["has_more"], "false");
}

#[tokio::test]
async fn a_body_may_be_huge() {
    let reply = with(Fault::HugeBody { bytes: 3_000_000 }).await;
    assert_eq!(reply.body.len(), 3_000_000);
    assert_eq!(reply.json()["metadata"]["total_api_requests"], 2);
}

#[tokio::test]
async fn faults_strike_their_targets_and_are_counted() {
    let simulator = start().await;
    let faults = simulator.faults();
    let broken = || Fault::Status(500, ErrorBody::Empty);
    let status = async |path: &str| try_get(&simulator, path).await.status;
    let aggregated = format!("/team/daily/activity/aggregated?{}", day(TODAY));

    faults.set_next(2, Target::exact("/team/daily/activity"), broken());
    assert_eq!(status(&aggregated).await, 200);
    assert_eq!(status(&activity()).await, 500);
    assert_eq!(status(&activity()).await, 500);
    assert_eq!(status(&activity()).await, 200);

    faults.set(Target::prefix("/team").with("page", "2"), broken());
    assert_eq!(status(&activity()).await, 200);
    assert_eq!(status(&format!("{}&page=2", activity())).await, 500);
    faults.clear_target(Target::prefix("/team").with("page", "2"));
    assert_eq!(status(&format!("{}&page=2", activity())).await, 200);
}
