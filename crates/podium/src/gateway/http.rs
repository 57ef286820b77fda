//! Questions to the gateway over HTTP: one way for all of them.
//!
//! The key travels only in the `Authorization` header, or in the one that is configured for it.
//! Every answer is limited in size and in silence, and failures that may pass are asked again,
//! within a budget. Questions with a key that somebody gave are asked once.

use std::error::Error as _;
use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, Retryable};
use bytes::{Bytes, BytesMut};
use reqwest::StatusCode;
use reqwest::header::{self, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use tracing::field::Empty;
use tracing::{Instrument as _, Span};
use url::Url;

use super::Error;
use super::timings::{Ending, QuestionTimes, Timings};
use crate::hashing;
use crate::telemetry::{RequestId, TRACED, outgoing};

pub use reqwest::header::HeaderName;

/// Where the gateway is, and the key for it.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Base URL, with or without a path prefix and a trailing slash.
    pub base_url: Url,
    /// The key, sent as `Authorization: Bearer …` and nowhere else.
    pub api_key: SecretString,
    /// Whether it is asked without the proxies of the environment.
    pub direct: bool,
    /// In which header the key travels.
    pub key_header: KeyHeader,
    /// Further headers, for proxies in front of the gateway that want to be shown something.
    pub headers: Vec<(HeaderName, SecretString)>,
}

/// In which header the key travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyHeader {
    /// The header.
    pub name: HeaderName,
    /// What stands before the key, such as `Bearer`.
    pub scheme: Option<String>,
}

impl Default for KeyHeader {
    fn default() -> Self {
        Self { name: header::AUTHORIZATION, scheme: Some("Bearer".to_owned()) }
    }
}

impl Gateway {
    /// A gateway that takes its key as LiteLLM does, with nothing in front of it.
    pub fn new(base_url: Url, api_key: SecretString) -> Self {
        let key_header = KeyHeader::default();
        Self { base_url, api_key, direct: false, key_header, headers: Vec::new() }
    }

    /// The headers of every question that is asked with `key`, marked as secrets.
    fn request_headers(&self, key: &SecretString) -> Result<HeaderMap, Error> {
        let value = |text: &str| {
            let mut value = HeaderValue::from_str(text)
                .map_err(|_| Error::Setup("the key or a header cannot be sent in HTTP"))?;
            value.set_sensitive(true);
            Ok(value)
        };
        let mut headers = HeaderMap::new();
        for (name, text) in &self.headers {
            headers.append(name.clone(), value(text.expose_secret())?);
        }
        let key = key.expose_secret();
        let key = match &self.key_header.scheme {
            Some(scheme) => value(&format!("{scheme} {key}"))?,
            None => value(key)?,
        };
        headers.insert(self.key_header.name.clone(), key);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        Ok(headers)
    }
}

/// What one question may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long connecting may take.
    pub connect: Duration,
    /// How long the gateway may be silent, before and within its answer.
    pub silence: Duration,
    /// How long an answer may take in all, however steadily it trickles.
    pub total: Duration,
    /// How many bytes an answer may have, unpacked.
    pub answer_bytes: usize,
    /// How often a question is asked again.
    pub retries: usize,
    /// What the gateway or the key was seen not to do is tried again after this long.
    pub ask_again: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            silence: Duration::from_secs(30),
            total: Duration::from_secs(600),
            // A day of 120,000 rows; larger ones are read in pages.
            answer_bytes: 64 << 20,
            retries: 2,
            ask_again: Duration::from_secs(3_600),
        }
    }
}

/// Longer than this we do not wait between two tries; the next run of sync asks again.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// An answer that is under way must bring so much within each time that it may be silent.
const LEAST_PROGRESS_BYTES: usize = 4_096;
/// What is told of a key that somebody gave has at most so many bytes.
const MOST_OF_A_GIVEN_KEY_BYTES: usize = 1 << 20;
/// No key of a gateway is longer.
const LONGEST_KEY: usize = 256;
/// Answers above this size are read one after the other.
const LARGE_BYTES: usize = 16 << 20;
/// However long the gateway asks to be left alone, it is asked again after this.
const LONGEST_LEFT_ALONE: Duration = Duration::from_secs(600);
/// Redirects within the gateway that are followed.
const MOST_REDIRECTS: usize = 5;

const SPEAKS_TLS: &str =
    "it speaks TLS there; LITELLM_BASE_URL should probably begin with https://";
const SPEAKS_NO_TLS: &str =
    "it does not speak TLS there; LITELLM_BASE_URL should probably begin with http://";
