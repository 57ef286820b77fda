//! Chat completions, through which traffic can be made by hand.

use gateway_sim::Simulator;
use serde_json::json;

use crate::client::{get, post_as};
use crate::story::{TODAY, day, token, two_teams};

const PATH: &str = "/v1/chat/completions";

#[tokio::test]
async fn calls_are_counted_for_the_keys_team() {
    let simulator = Simulator::start(two_teams()).await.expect("a port");
    let body = json!({ "model": "acme/Big", "messages": [{ "role": "user", "content": "Ahoy" }] });

    let answer = post_as(&simulator, PATH, "sk-red-1", &body).await;
    simulator.faults().fail_model("acme/Small", 429);
    let small = json!({ "model": "acme/Small", "messages": [] });
    let failed = post_as(&simulator, PATH, "sk-red-1", &small).await;
    let unknown = post_as(&simulator, PATH, "sk-red-1", &json!({ "model": "acme/None" })).await;
    let admin = post_as(&simulator, PATH, "sk-sim", &body).await;

    assert_eq!((answer.status, failed.status, unknown.status, admin.status), (200, 429, 400, 200));
    let usage = answer.json()["usage"].clone();
    let day = &get(&simulator, &format!("/team/daily/activity?{}", day(TODAY))).await["results"][0];
    let red = &day["breakdown"]["entities"]["red"];
    assert_eq!(red["metrics"]["api_requests"], 2);
    assert_eq!(red["metrics"]["failed_requests"], 1);
    assert!(red["metrics"]["spend"].as_f64() > Some(0.0));
    let big = &day["breakdown"]["model_groups"]["acme/Big"]["api_key_breakdown"][token("sk-red-1")];
    assert_eq!(big["metrics"]["total_tokens"], usage["total_tokens"]);
    let unassigned = &day["breakdown"]["entities"]["Unassigned"]["api_key_breakdown"];
    assert_eq!(unassigned["litellm_proxy_master_key"]["metrics"]["api_requests"], 1);
}

#[tokio::test]
async fn the_same_calls_have_the_same_usage() {
    let body = json!({ "model": "acme/Big", "messages": [] });
    let mut answers = Vec::new();
    for _ in 0..2 {
        let simulator = Simulator::start(two_teams()).await.expect("a port");
        post_as(&simulator, PATH, "sk-red-1", &body).await;
        answers.push(post_as(&simulator, PATH, "sk-red-1", &body).await.json());
    }
    assert_eq!(answers[0], answers[1]);
}
