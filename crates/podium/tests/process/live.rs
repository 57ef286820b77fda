//! `podium check --live`: what a container's supervisor asks every few seconds.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::child::Ended;
use crate::gateway::{Gateway, free_port};
use crate::place::{Launch, Place};
use crate::server::Server;

/// Asks without a gateway and its key: it needs neither.
fn check(place: &Place, listen: &str) -> Launch {
    place.podium(&["check", "--live"]).with("PODIUM_LISTEN", listen)
}

fn serve(place: &Place, gateway: &Gateway, listen: &str) -> Launch {
    let launch = place.podium(&["serve"]).in_front_of(&gateway.simulator);
    launch.with("PODIUM_DATA_DIR", place.path("data")).with("PODIUM_LISTEN", listen)
}

/// One line, nothing else, with this exit code.
#[track_caller]
fn assert_says(ended: &Ended, code: i32, words: &[&str]) {
    assert_eq!(ended.code, Some(code), "{ended:?}");
    assert_eq!((ended.stdout.lines().count(), ended.stderr.as_str()), (1, ""), "{ended:?}");
    for word in words {
        assert!(ended.stdout.contains(word), "{word}: {ended:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_alive_and_one_that_has_ended() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    for host in ["127.0.0.1", "[::1]", "0.0.0.0", "[::]"] {
        let listen = format!("{host}:{}", free_port());
        let server = Server::start(serve(&place, &gateway, &listen)).await;
        let ended = check(&place, &listen).run().await;
        assert_says(&ended, 0, &["ok ", "live: http://", "/livez answers"]);
        server.child.signal("TERM");
        server.child.ended().await;
        assert_says(
            &check(&place, &listen).run().await,
            1,
            &["FAIL", "nothing listens at http://"],
        );
    }
}

#[tokio::test]
async fn a_server_below_a_path_and_with_private_access() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let listen = format!("127.0.0.1:{}", free_port());
    let launch = serve(&place, &gateway, &listen).with("PODIUM_BASE_PATH", "/podium");
    let _server = Server::start(launch.with("PODIUM_ACCESS", "private")).await;
    let ended = check(&place, &listen).with("PODIUM_BASE_PATH", "/podium").run().await;
    assert_says(&ended, 0, &["/podium/livez answers"]);
}

#[tokio::test]
async fn a_server_that_speaks_tls() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let pair = rcgen::generate_simple_self_signed(["podium.example".to_owned()]).expect("a pair");
    let files = [
        ("PODIUM_TLS_CERT", place.write("tls.crt", pair.cert.pem())),
        ("PODIUM_TLS_KEY", place.write("tls.key", pair.signing_key.serialize_pem())),
    ];
    let with_tls =
        |launch: Launch| files.iter().fold(launch, |launch, (name, path)| launch.with(name, path));
    let listen = format!("127.0.0.1:{}", free_port());
    let child = with_tls(serve(&place, &gateway, &listen)).start();
    child.complains("listening on https://").await;
    assert_says(&with_tls(check(&place, &listen)).run().await, 0, &["live: https://"]);
    let ended = check(&place, &listen).run().await;
    assert_eq!(ended.code, Some(1), "who asks without TLS is not answered: {ended:?}");
}

#[tokio::test]
async fn something_else_that_listens_there() {
    let place = Place::new();
    for (answer, words) in [
        ("HTTP/1.1 503 Service Unavailable\r\n\r\n", "answers HTTP/1.1 503"),
        ("220 mail.example ESMTP\r\n", "is not Podium"),
        ("", "is not Podium"),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let listen = listener.local_addr().expect("bound").to_string();
        let other = std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().expect("somebody comes");
            let mut asked = [0; 1_024];
            let length = socket.read(&mut asked).expect("they ask");
            socket.write_all(answer.as_bytes()).expect("they listen");
            String::from_utf8_lossy(&asked[..length]).into_owned()
        });
        assert_says(&check(&place, &listen).run().await, 1, &["FAIL", words]);
        let asked = other.join().expect("no panic");
        assert!(asked.starts_with("GET /livez HTTP/1.1\r\n"), "{asked}");
    }
}

#[tokio::test]
async fn a_server_that_is_stuck() {
    let place = Place::new();
    // Connections are taken by the system, and nobody reads from them.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let listen = listener.local_addr().expect("bound").to_string();
    assert_says(&check(&place, &listen).run().await, 1, &["did not answer within"]);
}

#[tokio::test]
async fn a_port_that_nobody_knows() {
    let ended = check(&Place::new(), "127.0.0.1:0").run().await;
    assert_says(&ended, 1, &["set a port", "PODIUM_LISTEN"]);
}
