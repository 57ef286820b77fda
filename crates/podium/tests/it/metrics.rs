//! What Prometheus is told: usage that only grows, how Podium stands, and to whom.

mod counting;
mod names;
mod promised;
mod real;
mod scopes;
mod scrape;
mod standing;

use gateway_sim::{Simulator, Version};
use serde_json::Value;

use crate::harness::{Podium, Setup, gateway_with_clock};
use crate::worlds::{Use, workshop};
use scrape::Scrape;

/// The workshop and a Podium that has read its last days; the clock is that of both.
async fn start(setup: Setup) -> (Simulator, Podium) {
    let gateway = gateway_with_clock(workshop(), Version::CURRENT, setup.clock.clone()).await;
    let podium = Podium::start(&gateway, setup).await;
    podium.look().await.expect("in step");
    (gateway, podium)
}

async fn scrape(podium: &Podium) -> Scrape {
    let answer = podium.get("/metrics").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    Scrape::of(&answer.text)
}

/// Books more usage, and has Podium look.
async fn book(gateway: &Simulator, podium: &Podium, usages: impl IntoIterator<Item = Use>) {
    gateway.change(|world| usages.into_iter().for_each(|usage| world.record(usage.row())));
    podium.look().await.expect("in step");
}

/// Tokens of all days that tests know, by team, with those that no list has.
async fn tokens(podium: &Podium) -> Vec<(String, i64)> {
    let path = "/tokens?start_date=2026-11-20&end_date=2026-11-24&include=deleted,unassigned";
    let answer = podium.get(path).await.figures();
    let teams = answer["teams"].as_array().expect("teams");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    teams
        .iter()
        .map(|team| (text(&team["name"]), team["tokens"].as_i64().expect("whole")))
        .collect()
}
