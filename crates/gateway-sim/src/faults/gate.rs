//! Calls that wait until a test lets them go on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, watch};

use super::target::Target;
use crate::call::Call;

/// Holds calls back until it is released or dropped, see [`crate::Simulator::hold`].
///
/// A held call was received and recorded, but the world is read only when it goes on.
#[derive(Debug)]
pub struct Hold {
    gate: Arc<Gate>,
    arrivals: watch::Receiver<usize>,
}

#[derive(Debug)]
struct Gate {
    target: Target,
    arrived: watch::Sender<usize>,
    passes: Semaphore,
}

impl Hold {
    /// Waits until this many calls have arrived in all, whether they were let through or not.
    pub async fn arrived(&self, calls: usize) {
        // The sender lives in the gate that this hold owns, so it cannot be gone.
        let _ = self.arrivals.clone().wait_for(|arrived| *arrived >= calls).await;
    }

    /// How many calls have arrived so far.
    pub fn count(&self) -> usize {
        *self.arrivals.borrow()
    }

    /// Lets some calls go on: those that wait, or else the next ones.
    pub fn let_through(&self, calls: usize) {
        self.gate.passes.add_permits(calls);
    }

    /// Lets all calls go on, now and later.
    pub fn release(self) {}
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.gate.passes.close();
    }
}

#[derive(Debug, Default)]
pub(crate) struct Gates(Mutex<Vec<Arc<Gate>>>);

impl Gates {
    fn gates(&self) -> MutexGuard<'_, Vec<Arc<Gate>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn hold(&self, target: Target) -> Hold {
        let (arrived, arrivals) = watch::channel(0);
        let gate = Arc::new(Gate { target, arrived, passes: Semaphore::new(0) });
        let mut gates = self.gates();
        gates.retain(|gate| !gate.passes.is_closed());
        gates.push(Arc::clone(&gate));
        Hold { gate, arrivals }
    }

    /// Waits at every gate on the way of a call.
    pub(crate) async fn pass(&self, call: &Call) {
        let on_the_way: Vec<Arc<Gate>> =
            self.gates().iter().filter(|gate| gate.target.matches(call)).cloned().collect();
        for gate in on_the_way {
            gate.arrived.send_modify(|arrived| *arrived += 1);
            // A closed semaphore is an open gate.
            if let Ok(pass) = gate.passes.acquire().await {
                pass.forget();
            }
        }
    }
}