const UNKNOWN_AUTHORITY: &str = "its TLS certificate is signed by an unknown authority; name the \
                                 file of that authority in SSL_CERT_FILE";

/// How many retries may be under way or recently used up, over all questions: retries help
/// with a hiccup and harm a gateway that is down. Successes give back what failures took.
const RETRY_BUDGET: u32 = 20;

pub(super) struct Http {
    client: reqwest::Client,
    headers: HeaderMap,
    gateway: Gateway,
    limits: Limits,
    retries_left: AtomicU32,
    /// A big answer stalls the gateway for everyone.
    turns: Semaphore,
    /// The turn of an answer that turned out large.
    large: Semaphore,
    /// Until when the gateway asked to be left alone.
    left_alone_until: Mutex<Option<Instant>>,
    asked: [AtomicU64; QUESTIONS.len()],
    timings: Timings<{ QUESTIONS.len() }>,
}

/// Kinds of questions, by the beginning of their paths; the first that fits counts. The answers
/// of the first ones are big, but for totals alone.
const QUESTIONS: [(&str, &str); 5] = [
    ("/spend/logs", "request_logs"),
    ("/team/daily/activity/aggregated", "activity_aggregated"),
    ("/team/daily/activity", "activity_pages"),
    ("/v2/team/list", "teams"),
    ("", "others"),
];
const BIG_QUESTIONS: usize = 3;

/// Questions with big answers that are under way at once.
pub(super) const AT_ONCE: usize = 2;

/// A key that somebody gave, ready to be sent: its text stands in the headers alone.
pub(super) struct GivenKey {
    headers: HeaderMap,
    hash: String,
}

impl GivenKey {
    /// What the gateway calls the key: its SHA-256 in hex.
    pub(super) fn hash(&self) -> &str {
        &self.hash
    }
}

/// What the gateway answered.
pub(super) enum Reply {
    /// What was asked for.
    Answer(Bytes),
    /// It did not want to.
    Refusal(Refusal),
}

/// 401, 403 or 404. What it says is looked into and never passed on.
pub(super) struct Refusal {
    status: StatusCode,
    body: Bytes,
}

impl Refusal {
    pub(super) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    pub(super) fn says(&self, text: &str) -> bool {
        contains(&self.body, text.as_bytes())
    }

    /// What it means where Podium's own key asked.
    pub(super) fn error(&self) -> Error {
        from_status(self.status, None, &self.body)
    }
}

/// A question, and with which key it is asked.
#[derive(Clone, Copy)]
struct Question<'a> {
    path: &'a str,
    query: &'a [(&'a str, &'a str)],
    given_key: Option<&'a GivenKey>,
}

