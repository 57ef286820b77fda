//! Settings of a simulator.

use std::net::{Ipv4Addr, SocketAddr};

use crate::clock::Clock;
use crate::version::Version;

/// How a simulator is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// The admin's key.
    pub api_key: String,
    /// What the simulated release can do.
    pub version: Version,
    /// Where to listen; port 0 for a free one.
    pub address: SocketAddr,
    /// Decides which day is today. `None`: it stands at noon UTC of the world's today.
    pub clock: Option<Clock>,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            api_key: "sk-sim".to_owned(),
            version: Version::CURRENT,
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            clock: None,
        }
    }
}
