//! What a child prints, as far as it has come.

use std::io::Read;
use std::time::Duration;

use tokio::sync::watch;

/// Far longer than anything here takes; only a test that would never end meets it.
const WATCHDOG: Duration = Duration::from_secs(60);

/// Waits for `future`, but not forever.
#[track_caller]
pub(crate) fn within<T>(what: &str, future: impl Future<Output = T>) -> impl Future<Output = T> {
    let place = std::panic::Location::caller();
    async move {
        let Ok(done) = tokio::time::timeout(WATCHDOG, future).await else {
            panic!("{place}: {what}: not within {WATCHDOG:?}");
        };
        done
    }
}

/// Waits until `holds`, looking again and again.
#[track_caller]
pub(crate) fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) -> impl Future<Output = ()> {
    within(what, async move {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
}

/// Everything that was read from a pipe so far.
#[derive(Clone)]
pub(crate) struct Stream(watch::Receiver<Vec<u8>>);

impl Stream {
    /// Reads `pipe` to its end, in a thread of its own.
    pub(crate) fn of(mut pipe: impl Read + Send + 'static) -> Self {
        let (heard, hearing) = watch::channel(Vec::new());
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(length @ 1..) = pipe.read(&mut piece) {
                heard.send_modify(|all| all.extend_from_slice(&piece[..length]));
            }
        });
        Self(hearing)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.borrow()).into_owned()
    }

    /// What `find` makes of the first line that it likes; `None` if there never is one.
    pub(crate) async fn line<T>(&self, find: impl Fn(&str) -> Option<T>) -> Option<T> {
        let mut hearing = self.0.clone();
        within("a line of output", async {
            loop {
                let text = String::from_utf8_lossy(&hearing.borrow_and_update()).into_owned();
                let mut whole =
                    text.split_inclusive('\n').filter_map(|line| line.strip_suffix('\n'));
                if let Some(found) = whole.find_map(&find) {
                    return Some(found);
                }
                if hearing.changed().await.is_err() {
                    return None;
                }
            }
        })
        .await
    }

    /// Waits until the other side has closed the pipe.
    pub(crate) async fn closed(&self) {
        let mut hearing = self.0.clone();
        while hearing.changed().await.is_ok() {}
    }
}
