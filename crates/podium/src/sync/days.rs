//! Reads single days until they are beyond doubt, and stores them.
//!
//! Which days are read, and when, is left to the others.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

use super::error::Error;
use super::pace::Pace;
use super::upstream::Upstream;
use super::verify::discrepancy;
use crate::clock::Clock;
use crate::gateway::DayReading;
use crate::store::{DayState, Discrepancy, Reader, Store};
use crate::usage::{Day, DayRange, DayUsage, Totals};

/// How often a day is read before it is stored as unverified.
const READS: u32 = 3;
/// An unverified day is read again after this long, even if its totals stand still.
const DOUBT_LASTS: Duration = Duration::from_secs(300);
/// Totals of so many days are asked for at once.
const MONTH_DAYS: u32 = 31;
/// A day is sealed two days after its end.
const UNSEALED_DAYS: u32 = 3;

/// The way from the gateway into the store, for days.
#[derive(Debug)]
pub(super) struct Days {
    upstream: Arc<Upstream>,
    store: Store,
    clock: Arc<dyn Clock>,
    pace: Arc<Pace>,
    /// Days read in full since the start.
    read: AtomicU64,
}

impl Days {
    pub(super) fn new(
        upstream: Arc<Upstream>,
        store: Store,
        clock: Arc<dyn Clock>,
        pace: Arc<Pace>,
    ) -> Self {
        Self { upstream, store, clock, pace, read: AtomicU64::new(0) }
    }

    /// The days of `range` that were never read, newest first.
    pub(super) async fn missing(&self, range: DayRange) -> Vec<Day> {
        let reader = self.store.read();
        let Some(range) = since_beginning(&reader, range) else {
            return Vec::new();
        };
        range.newest_first().filter(|day| reader.ledger.day_state(*day).is_none()).collect()
    }

    /// The days of `range` on which the gateway may have usage.
    pub(super) async fn since_beginning(&self, range: DayRange) -> Option<DayRange> {
        since_beginning(&self.store.read(), range)
    }

    /// Whether `day` was read.
    pub(super) async fn is_known(&self, day: Day) -> bool {
        self.store.ledger.state().day_state(day).is_some()
    }

    /// How many days of `range` are stored.
    pub(super) async fn stored_count(&self, range: DayRange) -> usize {
        self.store.ledger.state().stored_days(range).len()
    }

    /// How many days were read in full since the start.
    pub(super) fn read_count(&self) -> u64 {
        self.read.load(Ordering::Relaxed)
    }

    /// Whether what is read now could not be kept.
    pub(super) fn are_read_in_vain(&self) -> bool {
        self.store.ledger.health().is_reading_in_vain()
    }

    /// Reads a day until its sums agree, at most a few times, and stores it.
    pub(super) async fn read(&self, day: Day) -> Result<(), Error> {
        let mut earlier: Option<Totals> = None;
        for read in 1.. {
            let reading = self.reading(day).await?;
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
            return self.keep(reading, &totals, mismatch).await;
        }
        Ok(())
    }

    async fn reading(&self, day: Day) -> Result<DayReading, Error> {
        let started = self.clock.moment();
        let reading = self.upstream.day(day).await?;
        self.read.fetch_add(1, Ordering::Relaxed);
        if day == self.clock.today() {
            self.pace.read_in_full(self.clock.since(started));
        }
        Ok(reading)
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
        let now = match self.upstream.totals(DayRange::single(day)).await? {
            Some(mut totals) => totals.remove(&day).unwrap_or_default(),
            None => earlier.cloned().unwrap_or_default(),
        };
        Ok((!read.matches(&now)).then_some(Discrepancy { read: read.day, gateway: now.day }))
    }

    /// Stores a reading, or only that it was compared where nothing is other than it was.
    async fn keep(
        &self,
        reading: DayReading,
        totals: &Totals,
        mismatch: Option<Discrepancy>,
    ) -> Result<(), Error> {
        let day = reading.usage.day;
        let reader = self.store.read();
        let now = self.clock.now();
        if mismatch.is_none()
            && is_stored(&reader, day, totals, now)
            && reader.ledger.day_state(day).is_some_and(|state| state.discrepancy.is_none())
            && knows_names(&reader, &reading.usage)
        {
            return Ok(self.store.ledger.mark_checked(&[day], now).await?);
        }
        self.store_day(reading.usage, mismatch).await
    }

