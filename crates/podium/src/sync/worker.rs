//! Has wanted days read: two workers take them from the queue.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tracing::Instrument as _;

use super::days::Days;
use super::error::Error;
use super::queue::{Queue, Work};
use super::upstream::Upstream;
use crate::telemetry::TRACED;
use crate::usage::{Day, DayRange};

/// What all workers share.
#[derive(Debug)]
pub(super) struct Workers {
    upstream: Arc<Upstream>,
    days: Arc<Days>,
    queue: Arc<Queue>,
}

impl Workers {
    pub(super) fn new(upstream: Arc<Upstream>, days: Arc<Days>, queue: Arc<Queue>) -> Self {
        Self { upstream, days, queue }
    }

    /// One worker: works until `cancel`.
    pub(super) async fn work(self: Arc<Self>, cancel: CancellationToken) {
        let working = async {
            loop {
                let span = |name| tracing::info_span!(target: TRACED, "read", otel.name = name);
                match self.queue.take().await {
                    Work::Day(day) => self.work_on_day(day).instrument(span("read a day")).await,
                    Work::Block(block) => {
                        self.work_on_block(block).instrument(span("sort out days")).await;
                    }
                }
            }
        };
        cancel.run_until_cancelled(working).await.unwrap_or(())
    }

    async fn work_on_day(&self, day: Day) {
        let outcome = self.days.read(day).await;
        if let Err(error) = &outcome {
            self.give_up_if_all_is_lost(error);
        }
        self.queue.finish(day, &outcome);
    }

    /// Sorts unread days into empty ones, which are done, and those to be read; where the
    /// gateway cannot tell totals, reads as many whole days as one small answer holds.
    async fn work_on_block(&self, block: DayRange) {
        let outcome = match self.upstream.totals(block).await {
            Ok(Some(totals)) => {
                self.sort_out(block, |day| totals.contains_key(&day)).await;
                return;
            }
            Ok(None) => self.read_newest_days(block).await,
            Err(error) => Err(error),
        };
        if let Err(error) = &outcome {
            self.give_up_if_all_is_lost(error);
            for day in block.newest_first() {
                self.queue.finish(day, &outcome);
            }
        }
    }

    async fn sort_out(&self, block: DayRange, has_usage: impl Fn(Day) -> bool) {
        for day in block.newest_first() {
            if has_usage(day) {
                self.queue.put_back(day, true);
            } else {
                let stored = self.days.store_empty(day).await;
                self.queue.finish(day, &stored);
            }
        }
    }

    async fn read_newest_days(&self, block: DayRange) -> Result<(), Error> {
        let readings = self.upstream.newest_days(block).await?;
        let read = readings.len();
        for reading in readings {
            let day = reading.usage.day;
            let outcome = self.days.take(reading).await;
            self.queue.finish(day, &outcome);
        }
        for (i, day) in block.newest_first().skip(read).enumerate() {
            // Not even the newest day fits a small answer: it is read on its own next.
            self.queue.put_back(day, read == 0 && i == 0);
        }
        Ok(())
    }

    /// Where the gateway as a whole is the trouble, nobody else needs to wait for it.
    fn give_up_if_all_is_lost(&self, error: &Error) {
        if let Error::Usage(cause) = error
            && cause.concerns_the_whole_gateway()
        {
            self.queue.give_up_waiting(&Err(error.clone()));
        }
    }
}
