//! What a board of teams needs beside usage: those who used nothing, deleted teams, the course of
//! days, files.

use gateway_sim::{Simulator, Version};
use serde_json::json;

use super::{json, logged, rows};
use crate::harness::{Podium, gateway_of};
use crate::requests::people;
use crate::worlds::{Use, workshop};

const TODAY_ONLY: &str = "start_date=2026-11-24&end_date=2026-11-24";

#[tokio::test]
async fn teams_that_used_nothing_have_zeros_where_they_are_wanted() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let path = |parts: &str| {
        format!("/api/v1/query?{TODAY_ONLY}&by=team&measures=tokens,usd_per_1k_tokens&{parts}")
    };
    let ask = async |parts: &str| json(&podium.get(&path(parts)).await);
    let columns = ["team", "team_id", "tokens"];
    let plain = ask("").await;
    assert_eq!(rows(&plain, &["team"]), [["Alpha"], ["Beta"]]);
    let all = ask("zeros=true").await;
    assert_eq!(
        rows(&all, &columns),
        [["Alpha", "t-alpha", "1627"], ["Beta", "t-beta", "333"], ["Quiet", "t-quiet", "0"]]
    );
    assert_eq!(rows(&all, &["usd_per_1k_tokens"])[2], ["null"], "nothing has no price");
    assert_eq!(all["totals"], plain["totals"]);
    // Filters by team choose among them; what others leave of a team may be nothing.
    let some = ask("zeros=true&team=!Alpha").await;
    assert_eq!(rows(&some, &["team"]), [["Beta"], ["Quiet"]]);
    let model = ask("zeros=true&model=acme/Anthropic/claude-sonnet-4.5&order=team").await;
    assert_eq!(rows(&model, &["team", "tokens"])[1..], [["Beta", "0"], ["Quiet", "0"]]);
    let nobody = ask("zeros=true&team=Gamma").await;
    assert_eq!(nobody["rows"], json!([]));
    // Like any rows they are ordered, limited, and part of the rest.
    let least = ask("zeros=true&order=tokens&limit=1&rest=true").await;
    assert_eq!(rows(&least, &["team", "tokens"]), [["Quiet", "0"], ["Others", "1960"]]);
    assert_eq!((&least["others"], &all["others"]), (&json!(2), &json!(null)));
    let compared = ask("zeros=true&compare=previous").await;
    assert_eq!(
        rows(&compared, &["team", "tokens", "previous_tokens"]),
        [["Alpha", "1627", "55"], ["Beta", "333", "11"], ["Quiet", "0", "0"]]
    );
    // Every format has them, and a body asks for them as an address does.
    let csv = podium.get(&path("zeros=true&format=csv")).await.text;
    assert!(csv.contains("Quiet,t-quiet,0,\r\n"), "{csv}");
    let body = json!({ "start_date": "2026-11-24", "by": ["team"], "measures": "tokens",
        "zeros": true });
    let posted = podium.post("/api/v1/query", body.to_string()).await;
    assert_eq!(rows(&json(&posted), &columns), rows(&all, &columns));
}

