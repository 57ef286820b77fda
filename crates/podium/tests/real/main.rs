//! Podium against a real gateway: every figure of every answer, compared with what the gateway
//! itself reports.
//!
//! The gateway's side is read by the simplest path there is (`gateway`, `truth`): pages of 1,000
//! rows, each day on its own and each team on its own, summed without any joining. Nothing of
//! Podium is used for it. The binary that was built answers the other side (`podium`).
//!
//! Run with a gateway: `LITELLM_BASE_URL=… LITELLM_API_KEY=… make test-real`.

mod answers;
mod compare;
mod differences;
mod gateway;
mod identity;
mod podium;
mod sums;
mod truth;

use std::collections::BTreeSet;
use std::time::Instant;

use ::podium::clock::{Clock as _, SystemClock};
use jiff::ToSpan as _;
use jiff::civil::Date;

use answers::{Answers, Range};
use differences::Differences;
use gateway::Gateway;
use podium::Podium;
use truth::Truth;

/// Today moves while it is compared: so often everything is read and compared again.
const ATTEMPTS: usize = 20;
/// Late rows land on these days; older ones stand still.
const LIVE_DAYS: i32 = 3;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a real gateway: make test-real"]
async fn every_figure_is_the_gateways_own() {
    let started = Instant::now();
    let gateway = Gateway::from_environment();
    let mut today = SystemClock.today().date();
    let mut truth = Truth::read(&gateway, today).await;
    println!("{} ({:.0?})", truth.summary(), started.elapsed());

    let podium = Podium::start(&gateway).await;
    for attempt in 1..=ATTEMPTS {
        today = SystemClock.today().date();
        let live = today - (LIVE_DAYS - 1).days();
        let ranges = ranges(today, &truth);
        let answers = Answers::ask(&podium, &ranges).await;
        let wholes = truth::wholes(&gateway, &ranges).await;
        let stood_still = !truth.read_again(&gateway, live, today).await;

        let mut differences = Differences::default();
        truth.compare_with_itself(&mut differences);
        for ((range, answers), whole) in ranges.iter().zip(&answers).zip(&wholes) {
            compare::range(range, answers, &truth, whole.as_ref(), &mut differences);
        }
        if stood_still && differences.is_empty() && SystemClock.today().date() == today {
            println!(
                "{} figures of {} ranges are equal (attempt {attempt}, {} questions of \
                 this test to the gateway, {:.0?})",
                differences.compared(),
                ranges.len(),
                gateway.questions(),
                started.elapsed()
            );
            podium.end().await;
            return;
        }
        if differences.are_outside_of(live) || attempt == ATTEMPTS {
            differences.assert_none("Podium and the gateway do not agree");
        }
        println!("attempt {attempt}: the live days moved ({})", differences.summary());
    }
    panic!("the gateway's live days never stood still");
}

/// The single days of the last ten, a few older ones and those on which a key changed its team,
/// the default range, a month, two months, and years.
fn ranges(today: Date, truth: &Truth) -> Vec<Range> {
    let mut days: BTreeSet<Date> =
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 29, 30, 45, 59, 60, 61, 62, 400]
            .map(|ago: i32| today - ago.days())
            .into();
    days.extend(truth.days_with_moved_keys().into_iter().rev().take(3));
    let mut ranges = vec![Range::default_at(today)];
    ranges.extend([29, 61, 3 * 365].map(|ago: i32| Range::new(today - ago.days(), today)));
    ranges.push(Range::new(today - 40.days(), today - 10.days()));
    ranges.extend(days.into_iter().rev().map(|day| Range::new(day, day)));
    ranges
}
