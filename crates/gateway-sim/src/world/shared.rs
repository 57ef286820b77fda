//! A world that several have: one at a time, and only for a moment.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::World;

#[derive(Debug)]
pub(crate) struct SharedWorld(Mutex<World>);

impl SharedWorld {
    pub(crate) fn new(world: World) -> SharedWorld {
        SharedWorld(Mutex::new(world))
    }

    /// The world, for a moment: never hold it while waiting for anything.
    pub(crate) fn lock(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
