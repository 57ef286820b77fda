//! Caches with bounds. The code of moka is large and made anew for each kind of key and value, so
//! that a dozen caches were a tenth of what is compiled: here it is made for one kind, and what is
//! kept is told apart by its whole key.

use std::any::Any;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher, RandomState};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub(crate) use moka::policy::EvictionPolicy;

/// What a cache keeps at most.
pub(crate) struct Bounds<K, V> {
    /// So many entries, or so much of what they weigh together.
    pub(crate) most: u64,
    /// What an entry weighs; each weighs 1 where nothing is said.
    pub(crate) weigh: Option<fn(&K, &V) -> usize>,
    /// An entry goes so long after it came.
    pub(crate) live: Option<Duration>,
    /// An entry goes so long after it was last asked for.
    pub(crate) idle: Option<Duration>,
    /// Which entry goes when there are too many.
    pub(crate) eviction: EvictionPolicy,
}

impl<K, V> Bounds<K, V> {
    /// So many entries, those that are asked for least go first.
    pub(crate) fn entries(most: u64) -> Self {
        Self { most, weigh: None, live: None, idle: None, eviction: EvictionPolicy::tiny_lfu() }
    }
}

/// A key and a value of any kind, and what they weigh.
#[derive(Clone)]
pub(crate) struct Entry {
    weight: u32,
    pair: Arc<dyn Any + Send + Sync>,
}

impl Entry {
    fn new<K, V>(weigh: Option<fn(&K, &V) -> usize>, key: K, value: V) -> Self
    where
        K: Send + Sync + 'static,
        V: Send + Sync + 'static,
    {
        let weight = weigh.map_or(1, |weigh| weigh(&key, &value));
        Self { weight: u32::try_from(weight).unwrap_or(u32::MAX), pair: Arc::new((key, value)) }
    }

    /// The value, if it is that of `key` and not of another key with the same hash.
    fn value<K: Eq + 'static, V: Clone + 'static>(&self, key: &K) -> Option<V> {
        let (of, value) = self.pair.downcast_ref::<(K, V)>()?;
        (of == key).then(|| value.clone())
    }
}

/// Hashes of keys are hashes already.
#[derive(Default)]
pub(crate) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("only hashes are keys");
    }
}

type BuildHashed = BuildHasherDefault<Hashed>;

/// The same for both kinds of cache, which have no type in common.
macro_rules! build {
    ($kind:ident, $bounds:expr) => {{
        let Bounds { most, live, idle, eviction, .. } = $bounds;
        let mut builder = moka::$kind::Cache::builder()
            .weigher(|_: &u64, entry: &Entry| entry.weight)
            .max_capacity(most)
            .eviction_policy(eviction);
        if let Some(live) = live {
            builder = builder.time_to_live(live);
        }
        if let Some(idle) = idle {
            builder = builder.time_to_idle(idle);
        }
        builder.build_with_hasher(BuildHashed::default())
    }};
}

/// What both kinds of cache consist of. Cloning shares it.
pub(crate) struct Keyed<C, K, V> {
    entries: C,
    hashing: RandomState,
    weigh: Option<fn(&K, &V) -> usize>,
}

impl<C: Clone, K, V> Clone for Keyed<C, K, V> {
    fn clone(&self) -> Self {
        let Self { entries, hashing, weigh } = self;
        Self { entries: entries.clone(), hashing: hashing.clone(), weigh: *weigh }
    }
}

impl<C, K, V> fmt::Debug for Keyed<C, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyed").finish_non_exhaustive()
    }
}

/// A cache that is asked by one after the other.
pub(crate) type BoundedCache<K, V> = Keyed<moka::sync::Cache<u64, Entry, BuildHashed>, K, V>;

impl<K, V> BoundedCache<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(crate) fn new(bounds: Bounds<K, V>) -> Self {
        let weigh = bounds.weigh;
        Self { entries: build!(sync, bounds), hashing: RandomState::new(), weigh }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.entries.get(&self.hashing.hash_one(key))?.value(key)
    }

    pub(crate) fn insert(&self, key: K, value: V) {
        self.entries.insert(self.hashing.hash_one(&key), Entry::new(self.weigh, key, value));
    }

    pub(crate) fn forget(&self, key: &K) {
        self.entries.invalidate(&self.hashing.hash_one(key));
    }

    /// Forgets what is idle or old at once, which otherwise happens while the cache is used.
    pub(crate) fn forget_unused(&self) {
        self.entries.run_pending_tasks();
    }

    /// What the entries weigh together, about.
    pub(crate) fn weight(&self) -> u64 {
        self.entries.weighted_size()
    }
}

