//! What can be asked, and how it is answered.

use gateway_sim::Version;
use serde_json::json;

use super::{json, logged, rows, workshop_with_a_rest};
use crate::harness::{Podium, Setup, gateway_of};
use crate::requests::people;
use crate::worlds::{Use, workshop};

const TODAY_ONLY: &str = "start_date=2026-11-24&end_date=2026-11-24";

#[tokio::test]
async fn models_add_up_to_the_team_day_by_day() {
    let gateway = gateway_of(workshop_with_a_rest(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let tokens = podium.get(&format!("/tokens?{TODAY_ONLY}")).await.figures();
    let alpha = &tokens["teams"][0];
    let keys = alpha["breakdown"]["api_keys"].as_array().unwrap();
    let models = keys.iter().flat_map(|key| key["models"].as_array().unwrap());
    let sum: i64 = models.clone().map(|model| model["total_tokens"].as_i64().unwrap()).sum();
    assert_eq!(sum, alpha["tokens"].as_i64().unwrap(), "{keys:?}");
    let rest = models.filter(|model| model["model_name"] == "All Models");
    assert_eq!(rest.map(|rest| &rest["total_tokens"]).collect::<Vec<_>>(), [400]);
    let costs = podium.get(&format!("/tokens/cost-efficiency?{TODAY_ONLY}")).await.figures();
    let cells = costs["cells"].as_array().unwrap().iter();
    let rest = cells.filter(|cell| cell["model"] == "All Models").collect::<Vec<_>>();
    assert_eq!((rest.len(), &rest[0]["total_cost"]), (1, &json!(2.75)));
    // The names of the models stay names of models.
    let models = podium.get(&format!("/tokens/models?{TODAY_ONLY}")).await.text;
    assert!(!models.contains("All Models"), "{models}");
    let answer = json(&podium.get(&format!("/api/v1/query?{TODAY_ONLY}&by=model")).await);
    let rest: Vec<_> = rows(&answer, &["model", "tokens"])
        .into_iter()
        .filter(|row| row[0] == "All Models")
        .collect();
    assert_eq!(rest, [["All Models", "400"]]);
}

#[tokio::test]
async fn every_facet_is_exact_from_days() {
    let gateway = gateway_of(workshop_with_a_rest(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let ask = async |by: &str| {
        let path = format!("/api/v1/query?{TODAY_ONLY}&measures=tokens&by={by}");
        let answer = json(&podium.get(&path).await);
        assert_eq!(answer["meta"]["source"], "days");
        rows(&answer, &[by, "tokens"])
    };
    assert_eq!(
        ask("provider").await,
        [["anthropic", "1500"], ["openai", "460"], ["Unknown", "400"]]
    );
    assert_eq!(ask("endpoint").await, [["/chat/completions", "1960"], ["Unknown", "400"]]);
    assert_eq!(ask("mcp_tool").await, [["No tool", "2360"]]);
    let path = format!("/api/v1/activity?{TODAY_ONLY}&by=provider&measures=tokens");
    let activity = podium.get(&path).await;
    assert_eq!(activity.status, 200, "it was 501 without request logs: {}", activity.text);
    let ids: Vec<_> = activity.json()["series"].as_array().unwrap().clone();
    let ids: Vec<_> = ids.iter().map(|series| series["id"].clone()).collect();
    assert_eq!(ids, ["anthropic", "openai", "Unknown"]);
    let path = format!("/api/v1/activity?{TODAY_ONLY}&by=total&measures=tokens&model=All%20Models");
    let rest = podium.get(&path).await.json();
    assert_eq!(rest["series"][0]["values"]["tokens"], json!([400]));
}

#[tokio::test]
async fn facets_of_a_key_that_moved_are_those_of_the_team_that_spent() {
    for version in [Version::CURRENT, Version::OLDER] {
        let gateway = gateway_of(workshop(), version).await;
        gateway.change(|world| {
            world.move_key("key-a1", Some("t-beta"));
            let usage = Use { team: Some("t-beta"), key: "key-a1", prompt: 40, ..Use::default() };
            let mut row = usage.row();
            row.mcp_tool = Some("search/web".to_owned());
            world.record(row);
        });
        let podium = Podium::in_front_of(&gateway).await;
        let ask = async |by: &str| {
            let path = format!("/api/v1/query?{TODAY_ONLY}&measures=tokens&by={by}&team=Beta");
            rows(
                &json(&podium.get(&path).await),
                &["team", by.split(',').nth(1).unwrap(), "tokens"],
            )
        };
        assert_eq!(
            ask("team,mcp_tool").await,
            [["Beta", "No tool", "333"], ["Beta", "search/web", "60"]]
        );
        assert_eq!(ask("team,provider").await, [["Beta", "openai", "393"]]);
    }
}

#[tokio::test]
async fn two_facets_at_once_need_request_logs() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let answer = podium.get(&format!("/api/v1/query?{TODAY_ONLY}&by=model,provider")).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert!(answer.detail().contains("one of model"), "{}", answer.text);
    let filtered = podium.get(&format!("/api/v1/query?{TODAY_ONLY}&by=model&provider=x")).await;
    assert_eq!(filtered.status, 400, "a filter by another facet is the same");
}

#[tokio::test]
async fn filters_take_ids_and_names_and_leave_out() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let tokens = async |filter: &str| {
        let path = format!("/api/v1/query?{TODAY_ONLY}&measures=tokens&{filter}");
        json(&podium.get(&path).await)["totals"]["tokens"].as_i64().unwrap()
    };
    let all = tokens("").await;
    let beta = tokens("team=Beta").await;
    assert_eq!((all, beta), (1_960, 333));
    assert_eq!(tokens("team_id=t-beta").await, beta);
    assert_eq!(tokens("team=t-beta,Alpha").await, all);
    assert_eq!(tokens("team=!Beta").await, all - beta);
    assert_eq!(tokens("api_key_alias=beta%20one").await, beta);
    assert_eq!(tokens("api_key=key-b1&team=Alpha").await, 0);
    assert_eq!(tokens("model=acme/Anthropic/claude-sonnet-4.5").await, 1_500);
    assert_eq!(tokens("provider=!anthropic").await, all - 1_500);
    let nobody = json(&podium.get(&format!("/api/v1/query?{TODAY_ONLY}&team=Gamma")).await);
    assert_eq!((&nobody["rows"], &nobody["totals"]["tokens"]), (&json!([]), &json!(0)));
    assert_eq!(nobody["meta"]["warnings"], json!(["no team is called \"Gamma\""]));
}

#[tokio::test]
async fn the_first_few_come_with_the_rest_and_totals_are_of_everything() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let path =
        "/api/v1/query?start_date=2026-11-23&by=api_key&measures=tokens,requests&limit=1&rest=true";
    let answer = json(&podium.get(path).await);
    let columns = ["api_key_alias", "api_key", "tokens", "requests"];
    assert_eq!(
        rows(&answer, &columns),
        [["alpha one", "key-a1", "1675", "13"], ["Others", "null", "351", "8"]]
    );
    assert_eq!(answer["totals"], json!({ "tokens": 2_026, "requests": 21 }));
    let by_day = json(&podium.get(&format!("{path}&grain=1d")).await);
    assert_eq!(
        rows(&by_day, &["bucket", "api_key_alias", "tokens"]),
        [
            ["2026-11-23T00:00:00+00:00", "alpha one", "55"],
            ["2026-11-24T00:00:00+00:00", "alpha one", "1620"],
            ["2026-11-23T00:00:00+00:00", "Others", "11"],
            ["2026-11-24T00:00:00+00:00", "Others", "340"],
        ]
    );
    let least =
        "/api/v1/query?start_date=2026-11-23&by=api_key&measures=tokens&order=tokens&limit=1";
    assert_eq!(rows(&json(&podium.get(least).await), &["api_key"]), [["key-a2"]]);
}

#[tokio::test]
async fn a_period_is_told_beside_the_one_before() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    for compare in ["compare=previous", "compare_start=2026-11-23&compare_end=2026-11-23"] {
        let path = format!("/api/v1/query?{TODAY_ONLY}&by=team&measures=tokens&{compare}");
        let answer = json(&podium.get(&path).await);
        assert_eq!(
            rows(&answer, &["team", "tokens", "previous_tokens"]),
            [["Alpha", "1627", "55"], ["Beta", "333", "11"]]
        );
        let before = &answer["compare"];
        assert_eq!(
            (&before["start_date"], &before["totals"]["tokens"], &before["complete"]),
            (&json!("2026-11-23"), &json!(66), &json!(true))
        );
    }
}

