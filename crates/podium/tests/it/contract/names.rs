//! What teams and keys are called, and that changes are followed.

use gateway_sim::Version;
use serde_json::{Value, json};

use crate::harness::{Podium, empty_gateway, gateway_of};
use crate::worlds::{Use, workshop};

fn names(list: &Value, field: &str) -> Vec<String> {
    let teams = list.as_array().expect("a list");
    teams.iter().map(|team| team[field].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn twins_get_names_that_can_be_told_apart_and_are_the_same_everywhere() {
    let gateway = empty_gateway().await;
    gateway.change(|world| {
        for (team, key) in [("0d57b846-aaaa", "k1"), ("ffee0011-bbbb", "k2")] {
            world.add_team(team, Some("Twins"));
            let team = Some(team.to_owned().leak() as &'static str);
            world.record(Use { team, key, ..Use::default() }.row());
        }
        world.add_team("no-alias", None);
        world.add_team("empty-alias", Some(""));
    });
    let podium = Podium::in_front_of(&gateway).await;
    let tokens = podium.get("/tokens").await.figures();
    let mut expected = names(&tokens["teams"], "name");
    let series = podium.get("/tokens/timeseries").await.figures();
    assert_eq!(names(&series["timeseries"][0]["teams"], "name"), expected);
    let rates = podium.get("/tokens/success-rate").await.figures();
    assert_eq!(names(&rates["teams"], "name"), expected);
    let cells = podium.get("/tokens/cost-efficiency").await.figures();
    for name in names(&cells["cells"], "team") {
        assert!(expected.contains(&name));
    }
    expected.sort();
    assert_eq!(expected, ["Twins (0d57b846)", "Twins (ffee0011)", "empty-alias", "no-alias"]);
}

#[tokio::test]
async fn ids_with_special_characters_are_asked_for_and_shown_as_they_are() {
    let id = "a&b #c/ü,d?";
    let gateway = empty_gateway().await;
    gateway.change(|world| {
        world.add_team(id, None);
        world.add_team("other", Some("Other"));
        let team: &'static str = id;
        world.record(Use { team: Some(team), key: "moved", ..Use::default() }.row());
        world.record(Use { team: Some("other"), key: "moved", prompt: 3, ..Use::default() }.row());
    });
    let podium = Podium::in_front_of(&gateway).await;
    let tokens = podium.get("/tokens").await.figures();
    let team = tokens["teams"].as_array().unwrap().iter().find(|team| team["name"] == id).unwrap();
    assert_eq!(team["tokens"], 120);
    assert_eq!(team["breakdown"]["api_keys"][0]["models"][0]["total_tokens"], 120);
}

#[tokio::test]
async fn ten_thousand_teams_are_listed() {
    let gateway = empty_gateway().await;
    gateway.change(|world| {
        for n in 0..10_000 {
            world.add_team(&format!("team-{n:05}"), Some(&format!("Team {n:05}")));
        }
        world.record(Use { team: Some("team-09999"), ..Use::default() }.row());
    });
    let podium = Podium::in_front_of(&gateway).await;
    let tokens = podium.get("/tokens").await.figures();
    let teams = tokens["teams"].as_array().unwrap();
    assert_eq!(teams.len(), 10_000);
    assert_eq!(teams.iter().map(|team| team["tokens"].as_i64().unwrap()).sum::<i64>(), 120);
}

#[tokio::test]
async fn teams_names_and_usage_follow_the_gateway_without_a_restart() {
    for version in [Version::CURRENT, Version::OLDER] {
        let gateway = gateway_of(workshop(), version).await;
        let podium = Podium::in_front_of(&gateway).await;
        podium.get("/tokens").await.figures();
        gateway.change(|world| {
            world.rename_team("t-alpha", Some("Aardvarks"));
            world.delete_team("t-quiet");
            world.add_team("t-new", Some("Newcomers"));
            world.record(Use { team: Some("t-new"), key: "key-n", ..Use::default() }.row());
        });
        podium.look().await.expect("the gateway answers");
        let tokens = podium.get("/tokens").await.figures();
        let mut seen = names(&tokens["teams"], "name");
        seen.sort();
        assert_eq!(seen, ["Aardvarks", "Beta", "Newcomers"]);
        let new =
            tokens["teams"].as_array().unwrap().iter().find(|team| team["name"] == "Newcomers");
        assert_eq!(new.unwrap()["tokens"], 120);
    }
}

#[tokio::test]
async fn a_key_alias_is_taken_from_any_day_and_any_place() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    // The alias is told yesterday only, and only under the model group.
    gateway.faults().set(
        "/team/daily/activity",
        gateway_sim::Fault::edit(|answer| {
            for day in answer["results"].as_array_mut().into_iter().flatten() {
                let is_yesterday = day["date"] == "2026-11-23";
                for place in ["entities", "models", "model_groups", "providers", "endpoints"] {
                    for part in day["breakdown"][place]
                        .as_object_mut()
                        .into_iter()
                        .flat_map(|map| map.values_mut())
                    {
                        for key in part["api_key_breakdown"]
                            .as_object_mut()
                            .into_iter()
                            .flat_map(|map| map.values_mut())
                        {
                            if !(is_yesterday && place == "model_groups") {
                                key["metadata"] = json!({});
                            }
                        }
                    }
                }
                day["breakdown"]["api_keys"] = json!(null);
            }
        }),
    );
    let podium = Podium::in_front_of(&gateway).await;
    podium.get("/tokens").await.figures();
    let tokens = podium.get("/tokens?start_date=2026-11-24").await.figures();
    let keys = tokens["teams"][0]["breakdown"]["api_keys"].as_array().unwrap();
    let alias =
        |name: &str| keys.iter().find(|key| key["api_key"] == name).unwrap()["key_alias"].clone();
    assert_eq!(alias("key-a1"), "alpha one");
    assert_eq!(alias("key-a2"), json!(null));
}
