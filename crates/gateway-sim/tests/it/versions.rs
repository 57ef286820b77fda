//! Older releases.

use gateway_sim::{Options, Simulator, Version};
use serde_json::{Value, json};

use crate::client::{get, try_get};
use crate::story::{TODAY, day, two_teams, usage};

async fn start(version: Version) -> Simulator {
    let mut world = two_teams();
    world.record(usage(TODAY, "red", "sk-red-1", "Big", 2));
    let options = Options { version, ..Options::default() };
    Simulator::start_with(world, options).await.expect("a port")
}

#[tokio::test]
async fn older_releases_do_not_know_newer_routes() {
    let simulator = start(Version::OLDER).await;

    for path in ["/v2/team/list", "/team/daily/activity/aggregated", "/spend/logs/v2"] {
        let reply = try_get(&simulator, path).await;
        assert_eq!((reply.status, reply.json()), (404, json!({ "detail": "Not Found" })), "{path}");
    }
    assert_eq!(get(&simulator, "/team/list").await.as_array().map(Vec::len), Some(2));
    let window = "start_date=2026-11-20%2000:00:00&end_date=2026-11-21%2000:00:00";
    let logs = try_get(&simulator, &format!("/spend/logs/ui?{window}&page_size=101")).await;
    assert_eq!(logs.status, 422);
    let day = get(&simulator, &format!("/team/daily/activity?{}", day(TODAY))).await;
    assert_eq!(day["results"][0]["metrics"].get("timed_requests"), None);
    assert_eq!(day["metadata"].get("api_key_limit"), None);
    assert_eq!(
        day["results"][0]["breakdown"]["model_groups"]["acme/Big"]["metrics"]["api_requests"],
        2
    );
}

#[tokio::test]
async fn the_oldest_know_only_the_providers_models() {
    let simulator = start(Version::OLDEST).await;

    let day = get(&simulator, &format!("/team/daily/activity?{}", day(TODAY))).await;

    let breakdown = &day["results"][0]["breakdown"];
    assert_eq!(breakdown.get("model_groups"), None);
    assert_eq!(breakdown["models"]["openai/big"]["metrics"]["api_requests"], 2);
}

#[tokio::test]
async fn switches_can_be_set_one_by_one() {
    let simulator = start(Version { max_page_size: Some(1000), ..Version::CURRENT }).await;

    let ask = async |size: u32| {
        let path = format!("/team/daily/activity?{}&page_size={size}", day(TODAY));
        try_get(&simulator, &path).await
    };

    assert_eq!(ask(1000).await.status, 200);
    let refused = ask(1001).await;
    assert_eq!(refused.status, 422);
    let problem: Value = refused.json()["detail"][0].clone();
    assert_eq!(problem["type"], "less_than_equal");
    assert_eq!(problem["loc"], json!(["query", "page_size"]));
}
