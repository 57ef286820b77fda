//! Random histories: whatever is written at the gateway, asked, broken and restarted, every
//! answer on the way is a state that the gateway was in, and one look without faults ends in
//! its figures. The simulator's own rows are the oracle.
//!
//! `PODIUM_HISTORIES` sets how many are played, `PODIUM_HISTORIES_SEED` which ones.

mod oracle;
mod play;
mod step;

use proptest::collection::vec;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use play::Play;
use step::Opening;

/// Histories of one test; there are four tests, so that they run side by side.
const HISTORIES: u32 = 250;

fn environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect(name))
}

fn histories_end_in_the_gateways_figures(kind: u64, openings: &'static [Opening]) {
    let cases = environment("PODIUM_HISTORIES").map_or(HISTORIES, |all| (all / 4) as u32);
    let seed = environment("PODIUM_HISTORIES_SEED").unwrap_or(20_261_124);
    let config = Config {
        cases,
        rng_seed: RngSeed::Fixed(seed ^ kind << 32),
        failure_persistence: None,
        max_shrink_iters: 500,
        ..Config::default()
    };
    let histories = (proptest::sample::select(openings), vec(step::any(), 30..50));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    let outcome = TestRunner::new(config).run(&histories, |(opening, steps)| {
        runtime.block_on(Play::from_beginning_to_end(&opening, &steps)).map_err(TestCaseError::fail)
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

#[test]
fn of_a_gateway_with_totals() {
    histories_end_in_the_gateways_figures(1, &[Opening::Current]);
}

#[test]
fn of_a_gateway_with_totals_whose_days_are_read_in_pages() {
    histories_end_in_the_gateways_figures(2, &[Opening::CutToPages]);
}

#[test]
fn of_an_older_gateway() {
    histories_end_in_the_gateways_figures(3, &[Opening::Older, Opening::OlderUnstable]);
}

#[test]
fn of_an_older_gateway_with_small_pages_or_without_model_groups() {
    histories_end_in_the_gateways_figures(4, &[Opening::OlderSmallPages, Opening::Oldest]);
}

#[test]
fn histories_differ_and_hold_all_kinds_of_steps() {
    let mut runner = TestRunner::deterministic();
    let mut kinds = std::collections::BTreeSet::new();
    for _ in 0..40 {
        let steps = vec(step::any(), 30..50).new_tree(&mut runner).expect("steps").current();
        assert!(steps.len() >= 30);
        kinds.extend(steps.iter().map(step::Step::kind));
    }
    assert_eq!(kinds.len(), step::KINDS, "{kinds:?}");
}
