//! Traffic while time passes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use gateway_sim::{Clock, Counters, Live, Options, Simulator, Spec, Workshop, World};
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
    simulator.go_live(Live { requests_per_second: 20.0, seed: 3, after: None });

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

/// Teams by tokens of a day, most first.
fn order(simulator: &Simulator) -> Vec<String> {
    let mut used: BTreeMap<String, i64> = BTreeMap::new();
    simulator.change(|world| {
        for row in world.rows_of(TODAY) {
            let tokens = row.counters.prompt_tokens + row.counters.completion_tokens;
            *used.entry(row.team_id.unwrap_or_default()).or_default() += tokens;
        }
    });
    let mut teams: Vec<_> = used.into_iter().collect();
    teams.sort_by_key(|(_, tokens)| std::cmp::Reverse(*tokens));
    teams.into_iter().map(|(team, _)| team).collect()
}

#[tokio::test(start_paused = true)]
async fn a_workshop_goes_on_at_its_scale_and_teams_pass_each_other() {
    const MINUTES: i64 = 30;
    let start: Timestamp = "2026-11-20T14:00:00Z".parse().expect("a time");
    let ms = Arc::new(AtomicI64::new(start.as_millisecond()));
    let read = Arc::clone(&ms);
    let clock = Clock::of(move || {
        Timestamp::from_millisecond(read.load(Ordering::Relaxed)).expect("a time")
    });
    let workshop = Some(Workshop::around(start, 3));
    let spec = Spec { now: Some(start), workshop, ..Spec::workshop(TODAY) };
    let world = World::generate(&spec);
    let live = Live::continuing(&world, &spec);
    let options = Options { clock: Some(clock), ..Options::default() };
    let simulator = Simulator::start_with(world, options).await.expect("a port");
    let before = total(&simulator).api_requests;
    let hour_before = simulator.change(|world| {
        let since = start - jiff::SignedDuration::from_mins(MINUTES);
        world.requests().filter(|request| request.started_at >= since).count() as i64
    });
    simulator.go_live(live);

    let mut passed = 0;
    let mut last = order(&simulator);
    for _ in 0..MINUTES * 60 {
        for _ in 0..5 {
            ms.fetch_add(200, Ordering::Relaxed);
            tokio::time::advance(Duration::from_millis(200)).await;
            tokio::task::yield_now().await;
        }
        let now = order(&simulator);
        passed += i64::from(now != last);
        last = now;
    }

    let host = gateway_sim::hash_token("sk-demo-admin");
    assert!(simulator.change(|world| world.rows().all(|row| row.api_key != host)), "hosts rest");
    let since = total(&simulator).api_requests - before;
    assert!((hour_before / 2..hour_before * 2).contains(&since), "{hour_before} then {since}");
    assert!((MINUTES * 3 / 2..MINUTES * 3).contains(&passed), "{passed} in {MINUTES} minutes");
    simulator.stop().await;
}
