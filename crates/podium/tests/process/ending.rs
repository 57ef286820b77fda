//! SIGTERM and SIGINT: the program finishes what is under way and ends; what never finishes
//! does not keep it, and a second signal means now.

use futures_util::future::join_all;

use crate::gateway::{Gateway, whole_days};
use crate::place::Place;
use crate::server::{Server, answer};
use crate::stream::{until, within};

#[tokio::test]
async fn an_idle_server_ends_well() {
    for signal in ["TERM", "INT"] {
        let (place, gateway) = (Place::new(), Gateway::start().await);
        let server = Server::start(place.serve(&gateway.simulator)).await;
        // The client keeps its connection open, which must not keep the server.
        assert_eq!(server.get("/livez").await.status, 200);
        server.child.signal(signal);
        let ended = server.child.ended().await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let trouble = ["WARN", "ERROR"].iter().any(|level| ended.stderr.contains(level));
        assert!(!trouble, "{ended:?}");
        let leftover = place.files().len();
        assert_eq!(leftover, 1, "the database alone, its log written into it: {:?}", place.files());
    }
}

#[tokio::test]
async fn an_answer_under_way_is_finished() {
    for signal in ["TERM", "INT"] {
        let (place, gateway) = (Place::new(), Gateway::start().await);
        let server = Server::start(place.serve(&gateway.simulator)).await;
        let hold = gateway.simulator.hold(whole_days().with("start_date", &gateway.day(7)));
        let path = format!("/tokens{}", gateway.range(8, 6));
        let waiting = tokio::spawn(answer(server.client.get(server.url(&path))));
        within("the question", hold.arrived(1)).await;

        server.child.signal(signal);
        server.child.complains("ending").await;
        hold.release();
        let late = waiting.await.expect("no panic").expect("a whole answer");
        let ended = server.child.ended().await;
        assert_eq!(ended.code, Some(0), "{ended:?}");

        let elsewhere = Place::new();
        let other = Server::start(elsewhere.serve(&gateway.simulator)).await;
        assert_eq!(late.figures(), other.get(&path).await.figures());
    }
}

#[tokio::test]
async fn what_was_asked_for_while_ending_is_stored() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let server = Server::start(place.serve(&gateway.simulator)).await;
    let hold = gateway.simulator.hold(whole_days().with("start_date", &gateway.day(7)));
    let path = format!("/tokens{}", gateway.only(7));
    let waiting = tokio::spawn(answer(server.client.get(server.url(&path))));
    within("the question", hold.arrived(1)).await;
    server.child.signal("TERM");
    server.child.complains("ending").await;
    hold.release();
    let late = waiting.await.expect("no panic").expect("a whole answer");
    server.child.ended().await;

    let _silence = gateway.simulator.hold("");
    let server = Server::start(place.serve(&gateway.simulator)).await;
    assert_eq!(server.get(&path).await.figures(), late.figures());
}

#[tokio::test]
async fn a_gateway_that_never_answers_does_not_keep_it() {
    join_all(["TERM", "INT"].map(async |signal| {
        let (place, gateway) = (Place::new(), Gateway::start().await);
        let hold = gateway.simulator.hold("");
        let server = Server::start(place.serve(&gateway.simulator)).await;
        let waiting = tokio::spawn(answer(server.client.get(server.url("/tokens"))));
        // The driver's question, the one for logs, and the browser's.
        within("the questions", hold.arrived(3)).await;
        server.child.signal(signal);
        let ended = server.child.ended().await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(!ended.stderr.contains("cut off"), "{ended:?}");
        let answer = within("the end of the connection", waiting).await.expect("no panic");
        let answer = answer.expect("who waits is answered");
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert!(answer.text.contains("shutting down"), "{}", answer.text);
    }))
    .await;
}

#[tokio::test]
async fn a_back_fill_does_not_keep_it() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let hold = gateway.simulator.hold(whole_days());
    let serve = place.serve(&gateway.simulator).with("PODIUM_BACKFILL_DAYS", "12");
    let server = Server::start(serve).await;
    within("the back-fill", hold.arrived(1)).await;
    let ended = server.stop().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.stderr.contains("cut off"), "nobody waited: {ended:?}");
}

#[tokio::test]
async fn a_second_signal_means_now() {
    for (first, second) in [("TERM", "TERM"), ("INT", "INT"), ("TERM", "INT")] {
        let (place, gateway) = (Place::new(), Gateway::start().await);
        let hold = gateway.simulator.hold("");
        let server = Server::start(place.serve(&gateway.simulator)).await;
        let waiting = tokio::spawn(answer(server.client.get(server.url("/tokens"))));
        within("the question", hold.arrived(1)).await;
        // It may be the driver's; the browser's has to be under way as well, beside this scrape.
        until("the browser waits", async || {
            let metrics = server.get("/metrics").await.text;
            metrics.contains("podium_http_requests_in_flight 2\n")
        })
        .await;
        server.child.signal(first);
        server.child.complains("ending").await;
        server.child.signal(second);
        let ended = server.child.ended().await;
        // Out of patience it would have ended with 0 and a word about the cut.
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(!ended.stderr.contains("cut off"), "{ended:?}");
        assert!(waiting.await.expect("no panic").is_err(), "the answer was never whole");
    }
}

#[tokio::test]
async fn an_interrupted_sync_says_so_and_keeps_what_it_read() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let hold = gateway.simulator.hold(whole_days());
    let (first, last) = (gateway.day(5), gateway.day(0));
    let sync = place
        .podium(&["sync", "--from", &first, "--to", &last])
        .in_front_of(&gateway.simulator)
        .with("PODIUM_DATA_DIR", place.path("data"))
        .start();
    hold.let_through(2);
    within("the next questions", hold.arrived(4)).await;
    sync.signal("INT");
    let ended = sync.ended().await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("interrupted"), "{ended:?}");
    drop(hold);

    let _silence = gateway.simulator.hold("");
    let server = Server::start(place.serve(&gateway.simulator)).await;
    assert_eq!(server.get(&format!("/tokens{}", gateway.range(1, 0))).await.status, 200);
}
