//! Stories of behaviour over HTTP: Podium in front of a simulated gateway.
#![allow(clippy::unwrap_used, reason = "tests; a failed unwrap is a failed test")]
#![allow(unreachable_pub, reason = "one binary")]

mod harness;
mod strangers;
mod worlds;

mod access;
mod bounds;
mod canary;
mod contract;
mod costs;
mod exactness;
mod histories;
mod identity;
mod invariants;
mod load;
mod manners;
mod messages;
mod metrics;
mod names;
mod outages;
mod paging;
mod preview;
mod query;
mod request_ids;
mod requests;
mod rights;
mod sign_on;
