//! Requests that the gateway pushes.

use gateway_sim::Version;
use podium::config::DataDir;
use serde_json::{Value, json};

use super::{TOKEN, hours, people, request, with_logs, with_logs_in_front_of};
use crate::harness::{Podium, Setup, gateway_of};

/// A standard logging payload of 12 tokens; `started_at` in seconds since 1970.
fn payload(id: &str, started_at: f64) -> Value {
    json!({
        "id": id,
        "litellm_call_id": id,
        "trace_id": "trace",
        "call_type": "acompletion",
        "status": "success",
        "response_cost": 0.001,
        "prompt_tokens": 10,
        "completion_tokens": 2,
        "total_tokens": 12,
        "startTime": started_at,
        "endTime": started_at + 1.5,
        "completionStartTime": started_at + 0.25,
        "model": "openai/gpt-5.2",
        "model_group": "acme/OpenAI/gpt-5.2",
        "custom_llm_provider": "openai",
        "metadata": {
            "user_api_key_hash": "key-a1",
            "user_api_key_alias": "alpha one",
            "user_api_key_team_id": "t-alpha",
            "user_api_key_team_alias": "Alpha",
            "usage_object": { "prompt_tokens_details": { "cached_tokens": 4 } },
        },
        "messages": [{ "role": "user", "content": "PROMPT-CANARY" }],
        "response": { "choices": [{ "message": { "content": "RESPONSE-CANARY" } }] },
    })
}

/// 2026-11-24T09:00:00Z.
const NINE: f64 = 1_795_510_800.0;

async fn today(podium: &Podium) -> Vec<(u64, i64)> {
    hours(&podium.get("/tokens/hourly?start_date=2026-11-24").await.figures())
}

