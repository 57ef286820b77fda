//! `podium check`: what works, and what to do about the rest.

use gateway_sim::{ErrorBody, Fault, Target, Version};

use crate::child::Ended;
use crate::gateway::{Gateway, Nowhere};
use crate::place::{Launch, Place};
use crate::server::Server;

fn check(place: &Place, gateway: &Gateway) -> Launch {
    let launch = place.podium(&["check"]).in_front_of(&gateway.simulator);
    launch.with("PODIUM_DATA_DIR", place.path("data"))
}

/// The lines of one kind about one thing.
fn lines<'a>(ended: &'a Ended, kind: &str, about: &str) -> Vec<&'a str> {
    let begin = format!("{kind:<6}{about}");
    ended.stdout.lines().filter(|line| line.starts_with(&begin)).collect()
}

#[track_caller]
fn assert_fails(ended: &Ended, about: &str, words: &[&str]) {
    assert_eq!(ended.code, Some(1), "{ended:?}");
    let [line] = lines(ended, "FAIL", about)[..] else { panic!("not one such line: {ended:?}") };
    for word in words {
        assert!(line.contains(word), "{word}: {ended:?}");
    }
}

#[tokio::test]
async fn all_is_well() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let ended = check(&place, &gateway).run().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.stderr, "", "nothing to complain of");
    for about in [
        "configuration: port 8000",
        "store: ",
        "gateway: reachable",
        "key: accepted",
        "teams: 4",
        "models: 3",
    ] {
        assert_eq!(lines(&ended, "ok", about).len(), 1, "{about}: {ended:?}");
    }
    let usage = lines(&ended, "ok", "usage: 7 of the last 7 days");
    assert!(usage.len() == 1 && !usage[0].contains(" 0 tokens"), "{ended:?}");
    assert!(ended.stdout.lines().all(|line| line.starts_with("ok ")), "{ended:?}");
}

#[tokio::test]
async fn a_place_for_the_store_is_left_as_it_was_found() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let data = place.path("data").join("in").join("here");
    let ended = check(&place, &gateway).with("PODIUM_DATA_DIR", data.clone()).run().await;
    let [line] = lines(&ended, "ok", "store: ")[..] else { panic!("{ended:?}") };
    assert!(line.ends_with(" can be made"), "{ended:?}");
    assert!(!place.path("data").exists(), "not even a directory is left");
    std::fs::create_dir_all(&data).expect("a directory");
    check(&place, &gateway).with("PODIUM_DATA_DIR", data.clone()).run().await;
    assert_eq!(std::fs::read_dir(&data).expect("it was there before").count(), 0);
}

#[tokio::test]
async fn a_wrong_key() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    for key in ["sk-wrong", "no-key-at-all"] {
        let ended = check(&place, &gateway).with("LITELLM_API_KEY", key).run().await;
        assert_fails(&ended, "key: ", &["refused the API key", "LITELLM_API_KEY", "expired"]);
        assert_eq!(lines(&ended, "ok", "gateway: reachable").len(), 1, "{ended:?}");
    }
}

#[tokio::test]
async fn the_key_of_a_plain_user() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    gateway.simulator.change(|world| {
        let keys = world.keys().map(|key| key.token.clone()).take(1).collect();
        world.add_user_key("sk-of-a-user", keys);
    });
    let ended = check(&place, &gateway).with("LITELLM_API_KEY", "sk-of-a-user").run().await;
    assert_fails(
        &ended,
        "key: ",
        &["only see its own user's usage", "an admin's key", "LITELLM_API_KEY"],
    );
}

#[tokio::test]
async fn a_gateway_that_is_not_there() {
    let (place, gateway, nowhere) = (Place::new(), Gateway::start().await, Nowhere::new());
    let ended = check(&place, &gateway).with("LITELLM_BASE_URL", nowhere.url()).run().await;
    assert_fails(&ended, "gateway: ", &["connection refused", "running", "LITELLM_BASE_URL"]);

    let no_name = "http://gateway.invalid:4000";
    let ended = check(&place, &gateway).with("LITELLM_BASE_URL", no_name).run().await;
    assert_fails(&ended, "gateway: ", &["cannot be reached", "LITELLM_BASE_URL"]);
}

