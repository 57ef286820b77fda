//! What is answered when the gateway fails.

use gateway_sim::{ErrorBody, Fault, Target, Version};
use serde_json::json;

use crate::harness::{Podium, Setup, gateway_of};
use crate::worlds::workshop;

const ANSWERED: [&str; 5] = [
    "/tokens",
    "/tokens/timeseries",
    "/tokens/models",
    "/tokens/success-rate",
    "/tokens/cost-efficiency",
];

/// Every way in which a whole gateway or one of its endpoints can fail.
fn failures() -> Vec<Fault> {
    vec![
        Fault::Status(500, ErrorBody::Plain("oops")),
        Fault::Status(500, ErrorBody::DetailError("Failed to fetch analytics: db")),
        Fault::Status(502, ErrorBody::Html),
        Fault::Status(503, ErrorBody::Error("no_db_connection")),
        Fault::Status(400, ErrorBody::Detail("bad")),
        Fault::Status(404, ErrorBody::Detail("Not Found")),
        Fault::Status(418, ErrorBody::Empty),
        Fault::TooManyRequests { retry_after_s: 0 },
        Fault::DatabaseAway,
        Fault::ResetBefore,
        Fault::ResetAfter { bytes: 10 },
        Fault::Truncated,
        Fault::Malformed,
        Fault::OtherJson(json!([])),
        Fault::OtherJson(json!(null)),
        Fault::OtherJson(json!("text")),
        Fault::OtherJson(json!({})),
        Fault::EchoKey { status: 401 },
        Fault::EchoKey { status: 500 },
    ]
}

#[tokio::test]
async fn a_gateway_that_fails_altogether_is_502_about_teams() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    for fault in failures() {
        let podium = Podium::in_front_of(&gateway).await;
        gateway.faults().set("", fault.clone());
        for endpoint in ANSWERED {
            let answer = podium.get(endpoint).await;
            // An empty list is a list of no teams; the usage then has the wrong shape.
            let about = match &fault {
                Fault::OtherJson(json) if json.is_array() => "Error fetching ",
                _ => "Error fetching teams: ",
            };
            assert_eq!(answer.status, 502, "{fault:?}: {}", answer.text);
            assert!(answer.detail().starts_with(about), "{fault:?}: {}", answer.text);
        }
        gateway.faults().clear();
    }
}

#[tokio::test]
async fn usage_that_cannot_be_had_is_502_about_usage() {
    for version in [Version::CURRENT, Version::OLDER] {
        let gateway = gateway_of(workshop(), version).await;
        let podium = Podium::in_front_of(&gateway).await;
        for fault in failures() {
            gateway.faults().set("/team/daily/activity", fault.clone());
            for endpoint in ANSWERED {
                let about = match endpoint {
                    "/tokens/cost-efficiency" => "Error fetching team data: ",
                    _ => "Error fetching team token usage: ",
                };
                let answer = podium.get(endpoint).await;
                assert_eq!(answer.status, 502, "{fault:?}: {}", answer.text);
                assert!(answer.detail().starts_with(about), "{fault:?}: {}", answer.text);
            }
            gateway.faults().clear();
        }
        assert_eq!(podium.get("/tokens").await.status, 200, "and it recovers at once");
    }
}

#[tokio::test]
async fn no_detail_tells_the_key_the_address_or_a_team() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    gateway.change(|world| world.move_key("key-a1", Some("t-beta")));
    let podium = Podium::in_front_of(&gateway).await;
    let port = gateway.url().rsplit(':').next().expect("a port").to_owned();
    for fault in failures() {
        gateway.faults().set("", fault);
        let text = podium.get("/tokens").await.text;
        for secret in ["sk-sim", "127.0.0.1", "localhost", &port, "t-alpha", "t-beta"] {
            assert!(!text.contains(secret), "{secret} in {text}");
        }
        gateway.faults().clear();
    }
}

#[tokio::test]
async fn a_wrong_key_is_said_to_be_one() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let setup = Setup { api_key: "sk-wrong".to_owned(), ..Setup::default() };
    let podium = Podium::start(&gateway, setup).await;
    for _ in 0..3 {
        let answer = podium.get("/tokens").await;
        assert_eq!(answer.status, 502);
        let detail = answer.detail();
        assert!(detail.contains("refused the API key") && detail.contains("LITELLM_API_KEY"));
        assert!(!detail.contains("sk-wrong"));
    }
    let lists = gateway.calls().iter().filter(|call| call.path.ends_with("/list")).count();
    assert_eq!(lists, 1, "the gateway books every refused question for teams as a failed request");
}

#[tokio::test]
async fn an_unreachable_gateway_is_502_with_the_likely_cause() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let setup = Setup { base_url: Some("http://127.0.0.1:9".to_owned()), ..Setup::default() };
    let podium = Podium::start(&gateway, setup).await;
    let answer = podium.get("/tokens").await;
    assert_eq!(answer.status, 502);
    assert!(answer.detail().contains("connection refused"), "{}", answer.text);
    let ready = podium.get("/readyz").await;
    assert_eq!(ready.status, 503);
    assert_eq!(podium.get("/livez").await.status, 200);
}

#[tokio::test]
async fn stored_days_answer_while_the_gateway_is_down() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let before = podium.get("/tokens").await.figures();
    gateway.faults().set("", Fault::ResetBefore);
    assert_eq!(podium.get("/tokens").await.figures(), before);
    assert_eq!(podium.get("/readyz").await.status, 200);
    podium.clock.advance(6);
    let answer = podium.get("/tokens").await;
    assert_eq!(answer.figures(), before);
    assert_eq!(answer.header("age"), Some("21600"));
    let meta = &answer.json()["meta"];
    assert_eq!(meta["complete"], false);
    assert_eq!(meta["incomplete_days"][0]["reason"], "stale");
    let unread = podium.get("/tokens?start_date=2026-11-20").await;
    assert_eq!(unread.status, 502, "days that were never read cannot be answered");
}

#[tokio::test]
async fn one_page_that_fails_publishes_nothing_of_its_day() {
    let gateway = gateway_of(
        workshop(),
        Version { aggregated: false, max_page_size: Some(1_000), ..Version::CURRENT },
    )
    .await;
    gateway.change(|world| {
        for n in 0..1_500 {
            let key: &'static str = format!("key-{n}").leak();
            world.record(crate::worlds::Use { key, ..Default::default() }.row());
        }
    });
    let podium = Podium::in_front_of(&gateway).await;
    gateway.faults().set(Target::exact("/team/daily/activity").with("page", "2"), Fault::Truncated);
    let today = "/tokens?start_date=2026-11-24";
    assert_eq!(podium.get(today).await.status, 502);
    gateway.faults().clear();
    let answer = podium.get(today).await;
    assert_eq!(answer.figures()["teams"][0]["tokens"], 120 + 1_500 + 7 + 1_500 * 120);
}
