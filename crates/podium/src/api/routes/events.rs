//! `GET /api/v1/events`

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt as _};
use utoipa::{IntoParams, ToSchema};

use crate::api::App;
use crate::api::asked::Asked;
use crate::api::credentials::Caller;
use crate::api::error::{ApiError, ErrorBody};
use crate::api::live::{FRESHNESS, Listener, TOPICS};
use crate::api::query::InvalidQuery;
use crate::api::told::States;

const HEARTBEAT: Duration = Duration::from_secs(15);

/// One event, as its lines say it.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(in crate::api) struct LiveEvent {
    /// The version of what was told, for `Last-Event-ID`.
    id: Option<String>,
    /// The topic.
    event: Option<String>,
    /// The topic's state as JSON: `LiveBoard`, `LiveTotals`, or with `patch` what changed in it.
    data: String,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "read by the OpenAPI document only")]
pub(super) struct EventParameters {
    /// Comma-separated: `leaderboard`, `totals`, `freshness`; by default all.
    topics: Option<String>,
    /// `true`: after the first event of a topic, each has only what changed since the one before, as
    /// a merge patch (RFC 7396). A field that is `null` then may be missing, and the leaderboard's
    /// `teams` is an object by `team_id`.
    patch: Option<bool>,
}

/// What somebody listens to.
#[derive(Clone, Debug)]
struct Wanted {
    topics: Vec<&'static str>,
    as_patches: bool,
}

/// Changes as they happen
///
/// Server-sent events. `id` is the data version; whoever comes back with it as `Last-Event-ID`
/// is told only what is newer. `totals` has today's usage in UTC with tokens a second over the
/// last minute, `leaderboard` today's teams with most tokens first, `freshness` what
/// `/api/v1/status` has. On connecting, the present state of each topic comes at once.
/// With `patch=true` events after that have only what changed.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    tag = "usage",
    params(EventParameters),
    responses(
        (status = 200, description = "Events without end", body = LiveEvent, content_type = "text/event-stream"),
        (status = 400, description = "There is no such topic", body = ErrorBody),
    )
)]
pub(in crate::api) async fn get_events(
    State(app): State<App>,
    RawQuery(query): RawQuery,
    asker: Asked,
) -> Result<Response, ApiError> {
    let wanted = Wanted::parse(query.as_deref().unwrap_or_default())?;
    let known = asker
        .headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.trim().parse().ok());
    let ended = app.broadcast.ended();
    let listener = app.broadcast.listen().await?;
    let before = Told { version: known.unwrap_or_default(), ..Told::default() };
    let listening = Listening { app, caller: asker.caller, listener, is_new: true, before };
    let states = stream::unfold(listening, Listening::next);
    let events = states
        .flat_map(move |(before, now)| stream::iter(wanted.events(&before, &now)))
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

/// What a listener was told.
#[derive(Clone, Debug, Default)]
struct Told {
    version: u64,
    states: States,
}

/// Somebody who listens.
struct Listening {
    app: App,
    caller: Caller,
    listener: Listener,
    is_new: bool,
    before: Told,
}

impl Listening {
    /// What is known now beside what was told before; the end once they may no longer see it.
    async fn next(mut self) -> Option<((Told, Told), Self)> {
        while !std::mem::take(&mut self.is_new) {
            let changed = self.listener.live.changed();
            let is_change = match tokio::time::timeout(HEARTBEAT, changed).await {
                Ok(changed) => changed.map(|()| true).ok()?,
                Err(_) => false,
            };
            let Caller { visitor, session, .. } = &self.caller;
            if !self.app.parts.access.still(visitor, session.as_ref()).await {
                return None;
            }
            if is_change {
                break;
            }
        }
        let live = self.listener.live.borrow_and_update().clone();
        let states = self.app.broadcast.states(&live, &self.caller.visitor).await;
        let states = states.inspect_err(|error| {
            tracing::error!(%error, "a change could not be told");
        });
        let now = Told { version: live.version, states: states.ok()? };
        let before = std::mem::replace(&mut self.before, now.clone());
        Some(((before, now), self))
    }
}

impl Wanted {
    fn parse(query: &str) -> Result<Self, InvalidQuery> {
        let last = |wanted: &str| {
            let mut given =
                form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == wanted);
            let value = given.by_ref().last().map(|(_, value)| value.into_owned());
            value.filter(|value| !value.is_empty())
        };
        let known = |name: &str| {
            let topic = TOPICS.into_iter().find(|topic| *topic == name.trim());
            topic.ok_or(InvalidQuery::Topics)
        };
        let as_patches = match last("patch").as_deref() {
            None | Some("false") => false,
            Some("true") => true,
            Some(_) => return Err(InvalidQuery::Patch),
        };
        let named = last("topics");
        let named = named.as_deref().map(|topics| topics.split(',').map(known).collect());
        let chosen: Vec<&str> = named.transpose()?.unwrap_or_else(|| TOPICS.to_vec());
        let topics = TOPICS.into_iter().filter(|topic| chosen.contains(topic)).collect();
        Ok(Self { topics, as_patches })
    }

    /// What is new in `live` for one who knows `before`.
    fn events(&self, before: &Told, live: &Told) -> Vec<Event> {
        let mut events = Vec::new();
        for topic in &self.topics {
            let (known, Some(state)) = (before.states.get(topic), live.states.get(topic)) else {
                continue;
            };
            let is_news = if *topic == FRESHNESS {
                known.is_none_or(|known| !known.is(state))
            } else {
                before.version != live.version
            };
            if is_news {
                let data = if self.as_patches { state.fields_since(known) } else { state.json() };
                let event = Event::default().id(live.version.to_string());
                events.push(event.event(topic).data(data));
            }
        }
        events
    }
}
