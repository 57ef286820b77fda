//! What can go wrong, switched on and off while the simulator runs.
//!
//! A fault strikes the calls that its [`Target`] names: the next few of them, or all until it is
//! cleared. Several faults may strike one call and are then applied in the order they were set:
//! a delay and an error make a slow error.

mod fault;
mod gate;
mod plan;
mod spoil;
mod target;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

pub use fault::{ErrorBody, Fault};
pub(crate) use gate::Gates;
pub use gate::Hold;
pub(crate) use plan::{Ending, Plan};
pub use target::Target;

use crate::call::Call;
use crate::world::World;

/// Something done to the world between two pages.
pub type PageHook = Box<dyn FnMut(&mut World) + Send>;

/// The switches of a running simulator, see [`crate::Simulator::faults`].
#[derive(Default)]
pub struct Faults {
    rules: Mutex<Vec<Rule>>,
    between_pages: Mutex<Option<PageHook>>,
    failing_models: Mutex<HashMap<String, u16>>,
}

#[derive(Clone, Debug)]
struct Rule {
    target: Target,
    fault: Fault,
    /// How many calls are still to be struck; `None`: all.
    calls_left: Option<usize>,
}

impl Faults {
    /// Strikes all calls to a target until it is cleared. A text means all paths that begin so.
    pub fn set(&self, target: impl Into<Target>, fault: Fault) {
        self.add(target.into(), fault, None);
    }

    /// Strikes the next calls to a target.
    pub fn set_next(&self, calls: usize, target: impl Into<Target>, fault: Fault) {
        self.add(target.into(), fault, Some(calls));
    }

    /// Ends everything: faults, the hook between pages, failing models.
    pub fn clear(&self) {
        lock(&self.rules).clear();
        *lock(&self.between_pages) = None;
        lock(&self.failing_models).clear();
    }

    /// Ends the faults that were set for exactly this target.
    pub fn clear_target(&self, target: impl Into<Target>) {
        let target = target.into();
        lock(&self.rules).retain(|rule| rule.target != target);
    }

    /// Runs a hook after each page of `/team/daily/activity` that has another one after it, so
    /// that rows appear, change or move while pages are being read.
    pub fn between_pages(&self, hook: PageHook) {
        *lock(&self.between_pages) = Some(hook);
    }

    /// Lets chat completions for a public model name fail with a status, until cleared.
    pub fn fail_model(&self, public_name: &str, status: u16) {
        lock(&self.failing_models).insert(public_name.to_owned(), status);
    }

    fn add(&self, target: Target, fault: Fault, calls_left: Option<usize>) {
        lock(&self.rules).push(Rule { target, fault, calls_left });
    }

    /// What will be done to a call; uses up the faults that were set for a number of calls.
    pub(crate) fn strike(&self, call: &Call) -> Plan {
        let mut plan = Plan::default();
        let mut rules = lock(&self.rules);
        for rule in rules.iter_mut().filter(|rule| rule.target.matches(call)) {
            if let Some(calls_left) = &mut rule.calls_left {
                *calls_left = calls_left.saturating_sub(1);
            }
            plan.add(rule.fault.clone());
        }
        rules.retain(|rule| rule.calls_left != Some(0));
        plan
    }

    pub(crate) fn model_failure(&self, public_name: &str) -> Option<u16> {
        lock(&self.failing_models).get(public_name).copied()
    }

    pub(crate) fn run_page_hook(&self, world: &mut World) {
        // The hook is out of its place while it runs, so it may set another one.
        let Some(mut hook) = lock(&self.between_pages).take() else { return };
        hook(world);
        lock(&self.between_pages).get_or_insert(hook);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Faults").field("rules", &lock(&self.rules)).finish_non_exhaustive()
    }
}
