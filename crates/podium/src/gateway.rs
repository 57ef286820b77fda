//! What Podium knows of a gateway: its URLs, JSON, paging and versions.
//!
//! [`UsageSource`] is all that the rest of Podium asks of a gateway; [`LiteLlm`] answers it
//! over HTTP. What was read is complete for its day or an error: nothing partial leaves this
//! folder. Which days to read when, and whether their sums are believable, is left to `sync`.

mod abilities;
mod activity;
mod answer;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod http;
mod identity;
mod join;
mod models;
mod names;
mod parts;
mod probe;
mod pushed;
mod request;
mod request_logs;
mod source;
mod teams;
mod timings;
mod wire;

pub use activity::read_day_answer;
pub use error::Error;
pub use http::{Gateway, HeaderName, KeyHeader, Limits};
pub use identity::{GatewayRole, KeyOwner, KeyStanding, MASTER_KEY, Person, PersonId};
pub use models::PublicModel;
pub use pushed::{Pushed, read_pushed};
pub use request_logs::RequestLogs;
pub use source::{DayReading, KeyRights, LogWindow, Reported, UsageSource};
pub use timings::QuestionTimes;

use abilities::{DaySizes, Newer, PageRows};

/// A LiteLLM gateway over HTTP (1.67 and later).
#[derive(Debug)]
pub struct LiteLlm {
    http: http::Http,
    aggregated: Newer,
    team_pages: Newer,
    page_rows: PageRows,
    day_sizes: DaySizes,
    logs_v2: Newer,
    log_page_rows: PageRows,
    users_v2: Newer,
}

impl LiteLlm {
    /// A client for `gateway`; connects with the first question.
    pub fn new(gateway: Gateway, limits: Limits) -> Result<Self, Error> {
        Ok(Self {
            http: http::Http::new(gateway, limits)?,
            aggregated: Newer::new("aggregated activity", limits.ask_again),
            team_pages: Newer::new("pages of teams", limits.ask_again),
            page_rows: PageRows::new(u32::MAX, limits.ask_again),
            day_sizes: DaySizes::default(),
            logs_v2: Newer::new("the newer request logs", limits.ask_again),
            log_page_rows: PageRows::new(request_logs::PAGE_ROWS[0], limits.ask_again),
            users_v2: Newer::new("short answers about users", limits.ask_again),
        })
    }
}
