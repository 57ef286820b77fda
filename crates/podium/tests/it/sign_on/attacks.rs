//! What somebody could bring, and what is not believed of it.

use podium::sign_on::{Part, SignOnError, SignOnSettings};
use serde_json::{Value, json};

use super::fake::{Answer, Fake, Key, SECRET, SECRETS, Signature};
use super::{at_a_fake, settings, sign_in, sign_on_with};

/// The error of signing in; it holds nothing secret.
async fn refused(sign_on: &podium::sign_on::SignOn, fake: &Fake) -> SignOnError {
    let error = sign_in(sign_on, fake).await.expect_err("not believed");
    let text = format!("{error} {error:?}");
    let token = fake.last_token();
    assert!(token.is_empty() || !text.contains(&token), "{text}");
    for secret in SECRETS {
        assert!(!text.contains(secret), "{text}");
    }
    error
}

#[tokio::test]
async fn a_state_of_another_sign_in_is_refused_before_the_code_is_used() {
    let (fake, sign_on, _) = at_a_fake().await;
    let (url, pending) = sign_on.begin().await.expect("begun");
    let (code, state) = fake.browser_comes(&url);
    let (_, others) = fake.browser_comes(&sign_on.begin().await.expect("begun").0);
    for wrong in [others.as_str(), "", &state[1..], &format!("{state}a")] {
        let error = sign_on.finish(&pending, &code, wrong).await.expect_err("not believed");
        assert_eq!(error, SignOnError::OtherSignIn);
        assert_eq!(error.reason(), "expired");
    }
    assert_eq!(fake.asked("/token"), 0);
}

#[tokio::test]
async fn a_code_of_another_sign_in_is_refused_by_its_challenge() {
    let (fake, sign_on, _) = at_a_fake().await;
    let (url, pending) = sign_on.begin().await.expect("begun");
    let (code, state) = fake.browser_comes(&url);
    // The code that the browser brings was given for this one.
    fake.browser_comes(&sign_on.begin().await.expect("begun").0);
    let error = sign_on.finish(&pending, &code, &state).await.expect_err("not exchanged");
    assert_eq!(error, SignOnError::CodeRefused);
    let error = sign_on.finish(&pending, "another code", &state).await.expect_err("unknown");
    assert_eq!(error, SignOnError::CodeRefused);
}

#[tokio::test]
async fn a_sign_in_that_took_too_long_is_begun_anew() {
    let (fake, sign_on, clock) = at_a_fake().await;
    let (url, pending) = sign_on.begin().await.expect("begun");
    let (code, state) = fake.browser_comes(&url);
    clock.advance(1);
    let error = sign_on.finish(&pending, &code, &state).await.expect_err("late");
    assert_eq!((error.reason(), error), ("expired", SignOnError::TooLate));
}

#[tokio::test]
async fn claims_that_are_not_meant_for_this_sign_in_are_refused() {
    let (fake, sign_on, clock) = at_a_fake().await;
    let now = podium::clock::Clock::now(&clock).as_second();
    let cases: [(Value, &str); 13] = [
        (json!({"nonce": "another"}), "another sign-in"),
        (json!({"nonce": null}), "another sign-in"),
        (json!({"aud": "another"}), "PODIUM_OIDC_CLIENT_ID"),
        (json!({"aud": ["another", "third"]}), "PODIUM_OIDC_CLIENT_ID"),
        (json!({"aud": ["podium", "another"]}), "PODIUM_OIDC_CLIENT_ID"),
        (json!({"aud": []}), "PODIUM_OIDC_CLIENT_ID"),
        (json!({"aud": null}), "PODIUM_OIDC_CLIENT_ID"),
        (json!({"azp": "another"}), "PODIUM_OIDC_CLIENT_ID"),
        (json!({"iss": "http://127.0.0.1:1"}), "another issuer"),
        (json!({"iss": format!("{}/", fake.url())}), "another issuer"),
        (json!({"exp": now - 61}), "has expired"),
        (json!({"exp": now - 3_600}), "has expired"),
        (json!({"sub": ""}), "unexpected shape"),
    ];
    for (claims, words) in cases {
        fake.script(|script| script.claims = claims.clone());
        let error = refused(&sign_on, &fake).await;
        assert!(error.to_string().contains(words), "{claims}: {error}");
        assert_eq!(error.reason(), "refused");
    }
    for claims in [json!({"iss": null}), json!({"exp": null}), json!({"sub": null})] {
        fake.script(|script| script.claims = claims.clone());
        let error = refused(&sign_on, &fake).await;
        assert_eq!(error, SignOnError::Shape(Part::Token), "{claims}");
    }
    fake.script(|script| script.claims = json!({"azp": "podium", "exp": now - 30}));
    sign_in(&sign_on, &fake).await.expect("clocks may differ a little");
}

