//! `GET /tokens/hourly`

use axum::extract::State;

use axum::response::Response;
use utoipa::IntoParams;

use crate::api::App;
use crate::api::answer::{Operation, answer};
use crate::api::asked::Asked;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::query::{FilterParameters, UsageParameters, UsageQuery};
use crate::services::{self, Question};
use crate::usage::{Dimension, Filter};

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
    asker: Asked,
) -> Result<Response, ApiError> {
    let (filter, team) = (query.filter.clone(), query.team.clone());
    let parameters = format!("{:?}", (&filter, &team));
    let operation = Operation::of_quarter_hours("get_hourly", parameters);
    answer(&app, operation, &query, &asker, async move |asked| {
        let filter = named_team(asked, filter, team.as_deref());
        Ok(services::hourly(asked, filter).await?)
    })
    .await
}

/// The filter with the team of a name; a name that no team has leaves nothing.
fn named_team(asked: Question<'_>, mut filter: Filter, name: Option<&str>) -> Filter {
    if let Some(name) = name.filter(|name| !name.is_empty()) {
        filter.0.retain(|(dimension, _)| *dimension != Dimension::Team);
        filter = filter.only(Dimension::Team, asked.view.teams.called(name));
    }
    filter
}
