//! What a service manager such as systemd wants to hear (`Type=notify`): ready, still alive, ending.
//!
//! Without `NOTIFY_SOCKET` nothing is said. A message that cannot be sent is no fault of the
//! server's: who waits for it finds out by itself.

use std::ffi::OsStr;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

/// How long a supervisor may be busy with what it was told before.
const PATIENCE: Duration = Duration::from_millis(100);

/// Says that the server listens, then that it is alive as often as is asked for, and at last that it
/// ends.
pub(super) fn follow(stop: &CancellationToken) {
    let Some(supervisor) = Supervisor::of(std::env::var_os("NOTIFY_SOCKET").as_deref()) else {
        return;
    };
    supervisor.tell("READY=1");
    let stop = stop.clone();
    let period = watchdog_period(std::env::var("WATCHDOG_USEC").ok().as_deref());
    tokio::spawn(async move {
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(period.unwrap_or(Duration::MAX)) => {
                    supervisor.tell("WATCHDOG=1");
                }
            }
        }
        supervisor.tell("STOPPING=1");
    });
}

/// Twice as often as the supervisor wants to hear of it.
fn watchdog_period(microseconds: Option<&str>) -> Option<Duration> {
    let within = microseconds?.parse().ok().filter(|time| *time > 0)?;
    Some(Duration::from_micros(within) / 2)
}

struct Supervisor {
    socket: UnixDatagram,
    address: SocketAddr,
}

impl Supervisor {
    /// The supervisor that listens at `place`: a path, or a name behind `@`.
    fn of(place: Option<&OsStr>) -> Option<Self> {
        let address = address(place?).ok()?;
        let socket = UnixDatagram::unbound().ok()?;
        // A supervisor that does not listen must not hold the server up.
        socket.set_write_timeout(Some(PATIENCE)).ok()?;
        Some(Self { socket, address })
    }

    fn tell(&self, state: &str) {
        let _ = self.socket.send_to_addr(state.as_bytes(), &self.address);
    }
}

#[cfg(target_os = "linux")]
fn address(place: &OsStr) -> std::io::Result<SocketAddr> {
    use std::os::linux::net::SocketAddrExt as _;
    use std::os::unix::ffi::OsStrExt as _;
    match place.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name),
        None => SocketAddr::from_pathname(place),
    }
}

/// Only Linux has names that are no paths.
#[cfg(not(target_os = "linux"))]
fn address(place: &OsStr) -> std::io::Result<SocketAddr> {
    SocketAddr::from_pathname(place)
}