#[tokio::test]
async fn a_token_outlives_no_clock_that_is_moved() {
    let (fake, sign_on, _) = at_a_fake().await;
    let later = crate::harness::TestClock::at("2026-11-24T12:10:00Z");
    let ahead = sign_on_with(settings(&fake.url()), &later);
    assert!(refused(&ahead, &fake).await.to_string().contains("clocks"));
    sign_in(&sign_on, &fake).await.expect("by the provider's clock it is good");
}

#[tokio::test]
async fn a_token_that_is_not_signed_is_refused() {
    let (fake, sign_on, _) = at_a_fake().await;
    for none in ["none", "None", "NONE"] {
        for signature in [Signature::Empty, Signature::Good] {
            fake.script(|script| {
                script.header = json!({"alg": none, "kid": null});
                script.signature = signature;
            });
            refused(&sign_on, &fake).await;
        }
    }
    fake.script(|script| {
        script.header = json!({});
        script.signature = Signature::Empty;
    });
    assert_eq!(refused(&sign_on, &fake).await, SignOnError::UnknownKey);
}

#[tokio::test]
async fn a_token_signed_with_another_key_is_refused_whatever_its_header_says() {
    let (fake, sign_on, _) = at_a_fake().await;
    for header in [
        json!({}),
        json!({"kid": null}),
        json!({"jwk": Key::new("first").published()}),
        json!({"jku": "http://127.0.0.1:1/jwks"}),
    ] {
        fake.script(|script| {
            // The id is that of the published key; the key is not.
            script.key = Key::new("first");
            script.header = header.clone();
        });
        assert_eq!(refused(&sign_on, &fake).await, SignOnError::UnknownKey, "{header}");
    }
}

#[tokio::test]
async fn published_keys_are_no_secrets_to_sign_with() {
    let (fake, sign_on, clock) = at_a_fake().await;
    let published = fake_point(&fake);
    let public = SignOnSettings { client_secret: None, ..settings(&fake.url()) };
    for key in [published, Vec::new(), b"guessed".to_vec()] {
        fake.script(|script| {
            script.header = json!({"alg": "HS256"});
            script.signature = Signature::Hmac(key);
            script.secret = Some(SECRET);
        });
        assert_eq!(refused(&sign_on, &fake).await, SignOnError::UnknownKey);
        fake.script(|script| script.secret = None);
        let error = refused(&sign_on_with(public.clone(), &clock), &fake).await;
        assert!(error.to_string().contains("not signed, or in a way"), "{error}");
    }
    fake.script(|script| {
        script.secret = Some(SECRET);
        script.signature = Signature::Hmac(SECRET.as_bytes().to_vec());
    });
    sign_in(&sign_on, &fake).await.expect("the client's secret is one");
}

/// The bytes of the published key, as somebody may read them.
fn fake_point(fake: &Fake) -> Vec<u8> {
    let mut point = Vec::new();
    fake.script(|script| point = script.published[0]["x"].to_string().into_bytes());
    point
}

#[tokio::test]
async fn published_keys_that_are_none_are_no_keys() {
    let (fake, sign_on, clock) = at_a_fake().await;
    for (name, value) in [
        ("x", json!("AAAA")),
        ("x", json!("")),
        ("y", json!("not base64!")),
        ("y", json!(null)),
        ("crv", json!("P-384")),
        ("crv", json!("secp256k1")),
        ("use", json!("enc")),
        ("kty", json!("RSA")),
        ("kty", json!("oct")),
    ] {
        fake.rotate("first");
        fake.script(|script| script.published[0][name] = value.clone());
        let error = refused(&sign_on_with(settings(&fake.url()), &clock), &fake).await;
        assert_eq!(error.reason(), "refused", "{name} {value}: {error}");
    }
    fake.rotate("first");
    sign_in(&sign_on, &fake).await.expect("signed in");
}

#[tokio::test]
async fn headers_that_ask_for_more_than_is_understood_are_refused() {
    let (fake, sign_on, _) = at_a_fake().await;
    for header in [
        json!({"crit": ["exp"], "exp": 1}),
        json!({"cty": "JWT"}),
        json!({"typ": "at+jwt"}),
        json!({"alg": "RS256"}),
        json!({"alg": "ES384"}),
    ] {
        fake.script(|script| script.header = header.clone());
        refused(&sign_on, &fake).await;
    }
}

#[tokio::test]
async fn what_the_userinfo_endpoint_tells_of_another_person_is_refused() {
    let (fake, sign_on, _) = at_a_fake().await;
    for told in [json!({"sub": "eve-2", "groups": ["admins"]}), json!({"groups": ["admins"]})] {
        fake.script(|script| {
            script.claims = json!({"groups": null});
            script.user_info = told.clone();
        });
        let error = refused(&sign_on, &fake).await;
        assert_eq!((error.reason(), error), ("refused", SignOnError::OtherPerson), "{told}");
    }
}