impl Question<'_> {
    /// Its place among `QUESTIONS`.
    fn kind(&self) -> usize {
        let others = QUESTIONS.len() - 1;
        let fits = |(beginning, _): &(&str, &str)| self.path.starts_with(beginning);
        // With a given key, nothing big is asked.
        let own = self.given_key.is_none().then(|| QUESTIONS.iter().position(fits)).flatten();
        own.unwrap_or(others)
    }

    fn is_big(&self) -> bool {
        self.kind() < BIG_QUESTIONS && !self.query.contains(&("api_key_limit", "1"))
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Http {
    pub(super) fn new(gateway: Gateway, limits: Limits) -> Result<Self, Error> {
        // A second client in one process finds the provider installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder();
        let builder = if gateway.direct { builder.no_proxy() } else { builder };
        let client = builder
            .user_agent(concat!("podium/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(limits.connect)
            .read_timeout(limits.silence)
            .timeout(limits.total)
            .redirect(reqwest::redirect::Policy::custom(follow_at_home))
            .build()
            .map_err(|error| {
                tracing::error!(error = %error.without_url(), "cannot set up the HTTP client");
                Error::Setup("the HTTP client does not start; see the log")
            })?;
        Ok(Self {
            client,
            headers: gateway.request_headers(&gateway.api_key)?,
            gateway,
            limits,
            retries_left: AtomicU32::new(RETRY_BUDGET),
            turns: Semaphore::new(AT_ONCE),
            large: Semaphore::new(1),
            left_alone_until: Mutex::default(),
            asked: Default::default(),
            timings: Timings::default(),
        })
    }

    /// The body of a successful answer to `GET base/path?query`. Failures that may pass are
    /// asked again a few times, with growing pauses and jitter.
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Bytes, Error> {
        match self.ask(path, query).await? {
            Reply::Answer(body) => Ok(body),
            Reply::Refusal(refusal) => Err(self.explain(refusal.error())),
        }
    }

    /// The same for who looks into refusals.
    pub(super) async fn ask(&self, path: &str, query: &[(&str, &str)]) -> Result<Reply, Error> {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(100))
            .with_max_delay(LONGEST_PAUSE)
            .with_factor(3.0)
            .with_max_times(self.limits.retries)
            .with_jitter();
        let question = Question { path, query, given_key: None };
        let answer = (|| self.ask_once(question))
            .retry(pauses)
            .when(|error| error.is_transient() && self.take_retry())
            .adjust(|error, pause| match error {
                Error::RateLimited { retry_after: Some(asked) } => {
                    pause.filter(|_| *asked <= LONGEST_PAUSE).map(|pause| pause.max(*asked))
                }
                _ => pause,
            })
            .await;
        if matches!(answer, Ok(Reply::Answer(_))) {
            self.give_back_retry();
        }
        answer
    }

    /// Asks with a key that somebody gave, once: a refusal may be booked as a failed request.
    pub(super) async fn ask_with(
        &self,
        key: &GivenKey,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Reply, Error> {
        self.ask_once(Question { path, query, given_key: Some(key) }).await
    }

    /// Makes a key ready to be sent; `None` for what no gateway made: it is to begin with `sk-`
    /// and to be visible ASCII.
    pub(super) fn given_key(&self, key: &SecretString) -> Result<Option<GivenKey>, Error> {
        let text = key.expose_secret();
        let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        if !text.starts_with("sk-") || !is_visible || text.len() > LONGEST_KEY {
            return Ok(None);
        }
        let hash = hashing::of_text(text);
        Ok(Some(GivenKey { headers: self.gateway.request_headers(key)?, hash }))
    }

    /// How often each kind of question was asked, tries again included.
    pub(super) fn questions(&self) -> Vec<(&'static str, u64)> {
        let asked = self.asked.iter().map(|asked| asked.load(Ordering::Relaxed));
        QUESTIONS.iter().map(|(_, name)| *name).zip(asked).collect()
    }

    /// How long they took, once they were under way.
    pub(super) fn timings(&self) -> Vec<QuestionTimes> {
        self.timings.read(QUESTIONS.map(|(_, name)| name))
    }

    /// How many bytes an answer may have.
    pub(super) fn answer_bytes(&self) -> usize {
        self.limits.answer_bytes
    }

    fn take_retry(&self) -> bool {
        self.retries_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1))
            .is_ok()
    }

    fn give_back_retry(&self) {
        self.retries_left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                (left < RETRY_BUDGET).then_some(left + 1)
            })
            .ok();
    }

    async fn ask_once(&self, question: Question<'_>) -> Result<Reply, Error> {
        if let Some(left) = self.is_to_be_left_alone() {
            return Err(Error::RateLimited { retry_after: Some(left) });
        }
        if let Some(asked) = self.asked.get(question.kind()) {
            asked.fetch_add(1, Ordering::Relaxed);
        }
        let _turn = if question.is_big() { self.turns.acquire().await.ok() } else { None };
        let span = self.span(question.path);
        let answer = self.exchange_and_tell(question).instrument(span.clone());
        let answer = answer.await.map_err(|error| self.explain(error));
        match &answer {
            Ok(Reply::Answer(_)) => {}
            Ok(Reply::Refusal(refusal)) => {
                let status = refusal.status();
                span.record("otel.failed", true);
                span.record("error.type", status.to_string());
            }
            Err(error) => {
                span.record("otel.failed", true);
                span.record("error.type", error.kind());
            }
        }
        answer
    }

    /// What is told of a question in a trace.
    fn span(&self, path: &str) -> Span {
        tracing::info_span!(
            target: TRACED,
            "question",
            otel.name = format!("GET {path}"),
            otel.kind = "client",
            otel.failed = Empty,
            http.request.method = "GET",
            http.response.status_code = Empty,
            url.template = path,
            server.address = self.gateway.base_url.host_str(),
            server.port = self.gateway.base_url.port_or_known_default(),
            "error.type" = Empty,
        )
    }

    async fn exchange_and_tell(&self, question: Question<'_>) -> Result<Reply, Error> {
        let (request_id, trace) = outgoing();
        let started = Instant::now();
        let answer = self.exchange(question, &request_id, trace).await;
        let took = started.elapsed();
        let ending = match &answer {
            Ok(Reply::Answer(_)) => Ending::Answered,
            Ok(Reply::Refusal(_)) => Ending::Refused,
            Err(_) => Ending::Failed,
        };
        self.timings.add(question.kind(), ending, took);
        let (path, took_ms) = (question.path, took.as_millis());
        match &answer {
            Ok(Reply::Answer(body)) => {
                let bytes = body.len();
                tracing::debug!(path, took_ms, bytes, %request_id, "gateway answered");
            }
            Ok(Reply::Refusal(refusal)) => {
                let status = refusal.status();
                tracing::debug!(path, took_ms, status, %request_id, "gateway refused");
            }
            Err(error) => tracing::debug!(path, took_ms, %error, %request_id, "gateway failed"),
        }
        answer
    }

    fn url(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.gateway.base_url.clone();
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{prefix}{path}"));
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    async fn exchange(
        &self,
        question: Question<'_>,
        request_id: &RequestId,
        trace: Vec<(&'static str, String)>,
    ) -> Result<Reply, Error> {
        let (headers, most_bytes) = match question.given_key {
            None => (&self.headers, self.limits.answer_bytes),
            Some(key) => (&key.headers, self.limits.answer_bytes.min(MOST_OF_A_GIVEN_KEY_BYTES)),
        };
        let request = self.client.get(self.url(question.path, question.query));
        let request = trace.into_iter().fold(
            request.header(RequestId::HEADER, request_id.as_str()),
            |request, (name, value)| request.header(name, value),
        );
        // Last, so that what is configured wins.
        let response = request
            .headers(headers.clone())
            .send()
            .await
            .map_err(|error| from_transport(&error))?;
        let status = response.status();
        Span::current().record("http.response.status_code", status.as_u16());
        if status.is_redirection() {
            return Err(elsewhere(&response));
        }
        let retry_after = retry_after(&response);
        if question.given_key.is_none() {
            // What limits a given key does not limit Podium's.
            self.leave_alone_for(retry_after);
        }
        let body = self.read_body(response, most_bytes).await;
        if status.is_success() {
            // Found here, a torn answer is asked for again.
            let body =
                body.and_then(|body| if is_whole(&body) { Ok(body) } else { Err(Error::NotJson) });
            return body.map(Reply::Answer);
        }
        let body = body.unwrap_or_default();
        match status.as_u16() {
            401 | 403 | 404 => Ok(Reply::Refusal(Refusal { status, body })),
            _ => Err(from_status(status, retry_after, &body)),
        }
    }

    /// The whole body, as long as it makes progress and is not too large. Of large ones there is
    /// one at a time, however many questions are under way.
    async fn read_body(
        &self,
        mut response: reqwest::Response,
        most_bytes: usize,
    ) -> Result<Bytes, Error> {
        // Kept as it comes: a buffer that grows is copied, and twice as large meanwhile.
        let (mut parts, mut length) = (Vec::new(), 0);
        let mut large = None;
        let (mut since, mut before) = (Instant::now(), 0);
        while let Some(part) = response.chunk().await.map_err(|error| from_transport(&error))? {
            length += part.len();
            if length > most_bytes {
                return Err(Error::TooLarge);
            }
            parts.push(part);
            if length > LARGE_BYTES && large.is_none() {
                large = self.large.acquire().await.ok();
                // Waiting for the turn is not the gateway's silence.
                since = Instant::now();
            }
            if since.elapsed() >= self.limits.silence {
                if length - before < LEAST_PROGRESS_BYTES {
                    return Err(Error::Timeout);
                }
                (since, before) = (Instant::now(), length);
            }
        }
        let mut body = BytesMut::with_capacity(length);
        // Each part is given up once it is copied.
        parts.into_iter().for_each(|part| body.extend_from_slice(&part));
        Ok(body.freeze())
    }

    /// How long the gateway still wants to be left alone.
    pub(super) fn is_to_be_left_alone(&self) -> Option<Duration> {
        let until = *self.left_alone_until.lock().unwrap_or_else(PoisonError::into_inner);
        until?.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())
    }

    fn leave_alone_for(&self, time: Option<Duration>) {
        if let Some(time) = time {
            let until = Instant::now() + time.min(LONGEST_LEFT_ALONE);
            *self.left_alone_until.lock().unwrap_or_else(PoisonError::into_inner) = Some(until);
        }
    }

    /// What an error means where the address is one of those that are often taken by mistake.
    fn explain(&self, error: Error) -> Error {
        const WITHIN: [&str; 3] = ["/v1", "/ui", "/v1/chat/completions"];
        let path = self.gateway.base_url.path().trim_end_matches('/');
        let within = WITHIN.into_iter().find(|end| path.ends_with(end));
        let is_of_address = matches!(
            error,
            Error::NotFound(_) | Error::NotJson | Error::Rejected(_) | Error::UnexpectedStatus(_)
        );
        match within {
            Some(end) if is_of_address => Error::WrongPath(end),
            _ => error,
        }
    }
}

