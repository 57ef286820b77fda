//! `GET /preview.png`

use axum::extract::{RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa::IntoParams;

use crate::api::App;
use crate::api::asked::Asked;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::link::Link;
use crate::api::preview::{KEPT, picture};

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct PreviewParameters {
    /// What the link leads to: `board` (default), `team`, `charts` or `money`.
    of: Option<String>,
    /// The team's id, with `of=team`.
    team: Option<String>,
    /// `today` (default), `yesterday`, `week`, `thirty`, `month` or `year`.
    range: Option<String>,
    /// First day, `YYYY-MM-DD`, in place of `range`.
    start: Option<String>,
    /// Last day.
    end: Option<String>,
    /// Time zone of the days, an IANA name; by default UTC.
    tz: Option<String>,
    /// What teams are ranked by: `tokens` (default), `spend_usd`, `requests`, `success_rate` or
    /// `usd_per_1k_tokens`.
    measure: Option<String>,
    /// Only these teams, by id.
    team_id: Option<Vec<String>>,
    /// Only these model groups.
    model: Option<Vec<String>>,
    /// Only these providers.
    provider: Option<Vec<String>>,
    /// `on` for teams that are deleted and usage without a team, too.
    unlisted: Option<String>,
}

/// The picture beside a link
///
/// What a link to the page leads to, 1,200 by 630 pixels, for chats and networks that show a
/// picture beside a link; the page names it as its `og:image`. The parameters are those of the
/// page's own addresses: what makes no sense counts as not said. Kept for a minute.
#[utoipa::path(
    get,
    path = "/preview.png",
    tag = "usage",
    params(PreviewParameters),
    responses(
        (status = 200, description = "The picture", body = Vec<u8>, content_type = "image/png"),
        (status = 400, description = "The filters make no sense together", body = ErrorBody),
        (status = 500, description = "Podium has a fault", body = ErrorBody),
        (status = 501, description = "Podium was built without its page and font, or the gateway keeps no request logs", body = ErrorBody),
        (status = 502, description = "The gateway failed, and the days are not stored", body = ErrorBody),
        (status = 503, description = "It takes too long", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_preview(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    asked: Asked,
) -> Result<Response, ApiError> {
    let link = Link::read(&query.unwrap_or_default(), app.parts.clock.now());
    let picture = picture(&app, link, asked.scope()).await?;
    let kept = HeaderValue::try_from(format!("max-age={}", KEPT.as_secs()));
    let told = [
        (header::CACHE_CONTROL, kept.unwrap_or(HeaderValue::from_static("no-cache"))),
        (header::ETAG, picture.etag.clone()),
    ];
    if picture.is_known(&asked.headers) {
        return Ok((StatusCode::NOT_MODIFIED, told).into_response());
    }
    let png = [(header::CONTENT_TYPE, HeaderValue::from_static("image/png"))];
    Ok((told, png, picture.plain().clone().into_http()).into_response())
}
