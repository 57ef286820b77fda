//! Models and their prices.

use gateway_sim::{Model, Simulator};

use crate::client::get;
use crate::story::two_teams;

#[tokio::test]
async fn there_is_an_entry_for_each_deployment_and_one_for_each_public_name() {
    let mut world = two_teams();
    world.add_model(Model {
        public_name: "acme/Big".to_owned(),
        provider_model: "azure/big".to_owned(),
        provider: "azure".to_owned(),
        ..Model::default()
    });
    let simulator = Simulator::start(world).await.expect("a port");

    let deployments = get(&simulator, "/model/info").await;
    assert_eq!(deployments, get(&simulator, "/v1/model/info").await);
    let first = &deployments["data"][0];
    assert_eq!(first["model_name"], "acme/Big");
    assert_eq!(first["litellm_params"]["model"], "openai/big");
    assert_eq!(first["model_info"]["input_cost_per_token"], 2e-6);
    assert_eq!(first["model_info"]["litellm_provider"], "openai");
    assert_eq!(deployments["data"].as_array().map(Vec::len), Some(3));
    let names = get(&simulator, "/v1/models").await;
    assert_eq!(names["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(names["data"][0]["id"], "acme/Big");
}
