//! Clients that ask as fast as they are answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::LocalSet;

use crate::MEASURED;
use crate::child::Server;
use crate::client::{Connection, Reply};

/// So many requests are enough, however fast they are.
const MOST_REQUESTS: usize = 40_000;
/// Requests of each client before the clock starts: connections, caches, branch predictors.
const WARM_UP: usize = 5;

/// How a kind of request went.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    pub(crate) median: Duration,
    pub(crate) p99: Duration,
    pub(crate) per_second: f64,
    /// Processor time of the server for a request.
    pub(crate) cpu: Duration,
    pub(crate) requests: usize,
}

/// Asks `server` with so many clients at once; `next` makes each request. All clients live on
/// one thread of their own, so that the server has the rest of the machine.
pub(crate) fn run(
    server: &Server,
    clients: usize,
    next: impl FnMut() -> Arc<[u8]> + Send,
) -> Measured {
    let address = server.address;
    std::thread::scope(|threads| {
        let thread = threads.spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build()
                .expect("a runtime starts");
            LocalSet::new().block_on(&runtime, ask(server, address, clients, next))
        });
        thread.join().expect("the clients do not panic")
    })
}

async fn ask(
    server: &Server,
    address: SocketAddr,
    clients: usize,
    next: impl FnMut() -> Arc<[u8]>,
) -> Measured {
    let next = std::cell::RefCell::new(next);
    let mut connections = Vec::new();
    for _ in 0..clients {
        connections.push(Connection::open(address).await.expect("it listens"));
    }
    let warm_up = connections.iter_mut().map(async |connection| {
        for _ in 0..WARM_UP {
            let request = next.borrow_mut()();
            timed(connection, &request).await;
        }
    });
    futures_util::future::join_all(warm_up).await;

    let cpu = server.cpu();
    let started = Instant::now();
    let measured = connections.iter_mut().map(async |connection| {
        let mut latencies = Vec::new();
        while started.elapsed() < MEASURED && latencies.len() < MOST_REQUESTS / clients {
            let request = next.borrow_mut()();
            latencies.push(timed(connection, &request).await);
        }
        latencies
    });
    let mut latencies = futures_util::future::join_all(measured).await.concat();
    let elapsed = started.elapsed();
    let cpu = server.cpu().saturating_sub(cpu);

    latencies.sort_unstable();
    let requests = latencies.len();
    let count = u32::try_from(requests).expect("there are some thousand requests");
    Measured {
        median: latencies[requests / 2],
        p99: latencies[(requests * 99 / 100).min(requests - 1)],
        per_second: f64::from(count) / elapsed.as_secs_f64(),
        cpu: cpu / count,
        requests,
    }
}

async fn timed(connection: &mut Connection, request: &[u8]) -> Duration {
    let started = Instant::now();
    let reply = connection.get(request).await.expect("it answers");
    let latency = started.elapsed();
    let Reply { status, body } = reply;
    assert!(matches!(status, 200 | 304), "{status}: {}", String::from_utf8_lossy(body));
    latency
}