#[tokio::test]
async fn a_document_of_another_issuer_is_not_believed() {
    let (fake, sign_on, _) = at_a_fake().await;
    for (issuer, error) in [
        ("https://id.example.com", SignOnError::OtherIssuer),
        ("http://127.0.0.1:1", SignOnError::OtherIssuer),
        ("nonsense", SignOnError::Shape(Part::Discovery)),
    ] {
        fake.script(|script| script.document = json!({"issuer": issuer}));
        assert_eq!(sign_on.begin().await.expect_err("not believed"), error, "{issuer}");
        assert!(error.to_string().contains("PODIUM_OIDC_ISSUER"), "{error}");
    }
}

#[tokio::test]
async fn nothing_is_sent_in_the_clear() {
    let (fake, sign_on, _) = at_a_fake().await;
    for endpoint in [
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "userinfo_endpoint",
        "end_session_endpoint",
    ] {
        for address in ["http://id.example.com/it", "ftp://127.0.0.1/", "javascript:alert(1)"] {
            fake.script(|script| script.document = json!({endpoint: address}));
            assert_eq!(refused(&sign_on, &fake).await, SignOnError::NotPrivate(endpoint));
        }
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let (fake, _, clock) = at_a_fake().await;
    fake.script(|script| script.claims = json!({"groups": null}));
    for (path, part) in [
        ("/.well-known/openid-configuration", Part::Discovery),
        ("/jwks", Part::Keys),
        ("/token", Part::Token),
        ("/userinfo", Part::UserInfo),
    ] {
        let to = format!("{}/elsewhere", fake.url());
        fake.script(|script| script.answers = [(path, Answer::Redirects(to))].into());
        let sign_on = sign_on_with(settings(&fake.url()), &clock);
        assert_eq!(refused(&sign_on, &fake).await, SignOnError::Redirected(part));
    }
    assert_eq!(fake.asked("/elsewhere"), 0);
}

#[tokio::test]
async fn answers_without_end_or_sense_are_given_up() {
    let (fake, _, clock) = at_a_fake().await;
    fake.script(|script| script.claims = json!({"groups": null}));
    for (path, part) in [
        ("/.well-known/openid-configuration", Part::Discovery),
        ("/jwks", Part::Keys),
        ("/token", Part::Token),
        ("/userinfo", Part::UserInfo),
    ] {
        for (answer, error) in [
            (Answer::Without(64 << 20), SignOnError::TooLarge(part)),
            (Answer::Says(200, "<html>".to_owned()), SignOnError::Shape(part)),
            (Answer::Says(200, "[]".to_owned()), SignOnError::Shape(part)),
            (Answer::Says(200, "{}".to_owned()), without_fields(part)),
            (Answer::Says(503, "{}".to_owned()), SignOnError::Status(part, 503)),
        ] {
            fake.script(|script| script.answers = [(path, answer)].into());
            let sign_on = sign_on_with(settings(&fake.url()), &clock);
            assert_eq!(refused(&sign_on, &fake).await, error, "{path}");
        }
    }
}

/// What an object without any fields is.
fn without_fields(part: Part) -> SignOnError {
    match part {
        Part::UserInfo => SignOnError::OtherPerson,
        part => SignOnError::Shape(part),
    }
}

#[tokio::test]
async fn a_refusal_of_the_providers_names_the_setting() {
    let (fake, _, clock) = at_a_fake().await;
    let wrong = Some("another".to_owned().into());
    let sign_on =
        sign_on_with(SignOnSettings { client_secret: wrong, ..settings(&fake.url()) }, &clock);
    let error = refused(&sign_on, &fake).await;
    assert_eq!(error, SignOnError::ClientRefused);
    assert!(error.to_string().contains("PODIUM_OIDC_CLIENT_SECRET"), "{error}");
    let sign_on = sign_on_with(settings(&fake.url()), &clock);
    for (kind, error) in [
        ("invalid_grant", SignOnError::CodeRefused),
        ("unauthorized_client", SignOnError::ClientRefused),
        ("invalid_scope", SignOnError::Refused),
        ("description-canary", SignOnError::Refused),
    ] {
        let text = json!({"error": kind, "error_description": "description-canary"}).to_string();
        fake.script(|script| script.answers = [("/token", Answer::Says(400, text))].into());
        assert_eq!(refused(&sign_on, &fake).await, error, "{kind}");
    }
    let text = json!({"access_token": "access-canary", "token_type": "Bearer"}).to_string();
    fake.script(|script| script.answers = [("/token", Answer::Says(200, text))].into());
    assert_eq!(refused(&sign_on, &fake).await, SignOnError::NoIdToken);
}
