//! `/team/daily/activity`: pages of rows.

use gateway_sim::{Simulator, Spec, Target, World};
use serde_json::Value;

use crate::client::{get, try_get};
use crate::story::{TODAY, YESTERDAY, counters, day, token, two_teams, usage};

/// All pages of a question, as they are answered.
async fn all_pages(simulator: &Simulator, question: &str, page_size: usize) -> Vec<Value> {
    let mut pages = Vec::new();
    loop {
        let page = pages.len() + 1;
        let path = format!("/team/daily/activity?{question}&page_size={page_size}&page={page}");
        let answer = get(simulator, &path).await;
        let has_more = answer["metadata"]["has_more"] == true;
        pages.push(answer);
        if !has_more {
            return pages;
        }
    }
}

fn sum(pages: &[Value], total: &str) -> i64 {
    pages.iter().map(|page| page["metadata"][total].as_i64().expect("a number")).sum()
}

#[tokio::test]
async fn pages_are_cut_by_rows_and_their_totals_are_their_own() {
    let world = World::generate(&Spec::of_size(4, 3, 5, 3, TODAY));
    let expected: Vec<_> = world.rows().collect();
    let simulator = Simulator::start(world).await.expect("a port");

    let pages = all_pages(&simulator, "start_date=2026-11-18&end_date=2026-11-20", 7).await;

    assert_eq!(pages.len(), 180_usize.div_ceil(7));
    assert!(pages.iter().all(|page| page["metadata"]["total_pages"] == 26));
    let requests: i64 = expected.iter().map(|row| row.counters.api_requests).sum();
    let tokens: i64 = expected.iter().map(|row| row.counters.total_tokens()).sum();
    assert_eq!(sum(&pages, "total_api_requests"), requests);
    assert_eq!(sum(&pages, "total_tokens"), tokens);
    let spend: f64 = pages.iter().filter_map(|page| page["metadata"]["total_spend"].as_f64()).sum();
    let expected_spend: f64 = expected.iter().map(|row| row.counters.spend).sum();
    assert!((spend - expected_spend).abs() < 1e-9 * expected_spend);
    // A day may be on two pages: 60 rows are not a multiple of 7.
    assert_eq!(pages[8]["results"].as_array().map(Vec::len), Some(2));
    assert_eq!(pages[8]["results"][0]["date"], "2026-11-20");
}

#[tokio::test]
async fn rows_come_newest_day_first_and_in_the_same_order_each_time() {
    let world = World::generate(&Spec::of_size(3, 2, 4, 2, TODAY));
    let simulator = Simulator::start(world).await.expect("a port");
    let question = "start_date=2026-11-01&end_date=2026-11-30";

    let once = all_pages(&simulator, question, 5).await;
    let again = all_pages(&simulator, question, 5).await;

    assert_eq!(once, again);
    assert_eq!(once[0]["results"][0]["date"], "2026-11-20");
    assert_eq!(
        once.last().map(|page| page["results"][0]["date"].clone()),
        Some("2026-11-19".into())
    );
}

#[tokio::test]
async fn there_is_nothing_without_rows_and_past_the_end() {
    let mut world = two_teams();
    world.record(usage(TODAY, "red", "sk-red-1", "Big", 3));
    let simulator = Simulator::start(world).await.expect("a port");

    let empty = get(&simulator, &format!("/team/daily/activity?{}", day(YESTERDAY))).await;
    assert_eq!(empty["results"], Value::Array(Vec::new()));
    assert_eq!(empty["metadata"]["total_pages"], 0);
    assert_eq!(empty["metadata"]["has_more"], false);

    let past = get(&simulator, &format!("/team/daily/activity?{}&page=9", day(TODAY))).await;
    assert_eq!(past["results"], Value::Array(Vec::new()));
    assert_eq!(past["metadata"]["total_pages"], 1);
    assert_eq!(past["metadata"]["page"], 9);

    let backwards = "/team/daily/activity?start_date=2026-11-20&end_date=2026-11-19";
    assert_eq!(get(&simulator, backwards).await["metadata"]["total_pages"], 0);
}

