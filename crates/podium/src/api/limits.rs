//! What every request is held to, and how many connections there are.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;

use super::App;
use super::error::error_response;

/// Longer queries are refused: nobody asks by hand for hundreds of names.
const MOST_QUERY_BYTES: usize = 8_192;
/// Once the end was asked for, answers under way have so long.
const LAST_ANSWERS: Duration = Duration::from_secs(3);

/// Refuses what is too long, and answers who still waits when Podium ends.
pub(super) async fn hold(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.uri().query().is_some_and(|query| query.len() > MOST_QUERY_BYTES) {
        return error_response(
            StatusCode::URI_TOO_LONG,
            format!("The query must not be longer than {MOST_QUERY_BYTES} bytes"),
        );
    }
    let too_late = async {
        app.parts.ending.cancelled().await;
        tokio::time::sleep(LAST_ANSWERS).await;
    };
    tokio::select! {
        // Most answers are there at once, and nobody has to be told of the end for them.
        biased;
        response = next.run(request) => response,
        () = too_late => {
            error_response(StatusCode::SERVICE_UNAVAILABLE, "Podium is shutting down")
        }
    }
}

/// How many connections there are and were.
#[derive(Debug, Default)]
pub struct Connections {
    open: AtomicUsize,
    refused: AtomicU64,
}

/// A connection, as long as it is open.
#[derive(Debug)]
pub struct Counted(Arc<Connections>);

impl Connections {
    /// Counts one more as long as the value lives.
    pub fn count(self: &Arc<Self>) -> Counted {
        self.open.fetch_add(1, Ordering::Relaxed);
        Counted(Arc::clone(self))
    }

    /// Counts one that was closed at once, since there were too many.
    pub fn refuse(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// How many are open now.
    pub fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// How many were closed at once.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::Relaxed);
    }
}
