use super::*;

fn day(text: &str) -> Day {
    Day::parse(text).expect("a valid test date")
}

fn days(last: &str, count: u32) -> impl Iterator<Item = Day> {
    DayRange::ending(day(last), count).newest_first()
}

#[test]
fn asked_days_go_before_moved_ones_and_those_before_the_back_fill() {
    let queue = Queue::default();
    drop(queue.want([day("2026-01-03")], Priority::Backfill, true));
    drop(queue.want([day("2026-01-02")], Priority::Moved, true));
    drop(queue.want([day("2026-01-01")], Priority::Asked, true));
    let order: Vec<_> = std::iter::from_fn(|| queue.try_take()).collect();
    assert_eq!(order, ["2026-01-01", "2026-01-02", "2026-01-03"].map(|d| Work::Day(day(d))));
}

#[test]
fn the_back_fill_takes_one_worker_only() {
    let queue = Queue::default();
    drop(queue.want(days("2026-01-09", 2), Priority::Backfill, true));
    assert_eq!(queue.try_take(), Some(Work::Day(day("2026-01-09"))));
    assert_eq!(queue.try_take(), None);
    drop(queue.want([day("2025-01-01")], Priority::Asked, false));
    assert_eq!(queue.try_take(), Some(Work::Day(day("2025-01-01"))));
    queue.finish(day("2026-01-09"), &Ok(()));
    assert_eq!(queue.try_take(), Some(Work::Day(day("2026-01-08"))));
}

#[test]
fn a_long_row_of_unread_days_is_looked_over_in_blocks_of_a_month() {
    let queue = Queue::default();
    drop(queue.want(days("2026-03-31", 40), Priority::Asked, false));
    let Some(Work::Block(block)) = queue.try_take() else { panic!("a block comes first") };
    assert_eq!((block.last(), block.day_count()), (day("2026-03-31"), BLOCK_DAYS));
    queue.put_back(day("2026-03-30"), true);
    assert_eq!(queue.try_take(), Some(Work::Day(day("2026-03-30"))));
    let Some(Work::Block(rest)) = queue.try_take() else { panic!("the older block follows") };
    assert_eq!(rest.day_count(), 9);
}

#[tokio::test]
async fn all_who_want_a_day_hear_of_its_one_end() {
    let queue = Queue::default();
    let first = queue.want([day("2026-01-01")], Priority::Backfill, false);
    let second = queue.want([day("2026-01-01")], Priority::Asked, false);
    assert_eq!(queue.take().await, Work::Day(day("2026-01-01")));
    assert_eq!(queue.try_take(), None, "the day is read once");
    queue.finish(day("2026-01-01"), &Ok(()));
    for outcome in first.into_iter().chain(second) {
        assert!(outcome.await.is_ok());
    }
}

#[tokio::test]
async fn days_in_work_are_not_given_up_with_those_that_wait() {
    let queue = Queue::default();
    let wanted = queue.want(days("2026-01-02", 2), Priority::Asked, true);
    assert_eq!(queue.take().await, Work::Day(day("2026-01-02")));
    queue.give_up_waiting(&Err(Error::ShuttingDown));
    queue.finish(day("2026-01-02"), &Ok(()));
    let outcomes = futures_util::future::join_all(wanted).await;
    assert!(outcomes[0].is_ok());
    assert!(outcomes[1].is_err());
}
