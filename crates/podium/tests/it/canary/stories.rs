//! The stories.

use std::collections::{BTreeSet, HashSet};

use podium::access::Mode;
use reqwest::Method;
use serde_json::Value;

use super::ask::{Ask, Heard};
use super::people::{Play, Plot, Who};
use super::questions;
use super::secrets::{Secrets, numbers};
use super::stage::Stage;

/// Whether those who know more ask first, or after.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    OthersFirst,
    OthersLast,
}

/// What somebody hears who asks everything: each question plainly, and with others' tags.
async fn hear_everything(plot: Plot, stage: &Stage, asks: &[Ask], turn: Turn) -> Vec<[Heard; 2]> {
    let play = Play::of(plot, stage).await;
    let mut heard = Vec::new();
    let mut own_tags = HashSet::new();
    for ask in asks {
        heard.push(hear(&play, ask, turn, &mut own_tags).await);
    }
    for events in ["/api/v1/events", "/api/v1/events?patch=true"] {
        if let Some(told) = listen(&play, events, stage).await {
            heard.push([told.clone(), told]);
        }
    }
    for ask in questions::last() {
        let told = ask.put(&play, play.who.as_deref(), None).await;
        heard.push([told.clone(), told]);
    }
    heard
}

async fn hear(play: &Play, ask: &Ask, turn: Turn, own_tags: &mut HashSet<String>) -> [Heard; 2] {
    let who = play.who.as_deref();
    if ask.is_alone {
        let plain = ask.put(play, who, None).await;
        own_tags.extend(plain.header("etag").map(str::to_owned));
        return [plain.clone(), plain];
    }
    let mut tags = Vec::new();
    let others: Vec<&str> =
        [Some(play.admin.as_str()), play.peer.as_deref()].into_iter().flatten().collect();
    let before = match turn {
        Turn::OthersFirst => None,
        Turn::OthersLast => Some(ask.put(play, who, None).await),
    };
    // What changes something is not for others to try.
    if ask.method == Method::GET || ask.method == Method::HEAD {
        for cookie in others {
            let told = ask.put(play, Some(cookie), Some("\"none\"")).await;
            tags.extend(told.header("etag").map(str::to_owned));
        }
    }
    let plain = ask.put(play, who, None).await;
    if let Some(before) = before {
        assert_eq!(before, plain, "{ask:?}: others asked in between");
    }
    // An answer that they heard themselves, such as one without usage, is theirs.
    own_tags.extend(plain.header("etag").map(str::to_owned));
    tags.retain(|tag| !own_tags.contains(tag));
    let with_tags = ask.put(play, who, Some(&tags.join(", "))).await;
    assert_ne!(with_tags.status, 226, "{ask:?}: told by what somebody else was told");
    [plain, with_tags]
}

/// The events of all topics, the first ones and those after a change, as they add up.
async fn listen(play: &Play, path: &str, stage: &Stage) -> Option<Heard> {
    let path = format!("{}{path}", play.base_path);
    let cookie: Vec<(&str, &str)> = play.who.iter().map(|who| ("Cookie", who.as_str())).collect();
    let probe = Ask::get("/api/v1/leaderboard").put(play, play.who.as_deref(), None).await;
    if probe.status != 200 {
        let refused = Ask::get("/api/v1/events").put(play, play.who.as_deref(), None).await;
        return Some(refused);
    }
    let mut response = play.podium.listen(&path, &cookie).await;
    let mut text = String::new();
    until(&mut response, &mut text, |topics| topics.len() == 3).await;
    let first = told_on(&text, "totals")["data_version"].as_u64().expect("a version");
    play.simulator.change(|world| {
        if path.contains("patch") { stage.go_on_again(world) } else { stage.go_on(world) }
    });
    play.podium.look().await.expect("in step");
    let admin = Ask::get("/api/v1/status").put(play, Some(&play.admin), None).await;
    let status: Value = serde_json::from_slice(&admin.bytes).expect("JSON");
    let last = status["data_version"].as_u64().expect("a version");
    assert!(last > first, "something changed");
    let mark = format!("\"data_version\":{last}");
    while !["totals", "leaderboard"]
        .iter()
        .all(|topic| events(&text).any(|(of, data)| of == *topic && data.contains(&mark)))
    {
        let chunk = response.chunk().await.expect("a part").expect("it goes on");
        text.push_str(std::str::from_utf8(&chunk).expect("text"));
    }
    let mut told = String::new();
    for topic in ["totals", "leaderboard"] {
        told.push_str(&format!("{topic} {}\n", told_on(&text, topic)));
    }
    let all = events(&text).filter(|(topic, _)| *topic != "freshness");
    let all: String = all.map(|(_, data)| format!("{data}\n")).collect();
    // How many steps a change took is chance; what they are is searched all the same.
    Some(Heard { status: 200, headers: vec![("x-all".to_owned(), all)], bytes: told.into_bytes() })
}

