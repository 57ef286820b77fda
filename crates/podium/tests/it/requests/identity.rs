//! Which requests are one: by their own ids, never by those of their calls.

use gateway_sim::Version;
use serde_json::{Value, json};

use super::{TOKEN, hours, people, request, with_logs_in_front_of};
use crate::harness::{Podium, gateway_of};

/// 2026-11-24T09:00:00Z.
const NINE: f64 = 1_795_510_800.0;

fn payload(id: &str, call_id: &str, started_at: f64, status: &str) -> Value {
    json!({
        "id": id, "litellm_call_id": call_id, "call_type": "acompletion", "status": status,
        "response_cost": 0.001,
        "prompt_tokens": if status == "success" { 10 } else { 0 },
        "completion_tokens": if status == "success" { 2 } else { 0 },
        "total_tokens": if status == "success" { 12 } else { 0 },
        "startTime": started_at, "endTime": started_at + 1.5,
        "model": "openai/gpt-5.2", "model_group": "acme/OpenAI/gpt-5.2",
        "custom_llm_provider": "openai",
        "metadata": { "user_api_key_hash": "key-a1", "user_api_key_team_id": "t-alpha" },
    })
}

async fn today(podium: &Podium) -> Vec<(u64, i64)> {
    hours(&podium.get("/tokens/hourly?start_date=2026-11-24").await.figures())
}

#[tokio::test]
async fn requests_that_share_the_id_of_a_call_are_counted_each() {
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    let chained: Vec<Value> = (0..12)
        .map(|n| payload(&format!("chatcmpl-{n}"), "chosen-by-a-client", NINE, "success"))
        .collect();
    let answer = podium.push(TOKEN, Value::from(chained.clone()).to_string()).await.json();
    assert_eq!((&answer["new"], &answer["repeated"]), (&json!(12), &json!(0)));
    let answer = podium.push(TOKEN, Value::from(chained).to_string()).await.json();
    assert_eq!((&answer["new"], &answer["repeated"]), (&json!(0), &json!(12)));
    assert_eq!(today(&podium).await, [(9, 144)]);
}

#[tokio::test]
async fn a_response_id_that_a_provider_repeats_is_not_one_request() {
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    let repeated: Vec<Value> = (0..6)
        .map(|n| payload("chatcmpl-same", &n.to_string(), NINE + f64::from(n) * 0.3, "success"))
        .collect();
    let answer = podium.push(TOKEN, Value::from(repeated).to_string()).await.json();
    assert_eq!(answer["new"], 6);
}

#[tokio::test]
async fn what_is_pushed_and_logged_counts_once_however_its_beginning_is_told() {
    let gateway = gateway_of(people(), Version::CURRENT).await;
    gateway.change(|world| {
        for (id, at, success) in [
            ("a", "2026-11-24T09:00:00.440Z", true),
            ("b", "2026-11-24T10:00:00Z", true),
            ("c", "2026-11-24T11:00:00.100Z", false),
            ("d", "2026-11-24T00:00:00Z", true),
        ] {
            world.record_request(gateway_sim::Request { success, ..request(id, at) });
        }
    });
    let podium = with_logs_in_front_of(&gateway).await;
    let pushed = json!([
        payload("a", "1", NINE + 0.439_754, "success"),
        payload("b", "2", NINE + 3_600.0 - 0.000_4, "success"),
        // The log of a failed request begins earlier.
        payload("c", "3", NINE + 7_200.128, "failure"),
        // The day before, by less than a millisecond.
        payload("d", "4", NINE - 9.0 * 3_600.0 - 0.000_4, "success"),
    ]);
    assert_eq!(podium.push(TOKEN, pushed.to_string()).await.json()["new"], 4);
    podium.look().await.expect("in step");
    let range = "start_date=2026-11-23&end_date=2026-11-24";
    let answer = podium.get(&format!("/api/v1/heatmap?{range}")).await.json();
    let requests: i64 = answer["cells"]
        .as_array()
        .expect("cells")
        .iter()
        .map(|cell| cell["requests"].as_i64().expect("a count"))
        .sum();
    assert_eq!(requests, 4, "{}", answer["meta"]["coverage"]);
    let tokens: i64 = hours(&podium.get(&format!("/tokens/hourly?{range}")).await.figures())
        .iter()
        .map(|(_, tokens)| tokens)
        .sum();
    assert_eq!(tokens, 48, "the failure's tokens come from its log");
}
