//! Sends finished spans to a collector, in the background: whoever answers requests never waits for
//! it. While the collector is away, a bounded number of spans is kept and the rest dropped.

use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use reqwest::StatusCode;
use reqwest::header::{self, HeaderValue};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::protobuf;
use super::queue::Queue;
use super::settings::Otlp;
use super::spans::Traces;

/// How long connecting may take.
const CONNECT: Duration = Duration::from_secs(5);
/// The first pause after a failure, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));
/// Trouble that lasts is told again after this.
const TOLD_EVERY: Duration = Duration::from_secs(600);

/// Sends spans, once it is started.
#[derive(Debug)]
pub struct Exporter {
    queue: Arc<Queue>,
    client: reqwest::Client,
    otlp: Otlp,
    resource: Vec<u8>,
}

/// An exporter at work.
#[derive(Debug)]
pub struct Exporting {
    ending: CancellationToken,
    done: JoinHandle<()>,
}

/// Why spans were not taken.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("the collector cannot be reached; see OTEL_EXPORTER_OTLP_ENDPOINT")]
    Unreachable,
    #[error("the collector does not answer in time")]
    Timeout,
    #[error("the collector answers with status {0}")]
    Refused(u16),
}

impl Failure {
    /// Whether the same may be taken later.
    fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable | Self::Timeout | Self::Refused(429 | 502 | 503 | 504))
    }
}

impl Exporter {
    /// The layer that records spans, and what sends them. None where the HTTP client does not start.
    pub fn new(otlp: Otlp) -> Option<(Traces, Self)> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .user_agent(concat!("podium/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT.min(otlp.timeout))
            .timeout(otlp.timeout)
            // Headers may be secrets, which go nowhere else.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .ok()?;
        let queue = Arc::new(Queue::new(otlp.most_waiting, otlp.batch));
        let traces = Traces::new(Arc::clone(&queue), otlp.sampler);
        let resource = protobuf::resource(&otlp.resource);
        Some((traces, Self { queue, client, otlp, resource }))
    }

    /// Sends from now on.
    pub fn start(self) -> Exporting {
        let ending = CancellationToken::new();
        let done = tokio::spawn(self.run(ending.clone()));
        Exporting { ending, done }
    }

    async fn run(self, ending: CancellationToken) {
        let mut trouble = Trouble::default();
        loop {
            let is_last = ending.is_cancelled();
            self.send_waiting(&mut trouble, &ending).await;
            trouble.tell_lost(self.queue.take_lost());
            if is_last {
                return;
            }
            tokio::select! {
                () = tokio::time::sleep(self.otlp.delay) => {}
                () = self.queue.filled() => {}
                () = ending.cancelled() => {}
            }
        }
    }

    /// Sends all that waits, as long as it is taken.
    async fn send_waiting(&self, trouble: &mut Trouble, ending: &CancellationToken) {
        loop {
            let spans = self.queue.take();
            if spans.is_empty() {
                return;
            }
            let body = protobuf::request(&self.resource, &spans);
            if !self.deliver(body, trouble, ending).await {
                self.queue.lose(spans.len());
                return;
            }
        }
    }

    /// Sends one request, again and again while that may help. At the end there is one try.
    async fn deliver(
        &self,
        body: Vec<u8>,
        trouble: &mut Trouble,
        ending: &CancellationToken,
    ) -> bool {
        let body = if self.otlp.is_compressed { compressed(&body).unwrap_or(body) } else { body };
        let mut pause = PAUSES.0;
        loop {
            let failure = match self.send(body.clone()).await {
                Ok(()) => {
                    trouble.is_over();
                    return true;
                }
                Err(failure) => failure,
            };
            trouble.note(&failure);
            if !failure.may_pass() || ending.is_cancelled() {
                return false;
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = ending.cancelled() => {}
            }
            trouble.tell_lost(self.queue.take_lost());
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    async fn send(&self, body: Vec<u8>) -> Result<(), Failure> {
        const KIND: HeaderValue = HeaderValue::from_static("application/x-protobuf");
        let mut request = self
            .client
            .post(self.otlp.endpoint.clone())
            .headers(self.otlp.headers.clone())
            .header(header::CONTENT_TYPE, KIND);
        if self.otlp.is_compressed {
            request = request.header(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        let answer = request.body(body).send().await.map_err(|error| {
            if error.is_timeout() { Failure::Timeout } else { Failure::Unreachable }
        })?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(Failure::Refused(StatusCode::as_u16(&status))),
        }
    }
}

fn compressed(body: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(body).ok()?;
    encoder.finish().ok()
}

impl Exporting {
    /// Sends what still waits, within `grace`.
    pub async fn finish(self, grace: Duration) {
        self.ending.cancel();
        let abort = self.done.abort_handle();
        if tokio::time::timeout(grace, self.done).await.is_err() {
            abort.abort();
        }
    }
}

/// What was told of trouble, so that it is told at intervals.
#[derive(Debug, Default)]
struct Trouble {
    is_failing: bool,
    /// Whether it was told that it is failing.
    is_told: bool,
    told_at: Option<Instant>,
    lost: u64,
}

impl Trouble {
    /// Whether it is time to tell of it, which is noted.
    fn is_due(&mut self) -> bool {
        let is_due = self.told_at.is_none_or(|at| at.elapsed() >= TOLD_EVERY);
        if is_due {
            self.told_at = Some(Instant::now());
        }
        is_due
    }

    fn note(&mut self, failure: &Failure) {
        self.is_failing = true;
        if self.is_due() {
            self.is_told = true;
            let dropped = std::mem::take(&mut self.lost);
            tracing::warn!(error = %failure, dropped, "traces cannot be sent");
        }
    }

    fn tell_lost(&mut self, lost: u64) {
        self.lost += lost;
        if self.lost > 0 && !self.is_failing && self.is_due() {
            let dropped = std::mem::take(&mut self.lost);
            tracing::warn!(dropped, "more spans came than the collector takes; some were dropped");
        }
    }

    fn is_over(&mut self) {
        self.is_failing = false;
        if std::mem::take(&mut self.is_told) {
            let dropped = std::mem::take(&mut self.lost);
            tracing::info!(dropped, "traces are sent again");
        }
    }
}
