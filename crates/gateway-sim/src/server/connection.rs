//! Accepting and serving connections.

use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::respond::respond;
use super::shared::Shared;
use super::socket::{ResetSwitch, Socket};

#[derive(Clone)]
pub(super) struct Connections {
    pub(super) shared: Arc<Shared>,
    /// Ends listening and idle connections.
    pub(super) stopping: CancellationToken,
    /// Ends all connections.
    pub(super) aborting: CancellationToken,
    pub(super) tasks: TaskTracker,
}

impl Connections {
    /// Accepts connections until the simulator stops.
    pub(super) async fn accept(self, listener: TcpListener) {
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = self.stopping.cancelled() => return,
            };
            // A failed accept concerns one peer, which has gone away already.
            if let Ok((stream, _)) = accepted {
                self.tasks.spawn(self.clone().serve(stream));
            }
        }
    }

    async fn serve(self, stream: TcpStream) {
        let _ = stream.set_nodelay(true);
        let resets = ResetSwitch::default();
        let service = service_fn(|request| respond(&self.shared, &self.stopping, &resets, request));
        let socket = TokioIo::new(Socket::new(stream, resets.clone()));
        let connection = http1::Builder::new().serve_connection(socket, service);
        tokio::pin!(connection);
        tokio::select! {
            // Errors are the peer's: it went away, or did not speak HTTP.
            _ = connection.as_mut() => return,
            () = self.aborting.cancelled() => return,
            () = self.stopping.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        tokio::select! {
            _ = connection => {}
            () = self.aborting.cancelled() => {}
        }
    }
}
