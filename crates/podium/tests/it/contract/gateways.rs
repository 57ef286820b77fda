//! How gateways are asked.

use gateway_sim::{Version, World};

use crate::harness::{Podium, Setup, TODAY, gateway_of};
use crate::worlds::{Use, workshop};

#[tokio::test]
async fn dates_go_out_in_canonical_form_and_gzip_is_asked_for() {
    for version in [Version::CURRENT, Version::OLDER] {
        let gateway = gateway_of(workshop(), version).await;
        let podium = Podium::in_front_of(&gateway).await;
        podium.get("/tokens?start_date=2026-1-5").await.figures();
        for call in gateway.calls() {
            assert!(call.accepts_gzip, "{call:?}");
            for name in ["start_date", "end_date"] {
                let date = call.param(name).unwrap_or("2026-01-05");
                let canonical: jiff::civil::Date = date.parse().expect("a date");
                assert_eq!(date, canonical.to_string());
            }
        }
    }
}

#[tokio::test]
async fn a_base_url_may_end_with_a_slash() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    for end in ["", "/"] {
        let base_url = Some(format!("{}{end}", gateway.url()));
        let podium = Podium::start(&gateway, Setup { base_url, ..Setup::default() }).await;
        podium.get("/tokens").await.figures();
    }
    assert!(gateway.calls().iter().all(|call| !call.path.contains("//")));
}

#[tokio::test]
async fn all_who_wait_for_a_day_share_one_fetch() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let hold = gateway.hold("/team/daily/activity");
    let path = format!("/tokens?start_date={TODAY}");
    let questions = futures_util::future::join_all((0..20).map(|_| podium.get(&path)));
    let (answers, ()) = tokio::join!(questions, async {
        hold.arrived(1).await;
        hold.release();
    });
    for answer in answers {
        answer.figures();
    }
    let reads = gateway.calls().iter().filter(|call| call.path.contains("activity")).count();
    assert_eq!(reads, 1);
    let lists = gateway.calls().iter().filter(|call| call.path.contains("team/list")).count();
    assert_eq!(lists, 1);
}

#[tokio::test]
async fn a_stored_day_costs_no_question() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    podium.get("/tokens").await.figures();
    gateway.clear_calls();
    for path in ["/tokens", "/tokens/models", "/tokens/timeseries", "/tokens/success-rate"] {
        podium.get(path).await.figures();
    }
    assert_eq!(gateway.calls(), []);
}

#[tokio::test]
async fn every_page_is_read_and_the_sums_are_exact() {
    const KEYS: i64 = 2_345;
    for version in [
        Version { aggregated: false, max_page_size: Some(1_000), ..Version::CURRENT },
        Version { aggregated: false, max_page_size: Some(50), ..Version::CURRENT },
        Version::OLDER,
        Version::CURRENT,
    ] {
        let mut world = World::empty(TODAY.parse().expect("a date"));
        world.add_team("t-alpha", Some("Alpha"));
        for n in 0..KEYS {
            let key: &'static str = format!("key-{n:04}").leak();
            world.record(Use { key, prompt: n, completion: 1, ..Use::default() }.row());
        }
        let gateway = gateway_of(world, version.clone()).await;
        let podium = Podium::in_front_of(&gateway).await;
        let answer = podium.get("/tokens").await;
        let tokens = answer.figures();
        assert_eq!(tokens["teams"][0]["tokens"], KEYS * (KEYS - 1) / 2 + KEYS, "{version:?}");
        let keys = tokens["teams"][0]["breakdown"]["api_keys"].as_array().unwrap();
        assert_eq!(keys.len() as i64, KEYS);
        assert_eq!(answer.json()["meta"]["complete"], true);
    }
}

#[tokio::test]
async fn rows_that_come_between_two_pages_are_not_lost() {
    let version = Version { aggregated: false, max_page_size: Some(1_000), ..Version::CURRENT };
    let mut world = workshop();
    for n in 0..1_200 {
        let key: &'static str = format!("key-{n:04}").leak();
        world.record(Use { key, ..Use::default() }.row());
    }
    let gateway = gateway_of(world, version).await;
    let mut more = (0..900).map(|n| format!("late-{n}"));
    gateway.faults().between_pages(Box::new(move |world| {
        for key in more.by_ref().take(900) {
            world.record(Use { key: key.leak(), ..Use::default() }.row());
        }
    }));
    let podium = Podium::in_front_of(&gateway).await;
    let answer = podium.get(&format!("/tokens?start_date={TODAY}")).await;
    assert_eq!(answer.figures()["teams"][0]["tokens"], 120 + 1_500 + 7 + (1_200 + 900) * 120);
    assert_eq!(answer.json()["meta"]["complete"], true);
}

#[tokio::test]
async fn only_days_that_moved_are_read_again() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let settings = podium::sync::Settings { backfill_days: 30, ..Setup::default().settings };
    let podium = Podium::start(&gateway, Setup { settings, ..Setup::default() }).await;
    podium.look().await.expect("the gateway answers");
    gateway.clear_calls();
    podium.look().await.expect("the gateway answers");
    let calls = gateway.calls();
    let (probes, others): (Vec<_>, Vec<_>) =
        calls.iter().partition(|call| call.has("api_key_limit", "1"));
    assert_eq!(probes.len(), 1, "{calls:?}");
    assert!(others.iter().all(|call| call.path == "/v2/team/list"), "{calls:?}");
    gateway.change(|world| world.record(Use { date: "2026-11-23", ..Use::default() }.row()));
    gateway.clear_calls();
    podium.look().await.expect("the gateway answers");
    let calls = gateway.calls();
    let read: Vec<_> = calls
        .iter()
        .filter(|call| {
            call.path == "/team/daily/activity/aggregated" && !call.has("api_key_limit", "1")
        })
        .filter_map(|call| call.param("start_date"))
        .collect();
    assert_eq!(read, ["2026-11-23"]);
    let alpha = podium.get("/tokens").await.figures()["teams"][0]["tokens"].clone();
    assert_eq!(alpha, 120 + 1_500 + 7 + 55 + 120);
}

#[tokio::test]
async fn the_back_fill_reads_the_last_days_and_shows_its_progress() {
    for version in [Version::CURRENT, Version::OLDER] {
        let gateway = gateway_of(workshop(), version).await;
        gateway.change(|world| {
            for n in 1..29 {
                let date: &'static str = format!("2026-10-{n:02}").leak();
                world.record(Use { date, ..Use::default() }.row());
            }
        });
        let settings = podium::sync::Settings { backfill_days: 40, ..Setup::default().settings };
        let podium = Podium::start(&gateway, Setup { settings, ..Setup::default() }).await;
        podium.look().await.expect("the gateway answers");
        podium.look().await.expect("the gateway answers");
        let status = podium.get("/api/v1/status").await.json();
        assert_eq!(status["backfill"], serde_json::json!({"done": 40, "total": 40}));
        gateway.clear_calls();
        podium.get("/tokens?start_date=2026-10-16").await.figures();
        assert_eq!(gateway.calls(), []);
    }
}
