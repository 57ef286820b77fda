//! The figures and their JSON.

use gateway_sim::Version;
use insta::assert_json_snapshot;

use crate::harness::{Podium, TODAY, YESTERDAY, empty_gateway, gateway_of};
use crate::worlds::{Use, workshop};

async fn workshop_podium() -> (gateway_sim::Simulator, Podium) {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    (gateway, podium)
}

#[tokio::test]
async fn tokens_have_teams_keys_and_models() {
    let (_gateway, podium) = workshop_podium().await;
    assert_json_snapshot!(podium.get("/tokens").await.figures());
}

#[tokio::test]
async fn the_time_series_runs_from_the_newest_day_to_the_oldest() {
    let (_gateway, podium) = workshop_podium().await;
    assert_json_snapshot!(podium.get("/tokens/timeseries").await.figures());
}

#[tokio::test]
async fn models_come_with_most_tokens_first_and_a_friendly_name() {
    let (_gateway, podium) = workshop_podium().await;
    assert_json_snapshot!(podium.get("/tokens/models").await.figures());
}

#[tokio::test]
async fn success_rates_are_percentages() {
    let (_gateway, podium) = workshop_podium().await;
    assert_json_snapshot!(podium.get("/tokens/success-rate").await.figures());
}

#[tokio::test]
async fn cost_efficiency_has_a_cell_for_each_pair_with_usage() {
    let (_gateway, podium) = workshop_podium().await;
    assert_json_snapshot!(podium.get("/tokens/cost-efficiency").await.figures());
}

#[tokio::test]
async fn meta_says_how_far_an_answer_can_be_trusted() {
    let (_gateway, podium) = workshop_podium().await;
    let answer = podium.get("/tokens").await;
    assert_json_snapshot!(answer.json()["meta"], { ".data_version" => "[version]" });
    assert_eq!(answer.header("age"), Some("0"));
    assert_eq!(answer.header("x-complete"), Some("true"));
}

#[tokio::test]
async fn hours_are_refused_rather_than_invented() {
    let (_gateway, podium) = workshop_podium().await;
    let answer = podium.get("/tokens/hourly").await;
    assert_eq!(answer.status, 501);
    assert!(answer.detail().contains("request logs"));
}

#[tokio::test]
async fn a_day_without_usage_has_no_entry_in_the_time_series() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    gateway.change(|world| {
        world.record(Use { date: "2026-11-20", ..Use::default() }.row());
    });
    let podium = Podium::in_front_of(&gateway).await;
    let series = podium.get("/tokens/timeseries?start_date=2026-11-19").await.figures();
    let dates: Vec<_> =
        series["timeseries"].as_array().unwrap().iter().map(|day| &day["date"]).collect();
    assert_eq!(dates, [TODAY, YESTERDAY, "2026-11-20"]);
}

#[tokio::test]
async fn a_gateway_without_usage_lists_its_teams_with_zeros() {
    let gateway = empty_gateway().await;
    gateway.change(|world| world.add_team("t", Some("Lonely")));
    let podium = Podium::in_front_of(&gateway).await;
    assert_json_snapshot!([
        podium.get("/tokens").await.figures(),
        podium.get("/tokens/timeseries").await.figures(),
        podium.get("/tokens/models").await.figures(),
        podium.get("/tokens/success-rate").await.figures(),
        podium.get("/tokens/cost-efficiency").await.figures(),
    ]);
}

#[tokio::test]
async fn every_model_name_of_the_breakdown_is_among_the_models() {
    for version in [Version::CURRENT, Version::OLDER, Version::OLDEST] {
        let gateway = gateway_of(workshop(), version).await;
        let podium = Podium::in_front_of(&gateway).await;
        let models = podium.get("/tokens/models").await.figures();
        let models: Vec<_> =
            models["models"].as_array().unwrap().iter().map(|entry| &entry["model"]).collect();
        let tokens = podium.get("/tokens").await.figures();
        for team in tokens["teams"].as_array().unwrap() {
            for key in team["breakdown"]["api_keys"].as_array().unwrap() {
                for model in key["models"].as_array().unwrap() {
                    assert!(models.contains(&&model["model_name"]), "{model} among {models:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_gateway_without_model_groups_gives_friendly_names() {
    let gateway = gateway_of(workshop(), Version::OLDEST).await;
    let podium = Podium::in_front_of(&gateway).await;
    assert_json_snapshot!(podium.get("/tokens/models").await.figures());
}

#[tokio::test]
async fn a_key_without_models_has_one_entry_for_all() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    gateway.change(|world| {
        let mut row =
            Use { key: "key-refused", prompt: 9, successes: 0, failures: 2, ..Use::default() }
                .row();
        (row.model, row.model_group, row.provider, row.endpoint) = (None, None, None, None);
        world.record(row);
    });
    let podium = Podium::in_front_of(&gateway).await;
    let tokens = podium.get("/tokens").await.figures();
    let keys = tokens["teams"][0]["breakdown"]["api_keys"].as_array().unwrap();
    let refused = keys.iter().find(|key| key["api_key"] == "key-refused").expect("listed");
    assert_json_snapshot!(refused);
}

#[tokio::test]
async fn a_key_that_moved_counts_for_the_team_that_spent_it() {
    for version in [Version::CURRENT, Version::OLDER] {
        let gateway = gateway_of(workshop(), version).await;
        gateway.change(|world| {
            world.move_key("key-a1", Some("t-beta"));
            let (team, key) = (Some("t-beta"), "key-a1");
            world.record(
                Use { team, key, prompt: 40, completion: 2, spend: 0.5, ..Use::default() }.row(),
            );
        });
        let podium = Podium::in_front_of(&gateway).await;
        let cells =
            podium.get(&format!("/tokens/cost-efficiency?start_date={TODAY}")).await.figures();
        assert_json_snapshot!("moved_key_cells", cells);
        let tokens = podium.get(&format!("/tokens?start_date={TODAY}")).await.figures();
        assert_json_snapshot!("moved_key_tokens", tokens);
    }
}

#[tokio::test]
async fn usage_outside_the_lists_is_told_and_changes_no_list() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let before = Podium::in_front_of(&gateway).await.get("/tokens/models").await.figures();
    gateway.change(|world| {
        world.add_team("t-gone", Some("Gone"));
        world.record(Use { team: Some("t-gone"), key: "key-gone", ..Use::default() }.row());
        world.record(Use { team: None, key: "key-none", prompt: 1, ..Use::default() }.row());
        world.delete_team("t-gone");
    });
    let podium = Podium::in_front_of(&gateway).await;
    let answer = podium.get("/tokens/models").await;
    assert_eq!(answer.figures(), before);
    assert_eq!(answer.json()["meta"]["unlisted"]["tokens"], 120 + 21);
    assert_eq!(answer.json()["meta"]["unlisted"]["requests"], 2);
}

#[tokio::test]
async fn counts_beyond_the_precision_of_floats_are_exact() {
    const BIG: i64 = (1 << 53) + 1;
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    gateway.change(|world| {
        world.record(
            Use { team: Some("t-quiet"), key: "q", prompt: BIG, completion: 0, ..Use::default() }
                .row(),
        );
    });
    let podium = Podium::in_front_of(&gateway).await;
    let tokens = podium.get("/tokens").await.figures();
    assert_eq!(tokens["teams"][2]["tokens"], BIG);
}
