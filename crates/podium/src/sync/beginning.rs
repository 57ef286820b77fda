//! Learns where the gateway's usage begins, so that years without usage cost two questions.

use std::sync::Arc;

use tokio::sync::Mutex as AsyncMutex;

use super::error::Error;
use super::upstream::Upstream;
use crate::clock::Clock;
use crate::store::Ledger;
use crate::usage::{Day, DayRange};

/// The search for the first day with usage.
#[derive(Debug)]
pub(super) struct Beginning {
    upstream: Arc<Upstream>,
    ledger: Arc<dyn Ledger>,
    clock: Arc<dyn Clock>,
    /// Held while it is looked for.
    search: AsyncMutex<()>,
}

impl Beginning {
    pub(super) fn new(
        upstream: Arc<Upstream>,
        ledger: Arc<dyn Ledger>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { upstream, ledger, clock, search: AsyncMutex::default() }
    }

    /// Returns once the store knows before which day the gateway has nothing.
    pub(super) async fn find(&self) -> Result<(), Error> {
        let _one_at_a_time = self.search.lock().await;
        if self.ledger.state().empty_before().is_some() {
            return Ok(());
        }
        let today = self.clock.today();
        let all =
            DayRange::new(Day::FIRST_WITH_DAY_BEFORE, today).unwrap_or(DayRange::single(today));
        let oldest = self.upstream.oldest_day(all).await?;
        self.ledger.set_empty_before(oldest.unwrap_or(today)).await?;
        Ok(())
    }
}
