//! Reads wanted days, checks them and stores them.

use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::keep_up::{is_stored, knows_names};
use super::queue::Work;
use super::verify::discrepancy;
use super::{Error, Inner};
use crate::gateway::DayReading;
use crate::store::{DayState, Discrepancy};
use crate::usage::{Day, DayRange, DayUsage, Totals};

/// How often a day is read before it is stored as unverified.
const READS: u32 = 3;

/// Works until `cancel`.
pub(super) async fn run(inner: Arc<Inner>, cancel: CancellationToken) {
    loop {
        let work = tokio::select! {
            () = cancel.cancelled() => return,
            work = inner.queue.take() => work,
        };
        let done = async {
            match work {
                Work::Day(day) => inner.work_on_day(day).await,
                Work::Block(block) => inner.work_on_block(block).await,
            }
        };
        tokio::select! {
            () = cancel.cancelled() => return,
            () = done => {}
        }
    }
}

impl Inner {
    async fn work_on_day(&self, day: Day) {
        let outcome = self.read_day(day).await;
        if let Err(error) = &outcome {
            self.give_up_if_all_is_lost(error);
        }
        self.queue.finish(day, &outcome);
    }

    /// Sorts unread days into empty ones, which are done, and those to be read; where the
    /// gateway cannot tell totals, reads as many whole days as one small answer holds.
    async fn work_on_block(&self, block: DayRange) {
        let outcome = match self.heard(self.source.totals(block).await) {
            Ok(Some(totals)) => {
                for day in block.newest_first() {
                    if totals.contains_key(&day) {
                        self.queue.put_back(day, true);
                    } else {
                        let stored = self.store_day(DayUsage::empty(day), None).await;
                        self.queue.finish(day, &stored);
                    }
                }
                return;
            }
            Ok(None) => self.read_newest_days(block).await,
            Err(error) => Err(Error::Usage(error)),
        };
        if let Err(error) = &outcome {
            self.give_up_if_all_is_lost(error);
            for day in block.newest_first() {
                self.queue.finish(day, &outcome);
            }
        }
    }

    async fn read_newest_days(&self, block: DayRange) -> Result<(), Error> {
        let readings = self.heard(self.source.newest_days(block).await).map_err(Error::Usage)?;
        let read = readings.len();
        for reading in readings {
            let day = reading.usage.day;
            let outcome = if discrepancy(&reading).is_some() {
                self.read_day(day).await
            } else {
                self.store_day(reading.usage, None).await
            };
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

    /// Reads a day until its sums agree, at most a few times, and stores it.
    pub(super) async fn read_day(&self, day: Day) -> Result<(), Error> {
        let mut earlier: Option<Totals> = None;
        for read in 1.. {
            let started = Instant::now();
            let reading = self.heard(self.source.day(day).await).map_err(Error::Usage)?;
            if day == self.clock.today() {
                self.pace.read_in_full(started.elapsed());
            }
            let totals = reading.usage.totals();
            let mismatch = self.mismatch(&reading, &totals, earlier.as_ref()).await?;
            if mismatch.is_some() && read < READS {
                earlier = Some(totals);
                continue;
            }
            if let Some(Discrepancy { read, gateway }) = &mismatch {
                let implausible = reading.implausible;
                tracing::warn!(%day, ?read, ?gateway, implausible, "the day's sums do not agree");
            }
            let reader = self.store.read().await;
            let now = self.clock.now();
            if mismatch.is_none()
                && is_stored(reader.as_ref(), day, &totals, now)
                && reader.day_state(day).is_some_and(|state| state.discrepancy.is_none())
                && knows_names(reader.as_ref(), &reading.usage)
            {
                return Ok(self.store.mark_checked(&[day], now).await?);
            }
            return self.store_day(reading.usage, mismatch).await;
        }
        Ok(())
    }

    /// What is wrong with a reading. One that came in several answers is also compared with
    /// the totals that hold now, since rows may have come between them; where the gateway
    /// cannot tell those, with an earlier reading.
    async fn mismatch(
        &self,
        reading: &DayReading,
        read: &Totals,
        earlier: Option<&Totals>,
    ) -> Result<Option<Discrepancy>, Error> {
        let found = discrepancy(reading);
        if found.is_some() || reading.pages == 1 {
            return Ok(found);
        }
        let day = reading.usage.day;
        let told =
            self.heard(self.source.totals(DayRange::single(day)).await).map_err(Error::Usage)?;
        let now = match told {
            Some(mut totals) => totals.remove(&day).unwrap_or_default(),
            None => earlier.cloned().unwrap_or_default(),
        };
        Ok((!read.matches(&now)).then_some(Discrepancy { read: read.day, gateway: now.day }))
    }

    pub(super) async fn store_day(
        &self,
        usage: DayUsage,
        discrepancy: Option<Discrepancy>,
    ) -> Result<(), Error> {
        let now = self.clock.now();
        if usage.day == Day::of(now) {
            self.pace.moved();
        }
        let state =
            DayState { fetched_at: now, checked_at: now, has_usage: usage.has_usage, discrepancy };
        self.store.replace_day(usage, state).await.map_err(|error| {
            tracing::error!(%error, "a day could not be stored");
            Error::from(error)
        })
    }
}
