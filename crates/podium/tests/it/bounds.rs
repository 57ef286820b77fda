//! A question costs a bounded amount, whatever is asked.

use gateway_sim::Version;
use jiff::SignedDuration;
use serde_json::Value;

use crate::harness::{Podium, Setup, gateway_of};
use crate::worlds::workshop;

#[tokio::test]
async fn centuries_without_usage_change_no_figure() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let settings = podium::sync::Settings { log_days: 7, ..Setup::default().settings };
    let podium = Podium::start(&gateway, Setup { settings, ..Setup::default() }).await;
    for path in ["/tokens", "/tokens/models", "/tokens/success-rate", "/tokens/timeseries"] {
        for tz in ["UTC", "Europe/Berlin", "Pacific/Kiritimati", "America/Los_Angeles"] {
            let of = |first: &str| format!("{path}?start_date={first}&tz={tz}");
            let all = podium.get(&of("0001-01-02")).await;
            let short = podium.get(&of("2026-11-20")).await;
            assert_eq!(all.figures(), short.figures(), "{path} {tz}");
            assert_eq!(all.json()["meta"]["start_date"], "0001-01-02");
        }
    }
}

#[tokio::test]
async fn a_query_that_is_too_long_is_refused_everywhere() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let long = "x".repeat(8_193);
    for path in ["/tokens", "/livez", "/api/v1/activity", "/nowhere", "/docs"] {
        let answer = podium.get(&format!("{path}?{long}")).await;
        assert_eq!(answer.status, 414, "{path}");
        assert!(answer.detail().contains("8192"), "{}", answer.text);
    }
    assert_eq!(podium.get(&format!("/tokens?{}", &long[..8_000])).await.status, 200);
}

#[tokio::test]
async fn the_tag_changes_whenever_the_body_does_and_only_then() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let path = "/api/v1/activity?start_date=2026-11-24&grain=1d";
    let before = podium.get(path).await;
    assert_eq!(before.json()["buckets"][0]["state"], "unfinished");
    let again = podium.get(path).await;
    assert_eq!((again.header("etag"), &again.text), (before.header("etag"), &before.text));
    // Midnight passes; nothing else moves.
    podium.clock.advance(13);
    let path = "/api/v1/activity?start_date=2026-11-24&end_date=2026-11-24&grain=1d";
    let after = podium.get(path).await;
    assert_eq!(after.json()["buckets"][0]["state"], "complete");
    assert_ne!(after.header("etag"), before.header("etag"));
    let known = after.header("etag").expect("a tag").to_owned();
    let answer = podium.send(reqwest::Method::GET, path, &[("If-None-Match", &known)]).await;
    assert_eq!((answer.status.as_u16(), answer.text.as_str()), (304, ""));
}

#[tokio::test]
async fn a_look_that_finds_nothing_new_changes_the_age_and_no_figure() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let before = podium.get("/tokens").await;
    podium.clock.advance(1);
    podium.look().await.expect("in step");
    let after = podium.get("/tokens").await;
    let as_of = |answer: &crate::harness::Answer| -> jiff::Timestamp {
        answer.json()["meta"]["as_of"].as_str().expect("an instant").parse().expect("a time")
    };
    assert_eq!(as_of(&after).duration_since(as_of(&before)), SignedDuration::from_hours(1));
    assert_eq!(before.figures(), after.figures());
    assert_ne!(before.header("etag"), after.header("etag"));
}