/// Follows redirects that stay at this scheme, host and port: the key goes nowhere else.
fn follow_at_home(attempt: reqwest::redirect::Attempt<'_>) -> reqwest::redirect::Action {
    let is_at_home =
        attempt.previous().last().is_some_and(|from| from.origin() == attempt.url().origin());
    if is_at_home && attempt.previous().len() <= MOST_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// Where a redirect leads that was not followed; the address itself goes to the log alone.
fn elsewhere(response: &reqwest::Response) -> Error {
    let location = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
    let Some(to) = location.and_then(|to| response.url().join(to).ok()) else {
        return Error::UnexpectedStatus(response.status().as_u16());
    };
    tracing::warn!(to = %to.origin().ascii_serialization(), "the gateway redirects elsewhere");
    Error::Redirected(match (response.url().scheme(), to.scheme()) {
        ("http", "https") => "https",
        _ if to.origin() == response.url().origin() => "itself, without end",
        _ => "another address",
    })
}

/// Seconds, or a date that is compared with the gateway's own.
fn retry_after(response: &reqwest::Response) -> Option<Duration> {
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
    let asked = text(header::RETRY_AFTER)?.trim();
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let instant = |text: &str| jiff::fmt::rfc2822::parse(text).ok().map(|at| at.timestamp());
    let left = instant(asked)?.duration_since(instant(text(header::DATE)?)?);
    Duration::try_from(left).ok()
}

fn from_status(status: StatusCode, retry_after: Option<Duration>, body: &[u8]) -> Error {
    let code = status.as_u16();
    match code {
        401 | 403 => Error::KeyRefused,
        404 if contains(body, b"User=") => Error::NoUser,
        404 | 405 => Error::NotFound(code),
        429 => Error::RateLimited { retry_after },
        503 if contains(body, b"no_db_connection") => Error::NoDatabase,
        400 if contains(body, b"plain HTTP request was sent to HTTPS") => {
            Error::Unreachable(SPEAKS_TLS)
        }
        400..=499 => Error::Rejected(code),
        500..=599 => Error::Failed(code),
        _ => Error::UnexpectedStatus(code),
    }
}

/// Whether a body begins and ends as JSON does: cheap, and enough to tell a page of a proxy or
/// half an answer from a whole one.
fn is_whole(body: &[u8]) -> bool {
    let body = body.trim_ascii();
    match (body.first(), body.last()) {
        (Some(b'{'), Some(end)) => *end == b'}',
        (Some(b'['), Some(end)) => *end == b']',
        (Some(b'"'), Some(end)) => *end == b'"',
        (Some(first), _) => first.is_ascii_alphanumeric() || *first == b'-',
        (None, _) => false,
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// What went wrong below HTTP, told by the kind of the failure; its text holds the address.
fn from_transport(error: &reqwest::Error) -> Error {
    if error.is_timeout() {
        return Error::Timeout;
    }
    let mut io_kind = None;
    let mut cause = error.source();
    while let Some(inner) = cause {
        io_kind = inner.downcast_ref::<std::io::Error>().map(std::io::Error::kind).or(io_kind);
        cause = inner.source();
    }
    if error.is_connect() {
        let text = format!("{error:?}");
        if text.contains("UnknownIssuer") {
            return Error::Unreachable(UNKNOWN_AUTHORITY);
        }
        return Error::Unreachable(match io_kind {
            Some(std::io::ErrorKind::ConnectionRefused) => "connection refused",
            Some(std::io::ErrorKind::ConnectionReset) => "connection reset",
            Some(std::io::ErrorKind::TimedOut) => return Error::Timeout,
            _ if text.contains("dns error") => "its name is not found",
            _ if text.contains("InvalidContentType") => SPEAKS_NO_TLS,
            _ if text.contains("certificate") || text.contains("Certificate") => {
                "its TLS certificate is not accepted"
            }
            _ => "no connection",
        });
    }
    if error.is_redirect() {
        return Error::UnexpectedStatus(302);
    }
    if error.is_builder() {
        return Error::Setup("the request cannot be built");
    }
    let text = format!("{error:?}");
    if text.contains("Parse(Version)") || text.contains("invalid HTTP version") {
        return Error::Unreachable(SPEAKS_TLS);
    }
    Error::Broken
}

/// Works on an answer's bytes away from the threads that serve requests.
pub(super) async fn parse<T: Send + 'static>(
    body: Bytes,
    read: impl FnOnce(&[u8]) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    crate::tasks::spawn_blocking(move || read(&body))
        .await
        .unwrap_or(Err(Error::Shape("reading it failed; see the log")))
}
