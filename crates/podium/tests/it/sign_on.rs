//! Signing on at a provider: the whole way, and what is not believed on it.

mod attacks;
mod fake;
mod outages;
mod real;

use std::sync::Arc;

use podium::clock::Clock;
use podium::sign_on::{Person, SignOn, SignOnError, SignOnSettings};
use serde_json::json;

use crate::harness::{NOW, TestClock};

use fake::{CLIENT, Fake, SECRET};

/// Where the provider sends browsers back to.
const CALLBACK: &str = "http://127.0.0.1:8000/auth/callback";

fn settings(issuer: &str) -> SignOnSettings {
    SignOnSettings {
        issuer: issuer.parse().expect("an address"),
        client_id: CLIENT.to_owned(),
        client_secret: Some(SECRET.to_owned().into()),
        scopes: ["openid", "profile", "email", "groups"].map(str::to_owned).into(),
        groups_claim: "groups".to_owned(),
        redirect_url: CALLBACK.parse().expect("an address"),
        label: "Provider".to_owned(),
    }
}

fn sign_on_with(settings: SignOnSettings, clock: &(impl Clock + Clone + 'static)) -> SignOn {
    SignOn::new(settings, Arc::new(clock.clone())).expect("a client")
}

/// A provider, signing on at it, and the clock of both.
async fn at_a_fake() -> (Fake, SignOn, TestClock) {
    let clock = TestClock::at(NOW);
    let fake = Fake::start(clock.clone()).await;
    let sign_on = sign_on_with(settings(&fake.url()), &clock);
    (fake, sign_on, clock)
}

/// Somebody signs in, and nothing comes in between.
async fn sign_in(sign_on: &SignOn, fake: &Fake) -> Result<Person, SignOnError> {
    let (url, pending) = sign_on.begin().await?;
    let (code, state) = fake.browser_comes(&url);
    sign_on.finish(&pending, &code, &state).await
}

#[tokio::test]
async fn somebody_signs_in() {
    let (fake, sign_on, _) = at_a_fake().await;
    let person = sign_in(&sign_on, &fake).await.expect("signed in");
    assert_eq!(person.subject, "ada-1");
    assert_eq!(person.email.as_deref(), Some("ada@example.com"));
    assert_eq!(person.name.as_deref(), Some("Ada"));
    assert_eq!(person.groups, ["admins", "otters"]);
    assert_eq!(person.id_token, fake.last_token());
    assert_eq!(fake.asked("/userinfo"), 0, "the token tells everything");
}

#[tokio::test]
async fn the_browser_is_sent_with_a_challenge_a_state_and_a_nonce_of_its_own() {
    let (fake, sign_on, _) = at_a_fake().await;
    let (one, _) = sign_on.begin().await.expect("begun");
    let (other, _) = sign_on.begin().await.expect("begun");
    assert!(one.as_str().starts_with(&format!("{}/authorize?", fake.url())), "{one}");
    let value = |name| fake::parameter(&one, name);
    assert_eq!(value("response_type"), "code");
    assert_eq!(value("client_id"), CLIENT);
    assert_eq!(value("redirect_uri"), CALLBACK);
    assert_eq!(value("scope"), "openid profile email groups");
    assert_eq!(value("code_challenge_method"), "S256");
    for name in ["code_challenge", "state", "nonce"] {
        assert!(value(name).len() >= 22, "128 bits: {name}");
        assert_ne!(value(name), fake::parameter(&other, name), "{name}");
    }
    assert!(!one.as_str().contains(SECRET));
    assert_eq!(fake.asked("/.well-known/openid-configuration"), 1, "what it tells is kept");
}

#[tokio::test]
async fn what_is_pending_survives_a_cookie_and_tells_nothing_in_a_log() {
    let (fake, sign_on, _) = at_a_fake().await;
    let (url, pending) = sign_on.begin().await.expect("begun");
    let (code, state) = fake.browser_comes(&url);
    let kept = serde_json::to_string(&pending).expect("JSON");
    assert!(kept.len() < 512, "it fits a cookie: {}", kept.len());
    let shown = format!("{pending:?}");
    assert!(!shown.contains(&state) && !shown.contains(&fake::parameter(&url, "nonce")));
    let pending = serde_json::from_str(&kept).expect("the same");
    let person = sign_on.finish(&pending, &code, &state).await.expect("signed in");
    assert!(!format!("{person:?}").contains(&person.id_token));
}

#[tokio::test]
async fn what_the_token_leaves_out_is_asked_at_the_userinfo_endpoint() {
    let (fake, sign_on, _) = at_a_fake().await;
    fake.script(|script| {
        script.claims = json!({"email": null, "email_verified": null, "groups": null});
        script.user_info = json!({
            "sub": "ada-1", "email": "ada@example.org", "email_verified": "true", "groups": "one",
            "updated_at": "2026-11-24T12:00:00Z",
        });
    });
    let person = sign_in(&sign_on, &fake).await.expect("signed in");
    assert_eq!(person.email.as_deref(), Some("ada@example.org"));
    assert_eq!(person.groups, ["one"]);
    assert_eq!(person.name.as_deref(), Some("Ada"));
    assert_eq!(fake.asked("/userinfo"), 1);
}

#[tokio::test]
async fn a_provider_without_a_userinfo_endpoint_tells_what_it_tells() {
    let (fake, sign_on, _) = at_a_fake().await;
    fake.script(|script| {
        script.document = json!({"userinfo_endpoint": null});
        script.claims = json!({"email": null, "groups": null, "name": null});
    });
    let person = sign_in(&sign_on, &fake).await.expect("signed in");
    assert_eq!((person.email, person.name, person.groups), (None, None, Vec::new()));
}

#[tokio::test]
async fn an_address_that_is_not_verified_is_none() {
    let (fake, sign_on, _) = at_a_fake().await;
    for not in [json!(false), json!("false")] {
        fake.script(|script| script.claims = json!({"email_verified": not}));
        assert_eq!(sign_in(&sign_on, &fake).await.expect("signed in").email, None, "{not}");
    }
    fake.script(|script| script.claims = json!({"email_verified": null}));
    assert!(sign_in(&sign_on, &fake).await.expect("signed in").email.is_some());
}

#[tokio::test]
async fn groups_may_be_within_another_claim() {
    let (fake, _, clock) = at_a_fake().await;
    fake.script(|script| script.claims = json!({"realm_access": {"roles": ["a", "b"]}}));
    let claim = "realm_access.roles".to_owned();
    let sign_on =
        sign_on_with(SignOnSettings { groups_claim: claim, ..settings(&fake.url()) }, &clock);
    assert_eq!(sign_in(&sign_on, &fake).await.expect("signed in").groups, ["a", "b"]);
}

#[tokio::test]
async fn the_secret_travels_as_the_provider_takes_it() {
    let (fake, _, clock) = at_a_fake().await;
    for (methods, way) in [
        (json!(null), "header"),
        (json!(["client_secret_basic", "client_secret_post"]), "header"),
        (json!(["client_secret_post"]), "body"),
    ] {
        fake.script(|script| {
            script.document = json!({"token_endpoint_auth_methods_supported": methods});
        });
        let sign_on = sign_on_with(settings(&fake.url()), &clock);
        sign_in(&sign_on, &fake).await.expect("signed in");
        assert_eq!(fake.secret_came_in(), way, "{methods}");
    }
    fake.script(|script| script.secret = None);
    let public = SignOnSettings { client_secret: None, ..settings(&fake.url()) };
    sign_in(&sign_on_with(public, &clock), &fake).await.expect("signed in");
    assert_eq!(fake.secret_came_in(), "nothing");
}

#[tokio::test]
async fn a_slash_at_the_end_of_the_issuer_is_the_providers_matter() {
    let (fake, _, clock) = at_a_fake().await;
    fake.script(|script| script.issuer = format!("{}/", script.issuer));
    let sign_on = sign_on_with(settings(&fake.url()), &clock);
    sign_in(&sign_on, &fake).await.expect("signed in");
}

#[tokio::test]
async fn signing_out_at_the_provider_needs_a_place_for_it() {
    let (fake, sign_on, clock) = at_a_fake().await;
    let back = "http://127.0.0.1:8000/".parse().expect("an address");
    let url = sign_on.logout_url(Some("token"), &back).await.expect("it has a place");
    let expected = format!(
        "{}/end?client_id={CLIENT}&post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2F\
         &id_token_hint=token",
        fake.url()
    );
    assert_eq!(url.as_str(), expected);
    let without = sign_on.logout_url(None, &back).await.expect("it has a place");
    assert!(!without.as_str().contains("id_token_hint"));
    fake.script(|script| script.document = json!({"end_session_endpoint": null}));
    let sign_on = sign_on_with(settings(&fake.url()), &clock);
    assert_eq!(sign_on.logout_url(None, &back).await, None);
}

#[tokio::test]
async fn signing_in_may_move_between_threads() {
    let (fake, sign_on, _) = at_a_fake().await;
    let person = tokio::spawn(async move { sign_in(&sign_on, &fake).await }).await;
    assert!(person.expect("no panic").is_ok());
}