#[tokio::test]
async fn all_three_formats_are_read_and_repeating_changes_nothing() {
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    let array = json!([payload("a", NINE), payload("b", NINE + 3_600.25)]).to_string();
    let lines = format!("{}\n{}\n", payload("c", NINE), payload("a", NINE));
    let single = payload("d", NINE).to_string();
    for (body, new, repeated) in [
        (array.clone(), 2, 0),
        (lines, 1, 1),
        (single.clone(), 1, 0),
        (array, 0, 2),
        (single, 0, 1),
    ] {
        let answer = podium.push(TOKEN, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(
            (&answer.json()["new"], &answer.json()["repeated"]),
            (&json!(new), &json!(repeated))
        );
    }
    assert_eq!(today(&podium).await, [(9, 36), (10, 12)]);
}

#[tokio::test]
async fn only_who_has_the_token_may_push() {
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    let body = json!([payload("a", NINE)]).to_string();
    for wrong in ["", "a-token-for-pushinG", "a-token-for-pushing2"] {
        let answer = podium.push(wrong, body.clone()).await;
        assert_eq!(answer.status, 401, "{}", answer.text);
        assert!(!answer.text.contains(TOKEN));
    }
    let closed = Podium::start(&gateway, Setup { ingest_token: None, ..with_logs() }).await;
    let answer = closed.push(TOKEN, body).await;
    assert_eq!(answer.status, 403);
    assert!(answer.detail().contains("PODIUM_INGEST_TOKEN"), "{}", answer.text);
    assert_eq!(today(&podium).await, []);
    assert_eq!(podium.get("/ingest/litellm").await.status, 405);
}

#[tokio::test]
async fn what_cannot_be_counted_is_told_and_does_not_spoil_the_rest() {
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    for nonsense in ["", "[", "nonsense", "[1, 2]", "{\"id\": \"x\"}", "[{\"startTime\": 5}]"] {
        let answer = podium.push(TOKEN, nonsense).await;
        let fine = nonsense.is_empty();
        assert_eq!(answer.status, if fine { 200 } else { 400 }, "{nonsense}: {}", answer.text);
    }
    let management = json!({
        "id": "m", "call_type": "/team/list", "status": "failure", "startTime": NINE,
        "model": "", "metadata": {},
    });
    let nameless = json!({ "startTime": NINE, "model": "m" });
    let odd = json!({
        "id": 7, "startTime": NINE.to_string(), "model": null, "model_group": ["?"],
        "total_tokens": "5", "prompt_tokens": 5.0, "completion_tokens": null, "metadata": null,
        "status": "success", "custom_llm_provider": {}, "endTime": "never",
    });
    let body = json!([payload("a", NINE), management, nameless, odd, null]).to_string();
    let answer = podium.push(TOKEN, body).await;
    let told = answer.json();
    assert_eq!(
        (&told["new"], &told["not_usage"], &told["unreadable"]),
        (&json!(2), &json!(1), &json!(2))
    );
    assert_eq!(today(&podium).await, [(9, 12)], "the odd one has no team");
    let all = podium.get("/tokens/hourly?start_date=2026-11-24&include=unassigned").await;
    assert_eq!(all.status, 200, "{}", all.text);
}

#[tokio::test]
async fn pushed_and_polled_requests_count_once() {
    let mut world = people();
    for (id, at) in [
        ("a", "2026-11-24T09:00:00Z"),
        ("b", "2026-11-24T09:30:00.123Z"),
        ("c", "2026-11-24T10:00:00Z"),
    ] {
        world.record_request(request(id, at));
    }
    let gateway = gateway_of(world, Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    // One before the logs are read, one after, and one that the logs never had.
    podium.push(TOKEN, payload("b", NINE + 1_800.123_456).to_string()).await;
    assert_eq!(today(&podium).await, [(9, 24), (10, 12)]);
    podium.push(TOKEN, json!([payload("a", NINE), payload("d", NINE)]).to_string()).await;
    podium.look().await.expect("in step");
    assert_eq!(today(&podium).await, [(9, 36), (10, 12)]);
}

#[tokio::test]
async fn a_request_pushed_without_tokens_gets_them_from_the_logs() {
    let failed = gateway_sim::Request {
        success: false,
        completion_tokens: 0,
        cache_read_input_tokens: 0,
        spend: 0.0,
        ..request("f", "2026-11-24T09:00:00Z")
    };
    for data in [DataDir::Memory, DataDir::At(tempfile::tempdir().unwrap().keep())] {
        let mut world = people();
        world.record_request(failed.clone());
        let gateway = gateway_of(world, Version::CURRENT).await;
        let podium = Podium::start(&gateway, Setup { data, ..with_logs() }).await;
        // LiteLLM pushes failed requests without tokens, though it counts their prompts.
        let mut without = payload("f", NINE);
        for (field, value) in [
            ("status", json!("failure")),
            ("prompt_tokens", json!(0)),
            ("completion_tokens", json!(0)),
            ("total_tokens", json!(0)),
        ] {
            without[field] = value;
        }
        podium.push(TOKEN, without.to_string()).await;
        let path = "/api/v1/activity?grain=1h&by=total&start_date=2026-11-24";
        for _ in 0..2 {
            podium.look().await.expect("in step");
            let values = podium.get(path).await.figures()["series"][0]["values"].clone();
            assert_eq!((&values["tokens"][9], &values["requests"][9]), (&json!(10), &json!(1)));
            assert_eq!(values["failed_requests"][9], 1);
        }
    }
}

#[tokio::test]
async fn an_answered_batch_is_kept_and_prompts_leave_no_trace() {
    let directory = tempfile::tempdir().unwrap();
    let setup = || Setup { data: DataDir::At(directory.path().to_owned()), ..with_logs() };
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let mut podium = Podium::start(&gateway, setup()).await;
    let answer = podium.push(TOKEN, json!([payload("a", NINE)]).to_string()).await;
    assert_eq!(answer.json()["new"], 1);
    let mut files = 0;
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let has = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(!has(b"CANARY"), "a prompt or response is on the disk");
        files += usize::from(has(b"t-alpha"));
    }
    assert!(files > 0, "but the team is");
    podium.stop().await;
    let podium = Podium::start(&gateway, setup()).await;
    let again = podium.push(TOKEN, json!([payload("a", NINE)]).to_string()).await;
    assert_eq!(again.json()["repeated"], 1, "it remembers over a restart");
    assert_eq!(today(&podium).await, [(9, 12)]);
}

#[tokio::test]
async fn requests_of_long_ago_are_not_taken() {
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    podium.look().await.expect("in step");
    let months_ago = payload("a", NINE - 100.0 * 86_400.0).to_string();
    let answer = podium.push(TOKEN, months_ago).await;
    assert_eq!((&answer.json()["new"], &answer.json()["too_old"]), (&json!(0), &json!(1)));
}

#[tokio::test]
async fn one_odd_payload_does_not_spoil_a_batch_and_is_counted() {
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    let future = payload("f", NINE + 3.0 * 86_400.0);
    let mut long = payload("l", NINE);
    long["model"] = json!("m".repeat(1_025));
    let body = format!(
        "[{},NaN,{future},{long},7,{{\"id\":\"\\ud800\",\"startTime\":1}},{}]",
        payload("a", NINE),
        payload("b", NINE)
    );
    let answer = podium.push(TOKEN, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let told = answer.json();
    for (outcome, count) in [("new", 2), ("unreadable", 3), ("in_future", 1), ("too_long", 1)] {
        assert_eq!(told[outcome], count, "{outcome}: {told}");
        let line = format!("podium_ingest_requests_total{{outcome=\"{outcome}\"}} {count}\n");
        let metrics = podium.get("/metrics").await.text;
        assert!(metrics.contains(&line), "{line} in {metrics}");
    }
    assert_eq!(today(&podium).await, [(9, 24)]);
}

#[tokio::test]
async fn a_batch_may_be_compressed_but_not_too_large() {
    use std::io::Write as _;
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let batch = json!([payload("a", NINE)]).to_string();
    let answer = podium.push_encoded(TOKEN, "gzip", gzip(batch.as_bytes())).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["new"]),
        (200, &json!(1)),
        "{}",
        answer.text
    );
    let bomb = gzip(&vec![b' '; 33 << 20]);
    for (encoding, body, status) in [
        ("gzip", bomb, 413),
        ("gzip", batch.clone().into_bytes(), 400),
        ("br", batch.clone().into_bytes(), 415),
        ("", vec![b' '; 33 << 20], 413),
    ] {
        let answer = podium.push_encoded(TOKEN, encoding, body).await;
        assert_eq!(answer.status, status, "{encoding}: {}", answer.text);
        assert!(!answer.detail().is_empty());
    }
}
