//! Connections: compression, stopping, dropping.

use gateway_sim::{Simulator, Spec, World};

use crate::client::{get_as, send};
use crate::story::{TODAY, day, two_teams};

#[tokio::test]
async fn answers_are_compressed_when_asked_for() {
    let world = World::generate(&Spec::of_size(4, 3, 5, 1, TODAY));
    let simulator = Simulator::start(world).await.expect("a port");
    let path = format!("/team/daily/activity?{}&page_size=100", day(TODAY));
    let key = "Authorization: Bearer sk-sim\r\n";

    let plain = send(&simulator, "GET", &path, key, "").await.expect("an answer");
    let headers = format!("{key}Accept-Encoding: gzip, deflate\r\n");
    let gzip = send(&simulator, "GET", &path, &headers, "").await.expect("an answer");

    assert_eq!(plain.header("content-encoding"), None);
    assert_eq!(gzip.header("content-encoding"), Some("gzip"));
    assert!(gzip.body.len() * 3 < plain.body.len());
    assert_eq!(gzip.json(), plain.json());
    assert!(simulator.calls()[1].accepts_gzip);
}

#[tokio::test]
async fn two_simulators_do_not_meet() {
    let one = Simulator::start(two_teams()).await.expect("a port");
    let other = Simulator::start(World::empty(TODAY)).await.expect("a port");

    let listed = get_as(&other, "/team/list", Some("sk-sim")).await;

    assert_eq!(listed.json(), serde_json::json!([]));
    assert_eq!(one.calls(), []);
}

#[tokio::test]
async fn a_stopped_simulator_is_gone_and_lets_no_call_wait() {
    let simulator = Simulator::start(two_teams()).await.expect("a port");
    let address = simulator.url();
    let hold = simulator.hold("/team/list");
    let client = tokio::net::TcpStream::connect(address.trim_start_matches("http://")).await;
    let mut client = client.expect("a connection");
    let request = b"GET /team/list HTTP/1.1\r\nHost: sim\r\n\r\n";
    tokio::io::AsyncWriteExt::write_all(&mut client, request).await.expect("sent");
    hold.arrived(1).await;

    simulator.stop().await;

    let mut rest = Vec::new();
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut client, &mut rest).await;
    assert_eq!(rest, b"");
    assert!(tokio::net::TcpStream::connect(address.trim_start_matches("http://")).await.is_err());
}

#[tokio::test]
async fn an_aborted_simulator_drops_its_connections() {
    let simulator = Simulator::start(two_teams()).await.expect("a port");
    let address = simulator.url();
    let client = tokio::net::TcpStream::connect(address.trim_start_matches("http://")).await;
    let mut client = client.expect("a connection");

    simulator.abort().await;

    let mut rest = Vec::new();
    let _ = tokio::io::AsyncReadExt::read_to_end(&mut client, &mut rest).await;
    assert_eq!(rest, b"");
}
