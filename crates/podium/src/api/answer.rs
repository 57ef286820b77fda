//! How every question about days is answered.

use std::sync::{Arc, Weak};
use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tracing::Instrument as _;

use super::App;
use super::asked::Asked;
use super::body::BodyWriter;
use super::cache::{Answer, Body, Key};
use super::delta;
use super::encoding::Encoding;
use super::error::ApiError;
use super::hot::Answered;
use super::metrics::AnsweredFrom;
use super::query::UsageQuery;
use crate::access::Scope;
use crate::query::{Include, ListedTeams, View, is_unexplained, used_part, utc_days};
use crate::services::{Freshness, Question};
use crate::store::Reader;
use crate::sync::{self, NoLogs};
use crate::usage::{Day, DayRange};

/// A question about days: which operation, and what its errors call what was fetched.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) name: &'static str,
    pub(super) fetched: &'static str,
    pub(super) from: Basis,
    /// Whether it tells several facets of a key apart, which request logs alone know.
    pub(super) is_joint: bool,
    /// Whether it has buckets of time, so that the answer changes as time passes.
    pub(super) has_buckets: bool,
    /// Whether it tells of other days, too: of those before them, for comparison.
    pub(super) looks_beyond: bool,
    /// What it depends on besides days, zone and teams, as it was understood.
    pub(super) parameters: String,
}

impl Operation {
    /// A question that depends on days, zone and teams alone.
    pub(super) fn of_days(name: &'static str, fetched: &'static str) -> Self {
        let parameters = String::new();
        Self {
            name,
            fetched,
            from: Basis::Days,
            is_joint: false,
            has_buckets: false,
            looks_beyond: false,
            parameters,
        }
    }

    /// The same from quarter hours.
    pub(super) fn of_quarter_hours(name: &'static str, parameters: String) -> Self {
        let (fetched, from) = ("team token usage", Basis::QuarterHours);
        Self { from, parameters, ..Self::of_days(name, fetched) }
    }
}

/// From what a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Basis {
    /// Days, those of other zones from quarter hours where these are known.
    Days,
    /// Quarter hours alone.
    QuarterHours,
}

const DATA_VERSION: HeaderName = HeaderName::from_static("x-data-version");
const COMPLETE: HeaderName = HeaderName::from_static("x-complete");
/// Room for all headers of an answer.
const MOST_HEADERS: usize = 20;

/// So long somebody waits for request logs to be read; then the answer says that it is not whole.
const PATIENCE: Duration = Duration::from_secs(20);
pub(super) const SHORT_PATIENCE: Duration = Duration::from_secs(3);

