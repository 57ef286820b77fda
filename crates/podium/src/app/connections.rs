//! Connections of clients: how many there are, and how long each may take.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::tls::Tls;
use crate::api::{Broken, ConnectionLines, Connections, Front, Peer};
use crate::config::Serving;

/// Descriptors that are kept for files and for the gateway.
const RESERVED_DESCRIPTORS: u64 = 64;
/// After the system refused a connection, so long none is taken.
const BREATH: Duration = Duration::from_millis(50);

/// Lets the process have as many descriptors as the system allows it, and returns how many.
pub(super) fn raise_descriptors() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limits = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limits.maximum, maximum: limits.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limits.maximum,
        Err(_) => limits.current,
    }
}

/// Serves until `stop`, then lets the connections finish.
pub(super) async fn serve(
    listener: TcpListener,
    front: Front,
    tls: Option<Tls>,
    limits: Serving,
    connections: Arc<Connections>,
    lines: ConnectionLines,
    stop: CancellationToken,
) {
    let lines = Arc::new(lines);
    let tls = tls.map(|tls| tls.acceptor());
    let most = raise_descriptors().map_or(limits.connections, |descriptors| {
        let left = descriptors.saturating_sub(RESERVED_DESCRIPTORS).max(16);
        limits.connections.min(usize::try_from(left).unwrap_or(usize::MAX))
    });
    let open = TaskTracker::new();
    let mut trouble = Trouble::default();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, address) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                if trouble.accept(&error) {
                    tokio::time::sleep(BREATH).await;
                }
                continue;
            }
        };
        if connections.open() >= most {
            connections.refuse();
            lines.write(Broken::Refused, Some(address.ip()));
            trouble.is_full(most);
            continue;
        }
        trouble.is_over(connections.open(), most);
        let counted = connections.count();
        let peer = Peer { address: Some(address.ip()), is_tls: tls.is_some() };
        let (front, stop) = (front.for_peer(peer), stop.clone());
        // Answers are one write; waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        let (tls, lines) = (tls.clone(), Arc::clone(&lines));
        open.spawn(async move {
            let _counted = counted;
            let broken = |broken| lines.write(broken, peer.address);
            let Some(tls) = tls else { return converse(stream, front, limits, stop, broken).await };
            match tokio::time::timeout(limits.head_timeout, tls.accept(stream)).await {
                Ok(Ok(stream)) => converse(stream, front, limits, stop, broken).await,
                Ok(Err(error)) => tracing::trace!(%error, "a client does not speak TLS"),
                Err(_) => tracing::trace!("a client does not come to speak TLS"),
            }
        });
    }
    drop(listener);
    open.close();
    open.wait().await;
}

async fn converse<S>(
    stream: S,
    front: Front,
    limits: Serving,
    stop: CancellationToken,
    broken: impl Fn(Broken),
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head_timeout)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(front));
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        if error.is_timeout() {
            broken(Broken::TimedOut);
        } else if error.is_parse() {
            broken(Broken::NotHttp);
        }
        tracing::trace!(%error, "a connection broke");
    }
}

/// What was said of trouble, so that it is said once.
#[derive(Debug, Default)]
struct Trouble {
    is_full: bool,
    is_refused: bool,
}

impl Trouble {
    /// Whether to wait before the next one is taken.
    fn accept(&mut self, error: &io::Error) -> bool {
        let is_of_one = matches!(
            error.kind(),
            io::ErrorKind::ConnectionAborted
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionRefused
                | io::ErrorKind::Interrupted
        );
        if !is_of_one && !self.is_refused {
            self.is_refused = true;
            tracing::warn!(%error, "the system gives no more connections");
        }
        !is_of_one
    }

    fn is_full(&mut self, most: usize) {
        if !self.is_full {
            self.is_full = true;
            tracing::warn!(most, "there are as many connections as allowed; more are refused");
        }
    }

    fn is_over(&mut self, open: usize, most: usize) {
        if (self.is_full || self.is_refused) && open < most - most / 10 {
            (self.is_full, self.is_refused) = (false, false);
            tracing::info!(open, "connections are taken again");
        }
    }
}
