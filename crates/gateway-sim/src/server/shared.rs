//! What all connections share.

use std::sync::{Arc, MutexGuard};

use super::call_log::CallLog;
use super::options::Options;
use crate::api::Caller;
use crate::clock::Clock;
use crate::faults::{Faults, Gates};
use crate::world::{SharedWorld, World};

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) world: Arc<SharedWorld>,
    pub(super) options: Options,
    pub(super) clock: Clock,
    pub(super) calls: CallLog,
    pub(super) faults: Faults,
    pub(super) gates: Gates,
}

impl Shared {
    pub(super) fn new(world: World, options: Options) -> Shared {
        let clock = options.clock.clone().unwrap_or_else(|| Clock::noon(world.today()));
        Shared {
            world: Arc::new(SharedWorld::new(world)),
            options,
            clock,
            calls: CallLog::default(),
            faults: Faults::default(),
            gates: Gates::default(),
        }
    }

    /// Whether a key is a valid one.
    pub(super) fn accepts(&self, authorization: Option<&str>) -> bool {
        let caller =
            Caller::of(authorization, &self.options.api_key, &self.world(), "/", self.clock.now());
        matches!(caller, Caller::Elsewhere { .. }) || caller.refusal().is_none()
    }

    /// The world, for a moment: never hold it while waiting for anything.
    pub(super) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock()
    }
}
