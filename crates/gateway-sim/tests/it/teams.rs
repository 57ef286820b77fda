//! Lists of teams.

use gateway_sim::{Simulator, World};
use serde_json::Value;

use crate::client::{get, try_get};
use crate::story::{TODAY, two_teams};

fn ids(teams: &Value) -> Vec<&str> {
    teams.as_array().expect("a list").iter().filter_map(|team| team["team_id"].as_str()).collect()
}

#[tokio::test]
async fn the_old_list_is_sorted_by_name_and_has_all_keys() {
    let mut world = two_teams();
    world.add_team("nameless", None);
    world.add_team("empty", Some(""));
    let simulator = Simulator::start(world).await.expect("a port");

    let teams = get(&simulator, "/team/list").await;

    assert_eq!(ids(&teams), ["nameless", "empty", "blue", "red"]);
    assert_eq!(teams[0]["team_alias"], Value::Null);
    assert_eq!(teams[3]["keys"].as_array().map(Vec::len), Some(2));
    assert_eq!(teams[3]["keys"][0]["key_alias"], "red-1");
}

#[tokio::test]
async fn the_new_list_is_paged_newest_first_and_knows_deleted_teams() {
    let mut world = two_teams();
    world.add_team("green", Some("Green"));
    world.delete_team("blue");
    let simulator = Simulator::start(world).await.expect("a port");

    let first = get(&simulator, "/v2/team/list?page=1&page_size=1").await;
    assert_eq!(ids(&first["teams"]), ["green"]);
    assert_eq!(first["total"], 2);
    assert_eq!(first["total_pages"], 2);
    assert_eq!(first["teams"][0].get("keys"), None);
    let second = get(&simulator, "/v2/team/list?page=2&page_size=1").await;
    assert_eq!(ids(&second["teams"]), ["red"]);
    assert_eq!(second["teams"][0]["keys_count"], 2);
    assert_eq!(get(&simulator, "/v2/team/list?page=3").await["teams"], serde_json::json!([]));
    let deleted = get(&simulator, "/v2/team/list?status=deleted").await;
    assert_eq!(ids(&deleted["teams"]), ["blue"]);
    assert_eq!(try_get(&simulator, "/v2/team/list?status=sleeping").await.status, 400);
    assert_eq!(try_get(&simulator, "/v2/team/list?page_size=101").await.status, 422);
    assert_eq!(try_get(&simulator, "/v2/team/list?page=0").await.status, 422);
}

/// Found on LiteLLM 1.106.2 with 100 teams written by one statement: 10 pages of 10 held 73 of 107.
#[tokio::test]
async fn teams_made_in_one_instant_change_places_between_pages_unless_sorted_by_id() {
    let mut world = World::empty(TODAY);
    let created_at = "2026-08-01T00:00:00Z".parse().expect("a time");
    for number in 0..30 {
        world.add_team_created_at(&format!("team-{number:02}"), Some("Twins"), created_at);
    }
    let simulator = Simulator::start(world).await.expect("a port");
    let distinct = async |sorting: &str| {
        let mut seen = std::collections::BTreeSet::new();
        for page in 1..=3 {
            let path = format!("/v2/team/list?page={page}&page_size=10{sorting}");
            seen.extend(ids(&get(&simulator, &path).await["teams"]).into_iter().map(str::to_owned));
        }
        seen.len()
    };

    assert!(distinct("").await < 30);
    assert_eq!(distinct("&sort_by=team_id").await, 30);
}
