//! Writing an answer: compressed if asked for, and to its end unless a fault says otherwise.

use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::Response;
use hyper::body::{Body, Frame};
use hyper::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::socket::ResetSwitch;
use crate::answer::Answer;
use crate::faults::Ending;

/// Answers below this size are not worth compressing.
const LEAST_COMPRESSED_BYTES: usize = 500;

pub(super) fn write(
    answer: Answer,
    accepts_gzip: bool,
    ending: Ending,
    stopping: &CancellationToken,
    resets: &ResetSwitch,
) -> Response<Pieces> {
    let mut response =
        Response::builder().status(answer.status).header(CONTENT_TYPE, answer.content_type);
    for (name, value) in answer.headers {
        response = response.header(name, value);
    }
    let mut body = answer.body;
    if accepts_gzip && body.len() >= LEAST_COMPRESSED_BYTES {
        response = response.header(CONTENT_ENCODING, "gzip");
        body = compress(&body);
    }
    // The whole length is announced, so that a peer can tell when something is missing.
    let response = response.header(CONTENT_LENGTH, body.len());
    let pieces = Pieces::new(Bytes::from(body), ending, stopping, resets);
    response.body(pieces).expect("our own statuses and headers are valid")
}

fn compress(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(body).and_then(|()| encoder.finish());
    written.expect("a vector takes everything that is written to it")
}

/// A body that is sent in one piece, or in part.
pub(super) struct Pieces {
    first: Option<Bytes>,
    then: Then,
}

enum Then {
    End,
    /// Nothing more, until the simulator stops.
    Silence(Pin<Box<WaitForCancellationFutureOwned>>),
    /// A reset, once the first piece is out.
    Reset {
        resets: ResetSwitch,
        flushed: bool,
    },
}

impl Pieces {
    fn new(
        mut body: Bytes,
        ending: Ending,
        stopping: &CancellationToken,
        resets: &ResetSwitch,
    ) -> Pieces {
        let then = match ending {
            Ending::Whole | Ending::ResetBefore => Then::End,
            Ending::Silence { after_bytes } => {
                body.truncate(after_bytes);
                Then::Silence(Box::pin(stopping.clone().cancelled_owned()))
            }
            Ending::ResetAfter { bytes } => {
                body.truncate(bytes);
                Then::Reset { resets: resets.clone(), flushed: false }
            }
        };
        Pieces { first: Some(body).filter(|body| !body.is_empty()), then }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(piece) = self.first.take() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match &mut self.then {
            Then::End => Poll::Ready(None),
            Then::Silence(stopping) => stopping.as_mut().poll(cx).map(|()| Some(Err(aborted()))),
            Then::Reset { flushed, .. } if !*flushed => {
                // The connection flushes what it has while its body is not ready.
                *flushed = true;
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Then::Reset { resets, .. } => {
                resets.turn_on();
                Poll::Ready(Some(Err(aborted())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && matches!(self.then, Then::End)
    }
}

fn aborted() -> io::Error {
    io::ErrorKind::ConnectionAborted.into()
}
