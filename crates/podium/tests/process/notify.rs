//! What a service manager hears: ready once the server listens, alive as often as it asks for, and
//! that it ends.

use std::os::unix::net::UnixDatagram;

use crate::gateway::Gateway;
use crate::place::Place;
use crate::server::Server;

struct Listener(UnixDatagram);

impl Listener {
    async fn hears(&self) -> String {
        let socket = self.0.try_clone().expect("a second handle");
        let heard = tokio::task::spawn_blocking(move || {
            let mut message = [0; 64];
            let length = socket.recv(&mut message)?;
            Ok::<_, std::io::Error>(String::from_utf8_lossy(&message[..length]).into_owned())
        });
        heard.await.expect("no panic").expect("it says something within a minute")
    }
}

#[tokio::test]
async fn ready_alive_and_ending() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    let path = place.path("notify");
    let listener = Listener(UnixDatagram::bind(&path).expect("a socket"));
    let watchdog = std::time::Duration::from_secs(60);
    listener.0.set_read_timeout(Some(watchdog)).expect("a watchdog");
    let launch = place.serve(&gateway.simulator).with("NOTIFY_SOCKET", &path);
    let server = Server::start(launch.with("WATCHDOG_USEC", "100000")).await;

    assert_eq!(listener.hears().await, "READY=1");
    assert_eq!(server.get("/livez").await.status, 200, "ready means that it answers");
    assert_eq!(listener.hears().await, "WATCHDOG=1");
    assert_eq!(listener.hears().await, "WATCHDOG=1", "again and again");
    server.child.signal("TERM");
    while listener.hears().await != "STOPPING=1" {}
    assert_eq!(server.child.ended().await.code, Some(0));
}

#[tokio::test]
async fn nobody_who_listens_is_no_fault() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    for socket in ["/nowhere/notify", "@podium-test-nobody", ""] {
        let launch = place.serve(&gateway.simulator).with("NOTIFY_SOCKET", socket);
        let ended = Server::start(launch).await.stop().await;
        assert_eq!(ended.code, Some(0), "{socket}: {ended:?}");
    }
}
