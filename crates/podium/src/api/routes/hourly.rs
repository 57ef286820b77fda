//! `GET /tokens/hourly`

use axum::extract::State;
use axum::response::Response;

use crate::api::App;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::query::{UsageParameters, UsageQuery};

/// Tokens by hour of the day
///
/// Needs the gateway's request logs, which this version does not read yet.
#[utoipa::path(
    get,
    path = "/tokens/hourly",
    tag = "usage",
    params(UsageParameters),
    responses(
        (status = 400, description = "The parameters make no sense", body = ErrorBody),
        (status = 501, description = "Hours are not known", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_hourly(
    State(app): State<App>,
    query: UsageQuery,
) -> Result<Response, ApiError> {
    query.resolve(app.parts.clock.today())?;
    Err(ApiError::NotImplemented(
        "Hours of the day are not known: the gateway's daily tables count whole days, and this \
         version of Podium does not read the request logs yet. Use /tokens/timeseries for days.",
    ))
}
