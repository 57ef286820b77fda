//! Runs the look at what moved: again and again, never twice at once.

use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::following::Following;

/// Follows the gateway until `cancel`.
pub(super) async fn run(following: Arc<Following>, cancel: CancellationToken) {
    let mut failures = 0;
    loop {
        let started = Instant::now();
        let run = tokio::select! {
            () = cancel.cancelled() => return,
            run = following.look(failures) => run,
        };
        failures = if run.is_ok() { 0 } else { failures + 1 };
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(following.pause(failures, started.elapsed())) => {}
            () = following.called_for(), if failures == 0 => {
                let least = following.least_pause(started.elapsed());
                tokio::select! {
                    () = cancel.cancelled() => return,
                    () = tokio::time::sleep(least) => {}
                }
            }
        }
    }
}
