use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::origin::{Given, Layer};
use super::*;

const GATEWAY: [(&str, &str); 2] =
    [("LITELLM_BASE_URL", "http://gateway.example:4000/llm/"), ("LITELLM_API_KEY", "sk-canary")];

fn config(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let all: Vec<_> = GATEWAY.iter().chain(variables).copied().collect();
    Config::from_sources(&Sources::of(&all), false)
}

#[test]
fn defaults_need_only_the_gateway() {
    let config = config(&[]).expect("a complete configuration");
    assert_eq!(config.listen.to_string(), "[::]:8000");
    assert_eq!(config.data, DataDir::PerUser);
    assert_eq!(config.sync.refresh, Duration::from_secs(30));
    assert!(config.cors_origins.is_empty());
    let gateway = config.gateway.expect("configured");
    assert_eq!(gateway.api_key.expose_secret(), "sk-canary");
}

#[test]
fn every_fault_is_told_at_once_with_an_example_and_without_the_value() {
    let sources = Sources::of(&[
        ("LITELLM_BASE_URL", "ftp://user:hunter2@gateway"),
        ("LITELLM_API_KEY", " "),
        ("VITE_LEADERBOARD_BACKEND_PORT", "80000"),
        ("PODIUM_REFRESH", "10ms"),
    ]);
    let error = Config::from_sources(&sources, false).expect_err("four faults").to_string();
    for (name, example) in [
        ("LITELLM_BASE_URL is not", "LITELLM_BASE_URL=https://"),
        ("LITELLM_API_KEY is missing", "LITELLM_API_KEY=sk-"),
        ("VITE_LEADERBOARD_BACKEND_PORT is not", "VITE_LEADERBOARD_BACKEND_PORT=8000"),
        ("PODIUM_REFRESH is not", "PODIUM_REFRESH=30s"),
    ] {
        assert!(error.contains(name) && error.contains(example), "{name} in {error}");
    }
    assert!(!error.contains("hunter2") && !error.contains("80000"));
}

#[test]
fn a_key_that_is_no_header_value_is_refused_and_not_shown() {
    let sources = Sources::of(&[
        ("LITELLM_BASE_URL", "http://gateway"),
        ("LITELLM_API_KEY", "sk-canary with space"),
    ]);
    let error = Config::from_sources(&sources, false).expect_err("not a key").to_string();
    assert!(error.contains("LITELLM_API_KEY") && !error.contains("canary"));
}

#[test]
fn origins_come_from_what_is_set() {
    let config = config(&[
        ("VITE_WORKSHOP_USER", "Ada"),
        ("VITE_LEADERBOARD_FRONTEND_PORT", "5173"),
        ("PODIUM_CORS_ORIGINS", "https://Board.example.com/, http://localhost:80"),
    ])
    .expect("valid");
    assert_eq!(
        config.cors_origins,
        [
            "https://board.example.com",
            "http://localhost",
            "http://ada-leaderboard-frontend.mkhe.de",
            "http://localhost:5173",
        ]
    );
}

#[test]
fn the_domain_of_the_origin_can_be_changed() {
    let config = config(&[("VITE_WORKSHOP_USER", "ada"), ("PODIUM_CORS_DOMAIN", "example.org")]);
    assert_eq!(
        config.expect("valid").cors_origins,
        ["http://ada-leaderboard-frontend.example.org"]
    );
}

/// Sources with these layers, the strongest first.
fn layered(layers: &[&[(&str, &str)]]) -> Sources {
    let mut sources = Sources::default();
    sources.layers = layers.iter().map(|values| layer(values)).collect();
    sources
}

fn layer(values: &[(&str, &str)]) -> Layer {
    let given = |text: &str| Given { text: text.to_owned(), origin: Origin::DotEnv(1) };
    values.iter().map(|(name, text)| ((*name).to_owned(), given(text))).collect()
}

