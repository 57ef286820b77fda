//! Podium: exact, instant usage analytics for LLM gateways.
//!
//! Data flows one way, and the modules read in this order: [`gateway`] asks the gateway,
//! [`sync`] decides which days to ask for and checks them, [`store`] keeps them, [`query`] sums
//! them, [`services`] shape the sums into figures, [`preview`] draws some of them, [`api`] answers
//! them over HTTP. [`usage`] holds
//! the values that all of them speak of, [`access`] says who may see what, and [`sign_on`] asks a
//! provider who somebody is.

pub mod access;
pub mod api;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod gateway;
pub mod preview;
pub mod query;
pub mod services;
pub mod sign_on;
pub mod store;
pub mod sync;
pub mod tasks;
pub mod usage;
