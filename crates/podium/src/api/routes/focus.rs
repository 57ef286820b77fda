//! `GET /api/v1/focus.csv` and `GET /api/v1/focus.parquet`

use axum::extract::{RawQuery, State};

use axum::response::Response;
use utoipa::IntoParams;

use crate::api::App;
use crate::api::answer::Operation;
use crate::api::asked::Asked;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::export::{Content, export, file};
use crate::api::formats::{CsvOptions, Format};
use crate::api::parameters::refuse_unknown;
use crate::api::query::UsageQuery;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct FocusParameters {
    /// First UTC day, `YYYY-MM-DD`, inclusive. Alone: from it to today. Without both: yesterday
    /// and today.
    #[param(example = "2026-01-01")]
    start_date: Option<String>,
    /// Last UTC day, `YYYY-MM-DD`, inclusive.
    #[param(example = "2026-01-31")]
    end_date: Option<String>,
}

const KNOWN: [&str; 2] = ["start_date", "end_date"];

fn operation(name: &'static str) -> Operation {
    Operation::of_days(name, "team token usage")
}

/// Costs as FOCUS 1.2, CSV
///
/// The FinOps Open Cost and Usage Specification: a row for each UTC day, API key, team, model group
/// and provider, those of deleted teams and without a team included.
#[utoipa::path(
    get,
    path = "/api/v1/focus.csv",
    tag = "usage",
    params(FocusParameters),
    responses(
        (status = 200, description = "The file", body = String, content_type = "text/csv"),
        (status = 400, description = "The parameters make no sense", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
        (status = 502, description = "The gateway failed, and the days are not stored", body = ErrorBody),
        (status = 503, description = "Other exports are under way", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_focus_csv(
    State(app): State<App>,
    RawQuery(raw): RawQuery,
    query: UsageQuery,
    asker: Asked,
) -> Result<Response, ApiError> {
    refuse_unknown(raw.as_deref(), &KNOWN)?;
    let (query, format) = (query.of_everybody(), Format::Csv(CsvOptions::focus()));
    export(&app, operation("get_focus_csv"), &query, Content::Focus, format, "focus", &asker).await
}

/// Costs as FOCUS 1.2, Parquet
///
/// The same as the CSV file, with typed columns. It is made at most once a minute for each range,
/// and ranges of bytes of it can be asked for.
#[utoipa::path(
    get,
    path = "/api/v1/focus.parquet",
    tag = "usage",
    params(FocusParameters),
    responses(
        (status = 200, description = "The file", body = String, content_type = "application/vnd.apache.parquet"),
        (status = 206, description = "A part of the file", body = String, content_type = "application/vnd.apache.parquet"),
        (status = 400, description = "The parameters make no sense", body = ErrorBody),
        (status = 416, description = "The file has no such part", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
        (status = 502, description = "The gateway failed, and the days are not stored", body = ErrorBody),
        (status = 503, description = "Other exports are under way", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_focus_parquet(
    State(app): State<App>,
    RawQuery(raw): RawQuery,
    query: UsageQuery,
    asker: Asked,
) -> Result<Response, ApiError> {
    refuse_unknown(raw.as_deref(), &KNOWN)?;
    let query = query.of_everybody();
    file(&app, operation("get_focus_parquet"), &query, Content::Focus, "focus", &asker).await
}
