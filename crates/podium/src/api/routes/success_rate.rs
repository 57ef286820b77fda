//! `GET /tokens/success-rate`

use axum::extract::State;

use axum::response::Response;

use crate::api::App;
use crate::api::answer::{Operation, answer};
use crate::api::asked::Asked;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::query::{UsageParameters, UsageQuery};
use crate::services;

/// Success rate by team
///
/// How many of each listed team's requests were answered.
#[utoipa::path(
    get,
    path = "/tokens/success-rate",
    tag = "usage",
    params(UsageParameters),
    responses(
        (status = 200, description = "The figures", body = services::SuccessRate),
        (status = 400, description = "The parameters make no sense", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
        (status = 502, description = "The gateway failed, and the days are not stored", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_success_rate(
    State(app): State<App>,
    query: UsageQuery,
    asker: Asked,
) -> Result<Response, ApiError> {
    let operation = Operation::of_days("get_success_rate", "team token usage");
    answer(&app, operation, &query, &asker, async move |asked| {
        Ok(services::success_rate(asked).await?)
    })
    .await
}
