//! Configuration as the process meets it: what is missing or wrong stops the start at once,
//! with words that help, and nothing is ever asked on standard input.

use std::net::TcpListener;

use gateway_sim::Simulator;

use crate::gateway::{Gateway, Nowhere, free_port};
use crate::place::Place;
use crate::server::Server;

#[tokio::test]
async fn missing_variables_are_named_with_examples() {
    let place = Place::new();
    for command in ["serve", "sync", "check"] {
        for launch in [place.podium(&[command]), place.podium_without_stdin(&[command])] {
            let ended = launch.run().await;
            assert_eq!(ended.code, Some(2), "{ended:?}");
            for words in [
                "LITELLM_BASE_URL is missing",
                "LITELLM_BASE_URL=https://",
                "LITELLM_API_KEY is missing",
                "LITELLM_API_KEY=sk-",
            ] {
                assert!(ended.stderr.contains(words), "{words}: {ended:?}");
            }
            assert_eq!(ended.stdout, "", "complaints go to standard error");
        }
    }
    assert!(place.files().is_empty(), "nothing was made: {:?}", place.files());
}

#[tokio::test]
async fn one_missing_variable_is_named_alone() {
    let place = Place::new();
    for (set, value, missing) in [
        ("LITELLM_BASE_URL", "http://gateway", "LITELLM_API_KEY"),
        ("LITELLM_API_KEY", "sk-sim", "LITELLM_BASE_URL"),
    ] {
        let ended = place.podium(&["serve"]).with(set, value).with(missing, " ").run().await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.stderr.contains(&format!("{missing} is missing")), "{ended:?}");
        assert!(!ended.stderr.contains(set), "{set} is there: {ended:?}");
    }
}

#[tokio::test]
async fn malformed_variables_are_named_with_examples() {
    let place = Place::new();
    for (variable, value, example) in [
        ("LITELLM_BASE_URL", "gateway.example.com", "https://"),
        ("LITELLM_BASE_URL", "ftp://gateway", "https://"),
        ("LITELLM_BASE_URL", "http://", "https://"),
        ("LITELLM_API_KEY", "sk-with space", "sk-"),
        ("VITE_LEADERBOARD_BACKEND_PORT", "http", "8000"),
        ("VITE_LEADERBOARD_BACKEND_PORT", "65536", "8000"),
        ("VITE_LEADERBOARD_BACKEND_PORT", "-1", "8000"),
        ("VITE_LEADERBOARD_FRONTEND_PORT", "0", "5173"),
        ("VITE_WORKSHOP_USER", "a b", "ada"),
        ("PODIUM_CORS_DOMAIN", "https://example.com", "workshop.example.com"),
        ("PODIUM_CORS_ORIGINS", "example.com", "https://board.example.com"),
        ("PODIUM_REFRESH", "0", "30s"),
        ("PODIUM_REFRESH", "soon", "30s"),
        ("PODIUM_BACKFILL_DAYS", "-1", "30"),
        ("PODIUM_GATEWAY_TIMEOUT", "10ms", "30s"),
        ("PODIUM_LOG", "loud", "info,podium::gateway=debug"),
    ] {
        let ended = place
            .podium(&["serve"])
            .with("LITELLM_BASE_URL", "http://gateway")
            .with("LITELLM_API_KEY", "sk-sim")
            .with(variable, value)
            .run()
            .await;
        assert_eq!(ended.code, Some(2), "{variable}={value}: {ended:?}");
        let example = format!("{variable}={example}");
        assert!(ended.stderr.contains(&example), "{variable}={value}: {ended:?}");
        assert!(!ended.stderr.contains("panicked"), "{ended:?}");
    }
    assert!(place.files().is_empty(), "nothing was made: {:?}", place.files());
}

#[tokio::test]
async fn a_server_without_standard_input_serves() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let launch = place
        .podium_without_stdin(&["serve", "--port", "0", "--data-dir", ":memory:"])
        .in_front_of(&gateway.simulator);
    let server = Server::start(launch).await;
    assert_eq!(server.get("/tokens").await.status, 200);
}

#[tokio::test]
async fn the_port_is_that_of_the_variable_or_the_flag() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let (of_variable, of_flag) = (free_port(), free_port());
    let port = of_variable.to_string();
    let serve = || {
        let launch = place.podium(&["serve", "--data-dir", ":memory:"]);
        launch.in_front_of(&gateway.simulator).with("VITE_LEADERBOARD_BACKEND_PORT", &port)
    };
    let server = Server::start(serve()).await;
    assert_eq!(server.url(""), format!("http://127.0.0.1:{of_variable}"));
    assert_eq!(server.get("/livez").await.status, 200);

    let other = Server::start(serve().arguments(&["--port", &of_flag.to_string()])).await;
    assert_eq!(other.url(""), format!("http://127.0.0.1:{of_flag}"));
    assert_eq!(other.get("/livez").await.status, 200);
}

#[tokio::test]
async fn a_port_in_use_is_told_with_what_to_do() {
    let (place, nowhere) = (Place::new(), Nowhere::new());
    let taken = TcpListener::bind("0.0.0.0:0").expect("a free port");
    let port = taken.local_addr().expect("bound").port().to_string();
    for arguments in [&["serve", "--port", &port] as &[_], &["demo", "--port", &port]] {
        let ended = place
            .podium(arguments)
            .with("LITELLM_BASE_URL", nowhere.url())
            .with("LITELLM_API_KEY", "sk-sim")
            .run()
            .await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.contains(&format!("port {port} is in use")), "{ended:?}");
        assert!(ended.stderr.contains("VITE_LEADERBOARD_BACKEND_PORT"), "{ended:?}");
    }
    assert!(place.files().is_empty(), "nothing was made: {:?}", place.files());
}

/// The simulator takes requests that are meant for others, so it can stand in for a proxy.
#[tokio::test]
async fn the_proxy_of_the_environment_leads_to_the_gateway() {
    let (place, proxy) = (Place::new(), Gateway::start().await);
    let status = async |simulator: &Simulator, variables: &[(&str, &str)]| {
        let mut launch = place
            .podium(&["serve", "--port", "0", "--data-dir", ":memory:"])
            .with("LITELLM_BASE_URL", "http://gateway.invalid:4000")
            .with("LITELLM_API_KEY", simulator.api_key());
        for (variable, value) in variables {
            launch = launch.with(variable, value);
        }
        Server::start(launch).await.get("/tokens").await.status
    };
    let url = proxy.simulator.url();
    assert_eq!(status(&proxy.simulator, &[]).await, 502, "there is no such gateway");
    for variable in ["HTTP_PROXY", "http_proxy"] {
        assert_eq!(status(&proxy.simulator, &[(variable, &url)]).await, 200, "{variable}");
    }
    let not_for_this_one = [("HTTP_PROXY", url.as_str()), ("NO_PROXY", "gateway.invalid")];
    assert_eq!(status(&proxy.simulator, &not_for_this_one).await, 502);
}
