//! `podium demo`: believable figures without anything to configure.

use reqwest::Method;
use serde_json::Value;

use crate::gateway::{Nowhere, free_port};
use crate::place::Place;
use crate::server::{FIGURES, Server};
use crate::stream::until;

fn list<'a>(answer: &'a Value, name: &str) -> &'a Vec<Value> {
    answer[name].as_array().unwrap_or_else(|| panic!("no list of {name}: {answer}"))
}

#[tokio::test]
async fn the_demo_needs_no_configuration() {
    let place = Place::new();
    let server = Server::start_demo(place.podium(&["demo", "--port", "0"])).await;
    assert_eq!(list(&server.get("/tokens").await.json(), "teams").len(), 8);
    for endpoint in FIGURES {
        assert_eq!(server.get(endpoint).await.status, 200, "{endpoint}");
    }
    let (today, month_ago) = server_days();
    let path = format!("/tokens/timeseries?start_date={month_ago}&end_date={today}");
    let days = server.get(&path).await.json();
    assert!(list(&days, "timeseries").len() >= 29, "a month: {days}");

    server.child.signal("INT");
    let ended = server.child.ended().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.stderr.contains("WARN") && !ended.stderr.contains("ERROR"), "{ended:?}");
    assert!(place.files().is_empty(), "nothing is kept: {:?}", place.files());
}

/// Today and the day 29 days ago.
fn server_days() -> (String, String) {
    use podium::clock::Clock as _;
    let today = podium::clock::SystemClock.today();
    (today.to_string(), today.minus(29).to_string())
}

#[tokio::test]
async fn the_demos_usage_grows_while_one_looks() {
    let place = Place::new();
    let server = Server::start_demo(place.podium(&["demo", "--port", "0"])).await;
    let (_, month_ago) = server_days();
    let path = format!("/tokens?start_date={month_ago}");
    let tokens = async || -> i64 {
        let answer = server.get(&path).await.json();
        list(&answer, "teams").iter().filter_map(|team| team["tokens"].as_i64()).sum()
    };
    let first = tokens().await;
    assert!(first > 0);
    until("growing usage", async || tokens().await > first).await;
}

#[tokio::test]
async fn the_demo_has_the_port_and_origins_that_are_set() {
    let (place, port) = (Place::new(), free_port());
    let launch = place
        .podium(&["demo"])
        .with("VITE_LEADERBOARD_BACKEND_PORT", port.to_string())
        .with("VITE_WORKSHOP_USER", "ada")
        .with("VITE_LEADERBOARD_FRONTEND_PORT", "5173");
    let server = Server::start_demo(launch).await;
    assert_eq!(server.url(""), format!("http://127.0.0.1:{port}"));
    assert!(server.child.stdout.text().contains(&format!("http://localhost:{port}/")));
    for origin in ["http://ada-leaderboard-frontend.mkhe.de", "http://localhost:5173"] {
        for path in ["/tokens", "/tokens?start_date=nonsense", "/nothing"] {
            let answer = server.send(Method::GET, path, &[("Origin", origin)]).await;
            assert_eq!(answer.header("access-control-allow-origin"), Some(origin), "{path}");
        }
    }
    let answer = server.send(Method::GET, "/tokens", &[("Origin", "http://elsewhere")]).await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[tokio::test]
async fn a_gateway_in_the_environment_is_left_alone() {
    let place = Place::new();
    place.write("work/.env", "LITELLM_API_KEY=not a key\nPODIUM_DATA_DIR=kept\n");
    let launch = place.podium(&["demo", "--port", "0"]).with("LITELLM_BASE_URL", "nonsense");
    let server = Server::start_demo(launch).await;
    assert_eq!(server.get("/tokens").await.status, 200);
    server.stop().await;
    assert_eq!(place.files(), [place.path("work/.env")], "nothing is kept");
}

#[tokio::test]
async fn a_proxy_for_the_world_is_not_asked_for_the_demos_own_gateway() {
    let (place, nowhere) = (Place::new(), Nowhere::new());
    let mut launch = place.podium(&["demo", "--port", "0"]);
    for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"] {
        launch = launch.with(variable, nowhere.url());
    }
    let server = Server::start_demo(launch).await;
    let answer = server.get("/tokens").await;
    assert_eq!(answer.status, 200, "{answer:?}");
}
