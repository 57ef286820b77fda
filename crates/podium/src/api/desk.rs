//! Where answers are computed: off the threads that serve requests, a few at once.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::error::ApiError;

/// A place for each processor; who comes later waits.
#[derive(Clone, Debug)]
pub(super) struct Desk(Arc<Semaphore>);

impl Desk {
    pub(super) fn new() -> Self {
        let places = std::thread::available_parallelism().map_or(2, usize::from);
        Self(Arc::new(Semaphore::new(places.max(2))))
    }

    /// Computes when there is a place.
    pub(super) async fn compute<T: Send + 'static>(
        self,
        compute: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.run(compute).await.unwrap_or(Err(ApiError::Fault))
    }

    /// The same with what cannot fail, but for a fault.
    pub(super) async fn run<T: Send + 'static>(
        self,
        compute: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let place = self.0.acquire_owned().await;
        // What is said there belongs to the request that it is first computed for.
        let span = tracing::Span::current();
        let computed = crate::tasks::spawn_blocking(move || {
            let _place = place;
            span.in_scope(compute)
        });
        computed.await.map_err(|_| ApiError::Fault)
    }
}