#[tokio::test]
async fn a_gateway_that_stays_silent() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let _silence = gateway.simulator.hold("");
    let ended = check(&place, &gateway).with("PODIUM_GATEWAY_TIMEOUT", "1s").run().await;
    assert_fails(&ended, "gateway: ", &["did not answer in time"]);
}

#[tokio::test]
async fn an_older_gateway() {
    let (place, gateway) = (Place::new(), Gateway::of_version(Version::OLDER).await);
    let ended = check(&place, &gateway).run().await;
    assert_eq!(ended.code, Some(0), "it works: {ended:?}");
    let [line] = lines(&ended, "warn", "usage: ")[..] else { panic!("{ended:?}") };
    assert!(line.contains("no aggregated activity") && line.contains("newer LiteLLM"), "{line}");
    assert_eq!(lines(&ended, "ok", "teams: 4").len(), 1, "{ended:?}");
}

#[tokio::test]
async fn something_that_is_no_gateway() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    gateway.simulator.faults().set("", Fault::Status(404, ErrorBody::Html));
    let ended = check(&place, &gateway).run().await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("LITELLM_BASE_URL may lead to something else"), "{ended:?}");
}

#[tokio::test]
async fn a_gateway_without_its_database() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    gateway.simulator.faults().set("", Fault::DatabaseAway);
    let ended = check(&place, &gateway).run().await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("FAIL  "), "{ended:?}");
}

#[tokio::test]
async fn models_that_cannot_be_listed_are_no_fault() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    for path in ["/model/info", "/v1/model/info"] {
        let lists = Target::exact(path);
        gateway.simulator.faults().set(lists, Fault::Status(500, ErrorBody::Plain("oops")));
    }
    let ended = check(&place, &gateway).run().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(lines(&ended, "warn", "models: ").len(), 1, "{ended:?}");
}

#[tokio::test]
async fn a_store_that_keeps_nothing() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let ended = check(&place, &gateway).with("PODIUM_DATA_DIR", ":memory:").run().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(lines(&ended, "warn", "store: in memory").len(), 1, "{ended:?}");
    assert!(place.files().is_empty(), "{:?}", place.files());
}

#[tokio::test]
async fn a_store_that_is_damaged() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let server = Server::start(place.serve(&gateway.simulator)).await;
    server.stores(3).await;
    server.stop().await;
    let path = place.database();
    let mut damaged = std::fs::read(&path).expect("the database");
    let half = damaged.len() / 2;
    damaged[half..].fill(0xa5);
    std::fs::write(&path, damaged).expect("it can be written");
    let ended = check(&place, &gateway).run().await;
    assert_fails(&ended, "store: ", &["move it away"]);
    assert_eq!(lines(&ended, "ok", "key: accepted").len(), 1, "the rest is looked at: {ended:?}");
}

#[tokio::test]
async fn a_store_that_another_podium_has_open() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let _server = Server::start(place.serve(&gateway.simulator)).await;
    let ended = check(&place, &gateway).run().await;
    assert!(ended.stdout.contains("in use by another Podium"), "{ended:?}");
    assert_eq!(lines(&ended, "ok", "key: accepted").len(), 1, "the rest is looked at: {ended:?}");
}

#[tokio::test]
async fn a_viewers_key_and_one_of_two_routes_are_fine() {
    for version in [Version::CURRENT, Version::NEWEST, Version::OLDER] {
        let (place, gateway) = (Place::new(), Gateway::of_version(version).await);
        gateway.simulator.change(|world| {
            world.add_admin_key("sk-viewer", &[]);
            world.add_admin_key("sk-two", &["/team/list", "/team/daily/activity"]);
        });
        for key in ["sk-viewer", "sk-two"] {
            let ended = check(&place, &gateway).with("LITELLM_API_KEY", key).run().await;
            assert_eq!(ended.code, Some(0), "{key}: {ended:?}");
            assert_eq!(lines(&ended, "ok", "key: accepted").len(), 1, "{key}: {ended:?}");
            let [logs] = lines(&ended, "ok", "request logs: ")[..] else { panic!("{ended:?}") };
            assert_eq!(logs.contains("this key may not read them"), key == "sk-two", "{logs}");
        }
    }
}
