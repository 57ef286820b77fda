//! What Podium knows of a gateway: its URLs, JSON, paging and versions.
//!
//! [`UsageSource`] is all that the rest of Podium asks of a gateway; [`LiteLlm`] answers it
//! over HTTP. What was read is complete for its day or an error: nothing partial leaves this
//! folder. Which days to read when, and whether their sums are believable, is left to `sync`.

mod activity;
mod error;
mod http;
mod join;
mod models;
mod probe;
mod request;
mod request_logs;
mod source;
mod teams;
mod wire;

pub use error::Error;
pub use http::{Gateway, Limits};
pub use models::PublicModel;
pub use request_logs::{Pushed, RequestLogs, read_pushed};
pub use source::{DayReading, KeyRights, LogWindow, Reported, UsageSource};

use std::sync::atomic::{AtomicBool, AtomicU32};

/// A LiteLLM gateway over HTTP (1.67 and later).
#[derive(Debug)]
pub struct LiteLlm {
    http: http::Http,
    /// Set once `aggregated` turned out not to exist; a restart of Podium asks again.
    without_aggregated: AtomicBool,
    /// Set once `/v2/team/list` turned out not to exist.
    without_team_pages: AtomicBool,
    /// The page size that this version was seen to allow.
    most_page_rows: AtomicU32,
    logs: request_logs::LogAbilities,
}

impl LiteLlm {
    /// A client for `gateway`; connects with the first question.
    pub fn new(gateway: Gateway, limits: Limits) -> Result<Self, Error> {
        Ok(Self {
            http: http::Http::new(gateway, limits)?,
            without_aggregated: AtomicBool::new(false),
            without_team_pages: AtomicBool::new(false),
            most_page_rows: AtomicU32::new(u32::MAX),
            logs: request_logs::LogAbilities::default(),
        })
    }
}
