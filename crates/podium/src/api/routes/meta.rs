//! `GET /api/v1/meta`

use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::App;
use crate::api::formats::Format;
use crate::api::parameters::MOST_ROWS;
use crate::query::MOST_DIMENSIONS;
use crate::usage::{Day, Dimension, Grain, MEASURES, Unit, WeekStart};

/// What can be asked.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct MetaBody {
    /// The version of Podium.
    version: &'static str,
    /// The state of the figures.
    data_version: u64,
    /// Now.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// The oldest day with usage, in UTC; null without any.
    #[schema(value_type = Option<String>, format = Date)]
    first_day: Option<Day>,
    /// What usage can be told apart by.
    dimensions: Vec<DimensionBody>,
    /// What can be told of it.
    measures: Vec<MeasureBody>,
    /// How it can be told apart by time.
    grains: Vec<&'static str>,
    /// The formats of answers.
    formats: Vec<&'static str>,
    /// What one question may ask for.
    limits: Limits,
}

/// A dimension.
#[derive(Debug, Serialize, ToSchema)]
struct DimensionBody {
    /// Its name in parameters.
    name: &'static str,
    /// What people call it.
    label: &'static str,
    /// What one of its values is.
    value: &'static str,
    /// Its columns in answers: the name, and the id where that is another.
    columns: Vec<&'static str>,
    /// Whether the gateway's daily table knows it.
    in_days: bool,
    /// Whether request logs know it: only these know hours, and several facets at once.
    in_requests: bool,
    /// Whether it splits a key's usage, so that the daily table knows one such at a time.
    facet: bool,
    /// What usage is called that the gateway attributes to no value.
    rest: &'static str,
}

/// A measure.
#[derive(Debug, Serialize, ToSchema)]
struct MeasureBody {
    /// Its name in parameters and answers.
    name: &'static str,
    /// What people call it.
    label: &'static str,
    /// `tokens`, `requests`, `usd`, `percent` or `ms`.
    #[schema(value_type = String)]
    unit: Unit,
    /// Whether it adds up over rows.
    additive: bool,
    /// Its definition in a sentence.
    definition: &'static str,
    /// How it is computed; empty for what the gateway tells itself.
    formula: &'static str,
    /// Whether only request logs tell it.
    from_requests: bool,
}

/// What one question may ask for.
#[derive(Debug, Serialize, ToSchema)]
struct Limits {
    /// Dimensions.
    dimensions: usize,
    /// Buckets of time.
    buckets: usize,
    /// Rows of one JSON answer.
    rows: usize,
}

/// What can be asked
///
/// The dimensions, measures, grains and formats of `/api/v1/query`.
#[utoipa::path(
    get,
    path = "/api/v1/meta",
    tag = "usage",
    responses((status = 200, description = "What can be asked", body = MetaBody))
)]
pub(in crate::api) async fn get_meta(State(app): State<App>) -> Json<MetaBody> {
    let reader = app.parts.store.read();
    let dimension = |dimension: Dimension| {
        let info = dimension.info();
        DimensionBody {
            name: info.name,
            label: info.label,
            value: info.value,
            columns: [Some(info.name_column), info.id].into_iter().flatten().collect(),
            in_days: info.in_days,
            in_requests: info.in_requests,
            facet: dimension.is_facet(),
            rest: info.rest,
        }
    };
    let measures = MEASURES.iter().map(|measure| MeasureBody {
        name: measure.name,
        label: measure.label,
        unit: measure.unit,
        additive: measure.is_additive(),
        definition: measure.definition,
        formula: measure.formula,
        from_requests: measure.is_of_times(),
    });
    Json(MetaBody {
        version: env!("CARGO_PKG_VERSION"),
        data_version: reader.ledger.version(),
        at: app.parts.clock.now(),
        first_day: reader.ledger.first_used(),
        dimensions: Dimension::ALL.map(dimension).into(),
        measures: measures.collect(),
        grains: Grain::all(WeekStart::Monday).map(Grain::name).into(),
        formats: Format::NAMES.into(),
        limits: Limits {
            dimensions: MOST_DIMENSIONS,
            buckets: super::query::MOST_BUCKETS,
            rows: MOST_ROWS,
        },
    })
}
