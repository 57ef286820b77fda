//! One look at what moved: an idempotent run without input.

use std::sync::Arc;

use tokio::sync::Mutex as AsyncMutex;

use super::audit::Auditing;
use super::backfill::Backfilling;
use super::days::unsealed;
use super::error::Error;
use super::moving::MovingDays;
use super::teams::Teams;
use crate::clock::Clock;

/// All that a look looks at.
#[derive(Debug)]
pub(super) struct Looks {
    clock: Arc<dyn Clock>,
    teams: Arc<Teams>,
    moving: MovingDays,
    backfilling: Arc<Backfilling>,
    audits: Arc<Auditing>,
    /// Held during a look, so that there is one at a time.
    look: AsyncMutex<()>,
}

/// Whether questions that are dear to the gateway are asked before they are due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Thoroughness {
    WhatIsDue,
    Everything,
}

impl Looks {
    pub(super) fn new(
        clock: Arc<dyn Clock>,
        teams: Arc<Teams>,
        moving: MovingDays,
        backfilling: Arc<Backfilling>,
        audits: Arc<Auditing>,
    ) -> Self {
        Self { clock, teams, moving, backfilling, audits, look: AsyncMutex::default() }
    }

    /// Brings teams and the days that may still move up to date, and hands out the back-fill.
    pub(super) async fn look(&self, thoroughness: Thoroughness) -> Result<(), Error> {
        let _one_at_a_time = self.look.lock().await;
        if thoroughness == Thoroughness::Everything {
            self.teams.expire();
            self.moving.expire().await;
        }
        self.teams.refresh().await?;
        let unsealed = unsealed(self.clock.now());
        self.moving.refresh(unsealed).await?;
        self.backfilling.hand_out(unsealed).await?;
        self.backfilling.note_progress(self.clock.today()).await;
        self.teams.name_models().await?;
        self.audits.audit_in_turn().await
    }
}
