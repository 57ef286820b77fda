//! Answers as files: written as their rows come, or kept for a minute and served in parts.

use std::io::{self, BufWriter, Write};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Semaphore, mpsc, oneshot};

use super::App;
use super::answer::{Operation, Ready};
use super::asked::Asked;
use super::error::ApiError;
use super::formats::{Format, SheetWriter};
use super::query::UsageQuery;
use crate::services::{self, Compare, Question, SheetQuestion};
use crate::usage::{Day, DayRange, Grain, buckets};

mod files;

pub(super) use files::file;

/// Exports under way at once: each has a thread.
const AT_ONCE: usize = 3;
/// How long an export waits for its turn.
const TURN: Duration = Duration::from_secs(5);
/// How long a client may take to take the next part.
const PATIENCE: Duration = Duration::from_secs(30);
/// What is written goes out in parts of this size, a few ahead of the client.
const PART_BYTES: usize = 64 << 10;
const PARTS_AHEAD: usize = 4;
/// How often it is looked whether the client took a part.
const LOOKS_EVERY: Duration = Duration::from_millis(2);
/// Rows of one question in a file, where it is not asked bucket by bucket.
const MOST_ROWS: usize = 1_000_000;

/// Whose turn it is to export, and the files that were made.
#[derive(Clone, Debug)]
pub(super) struct ExportDesk {
    turns: Arc<Semaphore>,
    files: Arc<files::Files>,
}

impl Default for ExportDesk {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), files: Arc::default() }
    }
}

/// What is written.
#[derive(Clone, Debug)]
pub(super) enum Content {
    /// The answer to a question.
    Sheet(SheetQuestion),
    /// Costs by FOCUS.
    Focus,
}

/// Answers in a format other than JSON.
pub(super) async fn export(
    app: &App,
    operation: Operation,
    query: &UsageQuery,
    content: Content,
    format: Format,
    name: &str,
    asked: &Asked,
) -> Result<Response, ApiError> {
    let turn = turn(app).await?;
    let ready = Ready::make(app, &operation, query, asked.scope()).await?;
    let range = ready.range;
    let (parts, body) = mpsc::channel(PARTS_AHEAD);
    let (begun, begins) = oneshot::channel();
    let out = Out { parts, begun: Arc::new(Mutex::new(Some(begun))) };
    let runtime = tokio::runtime::Handle::current();
    let work = move || {
        let _turn = turn;
        let _runtime = runtime.enter();
        let to = BufWriter::with_capacity(PART_BYTES, out.clone());
        let written = ready.with_question(async move |asked| {
            write(asked, content, format.writer(Box::new(to)).as_mut()).await
        });
        out.end(written);
    };
    std::thread::Builder::new()
        .name("export".to_owned())
        .spawn(work)
        .map_err(|_| ApiError::Unready("There is no thread for an export".to_owned()))?;
    begins.await.unwrap_or(Err(ApiError::Fault))?;
    let body = stream::unfold(body, async |mut body| Some((body.recv().await?, body)));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::CONTENT_DISPOSITION, attachment(name, range, format)),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// Says that an answer is a file, and what it is called.
pub(super) fn attachment(name: &str, days: DayRange, format: Format) -> HeaderValue {
    let days = days.to_string().replace("..", "_");
    HeaderValue::try_from(format!("attachment; filename=\"{name}_{days}.{}\"", format.ending()))
        .unwrap_or(HeaderValue::from_static("attachment"))
}

async fn turn(app: &App) -> Result<tokio::sync::OwnedSemaphorePermit, ApiError> {
    let turn = tokio::time::timeout(TURN, Arc::clone(&app.exports.turns).acquire_owned()).await;
    turn.ok().and_then(Result::ok).ok_or_else(|| {
        ApiError::Unready("Other exports are under way; ask again in a moment".to_owned())
    })
}

/// Writes the answer: bucket by bucket where every bucket has many rows of its own, so that no
/// more than one is in memory.
pub(super) async fn write(
    asked: Question<'_>,
    content: Content,
    writer: &mut (dyn SheetWriter + '_),
) -> Result<(), ApiError> {
    let mut question = match content {
        Content::Sheet(question) => question,
        Content::Focus => return write_focus(asked, writer).await,
    };
    question.most_rows = MOST_ROWS;
    let is_plain = question.order.is_empty()
        && question.limit.is_none()
        && !question.prefers_hours
        && question.compare == Compare::No
        && question.measures.iter().all(|measure| !measure.is_share());
    let by_bucket = is_plain && question.grain.is_of_days() && question.grain != Grain::Total;
    if !by_bucket {
        let sheet = services::sheet(asked, &question).await?;
        writer.write(&sheet).map_err(gone)?;
        return writer.end().map_err(gone);
    }
    let all = buckets(asked.range, question.grain, asked.zone, usize::MAX).unwrap_or_default();
    for bucket in all {
        let Some(days) = DayRange::new(bucket.first, bucket.last) else { continue };
        let asked = Question { range: days, asked: days, ..asked };
        let sheet = services::sheet(asked, &question).await?;
        writer.write(&sheet).map_err(gone)?;
    }
    writer.end().map_err(gone)
}

/// Day by day, oldest first.
async fn write_focus(
    asked: Question<'_>,
    writer: &mut (dyn SheetWriter + '_),
) -> Result<(), ApiError> {
    let mut days: Vec<Day> = asked.range.newest_first().collect();
    days.reverse();
    for day in days {
        writer.write(&services::focus(asked, day).await?).map_err(gone)?;
    }
    writer.end().map_err(gone)
}

/// The client went away, or the disk is full.
fn gone(error: io::Error) -> ApiError {
    tracing::debug!(%error, "an export was not finished");
    ApiError::Unready("The export could not be written".to_owned())
}

/// Begins the answer, or says why there is none.
type Begin = oneshot::Sender<Result<(), ApiError>>;

/// Hands parts to a client. With the first one the answer begins.
#[derive(Clone)]
struct Out {
    parts: mpsc::Sender<io::Result<Bytes>>,
    begun: Arc<Mutex<Option<Begin>>>,
}

impl Out {
    fn begin(&self, how: Result<(), ApiError>) -> Result<(), Result<(), ApiError>> {
        let begun = self.begun.lock().unwrap_or_else(PoisonError::into_inner).take();
        match begun {
            Some(begun) => begun.send(how),
            None => Err(how),
        }
    }

    /// Says how it ended: instead of an answer where none has begun, else by breaking it off.
    fn end(&self, written: Result<(), ApiError>) {
        if let Err(Err(_)) = self.begin(written) {
            let _ = self.parts.try_send(Err(io::Error::other("the export failed")));
        }
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let _ = self.begin(Ok(()));
        let mut part = Ok(Bytes::copy_from_slice(bytes));
        let since = std::time::Instant::now();
        loop {
            match self.parts.try_send(part) {
                Ok(()) => return Ok(bytes.len()),
                Err(TrySendError::Full(back)) if since.elapsed() < PATIENCE => part = back,
                Err(_) => return Err(io::ErrorKind::BrokenPipe.into()),
            }
            // This thread is the export's own, and waits for the client.
            std::thread::sleep(LOOKS_EVERY);
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
