//! What alerts, the dashboard and the documentation name is there, and what is there is documented.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use podium::sync::Settings;

use super::{Scrape, scrape};
use crate::harness::{Podium, Setup, gateway_with_clock};
use crate::requests::request;
use crate::worlds::workshop;
use gateway_sim::Version;

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Everything that a Podium tells which follows its gateway, once it is in step.
async fn everything() -> Scrape {
    let settings = Settings {
        refresh: Duration::from_secs(3_600),
        backfill_days: 3,
        log_days: 2,
        ..Settings::default()
    };
    let directory = tempfile::tempdir().expect("a directory");
    let data = podium::config::DataDir::At(directory.path().to_owned());
    let setup = Setup { settings, data, follow: true, ..Setup::default() };
    let mut world = workshop();
    world.log_request(request("logged", "2026-11-24T09:00:00Z"));
    let gateway = gateway_with_clock(world, Version::CURRENT, setup.clock.clone()).await;
    let mut podium = Podium::start(&gateway, setup).await;
    assert_eq!(podium.get("/tokens/hourly").await.status, 200);
    podium.look().await.expect("in step");
    loop {
        let told = scrape(&podium).await;
        let is_whole = ["podium_in_step_age_seconds", "podium_request_logs_age_seconds"]
            .iter()
            .all(|name| told.kinds.contains_key(*name));
        if is_whole {
            podium.stop().await;
            return told;
        }
    }
}

/// The names of series in a text, those of recording rules aside.
fn series_named(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    text.split(|c| !is_part(c))
        .filter(|word| ["podium_", "process_"].iter().any(|begin| word.starts_with(begin)))
        .filter(|word| !word.contains(':'))
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn every_series_that_is_named_is_there() {
    let told = everything().await;
    let there: BTreeSet<&String> = told.series.keys().map(|(name, _)| name).collect();
    let files = [
        "deploy/prometheus/alerts.yml",
        "deploy/prometheus/recording.yml",
        "deploy/prometheus/tests.yml",
        "deploy/grafana/podium.json",
        "docs/METRICS.md",
    ];
    for file in files {
        let named = series_named(&read(file));
        assert!(named.len() > 3, "{file} names {named:?}");
        for name in named {
            // Tables name histograms as a whole.
            let is_there =
                there.contains(&name) || (file.ends_with(".md") && told.kinds.contains_key(&name));
            assert!(is_there, "{name} in {file} is told by nobody");
        }
    }
}

#[tokio::test]
async fn the_documentation_has_every_metric_and_no_other() {
    let told = everything().await;
    let text = read("docs/METRICS.md");
    let documented: BTreeMap<String, String> = text
        .lines()
        .filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split(" | ");
            let name = cells.next()?.trim_end_matches('`');
            let kind = cells.next()?;
            let is_kind = ["counter", "gauge", "histogram"].contains(&kind);
            is_kind.then(|| (name.to_owned(), kind.to_owned()))
        })
        .collect();
    assert_eq!(documented, told.kinds);
}

#[tokio::test]
async fn the_dashboard_is_one_that_grafana_takes() {
    let dashboard: serde_json::Value =
        serde_json::from_str(&read("deploy/grafana/podium.json")).expect("JSON");
    let panels = dashboard["panels"].as_array().expect("panels");
    let mut ids = BTreeSet::new();
    for panel in panels {
        let title = panel["title"].as_str().expect("a title");
        assert!(ids.insert(panel["id"].as_i64().expect("an id")), "{title}");
        assert!(panel["gridPos"]["w"].as_i64().is_some_and(|width| width <= 24), "{title}");
        if panel["type"] == "row" {
            continue;
        }
        assert_eq!(panel["datasource"]["uid"], "${datasource}", "{title}");
        assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{title}");
        for target in panel["targets"].as_array().expect("questions") {
            assert!(!series_named(target["expr"].as_str().expect("PromQL")).is_empty(), "{title}");
        }
    }
    let variables = dashboard["templating"]["list"].as_array().expect("variables");
    assert!(variables.iter().any(|of| of["type"] == "datasource"));
}
