//! Providers that are away, come back, and exchange their keys.

use jiff::SignedDuration;
use podium::sign_on::{Part, SignOnError};
use serde_json::json;

use crate::harness::{NOW, TestClock};

use super::fake::{Answer, Fake, Key};
use super::{at_a_fake, settings, sign_in, sign_on_with};

const DOCUMENT: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn a_provider_that_is_away_is_told_and_asked_again() {
    let (fake, sign_on, clock) = at_a_fake().await;
    let address = fake.stop().await;
    let away = sign_on.begin().await.expect_err("nobody is there");
    assert!(away.to_string().contains("connection refused"), "{away}");
    assert!(away.to_string().contains("PODIUM_OIDC_ISSUER"), "{away}");
    assert_eq!(away.reason(), "unavailable");
    let back = "http://127.0.0.1:8000/".parse().expect("an address");
    assert_eq!(sign_on.logout_url(None, &back).await, None);

    let fake = Fake::start_at(clock, address).await;
    sign_in(&sign_on, &fake).await.expect("signed in");
}

#[tokio::test]
async fn a_provider_that_fails_half_way_is_asked_again() {
    let (fake, sign_on, _) = at_a_fake().await;
    let failing = Answer::Says(500, "oops".to_owned());
    fake.script(|script| script.answers = [("/jwks", failing)].into());
    let error = sign_in(&sign_on, &fake).await.expect_err("no keys");
    assert_eq!(error, SignOnError::Status(Part::Keys, 500));
    fake.script(|script| script.answers.clear());
    sign_in(&sign_on, &fake).await.expect("signed in");
}

#[tokio::test]
async fn what_a_provider_tells_of_itself_is_kept_for_an_hour() {
    let (fake, sign_on, clock) = at_a_fake().await;
    for _ in 0..3 {
        sign_in(&sign_on, &fake).await.expect("signed in");
    }
    clock.pass(SignedDuration::from_mins(59));
    sign_on.begin().await.expect("begun");
    assert_eq!((fake.asked(DOCUMENT), fake.asked("/jwks")), (1, 1));
    clock.pass(SignedDuration::from_mins(1));
    sign_in(&sign_on, &fake).await.expect("signed in");
    assert_eq!((fake.asked(DOCUMENT), fake.asked("/jwks")), (2, 2));
}

#[tokio::test]
async fn many_who_come_at_once_make_one_question() {
    let (fake, sign_on, _) = at_a_fake().await;
    let begun = futures_util::future::join_all((0..20).map(|_| sign_on.begin())).await;
    assert!(begun.iter().all(Result::is_ok));
    assert_eq!(fake.asked(DOCUMENT), 1);
}

#[tokio::test]
async fn many_who_wait_for_a_provider_that_is_away_share_the_failure() {
    let (fake, sign_on, _) = at_a_fake().await;
    let failing = Answer::Says(503, String::new());
    fake.script(|script| script.answers = [(DOCUMENT, failing)].into());
    let begun = futures_util::future::join_all((0..20).map(|_| sign_on.begin())).await;
    assert!(begun.iter().all(Result::is_err));
    assert_eq!(fake.asked(DOCUMENT), 1);
    assert!(sign_on.begin().await.is_err());
    assert_eq!(fake.asked(DOCUMENT), 2, "who comes later asks anew");
}

#[tokio::test]
async fn keys_that_were_exchanged_are_found_at_once_and_asked_for_once_a_minute() {
    let (fake, sign_on, clock) = at_a_fake().await;
    sign_in(&sign_on, &fake).await.expect("signed in");
    fake.rotate("second");
    sign_in(&sign_on, &fake).await.expect("signed in with the new key");
    assert_eq!((fake.asked(DOCUMENT), fake.asked("/jwks")), (1, 2));

    // Signed with a key that is never published: asking again does not help, nor is it repeated.
    let unknown = || fake.script(|script| script.key = Key::new("unknown"));
    unknown();
    for _ in 0..3 {
        let error = sign_in(&sign_on, &fake).await.expect_err("no such key");
        assert_eq!(error, SignOnError::UnknownKey);
    }
    assert_eq!(fake.asked("/jwks"), 2, "a minute has not passed");
    clock.pass(SignedDuration::from_secs(60));
    for _ in 0..3 {
        sign_in(&sign_on, &fake).await.expect_err("no such key");
    }
    assert_eq!(fake.asked("/jwks"), 3);

    fake.rotate("third");
    clock.pass(SignedDuration::from_secs(60));
    sign_in(&sign_on, &fake).await.expect("signed in with the newest key");
}

#[tokio::test]
async fn everyone_who_signs_in_while_keys_are_exchanged_gets_in() {
    let (fake, sign_on, _) = at_a_fake().await;
    let (url, pending) = sign_on.begin().await.expect("begun");
    let (code, state) = fake.browser_comes(&url);
    fake.rotate("second");
    let all = (0..5).map(|_| sign_on.finish(&pending, &code, &state));
    for person in futures_util::future::join_all(all).await {
        person.expect("signed in");
    }
    assert_eq!(fake.asked("/jwks"), 2);
}

#[tokio::test]
async fn keys_of_kinds_that_are_not_known_do_no_harm() {
    let clock = TestClock::at(NOW);
    let fake = Fake::start(clock.clone()).await;
    fake.script(|script| {
        script.published.insert(0, json!({"kty": "later", "kid": "a"}));
        script.published.insert(0, json!({"kty": "EC", "crv": "P-521", "kid": "b"}));
    });
    let sign_on = sign_on_with(settings(&fake.url()), &clock);
    sign_in(&sign_on, &fake).await.expect("signed in");
}
