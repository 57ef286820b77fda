//! Leaks that were found, each as a story of its own.

use podium::access::Mode;
use serde_json::Value;

use super::ask::Ask;
use super::people::{Play, Plot, Who};
use super::stage::MOTHS;

const WEEK: &str = "start_date=2026-11-21&end_date=2026-11-24";

fn plot(who: Who, shown: &'static str) -> Plot {
    Plot { who, mode: Mode::Private, shown, base_path: "" }
}

async fn meta(play: &Play, path: &str) -> Value {
    let heard = Ask::get(path).put(play, play.who.as_deref(), None).await;
    let json: Value = serde_json::from_slice(&heard.bytes).expect("JSON");
    json["meta"].clone()
}

/// Where keys of others are shown, those of teams that are not were found by their names: their
/// filters had no warning.
#[tokio::test]
async fn a_key_of_a_deleted_team_is_as_unknown_as_one_that_never_was() {
    let plot = plot(Who::Member, "name rank tokens keys");
    let stage = plot.stage();
    let play = Play::of(plot, &stage).await;
    for name in [stage.key_name(MOTHS, 0), "canary-key-of-nobody".to_owned()] {
        let path = format!("/api/v1/query?{WEEK}&by=team&measures=tokens&api_key={name}");
        let warnings = meta(&play, &path).await["warnings"].to_string();
        assert!(warnings.contains("no api_key is called"), "{name}: {warnings}");
    }
}

/// What is used outside of the lists was summed under the whole hash that somebody named, who is
/// not told whole hashes; and of the masked one nothing was found.
#[tokio::test]
async fn usage_outside_of_the_lists_goes_by_masked_keys_as_all_other_does() {
    let plot = plot(Who::Viewer, "none");
    let stage = plot.stage();
    let play = Play::of(plot, &stage).await;
    let hash = stage.key(MOTHS, 0);
    let masked = format!("{}%E2%80%A6{}", &hash[..4], &hash[60..]);
    let tokens = async |key: &str| {
        let path = format!("/api/v1/activity?{WEEK}&api_key={key}");
        meta(&play, &path).await["unlisted"]["tokens"].as_i64().expect("a number")
    };
    let facts = stage.facts().into_iter().filter(|fact| fact.team == MOTHS && fact.key == 0);
    let used: i64 = facts.map(|fact| fact.prompt + fact.completion).sum();
    assert_eq!(tokens(&masked).await, used);
    assert_eq!(tokens(&hash).await, 0);
}

/// Keys of small teams become one row, after which the rows of what is hidden were others: one's own
/// cost was told as unknown, and that of others as nothing.
#[tokio::test]
async fn what_is_hidden_of_others_is_told_of_oneself_where_keys_become_one() {
    let plot = plot(Who::Member, "name rank tokens keys");
    let stage = plot.stage();
    let play = Play::of(plot, &stage).await;
    let json = async |path: String| {
        let heard = Ask::get(path).put(&play, play.who.as_deref(), None).await;
        serde_json::from_slice::<Value>(&heard.bytes).expect("JSON")
    };
    let me = json("/api/v1/me".to_owned()).await;
    let own = &me["teams"][0]["team_id"];
    let asked = "by=team,api_key&grain=1d&measures=tokens,spend_usd";
    let answer = json(format!("/api/v1/query?{WEEK}&{asked}")).await;
    let rows = answer["rows"].as_array().expect("rows");
    assert!(rows.iter().any(|row| row[4] == "hidden"), "{answer}");
    assert!(rows.iter().any(|row| row[2] == *own), "{answer}");
    for row in rows {
        assert!(row[5].as_i64().is_some_and(|tokens| tokens > 0), "{row}");
        assert_eq!(row[6].is_null(), row[2] != *own, "{row}");
        assert_ne!(row[6], 0.0, "{row}");
    }
    assert!(answer["totals"]["spend_usd"].is_null(), "{answer}");
}
