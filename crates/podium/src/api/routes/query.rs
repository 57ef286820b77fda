//! `GET` and `POST /api/v1/query`

use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::header;
use axum::response::Response;
use utoipa::IntoParams;

use crate::api::App;
use crate::api::answer::{Basis, Operation, SHORT_PATIENCE, answer_json};
use crate::api::asked::Asked;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::export::{Content, attachment, export, file};
use crate::api::formats::Format;
use crate::api::hot::Answered;
use crate::api::parameters::Parameters;
use crate::api::query::{InvalidQuery, UsageParameters};
use crate::api::shapes::QuestionBody;
use crate::query::{is_joint, needs_requests};
use crate::services::{self, SheetQuestion};
use crate::usage::{Day, buckets};

/// More than anybody looks at in one answer.
pub(super) const MOST_BUCKETS: usize = 5_000;

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct QueryParameters {
    /// Comma-separated names of measures, see `/api/v1/meta`; by default
    /// `tokens,requests,failed_requests,spend_usd`.
    #[param(example = json!(["tokens", "spend_usd"]))]
    measures: Option<String>,
    /// None to three of `team`, `api_key`, `model`, `provider_model`, `provider`, `endpoint`,
    /// `mcp_tool`, comma-separated. The daily table knows one facet of a key at a time (all but
    /// team and key are facets); several together are known from request logs.
    #[param(example = json!(["team", "model"]))]
    by: Option<String>,
    /// `total` (default), `15m`, `1h`, `1d`, `1w`, `1mo`, `hour_of_day` or `weekday_hour`; `auto`
    /// for the hours of one or two days of which all are known, else days.
    #[param(example = "1d")]
    grain: Option<String>,
    /// The day on which weeks begin: `monday` (default) or `sunday`.
    week_start: Option<String>,
    /// Columns in whose order rows come: `bucket`, names of dimensions or measures; with a minus
    /// the greatest first. By default time, then most of the first measure.
    #[param(example = json!(["-tokens"]))]
    order: Option<String>,
    /// So many rows; so many groups (those with most over all buckets) where usage is told apart
    /// by time and dimensions.
    limit: Option<usize>,
    /// `true` for the others together, as one row (of each bucket).
    rest: Option<bool>,
    /// `true` for rows of all listed teams that match, or of all buckets without `by`: zeros where
    /// nothing was used, `null` where that is not known and for what has no value.
    zeros: Option<bool>,
    /// `none`, `previous` (as many days before) or `previous_to_now` (up to the same moment of a
    /// period that has not ended): adds a column `previous_…` for each measure.
    compare: Option<String>,
    /// First day of the comparison, in place of `compare`.
    compare_start: Option<String>,
    /// Last day of the comparison.
    compare_end: Option<String>,
    /// `json` (default), `ndjson`, `csv`, `parquet` or `markdown`; `Accept` says the same.
    format: Option<String>,
    /// Only these teams, by id or name, comma-separated or repeated; `!` before a name excludes
    /// it, a backslash before a comma or exclamation mark takes it as it is. The same for every
    /// dimension.
    #[param(example = "!Alpha")]
    team: Option<Vec<String>>,
    /// Only these API keys, by hash or alias.
    api_key: Option<Vec<String>>,
    /// Only these model groups.
    model: Option<Vec<String>>,
    /// Only these models by their providers' names.
    provider_model: Option<Vec<String>>,
    /// Only these providers.
    provider: Option<Vec<String>>,
    /// Only these endpoints.
    endpoint: Option<Vec<String>>,
    /// Only these MCP tools.
    mcp_tool: Option<Vec<String>>,
    /// `true` sends the answer as a file to be saved, which the formats other than JSON are anyway;
    /// `false` as one to look at.
    download: Option<bool>,
    /// For CSV: `true` begins with a byte order mark, as Excel wants it.
    bom: Option<bool>,
    /// For CSV: what stands between cells, `comma` (default), `semicolon` or `tab`.
    sep: Option<String>,
    /// For CSV: `comma` writes decimal commas.
    decimal: Option<String>,
}

