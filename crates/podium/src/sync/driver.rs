//! Does work again and again, never twice at once. What it is and how often is left to the work.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::error::Error;
use crate::clock::Clock;
use crate::telemetry::TRACED;

/// Work that is done again and again: idempotent, and without input.
pub(super) trait Recurring: Send + Sync + 'static {
    const NAME: &'static str;

    /// What a run that went well tells of itself.
    type Done: Send + Sync;

    fn run(&self) -> impl Future<Output = Result<Self::Done, Error>> + Send;

    /// How long to wait after a run that began so long ago.
    fn pause(&self, done: &Result<Self::Done, Error>, since: Duration) -> Duration;

    /// Ends once somebody calls for a run before the pause is over. Nobody is heard after a run
    /// that failed.
    fn called_for(&self) -> impl Future<Output = ()> + Send;

    /// How long to wait even so, after a run that began so long ago.
    fn least_pause(&self, _since: Duration) -> Duration {
        Duration::ZERO
    }
}

/// Does `work` until `cancel`.
pub(super) async fn run(
    work: Arc<impl Recurring>,
    clock: Arc<dyn Clock>,
    cancel: CancellationToken,
) {
    cancel.run_until_cancelled(follow(work.as_ref(), clock.as_ref())).await.unwrap_or(())
}

async fn follow<W: Recurring>(work: &W, clock: &dyn Clock) {
    let mut failures = 0_u32;
    loop {
        let started = clock.moment();
        let run = tracing::info_span!(target: TRACED, "run", otel.name = W::NAME);
        let done = work.run().instrument(run).await;
        match &done {
            Ok(_) => failures = 0,
            Err(error) => {
                tracing::debug!(%error, failures, work = W::NAME, "a run failed");
                failures += 1;
            }
        }
        tokio::select! {
            () = tokio::time::sleep(work.pause(&done, clock.since(started))) => {}
            () = work.called_for(), if failures == 0 => {
                tokio::time::sleep(work.least_pause(clock.since(started))).await;
            }
        }
    }
}