    /// Stores a reading that is no part of several; one whose sums do not agree is read again.
    pub(super) async fn take(&self, reading: DayReading) -> Result<(), Error> {
        if discrepancy(&reading).is_some() {
            self.read(reading.usage.day).await
        } else {
            self.store_day(reading.usage, None).await
        }
    }

    /// Stores those of `readings` that are other than what is stored, and returns the days whose
    /// sums do not agree.
    pub(super) async fn take_changed(&self, readings: Vec<DayReading>) -> Result<Vec<Day>, Error> {
        let reader = self.store.read();
        let now = self.clock.now();
        let (mut in_doubt, mut unchanged) = (Vec::new(), Vec::new());
        for reading in readings {
            let (day, usage) = (reading.usage.day, &reading.usage);
            let same_names = knows_names(&reader, usage);
            if discrepancy(&reading).is_some() {
                in_doubt.push(day);
            } else if same_names && is_stored(&reader, day, &usage.totals(), now) {
                unchanged.push(day);
            } else {
                self.store_day(reading.usage, None).await?;
            }
        }
        self.mark_checked(&unchanged, now).await?;
        Ok(in_doubt)
    }

    /// Notes which days are as the gateway says, stores those that turned out empty, and
    /// returns the others.
    pub(super) async fn compare(
        &self,
        range: DayRange,
        totals: &BTreeMap<Day, Totals>,
    ) -> Result<Vec<Day>, Error> {
        let reader = self.store.read();
        let now = self.clock.now();
        let (mut unchanged, mut moved, mut empty) = (Vec::new(), Vec::new(), Vec::new());
        for day in range.newest_first() {
            match (reader.ledger.day_state(day), totals.get(&day)) {
                (None, None) => empty.push(day),
                (Some(state), None) if !state.has_usage => unchanged.push(day),
                (Some(_), Some(totals)) if is_stored(&reader, day, totals, now) => {
                    unchanged.push(day);
                }
                _ => moved.push(day),
            }
        }
        for day in empty {
            self.store_empty(day).await?;
        }
        self.mark_checked(&unchanged, now).await?;
        Ok(moved)
    }

    /// Notes that nothing was used on `day`.
    pub(super) async fn store_empty(&self, day: Day) -> Result<(), Error> {
        self.store_day(DayUsage::empty(day), None).await
    }

    async fn mark_checked(&self, days: &[Day], now: Timestamp) -> Result<(), Error> {
        if !days.is_empty() {
            self.store.ledger.mark_checked(days, now).await?;
        }
        Ok(())
    }

    async fn store_day(
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
        self.store.facts.replace_day(usage, state).await.map_err(|error| {
            tracing::error!(%error, "a day could not be stored");
            Error::from(error)
        })
    }
}

/// The days that may still move: those that ended less than two days ago, and today.
pub(super) fn unsealed(now: Timestamp) -> DayRange {
    DayRange::ending(Day::of(now), UNSEALED_DAYS)
}

/// The last month of `range`: as many days as the gateway is asked the totals of at once.
pub(super) fn last_month(range: DayRange) -> DayRange {
    range.newest(MONTH_DAYS)
}

/// `range` in months, newest first.
pub(super) fn months(range: DayRange) -> impl Iterator<Item = DayRange> {
    std::iter::successors(Some(last_month(range)), move |month| {
        let last = month.first().previous()?;
        DayRange::new(range.first(), last).map(last_month)
    })
}

fn since_beginning(reader: &Reader, range: DayRange) -> Option<DayRange> {
    range.from(reader.ledger.empty_before().unwrap_or(range.first()))
}

/// Whether the names of keys in `usage` are those that are known.
fn knows_names(reader: &Reader, usage: &DayUsage) -> bool {
    let mut names = usage.key_aliases.iter();
    names.all(|(key, alias)| reader.ledger.key_alias(key).as_deref() == Some(alias.as_str()))
}

/// Whether `day` is stored with these totals, beyond doubt.
fn is_stored(reader: &Reader, day: Day, totals: &Totals, now: Timestamp) -> bool {
    let doubted_long = reader.ledger.day_state(day).is_some_and(|state| {
        state.discrepancy.is_some()
            && now.duration_since(state.fetched_at).unsigned_abs() > DOUBT_LASTS
    });
    !doubted_long
        && !reader.ledger.lacks_facets(day)
        && reader.totals(day).is_some_and(|stored| stored.matches(totals))
}
