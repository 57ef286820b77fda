//! `GET` and `POST /api/v1/audit`

use std::sync::{Arc, Mutex, PoisonError};

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::api::App;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::query::UsageQuery;
use crate::services::Sums;
use crate::usage::{AuditedDay, Cause, Day, DayRange};

/// The last audit: stored figures beside the gateway's.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Audit {
    /// `none`: there was none yet; `running`; `done`; `failed`.
    state: &'static str,
    /// Why it failed.
    error: Option<String>,
    /// First audited day, `YYYY-MM-DD` in UTC.
    #[schema(value_type = Option<String>, format = Date)]
    start_date: Option<Day>,
    /// Last audited day.
    #[schema(value_type = Option<String>, format = Date)]
    end_date: Option<Day>,
    /// When the comparison was begun.
    #[schema(value_type = Option<String>, format = DateTime)]
    audited_at: Option<Timestamp>,
    /// Days on which both agree.
    equal_days: usize,
    /// Days on which they do not.
    differing_days: usize,
    /// The days on which either has usage, newest first.
    days: Vec<Audited>,
    /// Differences that audits found on these days before, newest first.
    findings: Vec<Found>,
}

/// The last audit, and whether one runs.
#[derive(Debug, Default)]
pub(in crate::api) struct Audits(Mutex<LastAudit>);

#[derive(Clone, Debug, Default)]
enum LastAudit {
    #[default]
    None,
    Running(DayRange, Timestamp),
    Done(DayRange, Timestamp, Result<Arc<[AuditedDay]>, String>),
}

impl Audits {
    fn last(&self) -> LastAudit {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether there was none running: one runs now.
    fn begin(&self, range: DayRange, now: Timestamp) -> bool {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = !matches!(*last, LastAudit::Running(..));
        if begins {
            *last = LastAudit::Running(range, now);
        }
        begins
    }

    fn end(&self, range: DayRange, at: Timestamp, outcome: Result<Vec<AuditedDay>, String>) {
        let outcome = outcome.map(Arc::from);
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) =
            LastAudit::Done(range, at, outcome);
    }
}

/// A day as it was stored and as the gateway says.
#[derive(Debug, Serialize, ToSchema)]
struct Audited {
    /// The day, `YYYY-MM-DD` in UTC.
    #[schema(value_type = String, format = Date)]
    date: Day,
    /// The stored total; `null` if the day was never read.
    ours: Option<Sums>,
    /// The gateway's total.
    gateway: Sums,
    /// The gateway's total less ours.
    difference: Sums,
    /// `equal`; `moved`: the gateway's figures are others than when the day was read, and it
    /// was read again; `unverified`: its parts did not add up; `not_stored`: it was never read.
    cause: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
struct Found {
    /// When it was found.
    #[schema(value_type = String, format = DateTime)]
    found_at: Timestamp,
    #[serde(flatten)]
    found: Audited,
}

impl From<&AuditedDay> for Audited {
    fn from(day: &AuditedDay) -> Self {
        Self {
            date: day.day,
            ours: day.ours.as_ref().map(Sums::from),
            gateway: (&day.gateway).into(),
            difference: (&day.difference()).into(),
            cause: day.cause.name(),
        }
    }
}

/// The last audit
///
/// What the last audit that was asked for found. Asks the gateway nothing.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    tag = "operation",
    responses((status = 200, body = Audit)),
)]
pub(in crate::api) async fn get_audit(State(app): State<App>) -> Json<Audit> {
    Json(Audit::of(&app).await)
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct AuditParameters {
    /// First UTC day, `YYYY-MM-DD`, inclusive. Alone: from it to today. Without both: all stored days.
    #[param(example = "2026-01-01")]
    start_date: Option<String>,
    /// Last UTC day, `YYYY-MM-DD`, inclusive. Alone: it and the day before.
    #[param(example = "2026-01-31")]
    end_date: Option<String>,
}

/// Audit
///
/// Begins to compare stored days with the gateway's totals; without dates: all stored days. Days
/// that moved are read again. Never two at once: ask with `GET` how it stands.
#[utoipa::path(
    post,
    path = "/api/v1/audit",
    tag = "operation",
    params(AuditParameters),
    responses(
        (status = 202, description = "It runs", body = Audit),
        (status = 400, description = "The parameters make no sense", body = ErrorBody),
        (status = 409, description = "One is running already", body = ErrorBody),
    )
)]
pub(in crate::api) async fn start_audit(
    State(app): State<App>,
    query: UsageQuery,
) -> Result<(StatusCode, Json<Audit>), ApiError> {
    let parts = &app.parts;
    let range = audited_range(&app, &query).await?;
    let now = parts.clock.now();
    if !app.audits.begin(range, now) {
        return Err(ApiError::Refused(
            StatusCode::CONFLICT,
            "An audit is running already; GET /api/v1/audit tells how it stands",
        ));
    }
    let (sync, audits) = (parts.sync.clone(), Arc::clone(&app.audits));
    parts.tasks.spawn("audit", async move {
        let outcome = sync.audit(range).await.map_err(|error| error.to_string());
        audits.end(range, now, outcome);
    });
    Ok((StatusCode::ACCEPTED, Json(Audit::of(&app).await)))
}

async fn audited_range(app: &App, query: &UsageQuery) -> Result<DayRange, ApiError> {
    let today = app.parts.clock.today();
    let stored = app.parts.store.read();
    let all = DayRange::new(Day::FIRST_WITH_DAY_BEFORE, today).unwrap_or(DayRange::single(today));
    let oldest = stored.ledger.stored_days(all).last().map_or(today, |(day, _)| *day);
    let range = if query.has_dates() { query.resolve(today)? } else { all };
    // Nothing before the oldest stored day can be compared.
    Ok(range.from(oldest).unwrap_or(DayRange::single(range.last())))
}

impl Audit {
    async fn of(app: &App) -> Self {
        let nothing: Arc<[AuditedDay]> = Arc::from([]);
        let (state, range, audited_at, outcome) = match app.audits.last() {
            LastAudit::None => ("none", None, None, Ok(nothing)),
            LastAudit::Running(range, at) => ("running", Some(range), Some(at), Ok(nothing)),
            LastAudit::Done(range, at, outcome) => {
                let state = if outcome.is_ok() { "done" } else { "failed" };
                (state, Some(range), Some(at), outcome)
            }
        };
        let (audited, error) = match outcome {
            Ok(audited) => (audited, None),
            Err(error) => (Arc::from([]), Some(error)),
        };
        let equal_days = audited.iter().filter(|day| day.cause == Cause::Equal).count();
        let reader = app.parts.store.read();
        let findings = range.map(|range| reader.ledger.findings(range)).unwrap_or_default();
        let found = |finding: &crate::usage::Finding| Found {
            found_at: finding.found_at,
            found: Audited::from(&finding.found),
        };
        Self {
            state,
            error,
            start_date: range.map(DayRange::first),
            end_date: range.map(DayRange::last),
            audited_at,
            equal_days,
            differing_days: audited.len() - equal_days,
            days: audited.iter().map(Audited::from).collect(),
            findings: findings.iter().map(found).collect(),
        }
    }
}