async fn until(
    response: &mut reqwest::Response,
    text: &mut String,
    holds: impl Fn(&BTreeSet<&str>) -> bool,
) {
    while !holds(&events(text).map(|(topic, _)| topic).collect()) {
        let chunk = response.chunk().await.expect("a part").expect("it goes on");
        text.push_str(std::str::from_utf8(&chunk).expect("text"));
    }
}

/// Topics and data of all events that came whole.
fn events(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let whole = text.rsplit_once("\n\n").map_or("", |(whole, _)| whole);
    whole.split("\n\n").filter_map(|event| {
        let field = |name: &str| {
            event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim_start)
        };
        Some((field("event:")?, field("data:")?))
    })
}

/// What was told on a topic, patches applied to what was told before.
fn told_on(text: &str, topic: &str) -> Value {
    let mut told = Value::Null;
    for (_, data) in events(text).filter(|(of, _)| *of == topic) {
        apply(&mut told, serde_json::from_str(data).expect("JSON"));
    }
    told
}

fn apply(to: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *to = patch;
        return;
    };
    if !to.is_object() {
        *to = serde_json::json!({});
    }
    for (name, value) in patch {
        apply(to.as_object_mut().expect("an object").entry(name).or_insert(Value::Null), value);
    }
}

/// Nobody is told what is hidden from them.
async fn nothing_hidden_is_told(plot: Plot) {
    let stage = plot.stage();
    let asks = questions::all(&stage);
    let here = hear_everything(plot, &stage, &asks, Turn::OthersFirst).await;
    let there = hear_everything(plot, &stage.twin_of(), &asks, Turn::OthersLast).await;
    let secrets = Secrets::of(&stage);
    let mut told: HashSet<i64> = HashSet::new();
    let mut leaks = Vec::new();
    let nothing = Ask::get("");
    for (place, (here, there)) in here.iter().zip(&there).enumerate() {
        let ask = asks.get(place).unwrap_or(&nothing);
        for (how, here, there) in [("", &here[0], &there[0]), (" with tags", &here[1], &there[1])] {
            let text = here.text();
            if let Some(found) = secrets.found_in(&text, &ask.said()) {
                leaks.push(format!("{} {}{how} tells {found}", ask.method, ask.path));
            }
            let is_event = here.header("x-all").is_some();
            if (here.status, &here.bytes) != (there.status, &there.bytes)
                || (!is_event && here.headers != there.headers)
            {
                leaks.push(format!(
                    "{} {}{how}: {}",
                    ask.method,
                    ask.path,
                    unlike(&text, &there.text())
                ));
            }
            told.extend(numbers(&text).filter_map(|number| number.parse::<i64>().ok()));
        }
    }
    leaks.extend(secrets.follows_from(&told));
    assert!(
        leaks.is_empty(),
        "{plot:?}: {} leaks\n{}",
        leaks.len(),
        leaks[..leaks.len().min(40)].join("\n")
    );
}