#[tokio::test]
async fn filters_take_lists_without_trimming() {
    let mut world = two_teams();
    world.record(usage(TODAY, "red", "sk-red-1", "Big", 1));
    world.record(usage(TODAY, "red", "sk-red-2", "Small", 10));
    world.record(usage(TODAY, "blue", "sk-blue-1", "Big", 100));
    let simulator = Simulator::start(world).await.expect("a port");
    let requests = async |filter: &str| {
        let path = format!("/team/daily/activity?{}&{filter}", day(TODAY));
        get(&simulator, &path).await["metadata"]["total_api_requests"].as_i64().expect("a number")
    };

    assert_eq!(requests("").await, 111);
    assert_eq!(requests("team_ids=red").await, 11);
    assert_eq!(requests("team_ids=red,blue").await, 111);
    assert_eq!(requests("team_ids=red,%20blue").await, 11);
    assert_eq!(requests("team_ids=nobody").await, 0);
    assert_eq!(requests("team_ids=").await, 111);
    assert_eq!(requests("exclude_team_ids=red").await, 100);
    assert_eq!(requests("model=openai/big").await, 101);
    assert_eq!(requests("model=acme/Big").await, 0, "not by the public name");
    assert_eq!(requests(&format!("api_key={}", token("sk-red-2"))).await, 10);
    assert_eq!(requests("nonsense=1&order=up").await, 111);
}

#[tokio::test]
async fn usage_without_a_team_is_unassigned_however_it_was_written() {
    let mut world = two_teams();
    for (team_id, secret) in [(None, "sk-old"), (Some(String::new()), "sk-new")] {
        let row = usage(TODAY, "", secret, "Big", 2);
        world.record(gateway_sim::DailyRow { team_id, ..row });
    }
    let simulator = Simulator::start(world).await.expect("a port");

    let answer = get(&simulator, &format!("/team/daily/activity?{}", day(TODAY))).await;

    let entities = answer["results"][0]["breakdown"]["entities"].as_object().expect("a map");
    assert_eq!(entities.keys().collect::<Vec<_>>(), ["Unassigned"]);
    assert_eq!(entities["Unassigned"]["metrics"]["api_requests"], 4);
    assert_eq!(entities["Unassigned"]["metadata"], serde_json::json!({}));
}

#[tokio::test]
async fn usage_of_one_provider_model_is_booked_under_the_name_used_first() {
    let mut world = two_teams();
    world.record(usage(TODAY, "red", "sk-red-1", "Big", 2));
    let mut alias = usage(TODAY, "red", "sk-red-1", "Big", 3);
    alias.model_group = Some("acme/Alias".to_owned());
    world.record(alias);
    assert_eq!(world.row_count(), 1);
    let simulator = Simulator::start(world).await.expect("a port");

    let answer = get(&simulator, &format!("/team/daily/activity?{}", day(TODAY))).await;

    let groups = answer["results"][0]["breakdown"]["model_groups"].as_object().expect("a map");
    assert_eq!(groups.keys().collect::<Vec<_>>(), ["acme/Big"]);
    assert_eq!(groups["acme/Big"]["metrics"]["api_requests"], 5);
}

#[tokio::test]
async fn a_moved_key_shows_its_team_of_today_inside_its_old_team() {
    let mut world = two_teams();
    world.record(usage(YESTERDAY, "red", "sk-red-1", "Big", 2));
    world.record(usage(TODAY, "red", "sk-red-1", "Big", 3));
    world.record(usage(TODAY, "blue", "sk-red-1", "Big", 5));
    world.move_key(&token("sk-red-1"), Some("blue"));
    let simulator = Simulator::start(world).await.expect("a port");

    let path = "/team/daily/activity?start_date=2026-11-19&end_date=2026-11-20";
    let answer = get(&simulator, path).await;

    let today = &answer["results"][0]["breakdown"]["entities"];
    let key = |team: &str| today[team]["api_key_breakdown"][token("sk-red-1")].clone();
    assert_eq!(key("red")["metrics"]["api_requests"], 3);
    assert_eq!(key("blue")["metrics"]["api_requests"], 5);
    assert_eq!(key("red")["metadata"]["team_id"], "blue");
    let yesterday = &answer["results"][1]["breakdown"]["api_keys"][token("sk-red-1")];
    assert_eq!(yesterday["metadata"]["team_id"], "blue");
}

