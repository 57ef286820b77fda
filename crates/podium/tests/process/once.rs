//! `podium sync`: one run, and what it leaves.

use gateway_sim::{ErrorBody, Fault, Target, Version};

use crate::gateway::{DAYS, Gateway, whole_days};
use crate::place::{Launch, Place};
use crate::server::{FIGURES, Server};

fn sync(place: &Place, gateway: &Gateway, from_ago: u32, to_ago: u32) -> Launch {
    place
        .podium(&["sync", "--from", &gateway.day(from_ago), "--to", &gateway.day(to_ago)])
        .in_front_of(&gateway.simulator)
        .with("PODIUM_DATA_DIR", place.path("data"))
}

#[tokio::test]
async fn days_that_were_read_answer_when_the_gateway_is_gone() {
    for version in [Version::CURRENT, Version::OLDER] {
        let (place, gateway) = (Place::new(), Gateway::of_version(version).await);
        let elsewhere = Place::new();
        let reference = Server::start(elsewhere.serve(&gateway.simulator)).await;
        let ranges = [gateway.range(8, 2), gateway.only(5)];
        let figures = reference.figures(&ranges).await;
        reference.stop().await;

        let ended = sync(&place, &gateway, 8, 2).run().await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let (first, last) = (gateway.day(8), gateway.day(2));
        assert!(ended.stdout.contains(&first) && ended.stdout.contains(&last), "{ended:?}");

        let serve = place.serve(&gateway.simulator);
        gateway.simulator.abort().await;
        let server = Server::start(serve).await;
        assert_eq!(server.figures(&ranges).await, figures);
        assert_eq!(server.get("/readyz").await.status, 200);
    }
}

#[tokio::test]
async fn days_that_were_not_asked_for_are_not_read() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    assert_eq!(sync(&place, &gateway, 8, 2).run().await.code, Some(0));
    let serve = place.serve(&gateway.simulator);
    gateway.simulator.faults().set("", Fault::Status(401, ErrorBody::Empty));
    let server = Server::start(serve).await;
    for ago in [9, 1] {
        for endpoint in FIGURES {
            let answer = server.get(&format!("{endpoint}{}", gateway.only(ago))).await;
            assert_eq!(answer.status, 502, "{answer:?}");
        }
    }
}

#[tokio::test]
async fn a_second_run_reads_only_what_moved() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    assert_eq!(sync(&place, &gateway, 8, 2).run().await.code, Some(0));
    gateway.simulator.clear_calls();
    let day = gateway.day(4).parse().expect("a date");
    gateway.simulator.change(|world| {
        let row = world.rows_of(day).next().expect("every day has usage");
        world.record(row);
    });
    assert_eq!(sync(&place, &gateway, 8, 2).run().await.code, Some(0));
    let read: Vec<String> = gateway
        .simulator
        .calls()
        .iter()
        .filter(|call| call.has("api_key_limit", "1000"))
        .filter_map(|call| call.param("start_date").map(str::to_owned))
        .collect();
    assert_eq!(read, [gateway.day(4)]);
}

#[tokio::test]
async fn without_dates_it_reads_the_last_thirty_days() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let launch = place.podium(&["sync", "--data-dir", "kept"]).in_front_of(&gateway.simulator);
    let ended = launch.run().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let first = gateway.day(29);
    assert!(ended.stdout.contains(&first), "{first}: {ended:?}");

    let silence = gateway.simulator.hold("");
    let serve = place.serve(&gateway.simulator).with("PODIUM_DATA_DIR", "kept");
    let server = Server::start(serve).await;
    let answer = server.get(&format!("/tokens/timeseries{}", gateway.range(29, 0))).await;
    let days = answer.json()["timeseries"].as_array().expect("a list").len();
    assert_eq!(days, DAYS as usize, "{answer:?}");
    drop(silence);
}

#[tokio::test]
async fn a_gateway_that_fails_is_told_by_words_and_exit_code() {
    for (target, fault, words) in [
        ("", Fault::Status(500, ErrorBody::Plain("oops")), "failed (500)"),
        ("", Fault::EchoKey { status: 401 }, "LITELLM_API_KEY"),
        ("", Fault::DatabaseAway, "database"),
        ("/team/daily", Fault::Malformed, "not JSON"),
        ("/team/daily", Fault::ResetBefore, "broke off"),
        ("/v2/team/list", Fault::TooManyRequests { retry_after_s: 60 }, "429"),
    ] {
        let (place, gateway) = (Place::new(), Gateway::start().await);
        gateway.simulator.faults().set(target, fault.clone());
        let ended = sync(&place, &gateway, 8, 2).run().await;
        assert_eq!(ended.code, Some(1), "{fault:?}: {ended:?}");
        let last = ended.stderr.lines().last().unwrap_or_default();
        assert!(last.contains(words), "{fault:?}: {ended:?}");
        assert!(last.contains("is not complete"), "{fault:?}: {ended:?}");
        assert_eq!(ended.stdout, "", "{fault:?}: {ended:?}");
    }
}

#[tokio::test]
async fn one_day_that_fails_leaves_the_others_and_an_exit_code() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let bad_day = whole_days().with("start_date", &gateway.day(5));
    gateway.simulator.faults().set(bad_day, Fault::Status(500, ErrorBody::Plain("oops")));
    // Its pages, which stand in for the aggregated answer, fail as well.
    let pages = Target::exact("/team/daily/activity").with("start_date", &gateway.day(5));
    gateway.simulator.faults().set(pages, Fault::Status(500, ErrorBody::Plain("oops")));
    let ended = sync(&place, &gateway, 8, 2).run().await;
    assert_eq!(ended.code, Some(1), "{ended:?}");

    let _silence = gateway.simulator.hold("");
    let server = Server::start(place.serve(&gateway.simulator)).await;
    for ago in [8, 7, 6, 4, 3, 2] {
        let answer = server.get(&format!("/tokens{}", gateway.only(ago))).await;
        assert_eq!(answer.status, 200, "{ago} days ago: {answer:?}");
    }
}

#[tokio::test]
async fn bad_dates_are_refused_before_the_gateway_is_asked() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let today = gateway.day(0);
    for (arguments, words) in [
        (["--from", "2026-02-30", "--to", &today], "YYYY-MM-DD"),
        (["--from", "yesterday", "--to", &today], "YYYY-MM-DD"),
        (["--from", "", "--to", &today], "YYYY-MM-DD"),
        (["--from", "2026-01-01", "--to", "01.02.2026"], "YYYY-MM-DD"),
        (["--from", "2026-01-01", "--to", "9999-12-31"], "--to cannot be in the future"),
        (["--from", "2026-01-02", "--to", "2026-01-01"], "--to must not be before --from"),
        (["--from", "9999-12-30", "--to", "9999-12-31"], "future"),
    ] {
        let launch = place.podium(&["sync"]).arguments(&arguments);
        let ended = launch.in_front_of(&gateway.simulator).run().await;
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains(words), "{arguments:?}: {ended:?}");
    }
    assert_eq!(gateway.simulator.calls(), []);
}

#[tokio::test]
async fn a_run_that_could_keep_nothing_is_no_success() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let serve = place.serve(&gateway.simulator).without("PODIUM_DATA_DIR");
    let _server = Server::start(serve).await;
    let ended = sync(&place, &gateway, 8, 2).without("PODIUM_DATA_DIR").run().await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stderr.contains("in use by another Podium"), "{ended:?}");
    assert!(!ended.stderr.contains("memory"), "nothing else is tried: {ended:?}");
}
