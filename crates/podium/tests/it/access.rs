//! Coming in: who is let in, what they are, and until when.

mod browser;
mod gate;
mod hours;
mod limits;
mod modes;
mod proxies;
mod sessions;
mod sign_in;
mod sign_on;
mod sign_out;
mod streams;
mod tls;
mod tokens;

use gateway_sim::{Role, Simulator, Version, World, hash_token};
use jiff::SignedDuration;
use podium::access::{AccessSettings, Mode, Secret};
use serde_json::Value;

use crate::harness::{Podium, Setup, gateway_with_clock};
use crate::worlds::{Use, workshop};

use browser::Browser;

/// Long enough for a secret.
const SECRET: &str = "one-secret-that-is-long-enough-for-cookies";

/// Whoever has a key: of a team, without one, of an admin, of a viewer, and of Ada, who belongs to
/// team Alpha. The master key is `sk-sim`.
const KEYS: [(&str, Option<&str>, Option<&str>); 6] = [
    ("sk-alpha", Some("t-alpha"), None),
    ("sk-beta", Some("t-beta"), None),
    ("sk-lone", None, None),
    ("sk-root", None, Some("root")),
    ("sk-looker", None, Some("looker")),
    ("sk-ada", None, Some("ada")),
];

/// The workshop with people.
fn world() -> World {
    let mut world = workshop();
    world.add_user("root", Some("root@example.test"), Role::Admin, &[]);
    world.add_user("looker", Some("looker@example.test"), Role::AdminViewer, &[]);
    world.add_user("ada", Some("ada@example.test"), Role::InternalUser, &["t-alpha"]);
    for (secret, team, user) in KEYS {
        let hash = hash_token(secret);
        world.add_key(&hash, Some(secret.trim_start_matches("sk-")), team);
        world.give_key(&hash, user);
    }
    let mut row = Use { team: Some("t-beta"), prompt: 5, ..Use::default() }.row();
    row.api_key = hash_token("sk-lone");
    world.record(row);
    world
}

fn with(access: AccessSettings) -> Setup {
    Setup { access, ..Setup::default() }
}

fn settings(mode: Mode) -> AccessSettings {
    AccessSettings { mode, secrets: vec![secret(SECRET)], ..AccessSettings::default() }
}

fn secret(text: &str) -> Secret {
    Secret::parse(text).expect("it is long enough")
}

/// A gateway and a Podium that has read it. The clock is that of both.
async fn start(setup: Setup) -> (Simulator, Podium) {
    let gateway = gateway_with_clock(world(), Version::CURRENT, setup.clock.clone()).await;
    let podium = Podium::start(&gateway, setup).await;
    podium.look().await.expect("in step");
    (gateway, podium)
}

async fn in_mode(mode: Mode) -> (Simulator, Podium) {
    start(with(settings(mode))).await
}

/// The time by which the gateway's word is asked for again.
fn next_question() -> SignedDuration {
    SignedDuration::from_mins(46)
}

/// The calls of the gateway that are about people and keys.
fn questions(gateway: &Simulator) -> usize {
    let is_about_people =
        |path: &str| path.contains("/key/") || path.contains("/user/") || path.ends_with("/user");
    gateway.calls().iter().filter(|call| is_about_people(&call.path)).count()
}

/// The events of the access log as an admin reads it, newest first.
async fn log(podium: &Podium) -> Vec<Value> {
    let mut admin = Browser::of(podium);
    assert_eq!(admin.sign_in("sk-sim").await.status, 200);
    let log = admin.get("/api/v1/access-log").await;
    assert_eq!(log.status, 200, "{}", log.text);
    // The admin's own sign-in stands above all others.
    log.json()["entries"].as_array().expect("a list")[1..].to_vec()
}

/// The lines of one kind.
async fn logged(podium: &Podium, event: &str) -> Vec<Value> {
    log(podium).await.into_iter().filter(|entry| entry["event"] == event).collect()
}