#[tokio::test]
async fn deleted_and_nameless_teams_stay_with_their_usage() {
    let mut world = two_teams();
    world.record(usage(TODAY, "red", "sk-red-1", "Big", 2));
    world.record(usage(TODAY, "blue", "sk-blue-1", "Big", 3));
    world.rename_team("red", None);
    world.delete_team("blue");
    let simulator = Simulator::start(world).await.expect("a port");

    let answer = get(&simulator, &format!("/team/daily/activity?{}", day(TODAY))).await;

    let entities = &answer["results"][0]["breakdown"]["entities"];
    assert_eq!(entities["red"]["metadata"], serde_json::json!({ "team_alias": null }));
    assert_eq!(entities["blue"]["metadata"], serde_json::json!({}));
    let key = &entities["blue"]["api_key_breakdown"][token("sk-blue-1")]["metadata"];
    assert_eq!(key["key_exists"], false);
    assert_eq!(key["key_alias"], "blue-1");
    assert_eq!(key["team_id"], "blue");
}

#[tokio::test]
async fn parameters_are_refused_as_the_framework_does() {
    let simulator = Simulator::start(two_teams()).await.expect("a port");
    for (question, status, expected) in [
        ("start_date=2026-11-20", 400, "Please provide start_date and end_date"),
        ("start_date=2026-11-1&end_date=2026-11-20", 400, "must be valid YYYY-MM-DD dates"),
        ("start_date=2026.11.01&end_date=2026-11-20", 400, "must be valid YYYY-MM-DD dates"),
        ("start_date=2026-11-31&end_date=2026-12-01", 400, "must be valid YYYY-MM-DD dates"),
        (
            "start_date=2026-11-20T00:00:00&end_date=2026-11-20",
            400,
            "must be valid YYYY-MM-DD dates",
        ),
        (
            "start_date=2026-11-20&end_date=2026-11-20&page=0",
            400,
            "page and page_size must be >= 1",
        ),
        ("start_date=2026-11-20&end_date=2026-11-20&page=abc", 422, "valid integer"),
        ("start_date=2026-11-20&end_date=2026-11-20&page_size=-1", 400, "got page=1, page_size=-1"),
    ] {
        let reply = try_get(&simulator, &format!("/team/daily/activity?{question}")).await;
        assert_eq!(reply.status, status, "{question}");
        assert!(reply.text().contains(expected), "{question}: {}", reply.text());
    }
}

#[tokio::test]
async fn rows_that_appear_between_two_pages_make_pages_overlap() {
    let mut world = two_teams();
    for number in 0..20 {
        world.record(usage(TODAY, "red", &format!("sk-{number}"), "Big", 1));
    }
    let simulator = Simulator::start(world).await.expect("a port");
    let mut number = 20;
    simulator.faults().between_pages(Box::new(move |world| {
        world.record(usage(TODAY, "red", &format!("sk-{number}"), "Big", 1));
        number += 1;
    }));

    let pages = all_pages(&simulator, &day(TODAY), 10).await;

    let rows = simulator.change(|world| world.row_count());
    assert!(rows > 20, "the hook ran");
    let total_pages: Vec<_> =
        pages.iter().map(|page| page["metadata"]["total_pages"].clone()).collect();
    assert_ne!(total_pages.first(), total_pages.last());
}

#[tokio::test]
async fn unstable_pages_repeat_and_skip_rows() {
    let mut world = two_teams();
    for number in 0..40_i32 {
        let mut row = usage(TODAY, "red", &format!("sk-{number}"), "Big", 1);
        row.counters = counters(1 << (number % 8));
        world.record(row);
    }
    let truth: i64 = world.rows().map(|row| row.counters.api_requests).sum();
    let simulator = Simulator::start(world).await.expect("a port");
    let pages = Target::exact("/team/daily/activity");
    simulator.faults().set(pages, gateway_sim::Fault::UnstablePages);

    let mut sums = Vec::new();
    for _ in 0..5 {
        sums.push(sum(&all_pages(&simulator, &day(TODAY), 10).await, "total_api_requests"));
    }

    assert!(sums.iter().any(|sum| *sum != truth), "{sums:?}");
    let whole = all_pages(&simulator, &day(TODAY), 100).await;
    assert_eq!(sum(&whole, "total_api_requests"), truth);
}
