//! `/team/daily/activity/aggregated` and its keys.

use gateway_sim::{Counters, DailyRow, Simulator, Spec, World};
use serde_json::Value;

use crate::client::{get, try_get};
use crate::story::{TODAY, YESTERDAY, day, token, two_teams, usage};

const PATH: &str = "/team/daily/activity/aggregated";

#[tokio::test]
async fn it_says_the_same_as_a_page_of_all_rows() {
    let spec = Spec { oddities: true, ..Spec::of_size(12, 2, 5, 3, TODAY) };
    let world = World::generate(&spec);
    let rows: Counters = world.rows().map(|row| row.counters).sum();
    let simulator = Simulator::start(world).await.expect("a port");
    let range = "start_date=2026-11-18&end_date=2026-11-20";

    let aggregated = get(&simulator, &format!("{PATH}?{range}&api_key_limit=1000")).await;
    let page = get(&simulator, &format!("/team/daily/activity?{range}&page_size=100000")).await;

    assert_eq!(aggregated["metadata"]["total_api_requests"], rows.api_requests);
    assert_eq!(aggregated["metadata"]["total_prompt_tokens"], rows.prompt_tokens);
    for (one, other) in days(&aggregated).iter().zip(days(&page)) {
        assert_eq!(one["date"], other["date"]);
        assert_eq!(counts(&one["metrics"]), counts(&other["metrics"]));
        for group in ["models", "model_groups", "providers", "endpoints", "entities"] {
            let (one, other) = (&one["breakdown"][group], &other["breakdown"][group]);
            for (name, in_page) in other.as_object().expect("a map") {
                assert_eq!(
                    counts(&one[name]["metrics"]),
                    counts(&in_page["metrics"]),
                    "{group} {name}"
                );
                assert_eq!(one[name]["metadata"], in_page["metadata"]);
                for (key, usage) in in_page["api_key_breakdown"].as_object().expect("a map") {
                    let listed = &one[name]["api_key_breakdown"][key];
                    assert!(
                        key.is_empty() || counts(&listed["metrics"]) == counts(&usage["metrics"])
                    );
                }
            }
        }
    }
}

fn days(answer: &Value) -> &Vec<Value> {
    answer["results"].as_array().expect("a list")
}

/// Metrics without the floats, which depend on the order of adding up.
fn counts(metrics: &Value) -> Vec<i64> {
    ["prompt_tokens", "completion_tokens", "total_tokens", "api_requests", "failed_requests"]
        .iter()
        .map(|name| metrics[name].as_i64().expect("a number"))
        .collect()
}

#[tokio::test]
async fn lists_of_keys_are_cut_to_those_that_spent_most_in_the_range() {
    let mut world = two_teams();
    world.record(usage(YESTERDAY, "red", "sk-red-1", "Big", 5));
    world.record(usage(TODAY, "red", "sk-red-2", "Big", 3));
    world.record(usage(TODAY, "blue", "sk-blue-1", "Big", 4));
    let simulator = Simulator::start(world).await.expect("a port");

    let range = "start_date=2026-11-19&end_date=2026-11-20";
    let probe = get(&simulator, &format!("{PATH}?{range}&api_key_limit=1")).await;

    let metadata = &probe["metadata"];
    assert_eq!(metadata["api_key_limit"], 1);
    assert_eq!(metadata["total_api_keys"], 3);
    assert_eq!(metadata["entity_total_api_keys"], serde_json::json!({ "red": 2, "blue": 1 }));
    assert_eq!(metadata["total_api_requests"], 12);
    let today = &probe["results"][0]["breakdown"];
    assert_eq!(today["api_keys"], serde_json::json!({}), "the biggest key was idle today");
    assert_eq!(today["entities"]["red"]["metrics"]["api_requests"], 3);
    assert_eq!(today["entities"]["red"]["api_key_breakdown"], serde_json::json!({}));
    let yesterday = probe["results"][1]["breakdown"]["api_keys"].as_object().expect("a map");
    assert_eq!(yesterday.keys().collect::<Vec<_>>(), [&token("sk-red-1")]);
}

#[tokio::test]
async fn calls_without_a_key_are_counted_but_not_listed() {
    let mut world = two_teams();
    let counters = Counters { api_requests: 1, failed_requests: 1, ..Counters::default() };
    let team_id = Some(String::new());
    world.record(DailyRow { date: TODAY, team_id, counters, ..DailyRow::default() });
    let simulator = Simulator::start(world).await.expect("a port");

    let answer = get(&simulator, &format!("{PATH}?{}&api_key_limit=1000", day(TODAY))).await;

    assert_eq!(answer["metadata"]["total_api_keys"], 1);
    let unassigned = &answer["results"][0]["breakdown"]["entities"]["Unassigned"];
    assert_eq!(unassigned["metrics"]["failed_requests"], 1);
    assert_eq!(unassigned["api_key_breakdown"], serde_json::json!({}));
    let page = get(&simulator, &format!("/team/daily/activity?{}", day(TODAY))).await;
    let listed =
        &page["results"][0]["breakdown"]["entities"]["Unassigned"]["api_key_breakdown"][""];
    assert_eq!(listed["metrics"]["failed_requests"], 1);
}

#[tokio::test]
async fn its_limits_are_checked() {
    let simulator = Simulator::start(two_teams()).await.expect("a port");
    for (question, status, expected) in [
        ("start_date=2026-11-20", 400, "Please provide"),
        (
            "start_date=2026-11-20&end_date=2026-11-19",
            400,
            "end_date must be on or after start_date",
        ),
        ("start_date=2025-10-15&end_date=2026-11-20", 400, "at most 400 days"),
        (
            "start_date=2026-11-20&end_date=2026-11-20&api_key_limit=0",
            422,
            "greater than or equal to 1",
        ),
        (
            "start_date=2026-11-20&end_date=2026-11-20&api_key_limit=1001",
            422,
            "less than or equal to 1000",
        ),
    ] {
        let reply = try_get(&simulator, &format!("{PATH}?{question}")).await;
        assert_eq!(reply.status, status, "{question}");
        assert!(reply.text().contains(expected), "{question}: {}", reply.text());
    }
    get(&simulator, &format!("{PATH}?start_date=2025-10-16&end_date=2026-11-20")).await;
}

#[tokio::test]
async fn keys_are_listed_by_what_they_spent() {
    let mut world = two_teams();
    world.record(usage(TODAY, "red", "sk-red-1", "Big", 1));
    world.record(usage(TODAY, "red", "sk-red-2", "Big", 3));
    world.record(usage(TODAY, "blue", "sk-blue-1", "Big", 2));
    let simulator = Simulator::start(world).await.expect("a port");

    let page = get(&simulator, &format!("{PATH}/keys?{}&limit=1&offset=1", day(TODAY))).await;

    assert_eq!(page["total_api_keys"], 3);
    assert_eq!(page["api_keys"].as_array().map(Vec::len), Some(1));
    assert_eq!(page["api_keys"][0]["api_key"], token("sk-blue-1"));
    assert_eq!(page["api_keys"][0]["metrics"]["api_requests"], 2);
    let reply = try_get(&simulator, &format!("{PATH}/keys?{}&limit=101", day(TODAY))).await;
    assert_eq!(reply.status, 422);
}