#[tokio::test]
async fn a_running_day_is_held_against_the_same_hours() {
    let mut world = people();
    for (id, at) in [
        ("a", "2026-11-23T09:00:00Z"),
        ("b", "2026-11-23T22:00:00Z"),
        ("c", "2026-11-24T08:00:00Z"),
    ] {
        logged(&mut world, id, at);
    }
    let gateway = gateway_of(world, Version::CURRENT).await;
    let podium = crate::requests::with_logs_in_front_of(&gateway).await;
    podium.look().await.expect("in step");
    let path = format!("/api/v1/query?{TODAY_ONLY}&measures=tokens&compare=previous_to_now");
    let answer = json(&podium.get(&path).await);
    assert_eq!(rows(&answer, &["tokens", "previous_tokens"]), [["12", "12"]]);
    assert_eq!(answer["compare"]["until"], "2026-11-23T12:00:00Z");
}

#[tokio::test]
async fn a_body_asks_what_an_address_asks() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let asked = podium.get(&format!("/api/v1/query?{TODAY_ONLY}&by=team&team=Alpha,Beta")).await;
    let body = json!({ "start_date": "2026-11-24", "end_date": "2026-11-24", "by": ["team"],
        "team": ["Alpha", "Beta"] });
    let posted = podium.post("/api/v1/query", body.to_string()).await;
    assert_eq!(json(&asked), json(&posted));
    for (body, words) in [
        ("[]", "JSON object"),
        ("{", "not JSON"),
        (r#"{"by":{"a":1}}"#, "must be text"),
        (r#"{"tema":"x"}"#, "did you mean team?"),
    ] {
        let answer = podium.post("/api/v1/query", body).await;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.detail().contains(words), "{}", answer.text);
    }
}

