//! Live events end as soon as they are no longer for whoever listens.

use gateway_sim::{Simulator, hash_token};
use podium::access::Mode;
use reqwest::Method;
use serde_json::json;

use super::{Browser, in_mode, next_question};
use crate::harness::Podium;
use crate::worlds::Use;

/// Events, as they come.
struct Stream {
    response: reqwest::Response,
    heard: String,
}

impl Stream {
    async fn of(podium: &Podium, name: &str, value: &str) -> Self {
        let response = podium.listen("/api/v1/events?topics=totals", &[(name, value)]).await;
        let mut stream = Self { response, heard: String::new() };
        stream.until("event: totals").await;
        stream
    }

    async fn of_browser(podium: &Podium, browser: &Browser<'_>) -> Self {
        Self::of(podium, "Cookie", &browser.cookie_header()).await
    }

    /// Whether these words come, rather than the end.
    async fn until(&mut self, words: &str) -> bool {
        while !self.heard.contains(words) {
            let Ok(Some(chunk)) = self.response.chunk().await else { return false };
            self.heard.push_str(std::str::from_utf8(&chunk).expect("text"));
        }
        self.heard.clear();
        true
    }

    /// The end comes, and no figures before it.
    async fn ends(mut self) {
        assert!(!self.until("event: totals").await, "it goes on");
    }
}

/// Something happens, so that listeners are told of it.
async fn happens(gateway: &Simulator, podium: &Podium) {
    gateway.change(|world| world.record(Use { key: "key-a2", ..Use::default() }.row()));
    podium.look().await.expect("in step");
}

#[tokio::test]
async fn a_stream_ends_when_somebody_signs_out() {
    let (gateway, podium) = in_mode(Mode::Private).await;
    let mut browser = Browser::signed_in(&podium, "sk-alpha").await;
    let other = Browser::signed_in(&podium, "sk-alpha").await;
    let stream = Stream::of_browser(&podium, &browser).await;
    let mut goes_on = Stream::of_browser(&podium, &other).await;
    browser.post("/api/v1/sign-out", &json!({})).await;
    happens(&gateway, &podium).await;
    stream.ends().await;
    assert!(goes_on.until("event: totals").await);
}

#[tokio::test]
async fn a_stream_ends_with_the_session() {
    let (gateway, podium) = in_mode(Mode::Private).await;
    let browser = Browser::signed_in(&podium, "sk-alpha").await;
    let stream = Stream::of_browser(&podium, &browser).await;
    podium.clock.advance(12);
    happens(&gateway, &podium).await;
    stream.ends().await;
}

#[tokio::test]
async fn a_stream_ends_when_somebody_sees_something_else_than_before() {
    let (gateway, podium) = in_mode(Mode::Private).await;
    let moves = Browser::signed_in(&podium, "sk-alpha").await;
    let goes = Browser::signed_in(&podium, "sk-ada").await;
    let stays = Browser::signed_in(&podium, "sk-beta").await;
    let moved = Stream::of_browser(&podium, &moves).await;
    let gone = Stream::of_browser(&podium, &goes).await;
    let mut stayed = Stream::of_browser(&podium, &stays).await;
    gateway.change(|world| {
        world.move_key(&hash_token("sk-alpha"), Some("t-beta"));
        world.delete_key(&hash_token("sk-ada"));
    });
    podium.clock.pass(next_question());
    happens(&gateway, &podium).await;
    moved.ends().await;
    gone.ends().await;
    assert!(stayed.until("event: totals").await);
}

#[tokio::test]
async fn a_stream_ends_when_its_token_is_revoked_or_expires() {
    let (gateway, podium) = in_mode(Mode::Private).await;
    let mut admin = Browser::signed_in(&podium, "sk-root").await;
    let mut made = Vec::new();
    for days in [json!(null), json!(1), json!(null)] {
        let wish = json!({ "name": "wall", "role": "viewer", "expires_in_days": days });
        made.push(admin.post("/api/v1/tokens", &wish).await.json());
    }
    let mut streams = Vec::new();
    for token in &made {
        let bearer = format!("Bearer {}", token["token"].as_str().expect("a token"));
        streams.push(Stream::of(&podium, "Authorization", &bearer).await);
    }
    let path = format!("/api/v1/tokens/{}", made[0]["id"].as_str().expect("an id"));
    assert_eq!(admin.send(Method::DELETE, &path, None).await.status, 204);
    podium.clock.advance(25);
    happens(&gateway, &podium).await;
    let mut goes_on = streams.pop().expect("three");
    for stream in streams {
        stream.ends().await;
    }
    assert!(goes_on.until("event: totals").await);
}

#[tokio::test]
async fn anybodys_stream_goes_on_when_others_leave() {
    let (gateway, podium) = in_mode(Mode::Board).await;
    let mut browser = Browser::signed_in(&podium, "sk-alpha").await;
    let mut stream = Stream::of(&podium, "Accept", "text/event-stream").await;
    browser.post("/api/v1/sign-out", &json!({ "everywhere": true })).await;
    happens(&gateway, &podium).await;
    assert!(stream.until("event: totals").await);
}
