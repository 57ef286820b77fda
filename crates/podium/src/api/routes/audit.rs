//! `GET /api/v1/audit`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::App;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::query::{UsageParameters, UsageQuery};
use crate::services::Sums;
use crate::usage::{AuditedDay, Cause, Day, DayRange};

/// Stored figures beside the gateway's.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct Audit {
    /// First audited day, `YYYY-MM-DD` in UTC.
    #[schema(value_type = String, format = Date)]
    start_date: Day,
    /// Last audited day.
    #[schema(value_type = String, format = Date)]
    end_date: Day,
    /// When the comparison was made.
    #[schema(value_type = String, format = DateTime)]
    audited_at: Timestamp,
    /// Days on which both agree.
    equal_days: usize,
    /// Days on which they do not.
    differing_days: usize,
    /// The days on which either has usage, newest first.
    days: Vec<Audited>,
    /// Differences that audits found on these days before, newest first.
    findings: Vec<Found>,
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

/// Audit
///
/// Compares stored days with the gateway's totals now. Without dates: all stored days. Days that
/// moved are read again.
#[utoipa::path(
    get,
    path = "/api/v1/audit",
    tag = "operation",
    params(UsageParameters),
    responses(
        (status = 200, body = Audit),
        (status = 400, description = "The parameters make no sense", body = ErrorBody),
        (status = 502, description = "The gateway failed", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_audit(
    State(app): State<App>,
    query: UsageQuery,
) -> Result<Json<Audit>, ApiError> {
    let parts = &app.parts;
    let today = parts.clock.today();
    let range = if query.has_dates() {
        query.resolve(today)?
    } else {
        let all =
            DayRange::new(Day::FIRST_WITH_DAY_BEFORE, today).unwrap_or(DayRange::single(today));
        let stored = parts.store.read().await;
        let oldest = stored.stored_days(all).last().map_or(today, |(day, _)| *day);
        all.from(oldest).unwrap_or(DayRange::single(today))
    };
    let audited_at = parts.clock.now();
    let audited = parts
        .sync
        .audit(range)
        .await
        .map_err(|error| ApiError::Sync("the gateway's totals", error))?;
    let equal_days = audited.iter().filter(|day| day.cause == Cause::Equal).count();
    let findings = parts.store.read().await.findings(range);
    Ok(Json(Audit {
        start_date: range.first(),
        end_date: range.last(),
        audited_at,
        equal_days,
        differing_days: audited.len() - equal_days,
        days: audited.iter().map(Audited::from).collect(),
        findings: findings
            .iter()
            .map(|finding| Found {
                found_at: finding.found_at,
                found: Audited::from(&finding.found),
            })
            .collect(),
    }))
}
