//! Files that are made at most once a minute, and served whole or in parts: programs that read
//! them over HTTP look at their end first, and must find the same file with every question.

use std::fs;
use std::io::{self, BufWriter, Seek as _, SeekFrom};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use xxhash_rust::xxh3::xxh3_64;

use super::{Content, attachment, gone, turn, write};
use crate::access::Scope;
use crate::api::App;
use crate::api::answer::{Operation, Ready};
use crate::api::asked::Asked;
use crate::api::encoding::has_tagged;
use crate::api::error::ApiError;
use crate::api::formats::Format;
use crate::api::query::UsageQuery;
use crate::bounded_cache::{Bounds, ComputingCache, EvictionPolicy};

/// So long a file stays the answer.
const FRESH: Duration = Duration::from_secs(60);
/// Files that are kept at once; they take disk, not memory.
const MOST_FILES: u64 = 8;
const READ_BYTES: usize = 256 << 10;

/// The files that were made, by what they are of and who may see it.
#[derive(Debug)]
pub(super) struct Files(ComputingCache<(String, Scope), Arc<Made>>);

impl Default for Files {
    fn default() -> Self {
        Self(ComputingCache::new(Bounds {
            live: Some(FRESH),
            // A file that was just made is read next, in parts.
            eviction: EvictionPolicy::lru(),
            ..Bounds::entries(MOST_FILES)
        }))
    }
}

#[derive(Debug)]
struct Made {
    /// Has no name: it is gone with the process.
    content: fs::File,
    bytes: u64,
    etag: String,
    attachment: HeaderValue,
}

/// Answers with a Parquet file, whose name begins with `name`.
pub(in crate::api) async fn file(
    app: &App,
    operation: Operation,
    query: &UsageQuery,
    content: Content,
    name: &str,
    asked: &Asked,
) -> Result<Response, ApiError> {
    let of = format!("{} {query:?} {}", operation.name, operation.parameters);
    let key = (of, asked.scope().clone());
    let make = make(app, &operation, query, content, name, &key);
    let made = app.exports.files.0.get_or_compute(key.clone(), make).await;
    Ok(serve(made.map_err(ApiError::Shared)?, &asked.headers))
}

async fn make(
    app: &App,
    operation: &Operation,
    query: &UsageQuery,
    what: Content,
    name: &str,
    (of, scope): &(String, Scope),
) -> Result<Arc<Made>, ApiError> {
    let at = app.parts.clock.now();
    let turn = turn(app).await?;
    let ready = Ready::make(app, operation, query, scope).await?;
    let version = ready.version();
    let attachment = attachment(name, ready.range, Format::Parquet);
    let span = tracing::Span::current();
    let written = crate::tasks::spawn_blocking(move || {
        let _of_request = span.enter();
        let _turn = turn;
        let mut content = tempfile::tempfile().map_err(gone)?;
        let to = BufWriter::new(content.try_clone().map_err(gone)?);
        ready.with_question(async move |asked| {
            write(asked, what, Format::Parquet.writer(Box::new(to)).as_mut()).await
        })?;
        let bytes = content.seek(SeekFrom::End(0)).map_err(gone)?;
        Ok::<_, ApiError>((content, bytes))
    });
    let (content, bytes) = written.await.unwrap_or(Err(ApiError::Fault))?;
    let etag = format!("\"{:016x}\"", xxh3_64(format!("{of} {scope:?} {version} {at}").as_bytes()));
    Ok(Arc::new(Made { content, bytes, etag, attachment }))
}

fn serve(made: Arc<Made>, asked: &HeaderMap) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(etag) = HeaderValue::from_str(&made.etag) {
        headers.insert(header::ETAG, etag);
    }
    // Before any range is looked at (RFC 9110, 13.2.2).
    if has_tagged(asked, &made.etag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(Format::Parquet.media_type()));
    headers.insert(header::CONTENT_DISPOSITION, made.attachment.clone());
    let is_same =
        asked.get(header::IF_RANGE).is_none_or(|etag| etag.as_bytes() == made.etag.as_bytes());
    let range = asked.get(header::RANGE).filter(|_| is_same).and_then(|range| range.to_str().ok());
    let (status, part) = match range.and_then(|range| part(range, made.bytes)) {
        None => (StatusCode::OK, 0..made.bytes),
        Some(Some(part)) => (StatusCode::PARTIAL_CONTENT, part),
        Some(None) => {
            let range = HeaderValue::from_str(&format!("bytes */{}", made.bytes));
            headers.extend(range.ok().map(|range| (header::CONTENT_RANGE, range)));
            return (StatusCode::RANGE_NOT_SATISFIABLE, headers).into_response();
        }
    };
    if status == StatusCode::PARTIAL_CONTENT {
        let told = format!("bytes {}-{}/{}", part.start, part.end - 1, made.bytes);
        headers.extend(HeaderValue::from_str(&told).ok().map(|r| (header::CONTENT_RANGE, r)));
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(part.end - part.start));
    (status, headers, Body::from_stream(content(made, part))).into_response()
}

/// The part that a `Range` asks for; nothing where it is not one range of bytes, and no part where
/// the file has none of it.
fn part(range: &str, bytes: u64) -> Option<Option<Range<u64>>> {
    let (first, last) = range.trim().strip_prefix("bytes=")?.split_once('-')?;
    let (first, last) = (first.trim(), last.trim());
    if first.is_empty() {
        let count: u64 = last.parse().ok()?;
        return Some((count > 0 && bytes > 0).then(|| bytes.saturating_sub(count)..bytes));
    }
    let first: u64 = first.parse().ok()?;
    let last: u64 = if last.is_empty() { u64::MAX } else { last.parse().ok()? };
    if last < first {
        return None;
    }
    Some((first < bytes).then(|| first..last.saturating_add(1).min(bytes)))
}

fn content(made: Arc<Made>, part: Range<u64>) -> impl stream::Stream<Item = io::Result<Bytes>> {
    stream::unfold((made, part), async |(made, part)| {
        let length = usize::try_from(part.end - part.start).unwrap_or(READ_BYTES).min(READ_BYTES);
        if length == 0 {
            return None;
        }
        let from = Arc::clone(&made);
        let read = crate::tasks::spawn_blocking(move || {
            let mut bytes = vec![0; length];
            from.content.read_exact_at(&mut bytes, part.start)?;
            Ok(Bytes::from(bytes))
        });
        let bytes = read.await.unwrap_or_else(|_| Err(io::Error::other("it cannot be read")));
        let end = if bytes.is_ok() { part.end } else { part.start };
        Some((bytes, (made, (part.start + length as u64).min(end)..end)))
    })
}

#[cfg(test)]
mod tests {
    use super::part;

    #[test]
    fn ranges_are_parts_of_the_file() {
        assert_eq!(part("bytes=0-3", 10), Some(Some(0..4)));
        assert_eq!(part("bytes=4-", 10), Some(Some(4..10)));
        assert_eq!(part("bytes=-4", 10), Some(Some(6..10)));
        assert_eq!(part("bytes=-40", 10), Some(Some(0..10)));
        assert_eq!(part("bytes=8-99", 10), Some(Some(8..10)));
        assert_eq!(part("bytes=10-", 10), Some(None));
        for whole in ["bytes=5-4", "bytes=0-1,3-4", "lines=0-1", "bytes=a-b"] {
            assert_eq!(part(whole, 10), None, "{whole}");
        }
    }
}
