//! A believable LiteLLM gateway: for demos, tests and benches.
//!
//! A [`World`] is the gateway's database (teams, keys, models, daily usage, request logs); a
//! [`Simulator`] serves it over HTTP with the real gateway's URLs, JSON, limits and habits, good
//! and bad. Every answer is derived from the world; nothing is a recorded answer. What is modelled
//! was measured on LiteLLM 1.106.2; older releases are [`Version`]s with fewer abilities.
//!
//! Two worlds are equal when they were made by the same calls: nothing here draws from the
//! system's clock or randomness, except a [`Clock`] or [`Live`] traffic that was asked for.
//!
//! The crate knows nothing of who reads from it.

mod answer;
mod api;
mod call;
mod clock;
mod direct;
mod faults;
mod generate;
mod live;
mod server;
mod spec;
mod version;
mod world;

pub use call::Call;
pub use clock::Clock;
pub use faults::{ErrorBody, Fault, Faults, Hold, PageHook, Target};
pub use live::Live;
pub use server::{Options, Simulator};
pub use spec::{Spec, Workshop};
pub use version::Version;
pub use world::{
    Counters, DailyRow, Key, Model, Request, Role, Team, User, UserKey, World, hash_token,
};
