//! What serving may cost.

use std::time::Duration;

use super::duration;
use super::faults::Faults;

/// Limits of serving.
#[derive(Clone, Copy, Debug)]
pub struct Serving {
    /// How long somebody waits for an answer that is being computed.
    pub answer_timeout: Duration,
    /// All kept answers together have at most so many bytes.
    pub cache_bytes: u64,
    /// How many connections there are at most.
    pub connections: usize,
    /// How long a client may take to send the head of a request.
    pub head_timeout: Duration,
    /// How long a client may be silent within the body of a request.
    pub body_timeout: Duration,
    /// How many bytes a pushed batch may have, unpacked.
    pub ingest_bytes: usize,
    /// How many names of each kind have metrics of their own.
    pub metrics_top: usize,
}

impl Default for Serving {
    fn default() -> Self {
        Self {
            answer_timeout: Duration::from_secs(10),
            cache_bytes: 64 << 20,
            connections: 4_096,
            head_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(30),
            ingest_bytes: 32 << 20,
            metrics_top: 50,
        }
    }
}

pub(super) fn serving(faults: &mut Faults<'_>) -> Serving {
    let usual = Serving::default();
    let answer_timeout = faults.parsed("PODIUM_ANSWER_TIMEOUT", "a time of at least 1s", |text| {
        duration::parse(text).filter(|time| *time >= Duration::from_secs(1))
    });
    let megabytes = |text: &str, most: u64| {
        text.parse::<u64>().ok().filter(|size| (1..=most).contains(size)).map(|size| size << 20)
    };
    let cache_bytes =
        faults.parsed("PODIUM_CACHE_MB", "a size from 1 to 65536", |text| megabytes(text, 65_536));
    let ingest_bytes = faults.parsed("PODIUM_INGEST_MAX_MB", "a size from 1 to 1024", |text| {
        megabytes(text, 1_024).and_then(|bytes| usize::try_from(bytes).ok())
    });
    let connections = faults.parsed("PODIUM_MAX_CONNECTIONS", "a number of at least 16", |text| {
        text.parse::<usize>().ok().filter(|most| (16..=1_000_000).contains(most))
    });
    let metrics_top = faults.parsed("PODIUM_METRICS_TOP", "a number from 0 to 1000", |text| {
        text.parse::<usize>().ok().filter(|names| *names <= 1_000)
    });
    Serving {
        metrics_top: metrics_top.unwrap_or(usual.metrics_top),
        answer_timeout: answer_timeout.unwrap_or(usual.answer_timeout),
        cache_bytes: cache_bytes.unwrap_or(usual.cache_bytes),
        connections: connections.unwrap_or(usual.connections),
        ingest_bytes: ingest_bytes.unwrap_or(usual.ingest_bytes),
        ..usual
    }
}