#[tokio::test]
async fn what_is_misspelt_is_refused_at_every_newer_endpoint() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    for (path, words) in [
        ("/api/v1/query?mesures=tokens", "did you mean measures?"),
        ("/api/v1/query?measures=tokns", "did you mean tokens?"),
        ("/api/v1/query?format=excel", "json, ndjson, csv, parquet, markdown"),
        ("/api/v1/activity?modell=x", "did you mean model?"),
        ("/api/v1/heatmap?team=x", "did you mean team_id?"),
        ("/api/v1/leaderboard?start=2026-11-01", "did you mean start_date?"),
        ("/api/v1/facts.parquet?by=team", "there is no parameter"),
        ("/api/v1/query?grain=15m&start_date=2026-01-01", "more than 5000 buckets"),
    ] {
        let answer = podium.get(path).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        assert!(answer.detail().contains(words), "{path}: {}", answer.text);
    }
    assert_eq!(podium.get("/tokens?page=3").await.status, 200, "the contract ignores them");
}

#[tokio::test]
async fn what_can_be_asked_is_told() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let meta = json(&podium.get("/api/v1/meta").await);
    for dimension in meta["dimensions"].as_array().unwrap() {
        let name = dimension["name"].as_str().unwrap();
        let answer = json(&podium.get(&format!("/api/v1/query?by={name}")).await);
        let columns = answer["columns"].as_array().unwrap().iter();
        let of_dimension = columns.filter(|column| column["kind"] == "dimension");
        let names: Vec<_> = of_dimension.map(|column| column["name"].clone()).collect();
        assert_eq!(json!(names), dimension["columns"], "{name}");
    }
    for measure in meta["measures"].as_array().unwrap() {
        let name = measure["name"].as_str().unwrap();
        let answer = podium.get(&format!("/api/v1/query?measures={name}")).await;
        let expected = if measure["from_requests"] == true { 501 } else { 200 };
        assert_eq!(answer.status, expected, "{name}: {}", answer.text);
    }
}

#[tokio::test]
async fn what_logs_do_not_explain_has_an_unknown_hour() {
    let mut world = people();
    logged(&mut world, "same", "2026-11-24T09:00:00Z");
    // The provider repeats an id: the day counts it, the logs drop it.
    logged(&mut world, "same", "2026-11-24T10:00:00Z");
    let gateway = gateway_of(world, Version::CURRENT).await;
    let podium = crate::requests::with_logs_in_front_of(&gateway).await;
    let hourly = podium.get(&format!("/tokens/hourly?{TODAY_ONLY}")).await.figures();
    assert_eq!((&hourly["hours"][9]["tokens"], &hourly["unknown_hour"]), (&json!(12), &json!(12)));
    for grain in ["1h", "15m", "hour_of_day", "weekday_hour"] {
        let path = format!("/api/v1/query?{TODAY_ONLY}&grain={grain}&measures=tokens");
        let answer = json(&podium.get(&path).await);
        assert_eq!(answer["totals"]["tokens"], 24, "{grain}");
        let last = rows(&answer, &["bucket", "tokens"]).pop().unwrap();
        assert_eq!(last, ["unknown_hour", "12"], "{grain}");
        let buckets = answer["buckets"].as_array().unwrap();
        assert_eq!(buckets.last().unwrap()["state"], "unknown_hour");
        assert_eq!(buckets[0]["coverage"], 0.5);
    }
    let tokyo =
        "/api/v1/query?start_date=2026-11-23&end_date=2026-11-24&measures=tokens&tz=Asia/Tokyo";
    let answer = json(&podium.get(&format!("{tokyo}&grain=1d")).await);
    assert_eq!(answer["totals"]["tokens"], 24, "nothing is lost in another zone");
    let meta = &answer["meta"];
    assert_eq!(meta["approximate"], json!([{ "date": "2026-11-24", "tokens": 12 }]));
    assert_eq!(
        (&meta["approximate_days"], &meta["source"]),
        (&json!(["2026-11-24"]), &json!("mixed"))
    );
}

#[tokio::test]
async fn days_without_logs_still_have_local_days() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::start(&gateway, Setup::default()).await;
    let path = "/api/v1/query?start_date=2026-11-23&measures=tokens&grain=1d&tz=America/New_York";
    let answer = json(&podium.get(path).await);
    assert_eq!(rows(&answer, &["tokens"]), [["66"], ["1960"]], "on their UTC dates");
    assert_eq!(answer["meta"]["source"], "days");
}
