//! Gateways are read tolerantly: what is missing counts as nothing and spoils nothing else.

use gateway_sim::{Fault, Target, Version};
use serde_json::{Value, json};

use crate::harness::{Podium, gateway_of};
use crate::worlds::workshop;

const PATHS: [&str; 5] = [
    "/tokens",
    "/tokens/timeseries",
    "/tokens/models",
    "/tokens/success-rate",
    "/tokens/cost-efficiency",
];

async fn figures_with(version: Version, fault: Option<Fault>) -> Vec<Value> {
    let gateway = gateway_of(workshop(), version).await;
    if let Some(fault) = fault {
        gateway.faults().set("", fault);
    }
    let podium = Podium::in_front_of(&gateway).await;
    let mut figures = Vec::new();
    for path in PATHS {
        figures.push(podium.get(path).await.figures());
    }
    figures
}

#[tokio::test]
async fn the_clothes_of_numbers_and_unknown_fields_do_not_matter() {
    for version in [Version::CURRENT, Version::OLDER] {
        let plain = figures_with(version.clone(), None).await;
        for fault in
            [Fault::ExtraFields, Fault::NumbersAsText, Fault::NumbersAsFloats, Fault::HasMoreAsText]
        {
            let name = format!("{fault:?}");
            assert_eq!(figures_with(version.clone(), Some(fault)).await, plain, "{name}");
        }
    }
}

#[tokio::test]
async fn versions_tell_the_same_figures() {
    let current = figures_with(Version::CURRENT, None).await;
    for version in [
        Version::OLDER,
        Version { aggregated: false, ..Version::CURRENT },
        Version { max_page_size: Some(10), aggregated: false, ..Version::CURRENT },
    ] {
        assert_eq!(figures_with(version.clone(), None).await, current, "{version:?}");
    }
}

/// Edits each day of each activity answer.
fn each_day(edit: impl Fn(&mut Value) + Send + Sync + 'static) -> Fault {
    Fault::edit(move |answer| {
        for day in answer["results"].as_array_mut().into_iter().flatten() {
            edit(day);
        }
    })
}

#[tokio::test]
async fn a_missing_part_of_one_day_leaves_the_other_days_alone() {
    let alpha_on = |figures: &[Value], date: &str| -> i64 {
        let days = figures[1]["timeseries"].as_array().unwrap();
        let day = days.iter().find(|day| day["date"] == date).expect("the day is there");
        day["teams"].as_array().unwrap().iter().find(|team| team["name"] == "Alpha").unwrap()["tokens"]
            .as_i64()
            .unwrap()
    };
    for missing in [json!(null), json!("absent")] {
        for place in ["breakdown", "entities", "metrics"] {
            let missing = missing.clone();
            let fault = each_day(move |day| {
                if day["date"] != "2026-11-24" {
                    return;
                }
                let parent = match place {
                    "entities" => &mut day["breakdown"],
                    "metrics" => &mut day["breakdown"]["entities"]["t-alpha"],
                    _ => day,
                };
                if missing.is_null() {
                    parent[place] = Value::Null;
                } else if let Some(parent) = parent.as_object_mut() {
                    parent.remove(place);
                }
            });
            let figures = figures_with(Version::CURRENT, Some(fault)).await;
            assert_eq!(alpha_on(&figures, "2026-11-23"), 55, "{place}");
            assert_eq!(alpha_on(&figures, "2026-11-24"), 0, "{place}");
        }
    }
}

#[tokio::test]
async fn missing_page_metadata_means_one_page() {
    for missing in [
        json!(null),
        json!({}),
        json!({"total_pages": null, "has_more": null, "total_tokens": null}),
    ] {
        let told = missing.clone();
        let fault = Fault::edit(move |answer| {
            if answer.get("results").is_some() {
                answer["metadata"] = told.clone();
            }
        });
        let figures = figures_with(Version::OLDER, Some(fault)).await;
        assert_eq!(figures, figures_with(Version::OLDER, None).await, "{missing}");
    }
}

#[tokio::test]
async fn null_entries_and_numbers_count_as_nothing() {
    let fault = each_day(|day| {
        if day["date"] == "2026-11-24" {
            day["breakdown"]["entities"]["t-beta"] = Value::Null;
            day["breakdown"]["model_groups"]["acme/OpenAI/gpt-5.2"] = Value::Null;
            day["breakdown"]["entities"]["t-alpha"]["metrics"]["api_requests"] = Value::Null;
            day["breakdown"]["entities"]["t-alpha"]["metadata"] = Value::Null;
        }
    });
    let figures = figures_with(Version::CURRENT, Some(fault)).await;
    let teams = figures[0]["teams"].as_array().unwrap();
    assert_eq!(teams[0]["tokens"], 120 + 1_500 + 7 + 55);
    assert_eq!(teams[1]["tokens"], 11);
    let rates = figures[3]["teams"].as_array().unwrap();
    assert_eq!(rates[0]["total_requests"], 1);
}

#[tokio::test]
async fn what_is_not_needed_of_a_team_is_not_checked() {
    let fault = Fault::edit(|answer| {
        let teams = match answer {
            Value::Array(teams) => teams,
            _ => match answer["teams"].as_array_mut() {
                Some(teams) => teams,
                None => return,
            },
        };
        for team in teams.iter_mut() {
            team["members_with_roles"] = json!([{"user_id": null, "role": 7}]);
            team["models"] = json!("all");
            team["spend"] = json!("a lot");
        }
        teams.push(Value::Null);
        teams.push(json!({"team_alias": "no id"}));
    });
    for version in [Version::CURRENT, Version::OLDER] {
        let figures = figures_with(version.clone(), Some(fault.clone())).await;
        assert_eq!(figures, figures_with(version, None).await);
    }
}

#[tokio::test]
async fn an_answer_without_results_is_a_failure() {
    for version in [Version::CURRENT, Version::OLDER] {
        for fault in [
            Fault::Without("results"),
            Fault::OtherJson(json!({"results": null, "metadata": {}})),
            Fault::OtherJson(json!([])),
            Fault::OtherJson(json!([{"results": []}])),
            Fault::OtherJson(json!(null)),
        ] {
            let gateway = gateway_of(workshop(), version.clone()).await;
            gateway.faults().set(Target::prefix("/team/daily/activity"), fault.clone());
            let podium = Podium::in_front_of(&gateway).await;
            let answer = podium.get("/tokens").await;
            assert_eq!(answer.status, 502, "{fault:?}: {}", answer.text);
        }
    }
}
