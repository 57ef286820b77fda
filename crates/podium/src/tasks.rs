//! Work behind the scenes. None of it runs unwatched: a task that panics ends the process, since
//! what it was there for is not done any more and nobody would know.

use std::panic::{AssertUnwindSafe, resume_unwind};
use std::pin::Pin;

use futures_util::FutureExt as _;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Does work that waits for files or computes for long, beside the threads that serve. As with
/// tasks, the runtime's code is made for each kind of result and not for each work.
pub fn spawn_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let work: Box<dyn FnOnce() -> T + Send> = Box::new(work);
    tokio::task::spawn_blocking(work)
}

/// The tasks of one Podium. Clones share them.
#[derive(Clone, Debug)]
pub struct Tasks {
    tracker: TaskTracker,
    fault: watch::Sender<Option<&'static str>>,
    ending: CancellationToken,
}

impl Default for Tasks {
    fn default() -> Self {
        Self {
            tracker: TaskTracker::new(),
            fault: watch::Sender::new(None),
            ending: CancellationToken::new(),
        }
    }
}

impl Tasks {
    /// Starts a task. Who waits for one that panics gets an error.
    pub fn spawn<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        self.spawn_boxed(name, Box::pin(work))
    }

    /// The same for any work: a runtime's code for a task is large, and made for each kind of work.
    fn spawn_boxed<T: Send + 'static>(
        &self,
        name: &'static str,
        work: Pin<Box<dyn Future<Output = T> + Send>>,
    ) -> JoinHandle<T> {
        let fault = self.fault.clone();
        self.tracker.spawn(async move {
            match AssertUnwindSafe(work).catch_unwind().await {
                Ok(done) => done,
                Err(panic) => {
                    tracing::error!(task = name, "a background task panicked");
                    fault.send_replace(Some(name));
                    resume_unwind(panic)
                }
            }
        })
    }

    /// Does `work` as a task, which goes on if the caller goes away. None where it panicked, or
    /// the end came: what it waits for may never be done then.
    pub async fn run<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        self.spawn_until_end(name, work).await.ok().flatten()
    }

    /// Starts a task that is dropped at the end, wherever it stands.
    pub fn spawn_until_end<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<Option<T>> {
        let ending = self.ending.clone();
        self.spawn(name, async move { ending.run_until_cancelled_owned(work).await })
    }

    /// Returns the name of a task that panicked, once one has.
    pub async fn fault(&self) -> &'static str {
        let mut faults = self.fault.subscribe();
        loop {
            if let Some(name) = *faults.borrow_and_update() {
                return name;
            }
            if faults.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// The name of a task that panicked, if one has.
    pub fn faulty(&self) -> Option<&'static str> {
        *self.fault.borrow()
    }

    /// Waits for the end of all tasks.
    pub async fn end(&self) {
        self.ending.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_is_noticed_and_who_waits_hears_of_it() {
        let tasks = Tasks::default();
        assert_eq!(tasks.spawn("fine", async { 5 }).await.ok(), Some(5));
        let failed = tasks.spawn::<()>("broken", async { panic!("as planned") });
        assert!(failed.await.is_err());
        assert_eq!(tasks.fault().await, "broken");
        tasks.end().await;
    }

    #[tokio::test]
    async fn what_waits_for_others_ends_with_them() {
        let tasks = Tasks::default();
        assert_eq!(tasks.run("fine", async { 5 }).await, Some(5));
        let waiting = tokio::spawn({
            let tasks = tasks.clone();
            async move { tasks.run("waiting", std::future::pending::<()>()).await }
        });
        tokio::task::yield_now().await;
        tasks.end().await;
        assert_eq!(waiting.await.ok(), Some(None));
    }
}
