//! What Podium asks of the gateway.

use gateway_sim::{Fault, Version};
use serde_json::json;

use crate::harness::{Podium, Setup, gateway_of};
use crate::requests::request;
use crate::worlds::{Use, workshop};

#[tokio::test]
async fn a_look_at_which_nothing_moved_is_one_question() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    podium.look().await.expect("in step");
    gateway.clear_calls();
    podium.look().await.expect("in step");
    let calls: Vec<String> = gateway.calls().into_iter().map(|call| call.path).collect();
    assert_eq!(
        calls,
        ["/v2/team/list", "/team/daily/activity/aggregated"],
        "thorough looks list teams"
    );
}

#[tokio::test]
async fn logs_of_many_quiet_days_are_one_question_each() {
    let mut world = workshop();
    for day in 0..35_i64 {
        let date = jiff::civil::date(2026, 11, 23)
            .checked_sub(jiff::Span::new().days(day))
            .expect("a date");
        for n in 0..840 {
            let at = format!("{date}T{:02}:{:02}:00Z", n / 60 + 1, n % 60);
            world.record_request(request(&format!("{date}-{n}"), &at));
        }
    }
    let gateway = gateway_of(world, Version::CURRENT).await;
    let settings =
        podium::sync::Settings { log_days: 35, backfill_days: 35, ..Setup::default().settings };
    let podium = Podium::start(&gateway, Setup { settings, ..Setup::default() }).await;
    podium.look().await.expect("in step");
    let logs = gateway.calls().iter().filter(|call| call.path.starts_with("/spend/logs")).count();
    assert!(logs <= 2 * 35, "{logs} questions about logs");
    let answer =
        podium.get("/api/v1/heatmap?start_date=2026-11-10&end_date=2026-11-10").await.json();
    let requests: i64 = answer["cells"]
        .as_array()
        .expect("cells")
        .iter()
        .map(|cell| cell["requests"].as_i64().expect("a count"))
        .sum();
    assert_eq!(requests, 840);
}

#[tokio::test]
async fn sums_that_disagree_are_never_stored_as_the_truth_whichever_way_days_are_read() {
    for version in [Version::CURRENT, Version::OLDER, Version::OLDEST] {
        for first in ["a look", "one day", "many days"] {
            let mut world = workshop();
            for day in 10..22 {
                let date: &'static str = format!("2026-11-{day}").leak();
                world.record(Use { date, ..Use::default() }.row());
            }
            let gateway = gateway_of(world, version.clone()).await;
            gateway.faults().set(
                "/team/daily/activity",
                Fault::edit(|answer| {
                    if answer["results"].as_array().is_some_and(|results| !results.is_empty()) {
                        answer["metadata"]["total_tokens"] = json!(999_999);
                    }
                }),
            );
            let podium = Podium::in_front_of(&gateway).await;
            match first {
                "a look" => podium.look().await.expect("in step"),
                "one day" => drop(podium.get("/tokens?start_date=2026-11-24").await),
                _ => drop(podium.get("/tokens?start_date=2026-11-09").await),
            }
            for _ in 0..2 {
                let answer = podium.get("/tokens?start_date=2026-11-09").await.json();
                assert_eq!(answer["meta"]["complete"], false, "{first}: {}", answer["meta"]);
                let doubts = answer["meta"]["incomplete_days"].as_array().expect("days").len();
                assert_eq!(doubts, 14, "{first}: {}", answer["meta"]["incomplete_days"]);
                podium.look().await.expect("in step");
            }
        }
    }
}