/// Makes sure that the days are stored, and answers from the store: as the browser has it
/// already (304), from the cache, or with what `figure` computes.
pub(super) async fn answer<T: Serialize>(
    app: &App,
    operation: Operation,
    query: &UsageQuery,
    asked: &Asked,
    figure: impl AsyncFnOnce(Question<'_>) -> Result<T, ApiError> + Send + 'static,
) -> Result<Response, ApiError> {
    answer_json(app, operation, query, asked, async move |question, to| {
        serde_json::to_writer(to, &figure(question).await?).map_err(ApiError::Json)
    })
    .await
}

/// The same with a figure that writes its answer as JSON.
pub(super) async fn answer_json(
    app: &App,
    operation: Operation,
    query: &UsageQuery,
    asked: &Asked,
    figure: impl AsyncFnOnce(Question<'_>, &mut BodyWriter) -> Result<(), ApiError> + Send + 'static,
) -> Result<Response, ApiError> {
    let headers = &asked.headers;
    let ready = Ready::make(app, &operation, query, asked.scope()).await?;
    let now = ready.now;
    let of_days = ready.freshness.version;
    let version = if operation.looks_beyond { ready.version() } else { of_days };
    let key = Key {
        operation: operation.name,
        range: ready.range,
        used: ready.freshness.used,
        include: ready.include,
        tz: ready.tz.clone(),
        parameters: operation.parameters,
        version,
        doubts: ready.freshness.digest(),
        minute: (operation.has_buckets || ready.zone != TimeZone::UTC)
            .then(|| now.as_second().div_euclid(60)),
        scope: ready.scope.clone(),
    };
    let told = Told {
        version: of_days,
        now,
        as_of: ready.freshness.as_of,
        is_complete: ready.freshness.doubts.is_empty(),
    };
    let key = Arc::new(key);
    let answered = Answered {
        answer: Weak::new(),
        told,
        revision: ready.reader.ledger.revision(),
        until: ready.holds_until(key.minute),
    };
    let respond = async |answer: &Arc<Answer>| {
        let mut response = respond(app, answer, &told, asked).await;
        let answer = Arc::downgrade(answer);
        response.extensions_mut().insert(Answered { answer, ..answered.clone() });
        response
    };
    let encoding = Encoding::wanted(headers);
    if let Some(answer) = app.cache.get(&key).await {
        app.meter.answered_from(AnsweredFrom::Cache);
        return Ok(respond(&answer).await);
    }
    app.meter.answered_from(AnsweredFrom::Store);
    let (cache, desk, as_of) = (app.cache.clone(), app.desk.clone(), told.as_of);
    let computing = async move {
        let compute = move || {
            let mut to = BodyWriter::new(encoding);
            ready.with_question(async |question| figure(question, &mut to).await)?;
            Ok(Arc::new(Answer::new(to.finish().map_err(unwritten)?, as_of)))
        };
        cache.get_or_compute(key, desk.compute(compute)).await
    };
    // Goes on if the one who asked goes away, for those who ask the same.
    let computed = app.parts.tasks.spawn("answer", computing.in_current_span());
    match tokio::time::timeout(app.parts.limits.answer_timeout, computed).await {
        Ok(Ok(Ok(answer))) => Ok(respond(&answer).await),
        Ok(Ok(Err(error))) => Err(ApiError::Shared(error)),
        Ok(Err(_)) => Err(ApiError::Sync(operation.fetched, sync::Error::ShuttingDown)),
        Err(_) => Err(ApiError::Unready(TOO_SLOW.to_owned())),
    }
}

/// An answer that could not be put down.
pub(super) fn unwritten(error: std::io::Error) -> ApiError {
    ApiError::Json(serde_json::Error::io(error))
}

const TOO_SLOW: &str = "The answer takes too long to compute; Podium may be busy with other \
                        questions. Ask again in a moment, or about fewer days.";

/// Everything that a figure is computed from, once its days are stored.
pub(super) struct Ready {
    reader: Reader,
    pub(super) range: DayRange,
    include: Include,
    zone: TimeZone,
    tz: String,
    now: Timestamp,
    freshness: Arc<Freshness>,
    from: Basis,
    is_joint: bool,
    fetched: &'static str,
    logs: Logs,
    scope: Scope,
}

impl Ready {
    /// Sees to it that the days are stored, and the logs read where the answer needs them.
    pub(super) async fn make(
        app: &App,
        operation: &Operation,
        query: &UsageQuery,
        scope: &Scope,
    ) -> Result<Self, ApiError> {
        let parts = &app.parts;
        let (zone, tz) = query.zone()?;
        let scope = scope.clone();
        let now = parts.clock.now();
        let range = query.resolve(Day::at(now, &zone))?;
        let include = query.include()?;
        let today = Day::of(now);
        let days = utc_days(range, &zone, today).unwrap_or(DayRange::single(today));
        let (from, fetched) = (operation.from, operation.fetched);
        if app.recent.get(days, parts.store.ledger.state().revision(), now).is_some() {
            parts.sync.note_question();
        } else {
            parts.sync.ensure(days).await.map_err(|error| ApiError::Sync(fetched, error))?;
        }
        let logs = match from {
            Basis::QuarterHours => ensure_logs(app, days, PATIENCE).await,
            Basis::Days if zone == TimeZone::UTC => Logs::None(NoLogs::NotKept),
            // Days are there without logs: nobody waits long for them, and none are read that are
            // not read anyway.
            Basis::Days => match parts.sync.days_with_logs(days) {
                Some(days) => ensure_logs(app, days, SHORT_PATIENCE).await,
                None => Logs::None(NoLogs::NotKept),
            },
        };
        let reader = parts.store.read();
        let now = parts.clock.now();
        let revision = reader.ledger.revision();
        let freshness = app.recent.get(days, revision, now).unwrap_or_else(|| {
            let of = Freshness::of(&reader.ledger, days, now, parts.stale_after);
            let freshness = Arc::new(of);
            app.recent.put(days, revision, &freshness);
            freshness
        });
        Ok(Self {
            reader,
            range,
            include,
            zone,
            tz,
            now,
            freshness,
            from,
            is_joint: operation.is_joint,
            fetched,
            logs,
            scope,
        })
    }

    /// The state of the figures.
    pub(super) fn version(&self) -> u64 {
        self.reader.ledger.version()
    }

    /// The last moment at which the same parameters are sure to mean the same, in the same state of
    /// the store.
    fn holds_until(&self, minute: Option<i64>) -> Timestamp {
        let minute_ends = minute.and_then(|minute| Timestamp::from_second((minute + 1) * 60).ok());
        let ends = minute_ends.unwrap_or_else(|| Day::of(self.now).end());
        let just_before = ends.checked_sub(SignedDuration::from_nanos(1)).unwrap_or(self.now);
        just_before.min(self.freshness.holds_until())
    }

    /// Computes on a thread that may block: nothing here waits for anything.
    pub(super) fn with_question<T>(
        self,
        figure: impl AsyncFnOnce(Question<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        tokio::runtime::Handle::current().block_on(self.ask(figure))
    }

    async fn ask<T>(
        self,
        figure: impl AsyncFnOnce(Question<'_>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let reader = &self.reader;
        // Days on which nothing was used cost nothing, however many are asked for.
        let days = self.freshness.used;
        if self.from == Basis::QuarterHours && is_unexplained(&reader.ledger, days) {
            return Err(match self.logs {
                Logs::None(_) if self.is_joint => ApiError::Asked(TOGETHER.to_owned()),
                logs => logs.why_nothing_is_known(self.fetched),
            });
        }
        let teams = ListedTeams::of(reader, days, self.include, &self.scope).await?;
        figure(Question {
            view: View { reader, teams: &teams, now: self.now },
            range: used_part(&reader.ledger, self.range),
            asked: self.range,
            zone: &self.zone,
            tz: &self.tz,
            freshness: &self.freshness,
            scope: &self.scope,
        })
        .await
    }
}

const TOGETHER: &str = "The gateway's daily table knows one of model, provider_model, provider, \
                        endpoint and mcp_tool at a time. Several together are known from request \
                        logs alone, and there are none of these days; ask for one of them.";

/// What an answer says of itself besides its body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    version: u64,
    pub(super) now: Timestamp,
    as_of: Option<Timestamp>,
    is_complete: bool,
}

impl Told {
    /// The same at another moment.
    pub(super) fn at(self, now: Timestamp) -> Self {
        Self { now, ..self }
    }
}

/// How reading request logs went.
enum Logs {
    /// They were read as far as they can be: if nothing is known, then for this.
    None(NoLogs),
    StillBeingRead,
    Failed(sync::Error),
}

async fn ensure_logs(app: &App, days: DayRange, patience: Duration) -> Logs {
    match tokio::time::timeout(patience, app.parts.sync.ensure_logs(days)).await {
        Ok(Ok(())) => Logs::None(app.parts.sync.why_no_logs(days)),
        Ok(Err(error)) => Logs::Failed(error),
        Err(_) => Logs::StillBeingRead,
    }
}

/// Why nobody can say at what time tokens were used, and what to do about it.
fn no_hours(why: NoLogs) -> String {
    let or_push = "or let it push its requests to Podium (see PODIUM_INGEST_TOKEN in Podium's \
                   README); hours are known from then on.";
    match why {
        NoLogs::NotKept => format!(
            "The gateway keeps no request logs of these days, so nobody can say at what time their \
             tokens were used. Let it keep them (LiteLLM: disable_spend_logs must not be true), \
             {or_push}"
        ),
        NoLogs::KeyMayNot => format!(
            "This key may not read request logs, so nobody can say at what time tokens were used. \
             Give Podium a key that may (LiteLLM: an admin's or a proxy_admin_viewer's, without \
             allowed_routes), {or_push}"
        ),
        NoLogs::SwitchedOff => format!(
            "Podium is set not to read request logs (PODIUM_LOG_DAYS is 0), so nobody can say at \
             what time tokens were used. Set PODIUM_LOG_DAYS, {or_push}"
        ),
        NoLogs::TooOld { days } => format!(
            "Podium reads the request logs of the last {days} days only, and these days are older; \
             it did not read them in time, so nobody can say at what time their tokens were used."
        ),
    }
}

impl Logs {
    fn why_nothing_is_known(self, fetched: &'static str) -> ApiError {
        match self {
            Self::None(why) => ApiError::NotImplemented(no_hours(why)),
            Self::StillBeingRead => ApiError::Unready(
                "The request logs of these days are still being read; ask again in a moment."
                    .to_owned(),
            ),
            Self::Failed(error) => ApiError::Sync(fetched, error),
        }
    }
}

/// The response, as a delta where that can be, and compressed as it is liked best.
async fn respond(app: &App, answer: &Answer, told: &Told, asked: &Asked) -> Response {
    let form = match at_once(app, answer, told, &asked.headers, asked.scope()) {
        Ok(response) => return response,
        Err(form) => form,
    };
    let (body, told) = (Arc::clone(&form.body), *told);
    let made = app.desk.clone().run(move || in_full(&form, &told)).await;
    made.unwrap_or_else(|_| in_full(&Form { body, known: None, encoding: None }, &told))
}

/// The same, unless something large has to be worked out for it.
pub(super) fn respond_at_once(
    app: &App,
    answer: &Answer,
    told: &Told,
    asked: &HeaderMap,
    scope: &Scope,
) -> Option<Response> {
    at_once(app, answer, told, asked, scope).ok()
}

/// In which form a body is sent.
struct Form {
    body: Arc<Body>,
    /// A body that whoever asks has, and can make this one of.
    known: Option<Arc<Body>>,
    encoding: Option<Encoding>,
}

fn at_once(
    app: &App,
    answer: &Answer,
    told: &Told,
    asked: &HeaderMap,
    scope: &Scope,
) -> Result<Response, Form> {
    let body = answer.body(told.as_of);
    let known = app.earlier.exchange(&body, asked, scope);
    if body.is_known(asked) {
        return Ok(not_modified(&body, told));
    }
    let form = Form { body, known, encoding: Encoding::wanted(asked) };
    let is_ready = form.body.is_ready(form.known.as_deref(), form.encoding);
    if is_ready { Ok(in_full(&form, told)) } else { Err(form) }
}

fn not_modified(body: &Body, told: &Told) -> Response {
    let mut response = Response::new(HttpBody::empty());
    *response.status_mut() = StatusCode::NOT_MODIFIED;
    *response.headers_mut() = head(body, told);
    response
}

/// The response with a body, or with what changed in it.
fn in_full(form: &Form, told: &Told) -> Response {
    let Form { body, known, encoding } = form;
    let delta = known.as_ref().and_then(|known| Some((known, body.since(known)?)));
    let mut headers = head(body, told);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let sent = delta.as_ref().map_or(body, |(_, changed)| changed);
    let compressed = encoding.and_then(|of| Some((of, sent.compressed(of)?)));
    if let Some((encoding, _)) = compressed {
        headers.insert(header::CONTENT_ENCODING, encoding.header());
    }
    let pieces = compressed.map_or_else(|| sent.plain(), |(_, pieces)| pieces).clone();
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(pieces.len()));
    let mut response = Response::new(pieces.into_http());
    if let Some((known, _)) = &delta {
        delta::mark(&mut headers, known.etag.clone());
        *response.status_mut() = StatusCode::IM_USED;
    }
    *response.headers_mut() = headers;
    response
}

/// What the headers say of every answer.
fn head(body: &Body, told: &Told) -> HeaderMap {
    let complete = if told.is_complete { "true" } else { "false" };
    let mut headers = HeaderMap::with_capacity(MOST_HEADERS);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    headers.insert(DATA_VERSION, HeaderValue::from(told.version));
    headers.insert(COMPLETE, HeaderValue::from_static(complete));
    if let Some(as_of) = told.as_of {
        let age = told.now.duration_since(as_of).as_secs().max(0);
        headers.insert(header::AGE, HeaderValue::from(age));
    }
    headers.insert(header::ETAG, body.etag.clone());
    headers
}
