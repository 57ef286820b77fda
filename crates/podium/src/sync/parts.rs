//! The parts of sync, and which knows which.

use std::sync::Arc;

use super::asked::AskedDays;
use super::audience::Audience;
use super::audit::Auditing;
use super::backfill::Backfilling;
use super::beginning::Beginning;
use super::days::Days;
use super::following::Following;
use super::logs::LogReading;
use super::looks::Looks;
use super::moving::MovingDays;
use super::pace::Pace;
use super::pushed::Intake;
use super::queue::Queue;
use super::settings::Settings;
use super::teams::Teams;
use super::upstream::Upstream;
use super::worker::Workers;
use crate::clock::Clock;
use crate::gateway::UsageSource;
use crate::store::Store;
use crate::tasks::Tasks;

/// All parts. Each owns its state; those above know none of those below.
#[derive(Debug)]
pub(super) struct SyncParts {
    pub(super) upstream: Arc<Upstream>,
    pub(super) audience: Arc<Audience>,
    pub(super) pace: Arc<Pace>,
    pub(super) queue: Arc<Queue>,
    pub(super) days: Arc<Days>,
    pub(super) teams: Arc<Teams>,
    pub(super) workers: Arc<Workers>,
    pub(super) asked: AskedDays,
    pub(super) audits: Arc<Auditing>,
    pub(super) backfilling: Arc<Backfilling>,
    pub(super) looks: Arc<Looks>,
    pub(super) following: Arc<Following>,
    pub(super) logs: Arc<LogReading>,
    pub(super) pushed: Intake,
}

impl SyncParts {
    pub(super) fn new(
        source: Arc<dyn UsageSource>,
        store: Store,
        clock: Arc<dyn Clock>,
        settings: Settings,
        tasks: Tasks,
    ) -> Self {
        let refresh = settings.refresh;
        let upstream = Arc::new(Upstream::new(source, clock.clone()));
        let audience = Arc::new(Audience::new(clock.now()));
        let pace = Arc::new(Pace::new(clock.clone()));
        let queue = Arc::new(Queue::default());
        let days =
            Arc::new(Days::new(upstream.clone(), store.clone(), clock.clone(), pace.clone()));
        let teams = Arc::new(Teams::new(upstream.clone(), store.clone(), clock.clone(), refresh));
        let beginning = Beginning::new(upstream.clone(), store.ledger.clone(), clock.clone());
        let audits =
            Auditing::new(upstream.clone(), store.clone(), clock.clone(), queue.clone(), refresh);
        let backfilling =
            Backfilling::new(upstream.clone(), days.clone(), queue.clone(), settings.backfill_days);
        let moving = MovingDays::new(
            upstream.clone(),
            teams.clone(),
            days.clone(),
            queue.clone(),
            pace.clone(),
            clock.clone(),
            refresh,
        );
        let (audits, backfilling) = (Arc::new(audits), Arc::new(backfilling));
        let looks =
            Looks::new(clock.clone(), teams.clone(), moving, backfilling.clone(), audits.clone());
        let looks = Arc::new(looks);
        let following = Following::new(
            looks.clone(),
            upstream.clone(),
            pace.clone(),
            audience.clone(),
            clock.clone(),
            refresh,
        );
        let logs = LogReading::new(
            upstream.clone(),
            store.clone(),
            clock.clone(),
            audience.clone(),
            settings,
            tasks,
        );
        Self {
            workers: Arc::new(Workers::new(upstream.clone(), days.clone(), queue.clone())),
            asked: AskedDays::new(
                upstream.clone(),
                teams.clone(),
                beginning,
                days.clone(),
                queue.clone(),
            ),
            following: Arc::new(following),
            logs: Arc::new(logs),
            pushed: Intake::new(store, clock),
            upstream,
            audience,
            pace,
            queue,
            days,
            teams,
            audits,
            backfilling,
            looks,
        }
    }
}