#[test]
fn flags_win_over_the_environment_that_over_dotenv_and_that_over_the_file() {
    let sources = layered(&[
        &[("PODIUM_REFRESH", "1s")],
        &[("PODIUM_REFRESH", "2s"), ("PODIUM_BACKFILL_DAYS", "2"), ("VITE_WORKSHOP_USER", "")],
        &[("PODIUM_BACKFILL_DAYS", "3"), ("PODIUM_DATA_DIR", ":memory:")],
        &[("PODIUM_DATA_DIR", "/nowhere"), ("PODIUM_LOG_DAYS", "4"), ("PODIUM_REFRESH", "4s")],
    ]);
    let config = Config::from_sources(&sources, true).expect("valid");
    assert_eq!(config.sync.refresh, Duration::from_secs(1));
    assert_eq!(config.sync.backfill_days, 2);
    assert_eq!(config.data, DataDir::Memory);
    assert_eq!(config.sync.log_days, 4);
    assert!(config.cors_origins.is_empty());
}

#[test]
fn a_blank_value_leaves_the_word_to_the_next_place() {
    let sources = layered(&[&[("PODIUM_REFRESH", " ")], &[("PODIUM_REFRESH", "2s")]]);
    let config = Config::from_sources(&sources, true).expect("valid");
    assert_eq!(config.sync.refresh, Duration::from_secs(2));
}

#[test]
fn secrets_may_stand_in_files_and_are_never_shown() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str, content: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, content).expect("written");
        path.to_str().expect("text").to_owned()
    };
    let good = file("good", b"sk-canary\n");
    let sources = |variables: &[(&str, &str)]| {
        let url = [("LITELLM_BASE_URL", "http://gateway")];
        Sources::of(&url.iter().chain(variables).copied().collect::<Vec<_>>())
    };
    let config = Config::from_sources(&sources(&[("LITELLM_API_KEY_FILE", &good)]), false);
    let gateway = config.expect("valid").gateway.expect("configured");
    assert_eq!(gateway.api_key.expose_secret(), "sk-canary");
    let missing = directory.path().join("missing").to_str().expect("text").to_owned();
    for (path, fault) in [
        (&missing, "cannot be read"),
        (&file("empty", b" \n"), "is empty"),
        (&file("bytes", b"sk-canary\xff"), "is not text"),
    ] {
        let error = Config::from_sources(&sources(&[("LITELLM_API_KEY_FILE", path)]), false);
        let error = error.expect_err(fault).to_string();
        assert!(error.contains("LITELLM_API_KEY_FILE") && error.contains(fault), "{error}");
        assert!(!error.contains("canary"), "{error}");
    }
    let twice = sources(&[("LITELLM_API_KEY", "sk-a"), ("LITELLM_API_KEY_FILE", &good)]);
    let error = Config::from_sources(&twice, false).expect_err("which one?").to_string();
    assert!(error.contains("given twice"), "{error}");
    let layered = layered(&[
        &[("LITELLM_BASE_URL", "http://gateway"), ("LITELLM_API_KEY_FILE", &good)],
        &[("LITELLM_API_KEY", "sk-of-dotenv")],
    ]);
    let gateway = Config::from_sources(&layered, false).expect("valid").gateway.expect("one");
    assert_eq!(gateway.api_key.expose_secret(), "sk-canary", "the environment wins");
}

#[test]
fn how_many_names_have_metrics_is_bounded() {
    let config =
        |top: &str| Config::from_sources(&Sources::of(&[("PODIUM_METRICS_TOP", top)]), true);
    assert_eq!(config("").expect("the default").serving.metrics_top, 50);
    assert_eq!(config("0").expect("none").serving.metrics_top, 0);
    for wrong in ["-1", "1001", "many"] {
        let error = config(wrong).expect_err(wrong).to_string();
        assert!(error.contains("PODIUM_METRICS_TOP=50"), "{error}");
        assert!(!error.contains(wrong), "{error}");
    }
}
