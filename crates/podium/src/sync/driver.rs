//! Runs the look at what moved: again and again, never twice at once.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::Inner;
use super::keep_up::Thoroughness;

/// After this long without a question, looks become rarer.
const IDLE_AFTER_MS: i64 = 600_000;
/// How much rarer.
const IDLE_FACTOR: u32 = 4;
/// The pause while somebody listens to changes.
const LIVE: Duration = Duration::from_secs(1);
/// A look that took the gateway a while is followed by a pause of so many times that.
const LIVE_REST: u32 = 2;
/// The longest pause after failures, unless the period itself is longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Follows the gateway until `cancel`.
pub(super) async fn run(inner: Arc<Inner>, cancel: CancellationToken) {
    let mut failures = 0;
    loop {
        let started = Instant::now();
        let run = tokio::select! {
            () = cancel.cancelled() => return,
            run = inner.keep_up(Thoroughness::WhatIsDue) => run,
        };
        let now = inner.clock.now();
        failures = match run {
            Ok(()) => {
                inner.status().in_step_at = Some(now);
                0
            }
            Err(error) => {
                tracing::debug!(%error, failures, "could not look at what moved");
                failures + 1
            }
        };
        inner.status().last_run_at = Some(now);
        let idle = now.as_millisecond() - inner.last_question_ms.load(Ordering::Relaxed);
        let listened_to = inner.listeners.load(Ordering::Relaxed) > 0;
        let refresh = pace(inner.settings.refresh, listened_to, started.elapsed());
        let pause = pause(refresh, failures, idle > IDLE_AFTER_MS && !listened_to);
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(with_jitter(pause)) => {}
            () = inner.wake.notified(), if failures == 0 => {}
        }
    }
}

/// How often to look: while somebody listens, as often as a live board needs and as looks that
/// took so long allow.
pub(super) fn pace(refresh: Duration, listened_to: bool, took: Duration) -> Duration {
    if listened_to { LIVE.max(took * LIVE_REST).min(refresh) } else { refresh }
}

/// The period; longer while nobody is looking, doubling with each failure.
fn pause(refresh: Duration, failures: u32, idle: bool) -> Duration {
    if failures > 0 {
        let longest = LONGEST_PAUSE.min(refresh * 10).max(refresh);
        return refresh.saturating_mul(1 << (failures - 1).min(16)).min(longest);
    }
    refresh * if idle { IDLE_FACTOR } else { 1 }
}

/// Within a tenth, so that several Podiums do not ask at the same moments.
fn with_jitter(pause: Duration) -> Duration {
    pause.mul_f64(0.95 + 0.1 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_lengthen_the_pause_up_to_a_limit() {
        let second = Duration::from_secs(1);
        let pauses = [0, 1, 2, 3, 9].map(|failures| pause(second, failures, false).as_secs());
        assert_eq!(pauses, [1, 1, 2, 4, 10]);
        assert_eq!(pause(30 * second, 9, false), LONGEST_PAUSE);
        assert_eq!(pause(300 * second, 9, false), 300 * second);
    }

    #[test]
    fn nobody_looking_means_fewer_looks() {
        assert_eq!(pause(Duration::from_secs(30), 0, true), Duration::from_secs(120));
    }
}
