//! Which days are meant.

use gateway_sim::Version;

use crate::harness::{Podium, gateway_of};
use crate::worlds::{Use, workshop};

const ENDPOINTS: [&str; 6] = [
    "/tokens",
    "/tokens/timeseries",
    "/tokens/models",
    "/tokens/success-rate",
    "/tokens/cost-efficiency",
    "/tokens/hourly",
];

#[tokio::test]
async fn bad_dates_are_refused_alike_everywhere_before_the_gateway_is_asked() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    for endpoint in ENDPOINTS {
        for (query, message) in [
            ("start_date=2026.11.01", "Date must be in YYYY-MM-DD format"),
            ("start_date=", "Date must be in YYYY-MM-DD format"),
            ("start_date", "Date must be in YYYY-MM-DD format"),
            ("end_date=2026-02-30", "Date must be in YYYY-MM-DD format"),
            ("start_date=2026-11-01T00:00:00", "Date must be in YYYY-MM-DD format"),
            ("end_date=%EF%BC%92026-01-01", "Date must be in YYYY-MM-DD format"),
            ("start_date=0001-01-01", "Date must be in YYYY-MM-DD format"),
            ("start_date=2026-11-25", "start_date cannot be in the future"),
            ("end_date=2026-11-25", "end_date cannot be in the future"),
            ("start_date=2026-11-02&end_date=2026-11-01", "end_date must not be before start_date"),
        ] {
            let answer = podium.get(&format!("{endpoint}?{query}")).await;
            assert_eq!(answer.status, 400, "{endpoint}?{query}");
            assert!(answer.detail().contains(message), "{}", answer.text);
        }
    }
    assert_eq!(gateway.calls(), []);
}

#[tokio::test]
async fn missing_ends_mean_yesterday_and_today() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    for (query, first, last) in [
        ("", "2026-11-23", "2026-11-24"),
        ("?start_date=2026-11-22", "2026-11-22", "2026-11-24"),
        ("?end_date=2026-11-23", "2026-11-22", "2026-11-23"),
        ("?start_date=2026-1-5&end_date=2026-1-05", "2026-01-05", "2026-01-05"),
        ("?start_date=x&start_date=2026-11-24&Start_date=y&z=1", "2026-11-24", "2026-11-24"),
    ] {
        let meta = podium.get(&format!("/tokens{query}")).await.json()["meta"].clone();
        assert_eq!((&meta["start_date"], &meta["end_date"]), (&first.into(), &last.into()));
    }
}

#[tokio::test]
async fn both_ends_count() {
    let gateway = gateway_of(workshop(), Version::CURRENT).await;
    let podium = Podium::in_front_of(&gateway).await;
    let beta = |answer: serde_json::Value| answer["teams"][1]["tokens"].clone();
    let one_day = "/tokens?start_date=2026-11-23&end_date=2026-11-23";
    assert_eq!(beta(podium.get(one_day).await.figures()), 11);
    assert_eq!(beta(podium.get("/tokens").await.figures()), 11 + 333);
}

#[tokio::test]
async fn a_range_of_centuries_costs_a_bounded_number_of_questions() {
    for version in [Version::CURRENT, Version::OLDER] {
        let gateway = gateway_of(workshop(), version).await;
        gateway.change(|world| {
            world.record(Use { date: "2026-08-01", prompt: 5, ..Use::default() }.row());
        });
        let podium = Podium::in_front_of(&gateway).await;
        let answer = podium.get("/tokens?start_date=0001-01-02").await;
        assert_eq!(answer.figures()["teams"][0]["tokens"], 120 + 1_500 + 7 + 55 + 25);
        assert_eq!(answer.json()["meta"]["complete"], true);
        let calls = gateway.calls().len();
        assert!(calls < 20, "{calls} calls");
        gateway.clear_calls();
        podium.get("/tokens/models?start_date=1999-12-31").await.figures();
        assert_eq!(gateway.calls(), [], "all of it is stored now");
    }
}
