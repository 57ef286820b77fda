//! Questions to the gateway over HTTP: one way for all of them.
//!
//! The key travels only in the `Authorization` header. Every answer is limited in size and
//! in silence, and failures that may pass are asked again, within a budget.

use std::error::Error as _;
use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use bytes::{Bytes, BytesMut};
use reqwest::{StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;
use url::Url;

use super::Error;

/// Where the gateway is, and the key for it.
#[derive(Clone, Debug)]
pub struct Gateway {
    /// Base URL, with or without a path prefix and a trailing slash.
    pub base_url: Url,
    /// The key, sent as `Authorization: Bearer …` and nowhere else.
    pub api_key: SecretString,
    /// Whether it is asked without the proxies of the environment.
    pub direct: bool,
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
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            silence: Duration::from_secs(30),
            total: Duration::from_secs(600),
            answer_bytes: 512 << 20,
            retries: 2,
        }
    }
}

/// Longer than this we do not wait between two tries; the next run of sync asks again.
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// How many retries may be under way or recently used up, over all questions: retries help
/// with a hiccup and harm a gateway that is down. Successes give back what failures took.
const RETRY_BUDGET: u32 = 20;

pub(super) struct Http {
    client: reqwest::Client,
    gateway: Gateway,
    limits: Limits,
    retries_left: AtomicU32,
    /// A big answer stalls the gateway for everyone.
    turns: Semaphore,
    asked: [AtomicU64; QUESTIONS.len()],
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
            .build()
            .map_err(|error| {
                tracing::error!(error = %error.without_url(), "cannot set up the HTTP client");
                Error::Setup("the HTTP client does not start; see the log")
            })?;
        Ok(Self {
            client,
            gateway,
            limits,
            retries_left: AtomicU32::new(RETRY_BUDGET),
            turns: Semaphore::new(AT_ONCE),
            asked: Default::default(),
        })
    }

    /// The body of a successful answer to `GET base/path?query`. Failures that may pass are
    /// asked again a few times, with growing pauses and jitter.
    pub(super) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Bytes, Error> {
        let pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(100))
            .with_max_delay(LONGEST_PAUSE)
            .with_factor(3.0)
            .with_max_times(self.limits.retries)
            .with_jitter();
        let answer = (|| self.get_once(path, query))
            .retry(pauses)
            .when(|error| error.is_transient() && self.take_retry())
            .adjust(|error, pause| match error {
                Error::RateLimited { retry_after: Some(asked) } => {
                    pause.filter(|_| *asked <= LONGEST_PAUSE).map(|pause| pause.max(*asked))
                }
                _ => pause,
            })
            .await;
        if answer.is_ok() {
            self.give_back_retry();
        }
        answer
    }

    /// How often each kind of question was asked, tries again included.
    pub(super) fn questions(&self) -> Vec<(&'static str, u64)> {
        let asked = self.asked.iter().map(|asked| asked.load(Ordering::Relaxed));
        QUESTIONS.iter().map(|(_, name)| *name).zip(asked).collect()
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

    async fn get_once(&self, path: &str, query: &[(&str, &str)]) -> Result<Bytes, Error> {
        let url = self.url(path, query);
        let kind = QUESTIONS.iter().position(|(beginning, _)| path.starts_with(beginning));
        if let Some(asked) = kind.and_then(|kind| self.asked.get(kind)) {
            asked.fetch_add(1, Ordering::Relaxed);
        }
        let is_big = kind.is_some_and(|kind| kind < BIG_QUESTIONS)
            && !query.contains(&("api_key_limit", "1"));
        let _turn = if is_big { self.turns.acquire().await.ok() } else { None };
        let started = std::time::Instant::now();
        let answer = self.exchange(url).await;
        let took_ms = started.elapsed().as_millis();
        match &answer {
            Ok(body) => tracing::debug!(path, took_ms, bytes = body.len(), "gateway answered"),
            Err(error) => tracing::debug!(path, took_ms, %error, "gateway failed"),
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

    async fn exchange(&self, url: Url) -> Result<Bytes, Error> {
        let response = self
            .client
            .get(url)
            .bearer_auth(self.gateway.api_key.expose_secret())
            .header(header::ACCEPT, "application/json")
            .send()
            .await
            .map_err(|error| from_transport(&error))?;
        let status = response.status();
        let retry_after = retry_after(&response);
        let body = self.read_body(response).await;
        if status.is_success() {
            // Found here, a torn answer is asked for again.
            return body
                .and_then(|body| if is_whole(&body) { Ok(body) } else { Err(Error::NotJson) });
        }
        Err(from_status(status, retry_after, &body.unwrap_or_default()))
    }

    async fn read_body(&self, mut response: reqwest::Response) -> Result<Bytes, Error> {
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| from_transport(&error))? {
            if body.len() + chunk.len() > self.limits.answer_bytes {
                return Err(Error::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }
}

fn retry_after(response: &reqwest::Response) -> Option<Duration> {
    let seconds = response.headers().get(header::RETRY_AFTER)?.to_str().ok()?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

fn from_status(status: StatusCode, retry_after: Option<Duration>, body: &[u8]) -> Error {
    let code = status.as_u16();
    match code {
        401 | 403 => Error::KeyRefused,
        404 | 405 => Error::NotFound(code),
        429 => Error::RateLimited { retry_after },
        503 if contains(body, b"no_db_connection") => Error::NoDatabase,
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
        return Error::Unreachable(match io_kind {
            Some(std::io::ErrorKind::ConnectionRefused) => "connection refused",
            Some(std::io::ErrorKind::ConnectionReset) => "connection reset",
            Some(std::io::ErrorKind::TimedOut) => return Error::Timeout,
            _ if text.contains("dns error") => "its name is not found",
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
    Error::Broken
}

/// Works on an answer's bytes away from the threads that serve requests.
pub(super) async fn parse<T: Send + 'static>(
    body: Bytes,
    read: impl FnOnce(&[u8]) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(move || read(&body))
        .await
        .unwrap_or(Err(Error::Shape("reading it failed; see the log")))
}
