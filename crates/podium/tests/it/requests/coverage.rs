//! How much of the days the quarter hours explain, and what is said where they do not.

use gateway_sim::Version;
use serde_json::json;

use super::{people, request, with_logs_in_front_of};
use crate::harness::gateway_of;

#[tokio::test]
async fn what_the_gateway_dropped_from_its_logs_is_told_to_the_token() {
    let mut world = people();
    world.record_request(request("same", "2026-11-24T09:00:00Z"));
    // The provider repeats an id: the day counts it, the logs drop it.
    world.record_request(request("same", "2026-11-24T10:00:00Z"));
    world.record_request(request("other", "2026-11-24T10:00:00Z"));
    let gateway = gateway_of(world, Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    let meta = podium.get("/tokens/hourly?start_date=2026-11-24").await.json()["meta"].clone();
    let day = json!({ "date": "2026-11-24", "tokens": 36, "explained_tokens": 24 });
    assert_eq!(meta["coverage"], json!({ "tokens": 36, "explained_tokens": 24, "days": [day] }));
    assert_eq!(meta["source"], "quarter_hours");
    let tokens = podium.get("/tokens?start_date=2026-11-24").await;
    assert_eq!(tokens.figures()["teams"][0]["tokens"], 36, "days stay the truth for totals");
    assert_eq!(tokens.json()["meta"]["source"], "days");
}

#[tokio::test]
async fn local_days_are_exact_where_logs_are_and_marked_where_not() {
    let mut world = people();
    // Local day 24 of Tokyo is 15:00Z on the 23rd to 15:00Z on the 24th.
    for (id, at) in [
        ("a", "2026-11-23T14:59:59Z"),
        ("b", "2026-11-23T15:00:00Z"),
        ("c", "2026-11-24T10:00:00Z"),
        ("old", "2026-11-10T20:00:00Z"),
    ] {
        world.record_request(request(id, at));
    }
    world.log_request(request("never counted", "2026-11-01T00:00:00Z"));
    let gateway = gateway_of(world, Version::CURRENT).await;
    // The logs of that day were cleaned away.
    gateway.change(|world| {
        let kept: Vec<_> = world.requests().filter(|r| r.request_id != "old").cloned().collect();
        world.clear_requests();
        kept.into_iter().for_each(|request| world.log_request(request));
    });
    let podium = with_logs_in_front_of(&gateway).await;
    let tokyo = "tz=Asia/Tokyo";
    let series = podium
        .get(&format!("/tokens/timeseries?start_date=2026-11-23&end_date=2026-11-24&{tokyo}"))
        .await;
    let figures = series.figures();
    let day = |place: usize| {
        let day = &figures["timeseries"][place];
        (day["date"].as_str().unwrap().to_owned(), day["teams"][0]["tokens"].as_i64().unwrap())
    };
    assert_eq!(day(0), ("2026-11-24".to_owned(), 24));
    assert_eq!(day(1), ("2026-11-23".to_owned(), 12));
    let meta = &series.json()["meta"];
    assert_eq!((&meta["source"], &meta["approximate_days"]), (&json!("quarter_hours"), &json!([])));

    let old =
        podium.get(&format!("/tokens?start_date=2026-11-10&end_date=2026-11-11&{tokyo}")).await;
    assert_eq!(old.figures()["teams"][0]["tokens"], 12);
    let meta = &old.json()["meta"];
    assert_eq!(meta["approximate_days"], json!(["2026-11-11", "2026-11-10"]));
    assert_eq!(meta["source"], "days");
    for path in ["/tokens/models", "/tokens/success-rate", "/tokens/cost-efficiency"] {
        let answer =
            podium.get(&format!("{path}?start_date=2026-11-24&end_date=2026-11-24&{tokyo}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        assert_eq!(answer.json()["meta"]["tz"], "Asia/Tokyo");
    }
    let models = podium
        .get(&format!("/tokens/models?start_date=2026-11-24&end_date=2026-11-24&{tokyo}"))
        .await;
    assert_eq!(models.figures()["models"][0]["tokens"], 24);
}

#[tokio::test]
async fn bad_parameters_are_refused_in_words() {
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    for (path, words) in [
        ("/tokens?tz=Mars/Olympus", "time zone"),
        ("/tokens/hourly?tz=../../etc/passwd", "time zone"),
        ("/api/v1/activity?grain=2h", "grain must be"),
        ("/api/v1/activity?by=colour", "by must be"),
        ("/api/v1/activity?measures=tokens,smiles", "measures must be"),
        ("/api/v1/activity?grain=15m&start_date=2026-01-01", "more than 5000 buckets"),
        ("/api/v1/events?topics=weather", "topics must be"),
        ("/api/v1/heatmap?start_date=x", "YYYY-MM-DD"),
    ] {
        let answer = podium.get(path).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        assert!(answer.detail().contains(words), "{path}: {}", answer.text);
    }
    assert_eq!(gateway.calls(), [], "nobody was asked");
}

#[tokio::test]
async fn the_board_has_every_measure_and_the_period_before() {
    let mut world = people();
    world.record_request(request("a", "2026-11-24T09:00:00Z"));
    world.record_request(gateway_sim::Request {
        success: false,
        completion_tokens: 0,
        spend: 0.0,
        ..request("b", "2026-11-24T09:20:00Z")
    });
    world.record_request(request("c", "2026-11-23T09:00:00Z"));
    let gateway = gateway_of(world, Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    podium.look().await.expect("in step");
    let board = podium.get("/api/v1/leaderboard?start_date=2026-11-24").await.figures();
    let alpha = &board["teams"][0];
    assert_eq!((&alpha["name"], &alpha["tokens"]), (&json!("Alpha"), &json!(22)));
    assert_eq!((&alpha["success_rate"], &alpha["failed_requests"]), (&json!(50.0), &json!(1)));
    assert_eq!(alpha["previous"]["tokens"], 12);
    assert_eq!(
        (&board["previous"]["start_date"], &board["totals"]["tokens"]),
        (&json!("2026-11-23"), &json!(22))
    );
    assert_eq!(board["trend_buckets"].as_array().unwrap().len(), 24, "hours");
    assert_eq!(
        (&alpha["trend"][9], &alpha["trend"][8], &alpha["trend"][20]),
        (&json!(22), &json!(0), &json!(null))
    );
    let quiet = &board["teams"][2];
    assert_eq!((&quiet["success_rate"], &quiet["usd_per_1k_tokens"]), (&json!(null), &json!(null)));
    let week = podium.get("/api/v1/leaderboard?start_date=2026-11-18").await.figures();
    assert_eq!(week["trend_buckets"].as_array().unwrap().len(), 7, "days");
    assert_eq!(week["teams"][0]["trend"], json!([0, 0, 0, 0, 0, 12, 22]));
}