/// A cache whose values are computed once, however many ask for one at a time.
pub(crate) type ComputingCache<K, V> = Keyed<moka::future::Cache<u64, Entry, BuildHashed>, K, V>;

impl<K, V> ComputingCache<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    pub(crate) fn new(bounds: Bounds<K, V>) -> Self {
        let weigh = bounds.weigh;
        Self { entries: build!(future, bounds), hashing: RandomState::new(), weigh }
    }

    pub(crate) async fn get(&self, key: &K) -> Option<V> {
        self.entries.get(&self.hashing.hash_one(key)).await?.value(key)
    }

    /// The value of `key`, or the failure of all who waited for it.
    pub(crate) async fn get_or_compute<E: Send + Sync + 'static>(
        &self,
        key: K,
        compute: impl Future<Output = Result<V, E>> + Send,
    ) -> Result<V, Arc<E>> {
        let hash = self.hashing.hash_one(&key);
        let of = key.clone();
        let compute = async { Ok(Entry::new(self.weigh, of, compute.await?)) };
        let mut compute: Pin<Box<dyn Future<Output = Result<Entry, E>> + Send>> = Box::pin(compute);
        let entry = self.entries.try_get_with(hash, compute.as_mut()).await?;
        if let Some(value) = entry.value(&key) {
            return Ok(value);
        }
        // Another key has the same hash, so nothing was computed for this one.
        let entry = compute.await.map_err(Arc::new)?;
        Ok(entry.value(&key).expect("it was made with this key"))
    }

    /// Forgets what is idle or old at once, which otherwise happens while the cache is used.
    pub(crate) async fn forget_unused(&self) {
        self.entries.run_pending_tasks().await;
    }

    /// How many entries there are, about, and what they weigh together.
    pub(crate) fn size(&self) -> (u64, u64) {
        (self.entries.entry_count(), self.entries.weighted_size())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A key whose hash is that of all others.
    #[derive(Clone, Debug, PartialEq, Eq)]
    struct Alike(&'static str);

    impl Hash for Alike {
        fn hash<H: Hasher>(&self, state: &mut H) {
            0_u8.hash(state);
        }
    }

    #[test]
    fn two_keys_with_one_hash_are_two_keys() {
        let cache = BoundedCache::new(Bounds::entries(10));
        cache.insert(Alike("one"), 1);
        assert_eq!(cache.get(&Alike("one")), Some(1));
        assert_eq!(cache.get(&Alike("two")), None);
        cache.insert(Alike("two"), 2);
        assert_eq!(cache.get(&Alike("two")), Some(2));
        assert_ne!(cache.get(&Alike("one")), Some(2));
    }

    #[tokio::test]
    async fn what_is_computed_is_of_the_key_that_asks() {
        let cache = ComputingCache::new(Bounds::entries(10));
        for (key, value) in [("one", 1), ("two", 2), ("one", 3)] {
            let computed = cache.get_or_compute(Alike(key), async { Ok::<_, ()>(value) }).await;
            let first = if key == "one" { 1 } else { 2 };
            assert_eq!(computed, Ok(first), "{key}");
        }
        let failed = cache.get_or_compute(Alike("three"), async { Err::<i32, _>("no") }).await;
        assert_eq!(failed, Err(Arc::new("no")));
    }

    #[test]
    fn what_weighs_more_than_there_is_room_for_goes() {
        let bounds =
            Bounds { weigh: Some(|_: &u8, value: &String| value.len()), ..Bounds::entries(10) };
        let cache = BoundedCache::new(bounds);
        for key in 0..5 {
            cache.insert(key, "four".to_owned());
            cache.forget_unused();
        }
        assert!((4..=10).contains(&cache.weight()), "{cache:?}");
        cache.insert(9, "far too much".to_owned());
        cache.forget_unused();
        assert_eq!(cache.get(&9), None);
    }

    #[test]
    fn what_is_forgotten_is_gone_for_all_who_share_it() {
        let cache = BoundedCache::new(Bounds::entries(10));
        cache.insert("key".to_owned(), 1);
        let shared = cache.clone();
        shared.forget(&"key".to_owned());
        assert_eq!(cache.get(&"key".to_owned()), None);
    }
}
