//! `GET /api/v1/activity`

use axum::extract::{RawQuery, State};

use axum::response::Response;
use utoipa::IntoParams;

use crate::api::App;
use crate::api::answer::{Basis, Operation, answer};
use crate::api::asked::Asked;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::parameters::refuse_unknown;
use crate::api::query::{FilterParameters, InvalidQuery, UsageParameters, UsageQuery};
use crate::services::{self, ActivityQuestion};
use crate::usage::{Day, buckets};

/// More than a chart can show.
const MOST_BUCKETS: usize = 5_000;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct SeriesParameters {
    /// Length of a bucket: `15m`, `1h`, `1d` (default), `1w` (ISO weeks) or `1mo`. Buckets
    /// shorter than a day need request logs. At most 5,000 buckets.
    #[param(example = "1d")]
    grain: Option<String>,
    /// What the series are of: `team` (default), `api_key`, `model` (public names),
    /// `provider_model`, `provider`, `endpoint`, `mcp_tool`, or `total`.
    #[param(example = "team")]
    by: Option<String>,
    /// Comma-separated: `tokens`, `prompt_tokens`, `completion_tokens`, `cache_read_tokens`,
    /// `cache_creation_tokens`, `requests`, `successful_requests`, `failed_requests`,
    /// `spend_usd` with its parts `request_spend_usd` and `flat_cost_usd`; of request logs also
    /// `duration_p50_ms`, `duration_p95_ms`,
    /// `duration_p99_ms`, `ttft_p50_ms`, `ttft_p95_ms`, `ttft_p99_ms` (off by at most 5 %).
    /// By default `tokens,requests,failed_requests,spend_usd`.
    measures: Option<String>,
}

/// Usage over time
///
/// A series for each listed team, or for each API key, model or provider that the listed teams
/// used, in buckets without gaps. `null` means that a value is not known, 0 that nothing was
/// used.
#[utoipa::path(
    get,
    path = "/api/v1/activity",
    tag = "usage",
    params(UsageParameters, SeriesParameters, FilterParameters),
    responses(
        (status = 200, description = "The figures", body = services::Activity),
        (status = 400, description = "The parameters make no sense", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
        (status = 501, description = "The gateway keeps no request logs", body = ErrorBody),
        (status = 502, description = "The gateway failed, and the days are not stored", body = ErrorBody),
        (status = 503, description = "The request logs are still being read", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_activity(
    State(app): State<App>,
    RawQuery(raw): RawQuery,
    query: UsageQuery,
    asker: Asked,
) -> Result<Response, ApiError> {
    let own = ["grain", "by", "measures"];
    let known = [&UsageQuery::NAMES[..], &UsageQuery::FILTERS, &own].concat();
    refuse_unknown(raw.as_deref(), &known)?;
    let question = ActivityQuestion {
        grain: query.grain()?,
        of: query.series_of()?,
        measures: query.measures()?,
        filter: query.filter.clone(),
    };
    let (zone, _) = query.zone()?;
    let range = query.resolve(Day::at(app.parts.clock.now(), &zone))?;
    buckets(range, question.grain, &zone, MOST_BUCKETS)
        .ok_or(InvalidQuery::Buckets(MOST_BUCKETS))?;
    let from = if question.needs_requests() { Basis::QuarterHours } else { Basis::Days };
    let operation = Operation {
        name: "get_activity",
        fetched: "team token usage",
        from,
        is_joint: false,
        has_buckets: true,
        looks_beyond: false,
        parameters: question.parameters(),
    };
    answer(&app, operation, &query, &asker, async move |asked| {
        Ok(services::activity(asked, &question).await?)
    })
    .await
}
