//! How much is asked for to read days: no answer that cannot hold what it is asked for.

use gateway_sim::{Call, Simulator, Version, World};

use crate::harness::{Podium, gateway_of};
use crate::worlds::{Use, workshop};

const DAYS: [&str; 8] = [
    "2026-11-08",
    "2026-11-09",
    "2026-11-10",
    "2026-11-11",
    "2026-11-12",
    "2026-11-13",
    "2026-11-14",
    "2026-11-15",
];
const RANGE: &str = "?start_date=2026-11-08&end_date=2026-11-15";
/// More keys than an aggregated answer tells of, and more rows than a small page has.
const KEYS: i64 = 1_200;

/// Days that are all too large for the small answers.
fn large_days() -> World {
    let mut world = workshop();
    let keys: Vec<&'static str> = (0..KEYS).map(|n| &*format!("key-{n:04}").leak()).collect();
    for date in DAYS {
        for (prompt, key) in (0..).zip(&keys) {
            world.record(Use { date, key, prompt, completion: 0, ..Use::default() }.row());
        }
    }
    world
}

async fn read_in_full(gateway: &Simulator) -> Podium {
    let podium = Podium::in_front_of(gateway).await;
    let answer = podium.get(&format!("/tokens{RANGE}")).await;
    let days = i64::try_from(DAYS.len()).unwrap();
    assert_eq!(
        answer.json()["teams"][0]["tokens"],
        days * (KEYS - 1) * KEYS / 2,
        "{}",
        answer.text
    );
    assert_eq!(answer.json()["meta"]["complete"], true);
    podium
}

/// The questions for usage whose answers are large, by their first and last day.
fn large_questions(gateway: &Simulator) -> Vec<Call> {
    let is_large = |call: &Call| {
        call.path.starts_with("/team/daily/activity")
            && !call.has("api_key_limit", "1")
            && !call.has("page_size", "1")
    };
    gateway.calls().into_iter().filter(is_large).collect()
}

fn asks_for_one_day(call: &Call) -> bool {
    call.param("start_date") == call.param("end_date")
}

#[tokio::test]
async fn a_day_that_does_not_fit_a_small_page_is_asked_for_by_itself_and_once() {
    let gateway = gateway_of(large_days(), Version::OLDER).await;
    read_in_full(&gateway).await;
    let pages = large_questions(&gateway);
    let pages: Vec<&Call> =
        pages.iter().filter(|call| call.path == "/team/daily/activity").collect();
    let ranges = pages.iter().filter(|call| !asks_for_one_day(call)).count();
    assert!(ranges <= 1, "{ranges} ranges were asked for of which no day fits: {pages:?}");
    for day in DAYS {
        let asked = pages.iter().filter(|call| asks_for_one_day(call));
        let asked = asked.filter(|call| call.has("start_date", day)).count();
        assert_eq!(asked, 1, "{day}: {pages:?}");
    }
}

#[tokio::test]
async fn an_aggregated_answer_is_not_asked_for_where_its_keys_were_cut_before() {
    let gateway = gateway_of(large_days(), Version::CURRENT).await;
    let podium = read_in_full(&gateway).await;
    let asked = large_questions(&gateway);
    let cut = asked.iter().filter(|call| call.has("api_key_limit", "1000")).count();
    // Both workers may begin at once.
    assert!(cut <= 2, "{asked:?}");
    assert_eq!(asked.len() - cut, DAYS.len(), "each day in one page: {asked:?}");

    // A week of smaller days later, it is again.
    gateway.clear_calls();
    let small =
        ["2026-09-01", "2026-09-02", "2026-09-03", "2026-09-04", "2026-09-05", "2026-09-06"];
    let small = small.into_iter().chain(["2026-09-07", "2026-09-08", "2026-09-09"]);
    gateway.change(|world| {
        small.clone().for_each(|date| world.record(Use { date, ..Use::default() }.row()));
    });
    podium.get("/tokens?start_date=2026-09-01&end_date=2026-09-09").await.figures();
    let last = large_questions(&gateway).pop().unwrap();
    assert_eq!(last.path, "/team/daily/activity/aggregated");
}

#[tokio::test]
async fn small_days_share_a_page() {
    let mut world = workshop();
    for date in DAYS {
        world.record(Use { date, ..Use::default() }.row());
    }
    let gateway = gateway_of(world, Version::OLDER).await;
    Podium::in_front_of(&gateway).await.get(&format!("/tokens{RANGE}")).await.figures();
    let asked = large_questions(&gateway);
    let asked: Vec<&Call> =
        asked.iter().filter(|call| call.path == "/team/daily/activity").collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(!asks_for_one_day(asked[0]));
}
