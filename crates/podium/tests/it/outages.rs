//! Gateways in trouble: stored days go on answering, and recovery needs no restart.

use std::time::Duration;

use gateway_sim::{ErrorBody, Fault, Version};
use podium::gateway::Limits;

use crate::harness::{Podium, Setup, gateway_of};
use crate::worlds::{Use, workshop};

fn outages() -> Vec<Fault> {
    vec![
        Fault::Status(500, ErrorBody::Plain("oops")),
        Fault::Status(502, ErrorBody::Html),
        Fault::TooManyRequests { retry_after_s: 0 },
        Fault::EchoKey { status: 401 },
        Fault::DatabaseAway,
        Fault::ResetBefore,
        Fault::ResetAfter { bytes: 100 },
        Fault::Truncated,
        Fault::Malformed,
        Fault::Silence { after_bytes: 50 },
    ]
}

/// A client that does not wait long for a silent gateway.
fn impatient() -> Setup {
    let limits = Limits { silence: Duration::from_millis(300), retries: 0, ..Limits::default() };
    Setup { limits, ..Setup::default() }
}

#[tokio::test]
async fn stored_days_answer_through_every_outage_and_catch_up_after_it() {
    for outage in outages() {
        let gateway = gateway_of(workshop(), Version::CURRENT).await;
        let podium = Podium::start(&gateway, impatient()).await;
        let before = podium.get("/tokens").await.figures();
        gateway.faults().set("", outage.clone());
        podium.look().await.expect_err("the gateway is in trouble");
        assert_eq!(podium.get("/tokens").await.figures(), before, "{outage:?}");
        let status = podium.get("/api/v1/status").await.json();
        assert_eq!(status["gateway"]["reachable"], false, "{outage:?}");
        let unread = podium.get("/tokens?start_date=2026-11-01").await;
        assert_eq!(unread.status, 502, "{outage:?}: {}", unread.text);
        gateway.faults().clear();
        gateway
            .change(|world| world.record(Use { prompt: 5, completion: 0, ..Use::default() }.row()));
        podium.look().await.expect("it recovered");
        let after = podium.get("/tokens?start_date=2026-11-01").await.figures();
        assert_eq!(after["teams"][0]["tokens"], 1_682 + 5, "{outage:?}");
        let status = podium.get("/api/v1/status").await.json();
        assert_eq!(status["gateway"]["reachable"], true, "{outage:?}");
    }
}

#[tokio::test]
async fn a_hiccup_is_not_noticed() {
    for hiccup in [
        Fault::ResetBefore,
        Fault::Status(500, ErrorBody::Empty),
        Fault::Truncated,
        Fault::TooManyRequests { retry_after_s: 0 },
    ] {
        let gateway = gateway_of(workshop(), Version::CURRENT).await;
        gateway.faults().set_next(1, "/team/daily/activity", hiccup.clone());
        let podium =
            Podium::start(&gateway, Setup { limits: Limits::default(), ..Setup::default() }).await;
        let answer = podium.get("/tokens").await;
        assert_eq!(answer.status, 200, "{hiccup:?}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_crowd_does_not_hammer_a_gateway_that_is_down() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    podium.get("/tokens").await.figures();
    gateway.faults().set("", Fault::DatabaseAway);
    gateway.clear_calls();
    let mut answered = 0;
    for _ in 0..10 {
        let crowd = (0..50).map(|_| podium.get("/tokens?start_date=2026-11-20"));
        for answer in futures_util::future::join_all(crowd).await {
            assert_eq!(answer.status, 502);
            answered += 1;
        }
    }
    let calls = gateway.calls().len();
    // A question that fails is followed by one that tells whether the gateway is the trouble.
    assert!(calls < 200, "{calls} calls for {answered} questions");
}

#[tokio::test]
async fn a_refused_key_is_not_tried_on_endpoints_that_book_it() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    podium.get("/tokens").await.figures();
    gateway.faults().set("", Fault::EchoKey { status: 401 });
    gateway.clear_calls();
    for _ in 0..5 {
        podium.look().await.expect_err("the key is refused");
    }
    let booked = gateway.calls().iter().filter(|call| call.path.ends_with("/list")).count();
    assert!(booked <= 1, "{booked} questions for teams with a refused key");
    gateway.faults().clear();
    podium.look().await.expect("accepted again");
}

#[tokio::test]
async fn an_answer_without_end_is_given_up() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let limits = Limits { answer_bytes: 1 << 20, retries: 0, ..Limits::default() };
    let podium = Podium::start(&gateway, Setup { limits, ..Setup::default() }).await;
    gateway.faults().set("/team/daily/activity", Fault::HugeBody { bytes: 64 << 20 });
    let answer = podium.get("/tokens").await;
    assert_eq!(answer.status, 502);
    assert!(answer.detail().contains("larger than Podium accepts"), "{}", answer.text);
}
