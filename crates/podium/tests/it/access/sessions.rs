//! Cookies: what a browser is told of them, which are believed, and for how long.

use jiff::SignedDuration;
use podium::access::{AccessSettings, Mode};
use podium::config::DataDir;
use reqwest::Method;

use super::browser::set_cookies;
use super::{Browser, SECRET, in_mode, secret, settings, start, with};
use crate::harness::{Answer, Podium, Setup};

/// The one cookie that an answer sets, without its value.
fn attributes(answer: &Answer) -> String {
    let cookies = set_cookies(answer);
    let [cookie] = cookies[..] else { panic!("{cookies:?}") };
    let (name, rest) = cookie.split_once('=').expect("a name");
    let (_, attributes) = rest.split_once("; ").expect("attributes");
    let mut attributes: Vec<&str> = attributes.split("; ").collect();
    attributes.sort_unstable();
    format!("{name}: {}", attributes.join("; "))
}

async fn signed_in_at(setup: Setup, headers: &[(&'static str, &str)]) -> (String, String) {
    let (_gateway, podium) = start(setup).await;
    let mut browser = Browser::of(&podium);
    for (name, value) in headers {
        browser = browser.with(name, value);
    }
    let entered = attributes(&browser.sign_in("sk-alpha").await);
    assert_eq!(browser.role().await, "team", "{entered}");
    let left = browser.post("/api/v1/sign-out", &serde_json::json!({})).await;
    (entered, attributes(&left))
}

#[tokio::test]
async fn a_cookie_is_for_podiums_own_pages_alone() {
    let (entered, left) = signed_in_at(with(settings(Mode::Board)), &[]).await;
    assert_eq!(entered, "podium: HttpOnly; Max-Age=43200; Path=/; SameSite=Lax");
    assert_eq!(left, "podium: HttpOnly; Max-Age=0; Path=/; SameSite=Lax");
    let session = SignedDuration::from_mins(30);
    let short = AccessSettings { session, ..settings(Mode::Board) };
    let below = Setup { base_path: "/board".to_owned(), ..with(short) };
    let (entered, _) = signed_in_at(below, &[]).await;
    assert_eq!(entered, "podium: HttpOnly; Max-Age=1800; Path=/board; SameSite=Lax");
}

#[tokio::test]
async fn by_https_a_cookie_travels_by_nothing_else() {
    let host = "__Host-podium: HttpOnly; Max-Age=43200; Path=/; SameSite=Lax; Secure";
    let public_url = Some("https://podium.example".to_owned());
    let public = Setup { public_url, ..with(settings(Mode::Board)) };
    assert_eq!(signed_in_at(public, &[]).await.0, host);
    let behind = || {
        let trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
        AccessSettings { trusted_proxies, ..settings(Mode::Board) }
    };
    let proto = [("X-Forwarded-Proto", "https")];
    assert_eq!(signed_in_at(with(behind()), &proto).await.0, host);
    let below = Setup { base_path: "/board".to_owned(), ..with(behind()) };
    let (entered, left) = signed_in_at(below, &proto).await;
    let secure = "__Secure-podium: HttpOnly; Max-Age=43200; Path=/board; SameSite=Lax; Secure";
    assert_eq!(entered, secure);
    assert_eq!(left, secure.replace("43200", "0"));
    // Whoever is not trusted says nothing about it.
    let (entered, _) = signed_in_at(with(settings(Mode::Board)), &proto).await;
    assert!(entered.starts_with("podium: "), "{entered}");
}

/// What a Podium takes the browser's cookie for.
async fn role_with(podium: &Podium, cookie: &str) -> String {
    let headers = [("Cookie", cookie)];
    let me = podium.send(Method::GET, "/api/v1/me", &headers).await.json();
    me["role"].as_str().expect("a role").to_owned()
}

#[tokio::test]
async fn a_cookie_that_podium_did_not_make_is_nobodys() {
    let (_gateway, podium) = in_mode(Mode::Private).await;
    let browser = Browser::signed_in(&podium, "sk-root").await;
    let value = browser.cookies["podium"].clone();
    assert_eq!(role_with(&podium, &format!("podium={value}")).await, "admin");
    assert_eq!(role_with(&podium, &format!("a=b; podium={value};c=d")).await, "admin");
    // Another page of the same host may have set one of the same name.
    assert_eq!(role_with(&podium, &format!("podium=x; podium={value}")).await, "admin");
    for at in [0, 7, value.len() / 2, value.len() - 4] {
        let mut bytes = value.clone().into_bytes();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        let tampered = String::from_utf8(bytes).expect("text");
        assert_eq!(role_with(&podium, &format!("podium={tampered}")).await, "anybody", "{at}");
    }
    for length in [0, 1, 16, value.len() / 2, value.len() - 1] {
        let cookie = format!("podium={}", &value[..length]);
        assert_eq!(role_with(&podium, &cookie).await, "anybody", "{length}");
    }
    let other = AccessSettings {
        secrets: vec![secret("another-secret-that-is-long-enough-too")],
        ..settings(Mode::Private)
    };
    let (_gateway, foreign) = start(with(other)).await;
    assert_eq!(role_with(&foreign, &format!("podium={value}")).await, "anybody");
    // Under another name it is another cookie.
    for name in ["podium-sign-on", "__Host-podium", "__Secure-podium", "Podium"] {
        assert_eq!(role_with(&podium, &format!("{name}={value}")).await, "anybody", "{name}");
    }
    let public_url = Some("https://podium.example".to_owned());
    let (_gateway, by_https) = start(Setup { public_url, ..with(settings(Mode::Private)) }).await;
    for name in ["podium", "__Host-podium"] {
        assert_eq!(role_with(&by_https, &format!("{name}={value}")).await, "anybody", "{name}");
    }
}

#[tokio::test]
async fn a_secret_is_changed_without_signing_anybody_out() {
    let with_secrets = |texts: &[&str]| AccessSettings {
        secrets: texts.iter().map(|text| secret(text)).collect(),
        ..settings(Mode::Board)
    };
    let new = "a-newer-secret-that-is-long-enough-for-it";
    let (_gateway, before) = start(with(with_secrets(&[SECRET]))).await;
    let (_gateway, while_both) = start(with(with_secrets(&[new, SECRET]))).await;
    let (_gateway, after) = start(with(with_secrets(&[new]))).await;
    let old = Browser::signed_in(&before, "sk-alpha").await;
    assert_eq!(old.before(&while_both).role().await, "team", "the old one is read");
    assert_eq!(old.before(&after).role().await, "anybody");
    let fresh = Browser::signed_in(&while_both, "sk-alpha").await;
    assert_eq!(fresh.before(&after).role().await, "team", "the new one writes");
    assert_eq!(fresh.before(&before).role().await, "anybody");
}

#[tokio::test]
async fn a_session_ends_with_its_time() {
    let session = SignedDuration::from_mins(30);
    let (_gateway, podium) =
        start(with(AccessSettings { session, ..settings(Mode::Private) })).await;
    let mut browser = Browser::signed_in(&podium, "sk-alpha").await;
    assert_eq!(browser.me().await["expires_at"], "2026-11-24T12:30:00Z");
    podium.clock.pass(SignedDuration::from_mins(29));
    assert_eq!(browser.role().await, "team");
    podium.clock.pass(SignedDuration::from_mins(1));
    assert_eq!(browser.role().await, "anybody");
    let answer = browser.get("/tokens").await;
    assert_eq!(
        (answer.status.as_u16(), answer.detail().as_str()),
        (401, "The session has ended; sign in again")
    );
}

#[tokio::test]
async fn sessions_that_shall_be_shorter_are_shorter_for_those_who_are_in() {
    let lasting = |hours| AccessSettings {
        session: SignedDuration::from_hours(hours),
        ..settings(Mode::Private)
    };
    let (_gateway, before) = start(with(lasting(48))).await;
    let (_gateway, after) = start(with(lasting(1))).await;
    let browser = Browser::signed_in(&before, "sk-alpha").await;
    assert_eq!(browser.before(&after).me().await["expires_at"], "2026-11-24T13:00:00Z");
    after.clock.advance(1);
    assert_eq!(browser.before(&after).role().await, "anybody");
}

#[tokio::test]
async fn a_key_that_ends_before_the_session_ends_it() {
    let (gateway, podium) = in_mode(Mode::Private).await;
    let hash = gateway_sim::hash_token("sk-alpha");
    let end = "2026-11-24T12:20:00Z";
    gateway.change(|world| world.expire_key(&hash, end.parse().ok()));
    let mut browser = Browser::signed_in(&podium, "sk-alpha").await;
    assert_eq!(browser.me().await["expires_at"], end);
    podium.clock.pass(SignedDuration::from_mins(21));
    assert_eq!(browser.get("/tokens").await.status, 401);
}

#[tokio::test]
async fn a_session_survives_a_restart_if_there_is_a_secret() {
    let directory = tempfile::tempdir().expect("a directory");
    let data = || DataDir::At(directory.path().to_owned());
    for (secrets, role) in [(vec![secret(SECRET)], "team"), (Vec::new(), "anybody")] {
        let access = AccessSettings { secrets, ..settings(Mode::Board) };
        let (gateway, mut podium) = start(Setup { data: data(), ..with(access.clone()) }).await;
        let stayed = Browser::signed_in(&podium, "sk-alpha").await.cookie_header();
        let mut left = Browser::signed_in(&podium, "sk-alpha").await;
        let copy = left.cookie_header();
        left.post("/api/v1/sign-out", &serde_json::json!({})).await;
        podium.stop().await;
        let again = Podium::start(&gateway, Setup { data: data(), ..with(access) }).await;
        assert_eq!(role_with(&again, &stayed).await, role);
        assert_eq!(role_with(&again, &copy).await, "anybody", "who left stays out");
    }
}
