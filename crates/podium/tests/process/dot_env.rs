//! The `.env` file in the working directory.

use crate::gateway::Gateway;
use crate::place::Place;
use crate::server::Server;

const ORIGIN: &str = "http://ada-leaderboard-frontend.example.org";

/// Whether a page from `origin` may read the answers.
async fn allows(server: &Server, origin: &str) -> bool {
    let answer = server.send(reqwest::Method::GET, "/tokens", &[("Origin", origin)]).await;
    assert_eq!(answer.status, 200, "the gateway and the key are right: {answer:?}");
    answer.header("access-control-allow-origin") == Some(origin)
}

#[tokio::test]
async fn everything_can_stand_in_the_file() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let url = gateway.simulator.url();
    let plain = format!(
        "LITELLM_BASE_URL={url}\n\
         LITELLM_API_KEY=sk-sim\n\
         VITE_LEADERBOARD_BACKEND_PORT=0\n\
         VITE_WORKSHOP_USER=ada\n\
         PODIUM_CORS_DOMAIN=example.org\n\
         PODIUM_DATA_DIR=:memory:\n"
    );
    let decorated = format!(
        "\u{feff}# The workshop's gateway\n\
         \n\
         export LITELLM_BASE_URL=\"{url}/\"   # with a slash\n\
         LITELLM_API_KEY='sk-sim'\n\
         \texport  VITE_LEADERBOARD_BACKEND_PORT = 0\n\
         VITE_WORKSHOP_USER=ada # who else\n\
         PODIUM_CORS_DOMAIN=\"example.org\"#\n\
         PODIUM_DATA_DIR=\":memory:\"\n\
         SOMETHING_ELSE=\"it's\"\n\
         VITE_EMPTY=\n"
    );
    for content in
        [plain.clone(), plain.replace('\n', "\r\n"), decorated.replace('\n', "\r\n"), decorated]
    {
        place.write("work/.env", &content);
        let server = Server::start(place.podium(&["serve"])).await;
        assert!(allows(&server, ORIGIN).await, "{content}");
        assert!(!allows(&server, "http://None-leaderboard-frontend.example.org").await);
        let ended = server.stop().await;
        assert!(!ended.stderr.contains(".env"), "no line is complained of: {ended:?}");
    }
}

#[tokio::test]
async fn the_environment_wins_over_the_file_and_flags_over_both() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let url = gateway.simulator.url();
    place.write(
        "work/.env",
        "LITELLM_BASE_URL=http://gateway.invalid\n\
         LITELLM_API_KEY=sk-wrong\n\
         VITE_WORKSHOP_USER=grace\n\
         PODIUM_CORS_DOMAIN=example.org\n\
         PODIUM_DATA_DIR=/proc/not/here\n\
         VITE_LEADERBOARD_BACKEND_PORT=nonsense\n",
    );
    let launch = place
        .podium(&["serve", "--port", "0", "--base-url", &url])
        .with("LITELLM_BASE_URL", "http://another.invalid")
        .with("LITELLM_API_KEY", "sk-sim")
        .with("VITE_WORKSHOP_USER", "ada")
        .with("PODIUM_DATA_DIR", ":memory:");
    let server = Server::start(launch).await;
    assert!(allows(&server, ORIGIN).await);
    assert!(!allows(&server, "http://grace-leaderboard-frontend.example.org").await);
}

#[tokio::test]
async fn lines_that_are_no_assignments_are_told_by_number_and_do_not_matter() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    place.write(
        "work/.env",
        "VITE_WORKSHOP_USER=ada\nnot an assignment\n\nPODIUM_CORS_DOMAIN=example.org\n",
    );
    let server = Server::start(place.serve(&gateway.simulator)).await;
    assert!(allows(&server, ORIGIN).await);
    let ended = server.stop().await;
    assert!(ended.stderr.contains("WARN") && ended.stderr.contains("[2]"), "{ended:?}");
    assert!(!ended.stderr.contains("not an assignment"), "{ended:?}");
}

#[tokio::test]
async fn only_the_working_directory_counts() {
    let place = Place::new();
    place.write("home/.env", "LITELLM_BASE_URL=http://gateway.invalid\nLITELLM_API_KEY=sk-sim\n");
    place.write(".env", "LITELLM_BASE_URL=http://gateway.invalid\nLITELLM_API_KEY=sk-sim\n");
    let ended = place.podium(&["serve"]).run().await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("LITELLM_API_KEY is missing"), "{ended:?}");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_told() {
    let place = Place::new();
    std::fs::create_dir(place.path("work/.env")).expect("a new directory");
    let ended = place.podium(&["serve"]).run().await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains(".env"), "{ended:?}");
}
