//! `GET /api/v1/leaderboard`

use axum::extract::{RawQuery, State};

use axum::response::Response;

use crate::api::App;
use crate::api::answer::{Operation, answer};
use crate::api::asked::Asked;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::parameters::refuse_unknown;
use crate::api::query::{UsageParameters, UsageQuery};
use crate::query::utc_days;
use crate::services::{self, period_before};
use crate::usage::Day;

/// The leaderboard
///
/// All listed teams with every measure, the same measures of the period of equal length before,
/// and each team's tokens over time: by hour for up to two days where request logs are known,
/// else by day.
#[utoipa::path(
    get,
    path = "/api/v1/leaderboard",
    tag = "usage",
    params(UsageParameters),
    responses(
        (status = 200, description = "The figures", body = services::Leaderboard),
        (status = 400, description = "The parameters make no sense", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
        (status = 502, description = "The gateway failed, and the days are not stored", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_leaderboard(
    State(app): State<App>,
    RawQuery(raw): RawQuery,
    query: UsageQuery,
    asker: Asked,
) -> Result<Response, ApiError> {
    refuse_unknown(raw.as_deref(), &UsageQuery::NAMES)?;
    let mut operation = Operation::of_days("get_leaderboard", "team token usage");
    (operation.has_buckets, operation.looks_beyond) = (true, true);
    let (zone, _) = query.zone()?;
    let now = app.parts.clock.now();
    let range = query.resolve(Day::at(now, &zone))?;
    if let Some(before) = utc_days(period_before(range), &zone, Day::of(now)) {
        // Without the period before there is no comparison, but still a board.
        let _ = app.parts.sync.ensure(before).await;
    }
    answer(&app, operation, &query, &asker, async move |asked| {
        Ok(services::leaderboard(asked).await?)
    })
    .await
}
