//! `GET /api/v1/events`

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt as _};
use utoipa::IntoParams;

use crate::api::App;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::live::Live;
use crate::api::query::InvalidQuery;

const HEARTBEAT: Duration = Duration::from_secs(15);

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct TopicParameters {
    /// Comma-separated: `leaderboard`, `totals`, `freshness`; by default all.
    topics: Option<String>,
}

/// Which topics somebody listens to.
#[derive(Clone, Copy, Debug, Default)]
struct Topics {
    leaderboard: bool,
    totals: bool,
    freshness: bool,
}

/// Changes as they happen
///
/// Server-sent events. `id` is the data version; whoever comes back with it as `Last-Event-ID`
/// is told only what is newer. `totals` has today's usage in UTC with tokens a second over the
/// last minute, `leaderboard` today's teams with most tokens first, `freshness` what
/// `/api/v1/status` has. On connecting, the present state of each topic comes at once.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    tag = "usage",
    params(TopicParameters),
    responses(
        (status = 200, description = "Events without end", body = String, content_type = "text/event-stream"),
        (status = 400, description = "There is no such topic", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_events(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let topics = Topics::parse(query.as_deref().unwrap_or_default())?;
    let known = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.trim().parse().ok());
    let ended = app.broadcast.ended();
    let listener = app.broadcast.listen().await?;
    let before = Live { version: known.unwrap_or_default(), ..Live::default() };
    let states = stream::unfold((listener, true, before), async |(mut listener, first, before)| {
        if !first {
            listener.live.changed().await.ok()?;
        }
        let live = listener.live.borrow_and_update().clone();
        let news = (before, live.clone());
        Some((news, (listener, false, live)))
    });
    let events = states
        .flat_map(move |(before, live)| stream::iter(topics.events(&before, &live)))
        .map(Ok::<_, Infallible>)
        .take_until(async move { ended.cancelled().await });
    let events = Sse::new(events).keep_alive(KeepAlive::new().interval(HEARTBEAT));
    let unbuffered = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // Proxies like nginx would hold events back.
        (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    ];
    Ok((unbuffered, events).into_response())
}

impl Topics {
    fn parse(query: &str) -> Result<Self, InvalidQuery> {
        let named = form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name == "topics")
            .last()
            .map(|(_, topics)| topics.into_owned())
            .filter(|topics| !topics.is_empty())
            .unwrap_or_else(|| "leaderboard,totals,freshness".to_owned());
        let mut topics = Self::default();
        for topic in named.split(',').map(str::trim) {
            match topic {
                "leaderboard" => topics.leaderboard = true,
                "totals" => topics.totals = true,
                "freshness" => topics.freshness = true,
                _ => return Err(InvalidQuery::Topics),
            }
        }
        Ok(topics)
    }

    /// What is new in `live` for one who knows `before`.
    fn events(self, before: &Live, live: &Live) -> Vec<Event> {
        let figures = before.version != live.version;
        let event = |topic: &str, data: &Arc<str>| {
            Event::default().id(live.version.to_string()).event(topic).data(data)
        };
        let mut events = Vec::new();
        if self.totals && figures {
            events.push(event("totals", &live.totals));
        }
        if self.leaderboard && figures {
            events.push(event("leaderboard", &live.leaderboard));
        }
        if self.freshness && before.freshness != live.freshness {
            events.push(event("freshness", &live.freshness));
        }
        events
    }
}
