//! `GET /tokens/cost-efficiency`

use axum::extract::State;

use axum::response::Response;

use crate::api::App;
use crate::api::answer::{Operation, answer};
use crate::api::asked::Asked;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::query::{UsageParameters, UsageQuery};
use crate::services;

/// Cost by team and model
///
/// What each listed team paid for each model group it used.
#[utoipa::path(
    get,
    path = "/tokens/cost-efficiency",
    tag = "usage",
    params(UsageParameters),
    responses(
        (status = 200, description = "The figures", body = services::CostEfficiency),
        (status = 400, description = "The parameters make no sense", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
        (status = 502, description = "The gateway failed, and the days are not stored", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_cost_efficiency(
    State(app): State<App>,
    query: UsageQuery,
    asker: Asked,
) -> Result<Response, ApiError> {
    let operation = Operation::of_days("get_cost_efficiency", "team data");
    answer(&app, operation, &query, &asker, async move |asked| {
        Ok(services::cost_efficiency(asked).await?)
    })
    .await
}
