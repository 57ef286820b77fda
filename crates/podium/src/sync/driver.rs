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
        let usual = pause(inner.settings.refresh, failures, idle > IDLE_AFTER_MS && !listened_to);
        let pause = if listened_to && failures == 0 {
            inner.pace.pause(inner.asked(), started.elapsed()).min(usual)
        } else {
            with_jitter(usual)
        };
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
            () = inner.wake.notified(), if failures == 0 => {
                // Requests may be pushed many times a second.
                let least = inner.pace.least_pause(inner.asked(), started.elapsed());
                tokio::select! {
                    () = cancel.cancelled() => return,
                    () = tokio::time::sleep(least) => {}
                }
            }
        }
    }
}

/// The period, longer while nobody is looking. A gateway that fails is looked at each period, so that
/// figures are fresh again soon after it is back.
fn pause(refresh: Duration, failures: u32, idle: bool) -> Duration {
    refresh * if idle && failures == 0 { IDLE_FACTOR } else { 1 }
}

/// Within a tenth, so that several Podiums do not ask at the same moments.
fn with_jitter(pause: Duration) -> Duration {
    pause.mul_f64(0.95 + 0.1 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gateway_that_fails_is_looked_at_each_period() {
        let period = Duration::from_secs(30);
        assert_eq!([1, 5, 100].map(|failures| pause(period, failures, true)), [period; 3]);
    }

    #[test]
    fn nobody_looking_means_fewer_looks() {
        assert_eq!(pause(Duration::from_secs(30), 0, true), Duration::from_secs(120));
    }
}
