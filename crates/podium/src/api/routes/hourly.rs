//! `GET /tokens/hourly`

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use utoipa::IntoParams;

use crate::api::App;
use crate::api::answer::{Asked, Basis, Operation, answer};
use crate::api::error::{ApiError, ErrorBody};
use crate::api::query::{FilterParameters, UsageParameters, UsageQuery};
use crate::services;
use crate::usage::Filter;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct TeamParameter {
    /// Only the team of this name.
    team: Option<String>,
}

/// Tokens by hour of the day
///
/// Summed over the days of the range, by when requests began. Needs the gateway's request logs,
/// or requests that it pushed.
#[utoipa::path(
    get,
    path = "/tokens/hourly",
    tag = "usage",
    params(UsageParameters, TeamParameter, FilterParameters),
    responses(
        (status = 200, description = "The figures", body = services::Hourly),
        (status = 400, description = "The parameters make no sense", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
        (status = 501, description = "The gateway keeps no request logs", body = ErrorBody),
        (status = 502, description = "The gateway failed, and the days are not stored", body = ErrorBody),
        (status = 503, description = "The request logs are still being read", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_hourly(
    State(app): State<App>,
    query: UsageQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    const OPERATION: Operation =
        Operation { name: "get_hourly", fetched: "team token usage", from: Basis::QuarterHours };
    answer(&app, OPERATION, &query, &headers, async |asked| {
        let filter = named_team(asked, &query);
        Ok(services::hourly(asked.question, asked.zone, filter).await?)
    })
    .await
}

/// The query's filter, with the team of its name; a name that no team has leaves nothing.
fn named_team(asked: Asked<'_>, query: &UsageQuery) -> Filter {
    let mut filter = query.filter.clone();
    if let Some(name) = query.team.as_deref().filter(|name| !name.is_empty()) {
        let team = asked.question.teams.iter().find(|team| team.name == name);
        filter.team_ids = vec![team.map_or_else(String::new, |team| team.team_id.clone())];
    }
    filter
}
