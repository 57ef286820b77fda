//! The gateway's URLs: pure functions from a world and a request to an answer.
//!
//! Each route has a file, in which parameters are read in the order in which the real gateway
//! checks them. Nothing in here waits, and faults are put on top later, by `server`.

mod activity;
mod caller;
mod chat;
mod context;
mod health;
mod incoming;
mod keys;
mod models;
mod query;
mod router;
mod spend_logs;
mod teams;
mod users;

pub(crate) use caller::Caller;
pub(crate) use incoming::Incoming;
pub(crate) use query::Query;
pub(crate) use router::answer;