/// Any question
///
/// Any measures by up to three dimensions and time, of any days in any zone. `totals` are of
/// everything that matches, whatever `limit` shows of it. Unknown names are refused with the known
/// ones; a filter by a name that nobody has is an empty answer with a warning in `meta`.
#[utoipa::path(
    get,
    path = "/api/v1/query",
    tag = "usage",
    params(UsageParameters, QueryParameters),
    responses(
        (status = 200, description = "The answer", content(
            (services::SheetJson = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
            (String = "text/markdown"),
            (String = "application/vnd.apache.parquet"),
        )),
        (status = 206, description = "A part of a Parquet file", body = String, content_type = "application/vnd.apache.parquet"),
        (status = 400, description = "The parameters make no sense", body = ErrorBody),
        (status = 416, description = "The Parquet file has no such part", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
        (status = 501, description = "The gateway keeps no request logs", body = ErrorBody),
        (status = 502, description = "The gateway failed, and the days are not stored", body = ErrorBody),
        (status = 503, description = "The request logs are still being read", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_query(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    asker: Asked,
) -> Result<Response, ApiError> {
    ask(&app, &Parameters::of_query(query.as_deref())?, &asker).await
}

/// Any question, as a JSON object
///
/// The same parameters as the fields of an object, for questions that are too long for an address.
/// Where several values are meant, a list of them; its texts are taken as they are, commas included.
#[utoipa::path(
    post,
    path = "/api/v1/query",
    tag = "usage",
    request_body = QuestionBody,
    responses(
        (status = 200, description = "The answer", content(
            (services::SheetJson = "application/json"),
            (String = "application/x-ndjson"),
            (String = "text/csv"),
            (String = "text/markdown"),
            (String = "application/vnd.apache.parquet"),
        )),
        (status = 400, description = "The parameters make no sense", body = ErrorBody),
        (status = 413, description = "The body is too large", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
        (status = 501, description = "The gateway keeps no request logs", body = ErrorBody),
        (status = 502, description = "The gateway failed, and the days are not stored", body = ErrorBody),
        (status = 503, description = "The request logs are still being read", body = ErrorBody),
    )
)]
pub(in crate::api) async fn post_query(
    State(app): State<App>,
    asker: Asked,
    body: Bytes,
) -> Result<Response, ApiError> {
    ask(&app, &Parameters::of_json(&body)?, &asker).await
}

async fn ask(app: &App, given: &Parameters, asker: &Asked) -> Result<Response, ApiError> {
    let usage = given.usage();
    let question = given.question()?;
    if !question.is_shown(asker.scope()) {
        return Err(ApiError::SignIn);
    }
    let format = Format::wanted(given, &asker.headers)?;
    let download = given.flag("download")?;
    let (zone, _) = usage.zone()?;
    let range = usage.resolve(Day::at(app.parts.clock.now(), &zone))?;
    buckets(range, question.grain, &zone, MOST_BUCKETS)
        .ok_or(InvalidQuery::Buckets(MOST_BUCKETS))?;
    if let Some(days) = question.compare.days(range)
        && let Some(days) = crate::query::utc_days(days, &zone, Day::of(app.parts.clock.now()))
    {
        // Without these days there is no comparison, but still an answer: nobody waits long for them.
        let _ = tokio::time::timeout(SHORT_PATIENCE, app.parts.sync.ensure(days)).await;
    }
    let operation = operation(&question);
    let mut answer = match format {
        Format::Json => {
            answer_json(app, operation, &usage, asker, async move |asked, to| {
                let sheet = services::sheet(asked, &question).await?;
                serde_json::to_writer(to, &sheet.json()).map_err(ApiError::Json)
            })
            .await?
        }
        // Programs that read Parquet ask for parts of one and the same file.
        Format::Parquet => {
            file(app, operation, &usage, Content::Sheet(question), "podium", asker).await?
        }
        format => {
            let content = Content::Sheet(question);
            export(app, operation, &usage, content, format, "podium", asker).await?
        }
    };
    let headers = answer.headers_mut();
    match download {
        Some(true) => {
            headers.insert(header::CONTENT_DISPOSITION, attachment("podium", range, format));
            answer.extensions_mut().remove::<Answered>();
        }
        Some(false) => {
            headers.remove(header::CONTENT_DISPOSITION);
        }
        None => {}
    }
    Ok(answer)
}

/// What an answer to a question needs to be there.
pub(in crate::api) fn operation(question: &SheetQuestion) -> Operation {
    let filtered = question.filters.iter().map(|(dimension, _)| *dimension);
    let used = question.by.iter().copied().chain(filtered);
    let needs_requests = needs_requests(question.grain, used.clone(), &question.measures);
    let of_times = question.measures.iter().any(|measure| measure.is_of_times());
    let measures: Vec<&str> = question.measures.iter().map(|measure| measure.name).collect();
    let SheetQuestion {
        grain, prefers_hours, by, filters, order, limit, rest, zeros, compare, ..
    } = question;
    Operation {
        name: "get_query",
        fetched: "team token usage",
        from: if needs_requests { Basis::QuarterHours } else { Basis::Days },
        is_joint: is_joint(used) && question.grain.is_of_days() && !of_times,
        has_buckets: true,
        looks_beyond: *compare != services::Compare::No,
        parameters: format!(
            "{:?}",
            ((grain, prefers_hours), by, filters, measures, order, limit, (rest, zeros), compare)
        ),
    }
}
