//! `GET /tokens`

use axum::extract::State;

use axum::response::Response;

use crate::api::App;
use crate::api::answer::{Operation, answer};
use crate::api::asked::Asked;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::query::{UsageParameters, UsageQuery};
use crate::services;

/// Tokens by team
///
/// All listed teams in the gateway's order, each with its API keys and the model groups they used.
#[utoipa::path(
    get,
    path = "/tokens",
    tag = "usage",
    params(UsageParameters),
    responses(
        (status = 200, description = "The figures", body = services::Tokens),
        (status = 400, description = "The parameters make no sense", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
        (status = 502, description = "The gateway failed, and the days are not stored", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_tokens(
    State(app): State<App>,
    query: UsageQuery,
    asker: Asked,
) -> Result<Response, ApiError> {
    let operation = Operation::of_days("get_tokens", "team token usage");
    answer(&app, operation, &query, &asker, async move |asked| Ok(services::tokens(asked).await?))
        .await
}
