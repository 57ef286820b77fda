//! `GET /tokens/timeseries`

use axum::extract::State;

use axum::response::Response;

use crate::api::App;
use crate::api::answer::{Operation, answer_json, unwritten};
use crate::api::asked::Asked;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::query::{UsageParameters, UsageQuery};
use crate::services;

/// Tokens and requests by day
///
/// The days on which the gateway has usage, newest first, each with all listed teams.
#[utoipa::path(
    get,
    path = "/tokens/timeseries",
    tag = "usage",
    params(UsageParameters),
    responses(
        (status = 200, description = "The figures", body = services::TimeSeries),
        (status = 400, description = "The parameters make no sense", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
        (status = 502, description = "The gateway failed, and the days are not stored", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_time_series(
    State(app): State<App>,
    query: UsageQuery,
    asker: Asked,
) -> Result<Response, ApiError> {
    let operation = Operation::of_days("get_time_series", "team token usage");
    answer_json(&app, operation, &query, &asker, async move |asked, mut to| {
        services::time_series(asked).await?.write_json(&mut to).map_err(unwritten)
    })
    .await
}
