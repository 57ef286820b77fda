//! What keeping up costs the gateway: a look when nothing moved, and when a day did.

use std::time::Duration;

use serde_json::Value;
use tokio::runtime::Runtime;

use super::ask;
use crate::child::{self, Server};
use crate::gateway::{BenchGateway, Questions};

/// Looks that are counted together.
const LOOKS: usize = 5;
/// How often the status is asked before something is wrong.
const POLLS: usize = 2_000;
const POLL: Duration = Duration::from_millis(10);

/// Questions to the gateway.
pub(crate) struct KeepingUp {
    /// In so many looks, none of which found anything.
    pub(crate) looks: usize,
    pub(crate) unmoved: Questions,
    /// From a request on today until the answer has it, looks that found nothing included.
    pub(crate) moved: Questions,
}

pub(crate) fn measure(runtime: &Runtime, gateway: &BenchGateway) -> KeepingUp {
    let server = child::podium(&gateway.url(), gateway.key(), ":memory:", "1s");
    let status = || status(runtime, &server);
    until(|| {
        let backfill = &status()["backfill"];
        backfill["total"].is_u64() && backfill["done"] == backfill["total"]
    });
    next_look(&status);

    gateway.forget_questions();
    for _ in 0..LOOKS {
        next_look(&status);
    }
    let unmoved = gateway.questions();

    let before = status()["data_version"].clone();
    gateway.forget_questions();
    gateway.move_day(gateway.days().1);
    until(|| status()["data_version"] != before);
    let moved = gateway.questions();
    KeepingUp { looks: LOOKS, unmoved, moved }
}

/// Waits until one more look at the gateway went well.
fn next_look(status: &impl Fn() -> Value) {
    let before = status()["in_step_at"].clone();
    until(|| status()["in_step_at"] != before);
}

fn status(runtime: &Runtime, server: &Server) -> Value {
    let body = ask(runtime, server, "/api/v1/status", "");
    serde_json::from_slice(&body).expect("the status is JSON")
}

fn until(mut holds: impl FnMut() -> bool) {
    for _ in 0..POLLS {
        if holds() {
            return;
        }
        std::thread::sleep(POLL);
    }
    panic!("it did not happen within {POLLS} polls of {POLL:?}");
}
