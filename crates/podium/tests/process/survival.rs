//! SIGKILL at any moment: what was stored is there, the rest is read after the next start, and
//! the figures are those of a Podium that was never killed.

use fastrand::Rng;
use futures_util::future::join_all;
use gateway_sim::{Counters, DailyRow, Target};

use crate::gateway::{DAYS, Gateway, totals, whole_days};
use crate::place::{Launch, Place};
use crate::server::{FIGURES, Server};
use crate::stream::within;

/// `sync` over all days that have usage.
fn sync_all(place: &Place, gateway: &Gateway) -> Launch {
    let (first, last) = (gateway.day(DAYS - 1), gateway.day(0));
    place
        .podium(&["sync", "--from", &first, "--to", &last])
        .in_front_of(&gateway.simulator)
        .with("PODIUM_DATA_DIR", place.path("data"))
}

/// Starts on what is there, reads the rest, and compares everything with a Podium that starts
/// from nothing.
async fn completes_with_right_figures(place: &Place, gateway: &Gateway) {
    let survivor = Server::start(place.serve(&gateway.simulator)).await;
    let elsewhere = Place::new();
    let unharmed = Server::start(elsewhere.serve(&gateway.simulator)).await;

    let ranges = gateway.ranges();
    let figures = survivor.figures(&ranges).await;
    assert_eq!(figures, unharmed.figures(&ranges).await);
    let days = figures[1]["timeseries"].as_array().expect("a list").len();
    assert_eq!(days, DAYS as usize, "every day has usage");
    assert_eq!(survivor.stop().await.code, Some(0));

    let check = place.podium(&["check"]).in_front_of(&gateway.simulator);
    let check = check.with("PODIUM_DATA_DIR", place.path("data")).run().await;
    assert_eq!(check.code, Some(0), "{check:?}");
    assert!(check.stdout.contains("is sound"), "{check:?}");
}

/// Kills `sync` once so many days are stored, while it reads the next ones.
async fn survives_a_kill_after(stored: usize) {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let hold = gateway.simulator.hold(whole_days());
    let child = sync_all(&place, &gateway).start();
    // Two days are read at a time, and whoever asks for another has stored one.
    hold.let_through(stored);
    within("the next questions", hold.arrived(stored + 2)).await;
    child.kill();
    drop(hold);
    let asked =
        gateway.simulator.calls().into_iter().filter(|call| call.has("api_key_limit", "1000"));
    let days: Vec<String> =
        asked.take(stored).filter_map(|call| call.param("start_date").map(str::to_owned)).collect();

    let silence = gateway.simulator.hold("");
    let server = Server::start(place.serve(&gateway.simulator)).await;
    for day in &days {
        for endpoint in FIGURES {
            let path = format!("{endpoint}?start_date={day}&end_date={day}");
            assert_eq!(server.get(&path).await.status, 200, "{stored} were stored: {path}");
        }
    }
    assert_eq!(server.get("/api/v1/status").await.json()["stored"]["days"], stored);
    assert_eq!(server.get("/readyz").await.status, 200);
    server.child.kill();
    silence.release();
    completes_with_right_figures(&place, &gateway).await;
}

#[tokio::test]
async fn days_stored_before_a_kill_answer_after_it_without_the_gateway() {
    join_all([1, 2, 5, DAYS as usize - 2].map(survives_a_kill_after)).await;
}

#[tokio::test]
async fn a_kill_before_anything_was_stored_leaves_a_podium_that_starts() {
    let points = [Target::prefix("/v2/team/list"), Target::exact("/team/daily/activity"), totals()];
    join_all(points.map(async |point| {
        let (place, gateway) = (Place::new(), Gateway::start().await);
        let hold = gateway.simulator.hold(point);
        let child = sync_all(&place, &gateway).start();
        within("the first question", hold.arrived(1)).await;
        child.kill();
        hold.release();
        completes_with_right_figures(&place, &gateway).await;
    }))
    .await;
}

#[tokio::test]
async fn a_kill_during_the_back_fill_of_a_server_loses_nothing_that_was_stored() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let serve = || place.serve(&gateway.simulator).with("PODIUM_BACKFILL_DAYS", DAYS.to_string());
    let hold = gateway.simulator.hold(whole_days());
    let server = Server::start(serve()).await;
    hold.let_through(6);
    server.stores(6).await;
    server.child.kill();
    drop(hold);

    let silence = gateway.simulator.hold("");
    let server = Server::start(serve()).await;
    assert_eq!(server.get(&format!("/tokens{}", gateway.range(5, 0))).await.status, 200);
    assert_eq!(server.get("/api/v1/status").await.json()["stored"]["days"], 6);
    silence.release();
    server.stores(u64::from(DAYS)).await;
    server.stop().await;
    completes_with_right_figures(&place, &gateway).await;
}

#[tokio::test]
async fn a_kill_while_a_browser_waits_is_survived() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let hold = gateway.simulator.hold(whole_days().with("start_date", &gateway.day(7)));
    let server = Server::start(place.serve(&gateway.simulator)).await;
    let question = server.client.get(server.url(&format!("/tokens{}", gateway.range(8, 6))));
    let waiting = tokio::spawn(question.send());
    within("the question", hold.arrived(1)).await;
    server.child.kill();
    let answer = within("the end of the connection", waiting).await.expect("no panic");
    assert!(answer.is_err(), "nothing was answered: {answer:?}");
    hold.release();
    completes_with_right_figures(&place, &gateway).await;
}

#[tokio::test]
async fn kills_at_any_point_do_no_harm() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let mut dice = Rng::with_seed(20_261_124);
    // `make test-long` sets many more.
    let kills = std::env::var("PODIUM_KILLS").map_or(20, |kills| kills.parse().expect("a number"));
    for _ in 0..kills {
        // Otherwise there is nothing left to read when the first runs are done.
        for _ in 0..3 {
            let day = gateway.day(dice.u32(0..10)).parse().expect("a date");
            gateway.simulator.change(|world| {
                let row = world.rows_of(day).next().expect("every day has usage");
                let one = Counters { prompt_tokens: 1, api_requests: 1, ..Counters::default() };
                world.record(DailyRow { counters: one, ..row });
            });
        }
        gateway.simulator.clear_calls();
        let child = sync_all(&place, &gateway).start();
        // The look at what moved takes a few questions; those that follow are days.
        let questions = dice.usize(3..8);
        tokio::select! {
            () = gateway.simulator.until_calls("", questions) => {}
            () = child.stderr.closed() => {}
        }
        for _ in 0..dice.usize(0..20) {
            tokio::task::yield_now().await;
        }
        child.kill();
    }
    completes_with_right_figures(&place, &gateway).await;
}
