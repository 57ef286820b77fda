//! The HTTP contract: routes, parameters, statuses, JSON.
//!
//! Every answer is computed from one state of the store. What is computed is left to
//! `services`; how days come into the store, to `sync`.

mod access_lines;
mod answer;
mod asked;
mod body;
mod cache;
mod cookies;
mod cors;
mod credentials;
mod delta;
mod desk;
mod docs;
mod encoding;
mod error;
mod export;
mod fallback;
mod formats;
mod front;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod gate;
mod hot;
mod limits;
mod link;
mod live;
mod manners;
mod metrics;
mod page;
mod parameters;
mod preview;
mod query;
mod recent;
mod router;
mod routes;
mod shapes;
mod told;
mod watch;
mod watched_body;

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::access::Access;
use crate::clock::Clock;
use crate::config::{AccessLog, IngestToken, Serving};
use crate::services::UsageCounters;
use crate::sign_on::SignOn;
use crate::store::Store;
use crate::sync::Sync;
use crate::tasks::Tasks;

pub use access_lines::{Broken, ConnectionLines};
pub use credentials::Peer;
pub use front::Front;
pub use limits::Connections;
pub use router::{openapi, router};

/// What handlers work with.
#[derive(Clone, Debug)]
pub struct Parts {
    /// Tells what "today" is.
    pub clock: Arc<dyn Clock>,
    /// Fetches days that are not stored.
    pub sync: Sync,
    /// Answers everything.
    pub store: Store,
    /// A day that may still move is stale when it was not compared for this long.
    pub stale_after: Duration,
    /// Origins whose pages may read the answers.
    pub cors_origins: Arc<[String]>,
    /// With it the gateway may push its requests.
    pub ingest_token: Option<IngestToken>,
    /// Ends answers that have no end of their own.
    pub ending: CancellationToken,
    /// The path below which everything is served; empty for the root.
    pub base_path: Arc<str>,
    /// Under which address people reach the page, without a slash at its end, if it is configured.
    pub public_url: Option<Arc<str>>,
    /// Who may show the page in a frame.
    pub frame_ancestors: Arc<str>,
    /// Whether browsers are told to come by HTTPS alone.
    pub hsts: bool,
    /// Watches what works behind the scenes.
    pub tasks: Tasks,
    /// Who asks, and what they may see.
    pub access: Access,
    /// The company's single sign-on.
    pub sign_on: Option<Arc<SignOn>>,
    /// What serving may cost.
    pub limits: Serving,
    /// How many connections there are.
    pub connections: Arc<Connections>,
    /// Which answers get a line in the log.
    pub access_log: AccessLog,
}

/// The handlers' state. Each request gets several clones, which share everything.
#[derive(Clone, Debug)]
struct App(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    parts: Parts,
    manners: manners::Manners,
    cookie_keys: cookies::CookieKeys,
    cache: cache::AnswerCache,
    earlier: delta::Earlier,
    recent: recent::Recent,
    hot: hot::Hot,
    meter: metrics::HttpMeter,
    counters: UsageCounters,
    /// Where metrics are put together: never behind questions that take long.
    scrapes: desk::Desk,
    desk: desk::Desk,
    ingest: routes::ingest::IngestDesk,
    audits: Arc<routes::audit::Audits>,
    exports: export::ExportDesk,
    previews: preview::Previews,
    broadcast: Arc<live::Broadcast>,
}

impl std::ops::Deref for App {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
