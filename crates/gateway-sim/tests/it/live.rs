//! Traffic while time passes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use gateway_sim::{Clock, Counters, Live, Options, Simulator, World};
use jiff::Timestamp;

use crate::story::{TODAY, two_teams};

/// A second before midnight, and moved on by the tests.
fn late_clock() -> (Arc<AtomicI64>, Clock) {
    let second = "2026-11-20T23:59:59Z".parse::<Timestamp>().expect("a time").as_second();
    let seconds = Arc::new(AtomicI64::new(second));
    let read = Arc::clone(&seconds);
    (
        seconds,
        Clock::of(move || Timestamp::from_second(read.load(Ordering::Relaxed)).expect("a time")),
    )
}

fn total(simulator: &Simulator) -> Counters {
    simulator.change(|world| world.rows().map(|row| row.counters).sum())
}

#[tokio::test(start_paused = true)]
async fn requests_are_added_and_days_roll_over_with_the_clock() {
    let (seconds, clock) = late_clock();
    let options = Options { clock: Some(clock), ..Options::default() };
    let simulator = Simulator::start_with(two_teams(), options).await.expect("a port");
    simulator.go_live(Live { requests_per_second: 20.0, seed: 3 });

    tokio::time::advance(Duration::from_secs(2)).await;
    while total(&simulator).api_requests == 0 {
        tokio::task::yield_now().await;
    }
    seconds.fetch_add(3_600, Ordering::Relaxed);
    let tomorrow = TODAY.tomorrow().expect("a date");
    while simulator.change(|world| world.rows_of(tomorrow).next().is_none()) {
        tokio::time::advance(Duration::from_millis(200)).await;
    }

    let days: BTreeSet<_> = simulator.change(|world| world.rows().map(|row| row.date).collect());
    assert_eq!(days, BTreeSet::from([TODAY, tomorrow]));
    let logged = simulator.change(|world| world.request_count());
    assert_eq!(logged as i64, total(&simulator).api_requests);
    simulator.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_empty_world_stays_empty() {
    let simulator = Simulator::start(World::empty(TODAY)).await.expect("a port");
    simulator.go_live(Live::default());

    tokio::time::advance(Duration::from_secs(60)).await;
    tokio::task::yield_now().await;

    assert_eq!(total(&simulator).api_requests, 0);
}