/// Where two texts part.
fn unlike(here: &str, there: &str) -> String {
    let same = here.bytes().zip(there.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        let from =
            (0..=same.saturating_sub(60)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text[from..].chars().take(140).collect::<String>()
    };
    format!("\n  here  …{:?}\n  there …{:?}", around(here), around(there))
}

const DEFAULT: &str = "name rank tokens";

async fn each(whos: &[Who], mode: Mode, shown: &'static str) {
    for who in whos {
        nothing_hidden_is_told(Plot { who: *who, mode, shown, base_path: "" }).await;
    }
}

const KNOWN: [Who; 3] = [Who::Member, Who::Loose, Who::Keyholder];

#[tokio::test]
async fn strangers_see_the_board_and_nothing_else() {
    for shown in [DEFAULT, "rank", "rank tokens", "none", "name rank tokens models"] {
        each(&[Who::Anybody], Mode::Board, shown).await;
    }
}

#[tokio::test]
async fn strangers_see_nothing_of_what_is_private() {
    each(&[Who::Anybody, Who::Expired], Mode::Private, DEFAULT).await;
}

#[tokio::test]
async fn a_session_that_is_over_sees_what_strangers_see() {
    each(&[Who::Expired], Mode::Board, DEFAULT).await;
}

#[tokio::test]
async fn friendly_competitors_see_tokens_and_no_money() {
    each(&KNOWN, Mode::Private, DEFAULT).await;
}

#[tokio::test]
async fn who_sees_ranks_sees_no_sums() {
    each(&KNOWN, Mode::Private, "rank").await;
}

#[tokio::test]
async fn who_sees_no_names_sees_none_anywhere() {
    each(&KNOWN, Mode::Board, "rank tokens").await;
}

#[tokio::test]
async fn who_sees_nothing_of_others_sees_their_own() {
    each(&KNOWN, Mode::Private, "none").await;
}

#[tokio::test]
async fn who_sees_models_sees_no_keys() {
    each(&KNOWN, Mode::Private, "name rank tokens models").await;
}

#[tokio::test]
async fn who_sees_keys_sees_no_models_and_no_few_people() {
    each(&KNOWN, Mode::Private, "name rank tokens keys").await;
}

#[tokio::test]
async fn who_sees_money_sees_no_tokens() {
    each(&KNOWN, Mode::Private, "name rank spend").await;
}

#[tokio::test]
async fn who_sees_all_figures_sees_no_whole_keys_and_no_few_people() {
    each(&[Who::Viewer], Mode::Private, DEFAULT).await;
}

#[tokio::test]
async fn below_a_base_path_no_more_is_told() {
    let plot = Plot { who: Who::Member, mode: Mode::Board, shown: DEFAULT, base_path: "/podium" };
    nothing_hidden_is_told(plot).await;
}

#[tokio::test]
async fn every_operation_is_asked() {
    let document: Value = serde_json::from_str(&podium::api::openapi()).expect("JSON");
    let plot = Plot { who: Who::Anybody, mode: Mode::Open, shown: DEFAULT, base_path: "" };
    let asks = [questions::all(&plot.stage()), questions::last(), vec![Ask::get("/api/v1/events")]];
    let asked: HashSet<(String, String)> = asks
        .concat()
        .iter()
        .map(|ask| {
            let path = ask.path.split('?').next().expect("a path");
            let path =
                if path.starts_with("/api/v1/tokens/") { "/api/v1/tokens/{id}" } else { path };
            (ask.method.as_str().to_lowercase(), path.to_owned())
        })
        .collect();
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for method in operations.as_object().expect("operations").keys() {
            assert!(
                asked.contains(&(method.clone(), path.clone())),
                "{method} {path} is not asked"
            );
        }
    }
}

#[tokio::test]
async fn in_mode_open_everybody_is_told_the_same_whatever_they_show() {
    let plot = Plot { who: Who::Anybody, mode: Mode::Open, shown: "none", base_path: "" };
    let play = Play::of(plot, &plot.stage()).await;
    for ask in questions::all(&plot.stage()) {
        if ask.method != Method::GET {
            continue;
        }
        let plain = ask.put(&play, None, None).await;
        let with_cookie = ask.put(&play, Some("podium=abc; __Host-podium=def"), None).await;
        assert_eq!(plain, with_cookie, "{ask:?}");
        for authorization in
            ["Bearer podium_0123456789ab_x", "Bearer sk-canary-otter-1", "Basic eDp5"]
        {
            let shown =
                ask.clone().with("Authorization", authorization).put(&play, None, None).await;
            assert_eq!(plain, shown, "{ask:?} {authorization}");
        }
        let cookies = plain.header("set-cookie");
        assert_eq!(cookies, None, "{ask:?}");
    }
}
