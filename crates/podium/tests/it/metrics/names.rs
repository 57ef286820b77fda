//! Names that a format could break on, and usage that belongs to nobody.

use gateway_sim::{Version, World};

use super::{book, scrape, tokens};
use crate::harness::{Podium, Setup, TODAY, gateway_with_clock};
use crate::worlds::Use;

const AWKWARD: &str = "The \"Quoted\" \\ back\nline 🦀 {team=\"x\"} 1";

fn world(long: &str) -> World {
    let mut world = World::empty(TODAY.parse().expect("a date"));
    for (id, name) in [
        ("t-awkward", AWKWARD),
        ("0d57b846-aa", "Twins"),
        ("ffff0000-bb", "Twins"),
        ("t-long", long),
        ("t-other", "other"),
        ("t-gone", "Gone"),
    ] {
        world.add_team(id, Some(name));
        world.add_key(&format!("key-{id}"), None, Some(id));
    }
    world
}

fn usages(long: &str) -> Vec<Use> {
    let of = |team: &'static str, key: &'static str, model: &'static str| Use {
        team: Some(team),
        key,
        model,
        ..Use::default()
    };
    let long_model: &'static str = String::leak(long.to_owned());
    vec![
        of("t-awkward", "key-t-awkward", AWKWARD),
        of("0d57b846-aa", "key-0d57b846-aa", "other"),
        of("ffff0000-bb", "key-ffff0000-bb", "All Models"),
        of("t-long", "key-t-long", long_model),
        of("t-other", "key-t-other", "m"),
        of("t-gone", "key-t-gone", "m"),
        Use { team: None, key: "key-nobody", model: "m", ..Use::default() },
    ]
}

#[tokio::test]
async fn every_name_is_told_and_none_is_mixed_up_with_another() {
    let long = "länge".repeat(60);
    let setup = Setup::default();
    let mut world = world(&long);
    usages(&long).iter().for_each(|usage| world.record(usage.row()));
    // Usage of a key and of no model.
    let mut row = Use { team: Some("t-awkward"), key: "key-t-awkward", ..Use::default() }.row();
    (row.model, row.model_group, row.provider) = (None, None, None);
    world.record(row.clone());
    world.delete_team("t-gone");
    let gateway = gateway_with_clock(world, Version::CURRENT, setup.clock.clone()).await;
    let podium = Podium::start(&gateway, setup).await;
    podium.look().await.expect("in step");
    let (first, before) = (scrape(&podium).await, tokens(&podium).await);
    gateway.change(|world| world.record(row));
    book(&gateway, &podium, usages(&long)).await;
    let (now, after) = (scrape(&podium).await, tokens(&podium).await);
    now.assert_not_below(&first);
    now.assert_adds_up();
    let ids = now.values("podium_team_tokens_total", "team_id");
    for id in ["t-awkward", "0d57b846-aa", "ffff0000-bb", "t-long", "t-other", "t-gone", ""] {
        assert!(ids.contains(id), "{id}: {ids:?}");
    }
    assert_eq!(after.len(), 7, "{after:?}");
    for ((name, after), (_, before)) in after.iter().zip(before) {
        let mut of_team = now
            .named("podium_team_tokens_total")
            .filter(|(labels, _)| labels["team"] == *name && !labels["team_id"].is_empty());
        let sum: f64 = of_team.by_ref().map(|(_, value)| value).sum();
        assert_eq!(sum, (after - before) as f64, "{name}");
        assert!(*after > before, "{name}");
    }
    let model = |name: &str| now.sum("podium_model_tokens_total", &[("model", name)]);
    assert_eq!((model(AWKWARD), model(&long)), (120.0, 120.0));
    assert_eq!(model("other"), 120.0, "a model of that name is a part of the rest");
    assert_eq!(model("All Models"), 240.0, "one is called so, and one use has no model");
}

#[tokio::test]
async fn both_formats_tell_the_same() {
    let (_gateway, podium) = super::start(Setup::default()).await;
    let open = [("Accept", "application/openmetrics-text; version=1.0.0, text/plain;q=0.5")];
    let answer = podium.send(reqwest::Method::GET, "/metrics", &open).await;
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.header("content-type"), Some(content_type));
    assert!(answer.header("vary").is_some_and(|vary| vary.contains("Accept")));
    assert!(answer.text.ends_with("# EOF\n"), "{}", answer.text);
    let plain = scrape(&podium).await;
    let lines = answer.text.lines().filter(|line| !line.starts_with('#'));
    let names = |lines: &mut dyn Iterator<Item = String>| {
        lines.filter(|line| line.contains("podium_team")).collect::<Vec<_>>()
    };
    let of_open = names(&mut lines.map(str::to_owned));
    let of_plain = podium.get("/metrics").await.text;
    let of_plain = of_plain.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(of_open, names(&mut of_plain.map(str::to_owned)));
    assert_eq!(
        of_open.len(),
        plain.series.keys().filter(|(name, _)| name.contains("podium_team")).count()
    );
}
