//! Many at once: slow connections, different questions, dear ones. `PODIUM_LOAD=1` makes them as
//! many as an attacker might, and looks at how long others wait and at the memory it takes; it needs
//! an optimised build.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream;
use gateway_sim::Fault;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::gateway::Gateway;
use crate::place::Place;
use crate::server::Server;

struct Load {
    slow: usize,
    questions: usize,
    dear: usize,
    is_full: bool,
}

fn load() -> Load {
    match std::env::var_os("PODIUM_LOAD") {
        Some(_) => Load { slow: 2_000, questions: 100_000, dear: 20, is_full: true },
        None => Load { slow: 50, questions: 300, dear: 4, is_full: false },
    }
}

/// Memory of a process in megabytes: `VmRSS` now, `VmHWM` at its peak.
fn memory_mb(pid: u32, which: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("the process");
    let line = status.lines().find(|line| line.starts_with(which)).expect("its memory");
    let kb: u64 = line.split_whitespace().nth(1).and_then(|kb| kb.parse().ok()).expect("a size");
    kb / 1_024
}

/// A connection on which a request never ends.
async fn slow_connection(address: &str, n: usize) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    if n.is_multiple_of(2) {
        stream.write_all(b"GET /tokens HTTP/1.1\r\nHost: podium\r\nX-Slow: ").await.ok()?;
    }
    Some(stream)
}

/// The median time of answers to `path`, asked again and again.
async fn median(server: &Server, path: &str) -> Duration {
    let mut times = Vec::new();
    for _ in 0..51 {
        let started = Instant::now();
        assert_eq!(server.get(path).await.status, 200, "{path}");
        times.push(started.elapsed());
    }
    times.sort_unstable();
    times[times.len() / 2]
}

#[tokio::test(flavor = "multi_thread")]
async fn others_are_answered_while_it_is_attacked() {
    let load = load();
    let place = Place::new();
    let server = Server::start_demo(place.podium(&["demo", "--port", "0"])).await;
    server.stores(60).await;
    let mut slow = Vec::new();
    for n in 0..load.slow {
        slow.extend(slow_connection(server.address(), n).await);
    }
    assert_eq!(slow.len(), load.slow);
    let dear = (0..load.dear).map(|n| {
        let path = format!(
            "/api/v1/activity?start_date=2025-{:02}-{:02}&tz=Europe/Berlin&grain=1d&by=api_key",
            n % 12 + 1,
            n / 12 + 1
        );
        server.client.get(server.url(&path)).send()
    });
    let dear = futures_util::future::join_all(dear);
    let ids = "0123456789abcdef".repeat(4);
    let questions = stream::iter(0..load.questions).map(|n| {
        let mut path = format!("/api/v1/activity?grain=1d&team_id={n}-{ids}");
        if n % 10 == 0 {
            path.push_str(&format!("&team_id={}", ids.repeat(100)));
        }
        server.client.get(server.url(&path)).send()
    });
    let asked = questions.buffer_unordered(32).fold(0, async |answered, answer| {
        answered + usize::from(answer.is_ok_and(|answer| answer.status() == 200))
    });
    let looked = async { (median(&server, "/livez").await, median(&server, "/tokens").await) };
    let (_, answered, (livez, tokens)) = futures_util::future::join3(dear, asked, looked).await;
    let resident = memory_mb(server.child.pid(), "VmRSS");
    eprintln!(
        "{} slow connections, {answered} questions, {} dear ones: /livez {livez:?}, /tokens \
         {tokens:?} in the median, {resident} MB",
        load.slow, load.dear
    );
    assert_eq!(answered, load.questions);
    if load.is_full {
        let most = Duration::from_millis(50);
        assert!(livez < most && tokens < most, "/livez {livez:?}, /tokens {tokens:?}");
        assert!(resident < 200, "{resident} MB");
    }
    drop(slow);
    server.stop().await;
}

#[tokio::test]
async fn idle_connections_lock_nobody_out_and_too_many_are_told() {
    let place = Place::new();
    let demo = place.podium(&["demo", "--port", "0"]).with("PODIUM_MAX_CONNECTIONS", "40");
    let server = Server::start_demo(demo).await;
    let mut idle = Vec::new();
    for _ in 0..300 {
        idle.extend(TcpStream::connect(server.address()).await);
    }
    server.child.complains("as many connections as allowed").await;
    // The first ones are given up after a while, so that others are taken.
    let mut first = idle.remove(0);
    let mut rest = Vec::new();
    let _ = first.read_to_end(&mut rest).await;
    drop(idle);
    assert_eq!(server.get("/livez").await.status, 200);
    let metrics = server.get("/metrics").await.text;
    let refused = metrics.lines().find(|line| line.starts_with("podium_connections_refused_total"));
    assert!(refused.is_some_and(|line| !line.ends_with(" 0")), "{metrics}");
    server.stop().await;
}

#[tokio::test]
async fn an_inflated_answer_takes_a_bounded_amount_of_memory() {
    let (place, gateway) = (Place::new(), Gateway::start().await);
    gateway.simulator.faults().set("/team/daily/activity", Fault::HugeBody { bytes: 200 << 20 });
    let server = Server::start(place.serve(&gateway.simulator)).await;
    let answer = server.get("/tokens").await;
    assert_eq!(answer.status, 502);
    assert!(answer.text.contains("larger than Podium accepts"), "{}", answer.text);
    let peak = memory_mb(server.child.pid(), "VmHWM");
    assert!(peak < 200, "{peak} MB");
    server.stop().await;
}
