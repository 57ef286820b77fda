use secrecy::ExposeSecret as _;

use super::super::{Config, ConfigError, Sources};
use super::*;

const ALL: [(&str, &str); 3] = [
    ("PODIUM_OIDC_ISSUER", "https://id.example.com/realms/ada"),
    ("PODIUM_OIDC_CLIENT_ID", "podium"),
    ("PODIUM_PUBLIC_URL", "https://podium.example.com/podium/"),
];

fn config(variables: &[(&str, &str)]) -> Result<Option<SignOnSettings>, ConfigError> {
    Config::from_sources(&Sources::of(variables), true).map(|config| config.sign_on)
}

/// All that is needed, and these besides or instead.
fn with(variables: &[(&str, &str)]) -> Result<Option<SignOnSettings>, ConfigError> {
    config(&ALL.iter().chain(variables).copied().collect::<Vec<_>>())
}

#[test]
fn nothing_of_it_is_needed() {
    assert!(config(&[]).expect("valid").is_none());
    let public = [("PODIUM_PUBLIC_URL", "https://podium.example.com")];
    assert!(config(&public).expect("valid").is_none());
}

#[test]
fn what_is_left_out_is_as_usual() {
    let settings = with(&[]).expect("valid").expect("configured");
    assert_eq!(settings.issuer.as_str(), "https://id.example.com/realms/ada");
    assert_eq!(settings.client_id, "podium");
    assert!(settings.client_secret.is_none());
    assert_eq!(settings.scopes, ["openid", "profile", "email"]);
    assert_eq!(settings.groups_claim, "groups");
    assert_eq!(settings.redirect_url.as_str(), "https://podium.example.com/podium/auth/callback");
    assert_eq!(settings.label, "id.example.com");
}

#[test]
fn everything_can_be_chosen_and_the_secret_is_not_shown() {
    let settings = with(&[
        ("PODIUM_OIDC_CLIENT_SECRET", "canary: ü"),
        ("PODIUM_OIDC_SCOPES", "openid  groups,email"),
        ("PODIUM_OIDC_GROUPS_CLAIM", "realm_access.roles"),
        ("PODIUM_OIDC_NAME", "Die Firma"),
    ]);
    let settings = settings.expect("valid").expect("configured");
    assert_eq!(settings.scopes, ["openid", "groups", "email"]);
    assert_eq!(settings.groups_claim, "realm_access.roles");
    assert_eq!(settings.label, "Die Firma");
    assert!(!format!("{settings:?}").contains("canary"));
    assert_eq!(settings.client_secret.expect("given").expose_secret(), "canary: ü");
}

#[test]
fn the_secret_may_stand_in_a_file() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("secret");
    std::fs::write(&path, "canary\n").expect("written");
    let path = path.to_str().expect("text");
    let settings = with(&[("PODIUM_OIDC_CLIENT_SECRET_FILE", path)]).expect("valid");
    let secret = settings.expect("configured").client_secret.expect("given");
    assert_eq!(secret.expose_secret(), "canary");
}

#[test]
fn every_part_that_is_missing_is_told() {
    let error = config(&[("PODIUM_OIDC_NAME", "Firm")]).expect_err("three faults").to_string();
    for name in ["PODIUM_OIDC_ISSUER", "PODIUM_OIDC_CLIENT_ID", "PODIUM_PUBLIC_URL"] {
        assert!(error.contains(&format!("{name} is missing")), "{name} in {error}");
        assert!(error.contains(&format!("\n  {name}=")), "an example for {name} in {error}");
    }
}

#[test]
fn faults_are_told_without_the_value() {
    for (name, value) in [
        ("PODIUM_OIDC_CLIENT_ID", "hunter two"),
        ("PODIUM_OIDC_CLIENT_SECRET", "hunter\ntwo"),
        ("PODIUM_OIDC_SCOPES", "openid \"hunter\""),
        ("PODIUM_OIDC_GROUPS_CLAIM", "hunter two"),
        ("PODIUM_OIDC_NAME", "hunter\u{7}"),
        ("PODIUM_OIDC_ISSUER", "http://hunter.example.com"),
    ] {
        let error = with(&[(name, value)]).expect_err(name).to_string();
        assert!(error.contains(&format!("{name} is not")), "{error}");
        assert!(!error.contains("hunter"), "{error}");
    }
}

#[test]
fn the_issuer_is_reached_by_tls_or_within_the_machine() {
    for (text, is_fine) in [
        ("https://id.example.com", true),
        ("https://id.example.com/", true),
        ("http://127.0.0.1:9000", true),
        ("http://[::1]:9000/realms/a", true),
        ("http://localhost:9000", true),
        ("http://id.example.com", false),
        ("http://localhost.example.com", false),
        ("http://128.0.0.1", false),
        ("https://user:word@id.example.com", false),
        ("https://id.example.com/?a", false),
        ("ftp://localhost", false),
        ("id.example.com", false),
    ] {
        assert_eq!(issuer(text).is_some(), is_fine, "{text}");
    }
    let document = issuer("https://id.example.com/a/.well-known/openid-configuration");
    assert_eq!(document.expect("taken for its issuer").as_str(), "https://id.example.com/a");
}
