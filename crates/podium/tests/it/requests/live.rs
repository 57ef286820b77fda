//! Changes as they happen.

use gateway_sim::Version;
use serde_json::{Value, json};

use super::{TOKEN, people, request, with_logs, with_logs_in_front_of};
use crate::harness::{Podium, Setup, gateway_of};

/// Server-sent events as they come.
struct Events {
    response: reqwest::Response,
    text: String,
}

#[derive(Debug)]
struct Event {
    id: String,
    topic: String,
    data: Value,
}

impl Events {
    async fn of(podium: &Podium, query: &str, last: Option<&str>) -> Self {
        let headers: Vec<(&str, &str)> = last.map(|id| ("Last-Event-ID", id)).into_iter().collect();
        let response = podium.listen(&format!("/api/v1/events{query}"), &headers).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// The next event; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    let lines = event.lines().filter_map(|line| line.strip_prefix(name));
                    lines.map(|value| value.trim_start().to_owned()).next().unwrap_or_default()
                };
                let event = Event {
                    id: field("id:"),
                    topic: field("event:"),
                    data: serde_json::from_str(&field("data:")).unwrap_or_default(),
                };
                self.text = rest.to_owned();
                if !event.topic.is_empty() {
                    return Some(event);
                }
                continue;
            }
            let chunk = self.response.chunk().await.ok()??;
            self.text.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
    }

    async fn until(&mut self, topic: &str, holds: impl Fn(&Value) -> bool) -> Event {
        loop {
            let event = self.next().await.expect("the stream goes on");
            if event.topic == topic && holds(&event.data) {
                return event;
            }
        }
    }
}

#[tokio::test]
async fn the_present_state_comes_at_once_and_each_change_after_it() {
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    podium.look().await.expect("in step");
    let mut events = Events::of(&podium, "", None).await;
    let mut topics = Vec::new();
    for _ in 0..3 {
        let event = events.next().await.expect("a state");
        assert!(event.id.parse::<u64>().is_ok(), "{event:?}");
        topics.push(event.topic);
    }
    topics.sort_unstable();
    assert_eq!(topics, ["freshness", "leaderboard", "totals"]);
    gateway.change(|world| world.record_request(request("a", "2026-11-24T09:00:00Z")));
    podium.look().await.expect("in step");
    let board = events.until("leaderboard", |data| data["teams"][0]["tokens"] == 12).await;
    assert_eq!(board.data["teams"][0]["name"], "Alpha");
    let totals = podium.get("/tokens?start_date=2026-11-24").await;
    assert_eq!(totals.figures()["teams"][0]["tokens"], 12);
}

/// With patches the stream has what changed, and nothing else.
#[tokio::test]
async fn who_likes_is_told_only_what_changed() {
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    podium.look().await.expect("in step");
    let mut whole = Events::of(&podium, "?topics=leaderboard", None).await;
    let mut patches = Events::of(&podium, "?topics=leaderboard,totals&patch=true", None).await;
    let teams = whole.until("leaderboard", |_| true).await.data["teams"].clone();
    let first = patches.until("leaderboard", |_| true).await.data;
    for team in teams.as_array().expect("a list") {
        let id = team["team_id"].as_str().expect("an id");
        assert_eq!(first["teams"][id]["name"], team["name"], "{first}");
    }
    gateway.change(|world| world.record_request(request("a", "2026-11-24T09:00:00Z")));
    podium.look().await.expect("in step");
    let changed = patches.until("leaderboard", |data| !data["teams"].is_null()).await.data;
    let names: Vec<&String> = changed["teams"].as_object().expect("by id").keys().collect();
    assert_eq!(names, ["t-alpha"], "{changed}");
    assert_eq!(changed["teams"]["t-alpha"]["tokens"], 12);
    assert!(changed["teams"]["t-alpha"].get("name").is_none(), "{changed}");
    assert!(changed.get("date").is_none(), "{changed}");
    let answer = podium.get("/api/v1/events?patch=perhaps").await;
    assert_eq!(answer.status, 400);
    assert_eq!(answer.detail(), "patch must be true or false");
}

#[tokio::test]
async fn a_pushed_request_shows_before_the_daily_table_has_it() {
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    podium.look().await.expect("in step");
    let mut events = Events::of(&podium, "?topics=totals", None).await;
    let pushed = json!({
        "id": "a", "startTime": 1_795_510_800, "status": "success", "model": "m",
        "total_tokens": 7, "prompt_tokens": 7, "metadata": { "user_api_key_team_id": "t-beta" },
    });
    podium.push(TOKEN, pushed.to_string()).await;
    let totals = events.until("totals", |data| data["tokens"] == 7).await;
    assert_eq!((&totals.data["requests"], &totals.data["date"]), (&json!(1), &json!("2026-11-24")));
}

#[tokio::test]
async fn who_comes_back_is_told_only_what_is_new() {
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    podium.look().await.expect("in step");
    let mut events = Events::of(&podium, "?topics=totals", None).await;
    let id = events.next().await.expect("a state").id;
    drop(events);
    let mut events = Events::of(&podium, "?topics=totals,freshness", Some(&id)).await;
    assert_eq!(events.next().await.expect("a state").topic, "freshness", "the totals are known");
    gateway.change(|world| world.record_request(request("a", "2026-11-24T09:00:00Z")));
    podium.look().await.expect("in step");
    assert_ne!(events.until("totals", |_| true).await.id, id);
}

#[tokio::test]
async fn listeners_cost_the_gateway_nothing_each() {
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let podium = with_logs_in_front_of(&gateway).await;
    podium.look().await.expect("in step");
    gateway.clear_calls();
    let mut all = Vec::new();
    for _ in 0..100 {
        let mut events = Events::of(&podium, "?topics=leaderboard", None).await;
        events.next().await.expect("a state");
        all.push(events);
    }
    assert_eq!(gateway.calls(), []);
    gateway.change(|world| world.record_request(request("a", "2026-11-24T09:00:00Z")));
    podium.look().await.expect("in step");
    for events in &mut all {
        events.until("leaderboard", |data| data["teams"][0]["tokens"] == 12).await;
    }
    assert!(gateway.calls().len() < 10, "{}", gateway.calls().len());
}

#[tokio::test]
async fn streams_end_when_podium_does() {
    let gateway = gateway_of(people(), Version::CURRENT).await;
    let mut podium = Podium::start(&gateway, Setup { follow: true, ..with_logs() }).await;
    let mut events = Events::of(&podium, "", None).await;
    events.next().await.expect("a state");
    podium.stop().await;
    while events.next().await.is_some() {}
}
