//! What models are called, and what lies outside of the lists.

use gateway_sim::{Fault, Version};
use serde_json::json;

use crate::harness::{Podium, Setup, gateway_of};
use crate::requests::request;
use crate::worlds::{Use, workshop};

#[tokio::test]
async fn models_have_names_that_tell_them_apart_and_a_teams_own_its_public_one() {
    let mut world = workshop();
    for model in ["a/gpt-4.1", "b/gpt-4.1", "model_name_t-alpha_0d57b846"] {
        world.record(Use { model, ..Use::default() }.row());
    }
    let gateway = gateway_of(world, Version::CURRENT).await;
    gateway.faults().set(
        "/model/info",
        Fault::edit(|answer| {
            let own = json!({ "model_name": "model_name_t-alpha_0d57b846",
                "model_info": { "team_public_model_name": "acme/our-gpt" } });
            answer["data"].as_array_mut().expect("models").push(own);
        }),
    );
    let podium = Podium::in_front_of(&gateway).await;
    podium.look().await.expect("in step");
    podium.look().await.expect("in step");
    let answer = podium.get("/tokens/models?start_date=2026-11-24").await.figures();
    let name = |model: &str| {
        let models = answer["models"].as_array().expect("models");
        models.iter().find(|entry| entry["model"] == model).expect(model)["display_name"].clone()
    };
    assert_eq!(name("a/gpt-4.1"), "GPT-4.1 (a)");
    assert_eq!(name("b/gpt-4.1"), "GPT-4.1 (b)");
    assert_eq!(name("model_name_t-alpha_0d57b846"), "Our GPT");
    let asked = gateway.calls().iter().filter(|call| call.path == "/model/info").count();
    assert_eq!(asked, 1, "names that are known are not asked for");
}

#[tokio::test]
async fn what_is_unlisted_comes_from_where_the_figures_come() {
    let mut world = workshop();
    world.record(Use { team: None, key: "key-none", prompt: 1_000, ..Use::default() }.row());
    for (id, team) in [("a", Some("t-alpha")), ("b", None), ("c", Some("gone"))] {
        let team_id = team.map(str::to_owned);
        world.log_request(gateway_sim::Request { team_id, ..request(id, "2026-11-24T09:00:00Z") });
    }
    let gateway = gateway_of(world, Version::CURRENT).await;
    let settings = podium::sync::Settings { log_days: 7, ..Setup::default().settings };
    let podium = Podium::start(&gateway, Setup { settings, ..Setup::default() }).await;
    podium.look().await.expect("in step");
    let unlisted = async |path: &str| podium.get(path).await.json()["meta"]["unlisted"].clone();
    let days = unlisted("/tokens?start_date=2026-11-24").await;
    assert_eq!(days["tokens"], 1_020);
    for path in ["/tokens/hourly?", "/api/v1/heatmap?", "/api/v1/activity?grain=1h&"] {
        let hours = unlisted(&format!("{path}start_date=2026-11-24")).await;
        assert_eq!((&hours["tokens"], &hours["requests"]), (&json!(24), &json!(2)), "{path}");
        let of_one = unlisted(&format!("{path}start_date=2026-11-24&team_id=gone")).await;
        assert_eq!(of_one["tokens"], 12, "{path}");
    }
}
