//! `GET /api/v1/status`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::asked::Asked;
use crate::api::{App, Parts};
use crate::sync::LogStatus;
use crate::usage::{Day, DayRange};

/// How Podium stands with the gateway.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::api) struct SyncStatus {
    /// The running version of Podium.
    version: &'static str,
    /// Grows with every change of a figure or a name.
    data_version: u64,
    /// How the gateway answers.
    gateway: GatewayStatus,
    /// When Podium last found itself in step with the gateway.
    #[schema(value_type = Option<String>, format = DateTime)]
    in_step_at: Option<Timestamp>,
    /// How far the back-fill of the last days is.
    backfill: Option<BackfillStatus>,
    /// How many days are stored, and which.
    stored: StoredDays,
    /// How request logs are read.
    request_logs: RequestLogStatus,
    /// Whether what is learned can be kept.
    store: StoreStatus,
}

/// How keeping what is learned goes. Figures are told from memory in any case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::api) struct StoreStatus {
    /// Whether everything can be kept.
    pub(in crate::api) ok: bool,
    /// Since when something cannot.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Timestamp>,
    /// What is the matter.
    pub(in crate::api) error: Option<&'static str>,
    /// How many changes could not be kept since the start.
    errors: u64,
}

impl StoreStatus {
    pub(in crate::api) fn of(parts: &Parts) -> Self {
        let health = parts.store.ledger.health();
        let now = parts.clock.now();
        let since = |since: std::time::Instant| {
            let elapsed = jiff::SignedDuration::try_from(since.elapsed()).unwrap_or_default();
            now.checked_sub(elapsed).unwrap_or(now)
        };
        Self {
            ok: health.failing.is_none(),
            failing_since: health.failing.map(|failing| since(failing.since)),
            error: health.failing.map(|failing| failing.cause),
            errors: health.errors,
        }
    }
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct RequestLogStatus {
    /// Where requests come from: `polled`, `pushed`, `both` or `none`.
    source: &'static str,
    /// Up to when today's logs are read.
    #[schema(value_type = Option<String>, format = DateTime)]
    read_until: Option<Timestamp>,
    /// Why they cannot be read.
    error: Option<String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct GatewayStatus {
    /// Whether its last answer was a good one; `null` before the first.
    reachable: Option<bool>,
    /// When it last answered.
    #[schema(value_type = Option<String>, format = DateTime)]
    reached_at: Option<Timestamp>,
    /// Since when it fails.
    #[schema(value_type = Option<String>, format = DateTime)]
    failing_since: Option<Timestamp>,
    /// What is the matter.
    error: Option<String>,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct BackfillStatus {
    /// Days that are stored.
    done: usize,
    /// Days that are to be stored.
    total: usize,
}

#[derive(Clone, Debug, Serialize, ToSchema)]
struct StoredDays {
    /// How many.
    days: usize,
    /// The oldest, `YYYY-MM-DD` in UTC.
    #[schema(value_type = Option<String>, format = Date)]
    first: Option<Day>,
    /// The newest.
    #[schema(value_type = Option<String>, format = Date)]
    last: Option<Day>,
}

/// Sync and freshness
///
/// Whether the gateway answers, how far the back-fill is, and what is stored.
#[utoipa::path(get, path = "/api/v1/status", tag = "operation", responses((status = 200, body = SyncStatus)))]
pub(in crate::api) async fn get_status(State(app): State<App>, asker: Asked) -> Json<SyncStatus> {
    let status = SyncStatus::of(&app.parts).await;
    Json(if asker.scope().sees_everything() { status } else { status.for_outsiders() })
}

impl SyncStatus {
    /// The same without what is the matter, which is for those who look after Podium.
    pub(in crate::api) fn for_outsiders(&self) -> Self {
        let mut status = self.clone();
        (status.gateway.error, status.request_logs.error) = (None, None);
        (status.store.error, status.store.errors) = (None, 0);
        status
    }

    pub(in crate::api) async fn of(parts: &Parts) -> Self {
        let status = parts.sync.status();
        let reader = parts.store.read();
        let today = parts.clock.today();
        let all =
            DayRange::new(Day::FIRST_WITH_DAY_BEFORE, today).unwrap_or(DayRange::single(today));
        let stored = reader.ledger.stored_days(all);
        let heard = status.reached_at.is_some() || status.failing_since.is_some();
        Self {
            version: env!("CARGO_PKG_VERSION"),
            data_version: reader.ledger.version(),
            gateway: GatewayStatus {
                reachable: heard.then_some(status.failing_since.is_none()),
                reached_at: status.reached_at,
                failing_since: status.failing_since,
                error: status.last_error.map(|error| error.to_string()),
            },
            in_step_at: status.in_step_at,
            backfill: status
                .backfill
                .map(|backfill| BackfillStatus { done: backfill.done, total: backfill.total }),
            stored: StoredDays {
                days: stored.len(),
                first: stored.last().map(|(day, _)| *day),
                last: stored.first().map(|(day, _)| *day),
            },
            request_logs: RequestLogStatus::of(&parts.sync.log_status()),
            store: StoreStatus::of(parts),
        }
    }
}

impl RequestLogStatus {
    fn of(status: &LogStatus) -> Self {
        let no_logs = "the gateway keeps no request logs".to_owned();
        Self {
            source: match (status.polled && !status.not_kept && !status.not_allowed, status.pushed)
            {
                (true, true) => "both",
                (true, false) => "polled",
                (false, true) => "pushed",
                (false, false) => "none",
            },
            read_until: status.read_until,
            error: match &status.error {
                Some(error) => Some(error.to_string()),
                None if status.not_allowed => Some("this key may not read request logs".to_owned()),
                None => status.not_kept.then_some(no_logs),
            },
        }
    }
}
