use super::*;
use crate::clock::SystemClock;

/// A clock that stands still where tokio's does, and jumps with it.
#[derive(Debug)]
struct PausedClock(Moment, tokio::time::Instant);

impl Clock for PausedClock {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::UNIX_EPOCH
    }

    fn moment(&self) -> Moment {
        self.0 + self.1.elapsed()
    }
}

fn breaker() -> Breaker {
    Breaker::new(Arc::new(PausedClock(SystemClock.moment(), tokio::time::Instant::now())))
}

#[tokio::test(start_paused = true)]
async fn a_crowd_hears_of_the_failure_without_the_gateway_being_asked() {
    let breaker = breaker();
    assert_eq!(breaker.admit().await, Ok(()));
    breaker.failed(&gateway::Error::Timeout);
    let crowd = futures_util::future::join_all((0..1_000).map(|_| breaker.admit())).await;
    let admitted = crowd.iter().filter(|admitted| admitted.is_ok()).count();
    assert_eq!(admitted, 24, "the bucket, and those who waited");
    breaker.reset();
    assert_eq!(breaker.admit().await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn one_who_tries_again_and_again_is_only_slowed_down() {
    let breaker = breaker();
    breaker.failed(&gateway::Error::Timeout);
    for _ in 0..100 {
        assert_eq!(breaker.admit().await, Ok(()));
    }
}
