//! The body of an answer, watched until it is sent, or nobody wants it any more.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use hyper::body::{Frame, SizeHint};

use super::access_lines::Outcome;
use super::watch::Watch;

/// See above.
#[derive(Debug)]
pub(super) struct WatchedBody {
    body: Body,
    watch: Watch,
}

impl WatchedBody {
    pub(super) fn new(body: Body, watch: Watch) -> Self {
        Self { body, watch }
    }
}

impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let span = self.watch.span().clone();
        let frame = ready!(span.in_scope(|| Pin::new(&mut self.body).poll_frame(cx)));
        match &frame {
            Some(Ok(frame)) => {
                self.watch.note_bytes(frame.data_ref().map_or(0, Bytes::len));
                if self.body.is_end_stream() {
                    self.watch.note_outcome(Outcome::Done);
                }
            }
            Some(Err(_)) => self.watch.note_outcome(Outcome::Failed),
            None => self.watch.note_outcome(Outcome::Done),
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
