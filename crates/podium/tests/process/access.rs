//! Access as whoever runs the program meets it: warnings, tokens made beside a server, the log.

use crate::child::Ended;
use crate::gateway::Gateway;
use crate::place::{Launch, Place};
use crate::server::{Answer, Server};

const WARNING: &str = "everybody who reaches this port sees all usage";

fn command(place: &Place, gateway: &Gateway, arguments: &[&str]) -> Launch {
    let launch = place.podium(arguments).in_front_of(&gateway.simulator);
    launch.with("PODIUM_DATA_DIR", place.path("data"))
}

async fn said(launch: Launch) -> String {
    let ended: Ended = launch.run().await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stdout.trim().to_owned()
}

async fn ask(server: &Server, path: &str, token: &str) -> Answer {
    let authorization = format!("Bearer {token}");
    server.send(reqwest::Method::GET, path, &[("Authorization", &authorization)]).await
}

#[tokio::test]
async fn who_lets_everybody_see_everything_is_warned() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    for (listen, access, is_warned) in [
        ("0.0.0.0", "open", true),
        ("127.0.0.1", "open", false),
        ("[::1]", "open", false),
        ("0.0.0.0", "private", false),
    ] {
        let serve = place.serve(&gateway.simulator);
        let serve = serve.with("PODIUM_LISTEN", listen).with("PODIUM_ACCESS", access);
        let ended = Server::start(serve).await.stop().await;
        assert_eq!(ended.stderr.contains(WARNING), is_warned, "{listen} {access}: {ended:?}");
    }
}

#[tokio::test]
async fn tokens_are_made_and_revoked_while_a_server_runs() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let serve = place.serve(&gateway.simulator).with("PODIUM_ACCESS", "private");
    let server = Server::start(serve).await;
    assert_eq!(server.get("/metrics").await.status, 401);

    let create = ["token", "create", "--role", "viewer", "--name", "prometheus", "--expires", "9d"];
    let token = said(command(&place, &gateway, &create)).await;
    assert!(token.starts_with("podium_"), "{token}");
    let metrics = ask(&server, "/metrics", &token).await;
    assert_eq!(metrics.status, 200, "{}", metrics.text);
    assert!(metrics.text.contains("podium_gateway_up"));

    let listed = said(command(&place, &gateway, &["token", "list"])).await;
    let id = listed.split_whitespace().next().expect("a line").to_owned();
    assert!(listed.contains("prometheus") && !listed.contains(&token), "{listed}");
    assert_eq!(said(command(&place, &gateway, &["token", "revoke", &id])).await, "revoked");
    assert_eq!(ask(&server, "/metrics", &token).await.status, 401, "revoked at once");
    let ended = command(&place, &gateway, &["token", "revoke", &id]).run().await;
    assert_eq!(ended.code, Some(1), "there is none any more: {ended:?}");

    let log = said(command(&place, &gateway, &["access", "log"])).await;
    let events: Vec<String> = log
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("a line is JSON"))
        .map(|entry| entry["event"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(events, ["token_revoked", "token_created"], "{log}");
    let told = server.stop().await;
    for text in [&log, &told.stderr] {
        assert!(!text.contains(token.rsplit('_').next().expect("its secret part")), "{text}");
    }
}

#[tokio::test]
async fn wishes_that_make_no_sense_are_refused_in_words() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    for (arguments, words) in [
        (&["--role", "king"] as &[_], "--role must be team, viewer or admin"),
        (&["--role", "team"], "needs the ids of its teams"),
        (&["--role", "viewer", "--team", "t-1"], "Only tokens of the role team"),
        (&["--role", "admin", "--in-address"], "may not stand in an address"),
        (&["--role", "viewer", "--expires", "2020-01-01"], "--expires must be"),
        (&["--role", "viewer", "--expires", "soon"], "--expires must be"),
    ] {
        let arguments = [&["token", "create"], arguments].concat();
        let ended = command(&place, &gateway, &arguments).run().await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        assert!(ended.stderr.contains(words), "{ended:?}");
    }
}

#[tokio::test]
async fn check_tells_how_people_come_in() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let check = |access: &str| command(&place, &gateway, &["check"]).with("PODIUM_ACCESS", access);
    let open = said(check("open")).await;
    assert!(open.contains("everybody who reaches the port sees everything"), "{open}");
    let private = said(check("private")).await;
    assert!(private.contains("warn  access: sessions end with the process"), "{private}");
    assert!(private.contains("this key may ask whose keys are whose"), "{private}");
    let secret = "a-secret-that-is-long-enough-for-cookies";
    let private = said(check("private").with("PODIUM_SECRET", secret)).await;
    assert!(
        private.contains("sessions outlast restarts") && !private.contains(secret),
        "{private}"
    );
    // A provider that is not there is a fault, in words.
    let lost = check("private")
        .with("PODIUM_PUBLIC_URL", "http://127.0.0.1:1")
        .with("PODIUM_OIDC_ISSUER", "http://127.0.0.1:1")
        .with("PODIUM_OIDC_CLIENT_ID", "podium");
    let ended = lost.run().await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("PODIUM_OIDC_ISSUER"), "{ended:?}");
}
