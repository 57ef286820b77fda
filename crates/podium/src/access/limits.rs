//! How often signing in may fail: by address and by account.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use governor::clock::DefaultClock;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::bounded_cache::{BoundedCache, Bounds};

/// So many failures in a row are free.
pub const BURST: NonZeroU32 = NonZeroU32::new(5).expect("it is more than nothing");
/// After those, one more is free again after so long.
const PER_FAILURE: Duration = Duration::from_secs(12);
/// The time in which all failures are free again.
pub const WINDOW: Duration = Duration::from_secs(60);
/// Addresses and accounts that are kept from trying at once.
const MOST_BLOCKED: u64 = 100_000;
/// With more, those that failed long ago are forgotten.
const TIDY_ABOVE: usize = 10_000;

type Limiter =
    RateLimiter<String, DashMapStateStore<String>, DefaultClock, StateInformationMiddleware>;

/// Counts failures. Cloning shares it.
#[derive(Clone)]
pub struct SignInLimits {
    failures: Arc<Limiter>,
    blocked: BoundedCache<String, Instant>,
    /// What the last failure left.
    left: BoundedCache<String, u32>,
}

/// How often somebody may still fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// So many times.
    pub remaining: u32,
    /// With none remaining, until the next try.
    pub wait: Duration,
}

impl Default for SignInLimits {
    fn default() -> Self {
        let quota = Quota::with_period(PER_FAILURE).expect("it is a while").allow_burst(BURST);
        let failures = RateLimiter::dashmap(quota).with_middleware();
        Self { failures: Arc::new(failures), blocked: remembered(), left: remembered() }
    }
}

impl SignInLimits {
    /// How long those who go by any of these names have to wait; nothing where they may try.
    pub fn wait(&self, names: &[String]) -> Option<Duration> {
        let left = |name: &String| self.blocked.get(name)?.checked_duration_since(Instant::now());
        names.iter().filter_map(left).filter(|left| !left.is_zero()).max()
    }

    /// How often those who go by these names may still fail; at least as the last failure left it.
    pub fn left(&self, names: &[String]) -> u32 {
        let known = names.iter().filter_map(|name| self.left.get(name));
        known.min().unwrap_or(BURST.get())
    }

    /// Counts a failure of those who go by these names, and tells the least that is left to them.
    pub fn failed(&self, names: &[String]) -> Allowance {
        if self.failures.len() > TIDY_ABOVE {
            self.failures.retain_recent();
        }
        let mut least = Allowance { remaining: BURST.get(), wait: Duration::ZERO };
        for name in names {
            let checked = self.failures.check_key(name);
            let remaining = checked.map_or(0, |state| state.remaining_burst_capacity());
            self.left.insert(name.clone(), remaining);
            if remaining == 0 {
                self.blocked.insert(name.clone(), Instant::now() + PER_FAILURE);
                least.wait = PER_FAILURE;
            }
            least.remaining = least.remaining.min(remaining);
        }
        least
    }
}

/// What is forgotten with the failures.
fn remembered<T: Clone + Send + Sync + 'static>() -> BoundedCache<String, T> {
    BoundedCache::new(Bounds { live: Some(WINDOW), ..Bounds::entries(MOST_BLOCKED) })
}

/// What an address is counted as: whoever has one of version 6 has a whole network of them.
pub fn counted_as(address: IpAddr) -> String {
    const NETWORK: u128 = !0 << 64;
    match address.to_canonical() {
        IpAddr::V6(v6) => format!("address {}/64", Ipv6Addr::from(u128::from(v6) & NETWORK)),
        v4 => format!("address {v4}"),
    }
}

impl fmt::Debug for SignInLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignInLimits")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_some_failures_one_has_to_wait_whatever_name_one_goes_by() {
        let limits = SignInLimits::default();
        let [home, account, other] = ["home", "account", "other"].map(str::to_owned);
        for remaining in [4, 3, 2, 1] {
            let told = limits.failed(&[home.clone(), account.clone()]);
            assert_eq!((told.remaining, told.wait), (remaining, Duration::ZERO));
        }
        assert_eq!(limits.wait(&[home.clone(), account.clone()]), None);
        assert_eq!(limits.failed(&[home.clone(), account]).wait, PER_FAILURE);
        assert!(limits.wait(&[home, other.clone()]).is_some());
        assert_eq!(limits.wait(&[other]), None);
    }

    #[test]
    fn a_network_of_version_6_counts_as_one() {
        let counted = |text: &str| counted_as(text.parse().expect("an address"));
        assert_eq!(counted("2001:db8:1:2:3::4"), counted("2001:db8:1:2:ffff::1"));
        assert_ne!(counted("2001:db8:1:2::1"), counted("2001:db8:1:3::1"));
        assert_eq!(counted("::ffff:192.0.2.7"), counted("192.0.2.7"));
    }
}
