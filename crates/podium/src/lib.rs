//! Podium: exact, instant usage analytics for LLM gateways.
//!
//! Data flows one way, and the modules read in this order: [`gateway`] asks the gateway,
//! [`sync`] decides which days to ask for and checks them, [`store`] keeps them, [`query`] sums
//! them, [`services`] shape the sums into figures, [`preview`] draws some of them, [`api`] answers
//! them over HTTP. [`usage`] holds
//! the values that all of them speak of, [`access`] says who may see what, and [`sign_on`] asks a
//! provider who somebody is. [`transfer`] moves what is stored to another store, [`meter`] counts while
//! they work, and [`telemetry`] ties what is logged and traced together.

pub mod access;
pub mod api;
pub mod app;
mod bounded_cache;
pub mod cli;
pub mod clock;
pub mod config;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod gateway;
mod hashing;
pub mod meter;
pub mod preview;
pub mod query;
pub mod services;
pub mod sign_on;
pub mod store;
pub mod sync;
pub mod tasks;
pub mod telemetry;
pub mod transfer;
pub mod usage;
