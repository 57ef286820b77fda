//! The running simulator: a listener, its connections, and what they share.

mod call_log;
mod connection;
mod options;
mod respond;
mod shared;
mod socket;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub use options::Options;

use self::shared::Shared;
use crate::call::Call;
use crate::faults::{Faults, Hold, Target};
use crate::live::{self, Live};
use crate::world::World;

/// A simulated gateway that answers on a port of its own until it is stopped or dropped.
#[derive(Debug)]
pub struct Simulator {
    shared: Arc<Shared>,
    address: SocketAddr,
    stopping: CancellationToken,
    aborting: CancellationToken,
    tasks: TaskTracker,
}

impl Simulator {
    /// Starts on a free port of 127.0.0.1, with the key `sk-sim` and a clock that stands at noon
    /// of the world's today.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(world: World) -> std::io::Result<Simulator> {
        Simulator::start_with(world, Options::default()).await
    }

    /// Starts with settings of its own.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn start_with(world: World, options: Options) -> std::io::Result<Simulator> {
        let listener = TcpListener::bind(options.address).await?;
        let address = listener.local_addr()?;
        let simulator = Simulator {
            shared: Arc::new(Shared::new(world, options)),
            address,
            stopping: CancellationToken::new(),
            aborting: CancellationToken::new(),
            tasks: TaskTracker::new(),
        };
        let connections = connection::Connections {
            shared: Arc::clone(&simulator.shared),
            stopping: simulator.stopping.clone(),
            aborting: simulator.aborting.clone(),
            tasks: simulator.tasks.clone(),
        };
        simulator.tasks.spawn(connections.accept(listener));
        Ok(simulator)
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The admin's key.
    pub fn api_key(&self) -> &str {
        &self.shared.options.api_key
    }

    /// Reads or changes the world, between two answers and never during one.
    pub fn change<R>(&self, change: impl FnOnce(&mut World) -> R) -> R {
        change(&mut self.shared.world())
    }

    /// Every call since the start or the last `clear_calls`, in the order they arrived.
    pub fn calls(&self) -> Vec<Call> {
        self.shared.calls.all()
    }

    /// Forgets the calls seen so far.
    pub fn clear_calls(&self) {
        self.shared.calls.clear();
    }

    /// The switches of what goes wrong.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// Holds back calls to a target, a text meaning all paths that begin so, until the hold is
    /// released or dropped.
    pub fn hold(&self, target: impl Into<Target>) -> Hold {
        self.shared.gates.hold(target.into())
    }

    /// Waits until this many calls to a target have come in since the start or `clear_calls`.
    pub async fn until_calls(&self, target: impl Into<Target>, calls: usize) {
        self.shared.calls.until(&target.into(), calls).await;
    }

    /// Adds requests as time passes, until the simulator stops.
    pub fn go_live(&self, live: Live) {
        let world = Arc::downgrade(&self.shared.world);
        let clock = self.shared.clock.clone();
        self.tasks.spawn(live::run(world, clock, live, self.stopping.clone()));
    }

    /// Stops listening, lets answers that are under way finish, and waits for that.
    ///
    /// Calls that a fault or a hold keeps waiting are dropped.
    pub async fn stop(self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Stops at once: the port is closed and all connections are dropped.
    pub async fn abort(self) {
        self.stopping.cancel();
        self.aborting.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        self.stopping.cancel();
        self.aborting.cancel();
    }
}