/// Who looks at last month is not sent it again because somebody uses a model now.
#[tokio::test]
async fn answers_about_other_days_outlive_what_happens_today() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let past = "start_date=2026-11-18&end_date=2026-11-19";
    let paths = [
        format!("/tokens?{past}"),
        format!("/tokens/timeseries?{past}"),
        format!("/api/v1/query?by=team&{past}"),
    ];
    let today = "/tokens?start_date=2026-11-24&end_date=2026-11-24";
    let mut tags = Vec::new();
    for path in &paths {
        tags.push(podium.get(path).await.header("etag").expect("a tag").to_owned());
    }
    let compared = format!("/api/v1/query?compare=previous&{past}");
    let [now_before, compared_before] = [podium.get(today).await, podium.get(&compared).await];
    gateway.change(|world| world.record(crate::worlds::Use::default().row()));
    podium.look().await.expect("the gateway answers");
    let now = podium.get(today).await;
    assert_ne!(now.figures(), now_before.figures());
    assert!(now.header("x-data-version") > now_before.header("x-data-version"));
    for (path, tag) in paths.iter().zip(&tags) {
        let answer = podium.send(reqwest::Method::GET, path, &[("If-None-Match", tag)]).await;
        assert_eq!(answer.status.as_u16(), 304, "{path}: {}", answer.text);
    }
    // What was used on the days before them may be what moved.
    assert_eq!(podium.get(&compared).await.status.as_u16(), 200);
    assert_eq!(podium.get(&compared).await.json()["rows"], compared_before.json()["rows"]);
    gateway.change(|world| world.rename_team("t-alpha", Some("Alpha Centauri")));
    podium.look().await.expect("the gateway answers");
    let answer = podium.send(reqwest::Method::GET, &paths[0], &[("If-None-Match", &tags[0])]).await;
    assert_eq!(answer.status.as_u16(), 200, "a name counts wherever it is told");
}

/// Answers are found by their address alone, as long as that means the same.
#[tokio::test]
async fn an_address_asked_again_is_answered_as_it_is_meant_then() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let get = async |path: &str, accept: &str| {
        podium.send(reqwest::Method::GET, path, &[("Accept", accept)]).await
    };
    let query = "/api/v1/query?by=team";
    let json = get(query, "*/*").await;
    for (accept, kind) in [
        ("text/csv", "text/csv"),
        ("*/*", "application/json"),
        ("text/markdown", "text/markdown"),
        ("application/json", "application/json"),
        ("text/csv", "text/csv"),
    ] {
        let answer = get(query, accept).await;
        let told = answer.header("content-type").unwrap_or_default();
        assert!(told.starts_with(kind), "{accept}: {told}");
    }
    assert_eq!(get(query, "*/*").await.text, json.text);
    // What is accepted may stand on several lines.
    assert_eq!(get(query, "text/html").await.text, json.text);
    let lines = [("Accept", "text/html"), ("Accept", "text/csv")];
    let csv = podium.send(reqwest::Method::GET, query, &lines).await;
    assert!(csv.header("content-type").unwrap_or_default().starts_with("text/csv"));
    for _ in 0..3 {
        let file = get("/api/v1/query?by=team&download=true", "*/*").await;
        assert!(file.header("content-disposition").is_some());
        let missing = get("/api/v1/query?by=nobody", "*/*").await;
        assert_eq!(missing.status.as_u16(), 400);
    }
    let of_days = |answer: &crate::harness::Answer| answer.json()["meta"]["end_date"].to_string();
    let [today, again] = [podium.get("/tokens").await, podium.get("/tokens").await];
    assert_eq!((today.text, of_days(&again)), (again.text.clone(), "\"2026-11-24\"".to_owned()));
    assert!(podium.get("/tokens?end_date=2026-11-25").await.status.as_u16() == 400);
    podium.clock.advance(13);
    assert_eq!(of_days(&podium.get("/tokens").await), "\"2026-11-25\"");
    assert_eq!(podium.get("/tokens?end_date=2026-11-25").await.status.as_u16(), 200);
}

#[tokio::test]
async fn the_last_audit_is_told_and_costs_the_gateway_nothing() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    podium.get("/tokens").await.figures();
    gateway.clear_calls();
    for _ in 0..50 {
        let audit = podium.get("/api/v1/audit").await.json();
        assert_eq!((&audit["state"], &audit["audited_at"]), (&"none".into(), &Value::Null));
    }
    assert_eq!(gateway.calls(), []);
    let hold = gateway.hold("/team/daily/activity");
    let post = || podium.send(reqwest::Method::POST, "/api/v1/audit", &[]);
    assert_eq!(post().await.status, 202);
    hold.arrived(1).await;
    assert_eq!(podium.get("/api/v1/audit").await.json()["state"], "running");
    let second = post().await;
    assert_eq!(second.status, 409);
    assert!(second.detail().contains("running"), "{}", second.text);
    hold.release();
    let audit = podium.get("/api/v1/audit").await;
    drop(audit);
    while podium.get("/api/v1/audit").await.json()["state"] == "running" {}
    let audit = podium.get("/api/v1/audit").await.json();
    assert_eq!((&audit["state"], &audit["equal_days"]), (&"done".into(), &2.into()), "{audit}");
}