#[tokio::test]
async fn zeros_fill_every_bucket_and_say_where_nothing_is_known() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let days = "start_date=2026-11-22&end_date=2026-11-24&measures=tokens&zeros=true";
    let by_team =
        json(&podium.get(&format!("/api/v1/query?{days}&by=team&team=Quiet&grain=1d")).await);
    assert_eq!(
        rows(&by_team, &["team", "tokens"]),
        [["Quiet", "0"], ["Quiet", "0"], ["Quiet", "0"]]
    );
    let of_all = json(&podium.get(&format!("/api/v1/query?{days}&grain=1d")).await);
    assert_eq!(rows(&of_all, &["tokens"]), [["0"], ["66"], ["1960"]]);
    let first = json(
        &podium.get(&format!("/api/v1/query?{days}&by=team&grain=1d&limit=1&rest=true")).await,
    );
    assert_eq!(
        rows(&first, &["team", "tokens"]),
        [
            ["Alpha", "0"],
            ["Alpha", "55"],
            ["Alpha", "1627"],
            ["Others", "0"],
            ["Others", "11"],
            ["Others", "333"]
        ]
    );
    assert_eq!(first["others"], 2);
    // The day is not over: of its last hours nothing is known.
    let mut by_hour = people();
    logged(&mut by_hour, "a", "2026-11-24T09:00:00Z");
    let with_logs = gateway_of(by_hour, Version::CURRENT).await;
    let with_logs = crate::requests::with_logs_in_front_of(&with_logs).await;
    with_logs.look().await.expect("in step");
    let path = format!("/api/v1/query?{TODAY_ONLY}&measures=tokens&by=team&team=Quiet&grain=1h");
    let quiet = rows(&json(&with_logs.get(&format!("{path}&zeros=true")).await), &["tokens"]);
    assert_eq!((&quiet[9][0], &quiet[23][0]), (&"0".to_owned(), &"null".to_owned()));
    for (parts, words) in [
        ("by=model&zeros=true", "zeros=true needs by=team"),
        ("by=team,model&zeros=true", "zeros=true needs by=team"),
        ("by=team&zeros=maybe", "zeros must be true or false"),
        ("bom=maybe", "bom must be true or false"),
        ("download=maybe", "download must be true or false"),
        ("grain=auto&compare=previous", "compare needs"),
    ] {
        let refused = podium.get(&format!("/api/v1/query?{TODAY_ONLY}&{parts}")).await;
        assert_eq!(refused.status, 400, "{parts}");
        assert!(refused.detail().contains(words), "{parts}: {}", refused.text);
    }
}

#[tokio::test]
async fn deleted_teams_are_marked_where_they_are_listed() {
    let mut world = workshop();
    world.record(Use { team: Some("t-gone"), key: "key-g", prompt: 7, ..Use::default() }.row());
    let gateway = gateway_of(world, Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let path = format!("/api/v1/query?{TODAY_ONLY}&by=team&measures=tokens&zeros=true");
    let listed = json(&podium.get(&path).await);
    assert_eq!(listed["meta"].get("deleted_teams"), None);
    let all = json(&podium.get(&format!("{path}&include=deleted")).await);
    assert_eq!(all["meta"]["deleted_teams"], json!(["t-gone"]));
    assert!(rows(&all, &["team_id"]).contains(&vec!["t-gone".to_owned()]));
}

#[tokio::test]
async fn an_answer_is_a_file_where_that_is_asked_for() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let file_of = async |parts: &str| {
        let answer = podium.get(&format!("/api/v1/query?{TODAY_ONLY}&{parts}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.header("content-disposition").map(str::to_owned)
    };
    let named = |ending: &str| {
        Some(format!("attachment; filename=\"podium_2026-11-24_2026-11-24.{ending}\""))
    };
    assert_eq!(file_of("").await, None);
    assert_eq!(file_of("download=true").await, named("json"));
    assert_eq!(file_of("download=false").await, None);
    assert_eq!(file_of("format=csv").await, named("csv"));
    assert_eq!(file_of("format=csv&download=true").await, named("csv"));
    assert_eq!(file_of("format=markdown&download=false").await, None);
}

#[tokio::test]
async fn hours_are_told_where_they_are_few_and_known() {
    let days = "start_date=2026-11-23&end_date=2026-11-24&measures=tokens&grain=auto";
    let buckets = async |gateway: &Simulator, days: &str| {
        let podium = crate::requests::with_logs_in_front_of(gateway).await;
        podium.look().await.expect("in step");
        let answer = json(&podium.get(&format!("/api/v1/query?{days}")).await);
        answer["buckets"].as_array().unwrap().len()
    };
    let without = gateway_of(workshop(), Version::CURRENT).await;
    assert_eq!(buckets(&without, days).await, 2);
    let mut logged_people = people();
    logged(&mut logged_people, "a", "2026-11-23T09:00:00Z");
    logged(&mut logged_people, "b", "2026-11-24T09:00:00Z");
    let with = gateway_of(logged_people, Version::CURRENT).await;
    let hours = buckets(&with, days).await;
    assert!(hours >= 48, "{hours}");
    assert_eq!(buckets(&with, &days.replace("11-23", "11-22")).await, 3);
}
