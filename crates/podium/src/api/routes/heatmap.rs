//! `GET /api/v1/heatmap`

use axum::extract::{RawQuery, State};

use axum::response::Response;

use crate::api::App;
use crate::api::answer::{Operation, answer};
use crate::api::asked::Asked;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::parameters::refuse_unknown;
use crate::api::query::{FilterParameters, UsageParameters, UsageQuery};
use crate::services;

/// Usage by weekday and hour
///
/// Summed over the days of the range, by when requests began. Needs the gateway's request logs,
/// or requests that it pushed.
#[utoipa::path(
    get,
    path = "/api/v1/heatmap",
    tag = "usage",
    params(UsageParameters, FilterParameters),
    responses(
        (status = 200, description = "The figures", body = services::Heatmap),
        (status = 400, description = "The parameters make no sense", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
        (status = 501, description = "The gateway keeps no request logs", body = ErrorBody),
        (status = 502, description = "The gateway failed, and the days are not stored", body = ErrorBody),
        (status = 503, description = "The request logs are still being read", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_heatmap(
    State(app): State<App>,
    RawQuery(raw): RawQuery,
    query: UsageQuery,
    asker: Asked,
) -> Result<Response, ApiError> {
    let known = [&UsageQuery::NAMES[..], &UsageQuery::FILTERS].concat();
    refuse_unknown(raw.as_deref(), &known)?;
    let filter = query.filter.clone();
    let operation = Operation::of_quarter_hours("get_heatmap", format!("{filter:?}"));
    answer(&app, operation, &query, &asker, async move |asked| {
        Ok(services::heatmap(asked, filter).await?)
    })
    .await
}
