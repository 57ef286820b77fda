//! `GET /api/v1/facts.parquet`

use axum::extract::{RawQuery, State};

use axum::response::Response;

use super::query::operation;
use crate::api::App;
use crate::api::answer::Operation;
use crate::api::asked::Asked;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::export::{Content, file};
use crate::api::parameters::refuse_unknown;
use crate::api::query::{UsageParameters, UsageQuery};
use crate::services::{Compare, SheetQuestion};
use crate::usage::{Dimension, Grain, Measure};

/// Everything, for SQL
///
/// A Parquet file of all days × teams × API keys × model groups with every additive measure:
/// DuckDB, polars and pandas read it from its address. It is made at most once a minute for each
/// range, and ranges of bytes of it can be asked for.
#[utoipa::path(
    get,
    path = "/api/v1/facts.parquet",
    tag = "usage",
    params(UsageParameters),
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
pub(in crate::api) async fn get_facts(
    State(app): State<App>,
    RawQuery(raw): RawQuery,
    query: UsageQuery,
    asker: Asked,
) -> Result<Response, ApiError> {
    refuse_unknown(raw.as_deref(), &UsageQuery::NAMES)?;
    let question = SheetQuestion {
        grain: Grain::Day,
        prefers_hours: false,
        by: vec![Dimension::Team, Dimension::ApiKey, Dimension::Model],
        filters: Vec::new(),
        measures: Measure::additive(),
        order: Vec::new(),
        limit: None,
        rest: false,
        zeros: false,
        compare: Compare::No,
        most_rows: usize::MAX,
    };
    let operation = Operation { name: "get_facts", ..operation(&question) };
    file(&app, operation, &query, Content::Sheet(question), "facts", &asker).await
}
