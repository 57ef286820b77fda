//! Logs of single requests: `GET /spend/logs/v2`, in older versions `/spend/logs/ui`.
//!
//! A window is one of start times in whole seconds. Rows come newest first, and those that
//! arrive meanwhile push others to later pages, so that a row may come twice but is not lost;
//! rows of one instant may change places, which the number of distinct rows gives away.

use std::collections::HashSet;

use futures_util::stream::{self, StreamExt as _};
use jiff::Timestamp;
use serde::Deserialize;

use super::http::{AT_ONCE, parse};
use super::request::WireRequest;
use super::wire::{Number, from_json, is_object, or_default};
use super::{Error, LiteLlm, LogWindow, UsageSource as _};
use crate::usage::{Request, RequestSource};

const LOGS: &str = "/spend/logs/v2";
const OLDER_LOGS: &str = "/spend/logs/ui";

/// Rows a page: the most that LiteLLM allows (1.106: 422 above), and what older versions did.
pub(super) const PAGE_ROWS: [u32; 3] = [1_000, 100, 50];
/// The gateway counts no further: a window of as many rows may hold more.
const MOST_COUNTED: i64 = 10_000;
/// More pages than a window has that the gateway could count: paging that does not end.
const MOST_PAGES: u32 = 200;
/// How often a window is read because rows changed places between its pages.
const TORN_READS: u32 = 3;

/// The requests that began in a window of time.
#[derive(Clone, Debug, PartialEq)]
pub enum RequestLogs {
    /// All that are logged, each once.
    All(Vec<Request>),
    /// More than the gateway counts: ask for parts of the window.
    TooMany,
    /// The gateway has no request logs.
    NotKept,
    /// This key may not read them.
    NotAllowed,
}

#[derive(Deserialize)]
struct WirePage {
    data: Option<Vec<Option<WireRequest>>>,
    #[serde(default, deserialize_with = "or_default")]
    total: Number,
}

/// A page, reduced to what counts.
pub(super) struct Page {
    pub(super) requests: Vec<Request>,
    /// Rows of the page, counted or not.
    rows: usize,
    total: Option<i64>,
}

pub(super) fn read_page(bytes: &[u8]) -> Result<Page, Error> {
    if !is_object(bytes) {
        from_json::<serde::de::IgnoredAny>(bytes)?;
        return Err(Error::Shape("it is not an object"));
    }
    let page: WirePage = from_json(bytes)?;
    let data = page.data.ok_or(Error::Shape("it has no list of requests"))?;
    let rows = data.len();
    let requests =
        data.into_iter().flatten().filter_map(|row| row.read(RequestSource::Logs).ok()).collect();
    Ok(Page { requests, rows, total: page.total.count() })
}

impl LiteLlm {
    /// See [`super::UsageSource::requests`].
    pub(super) async fn read_requests(&self, window: LogWindow) -> Result<RequestLogs, Error> {
        for read in 1.. {
            let first = match self.logs_page(window, 1).await {
                Err(Error::NotFound(_)) => return Ok(RequestLogs::NotKept),
                Err(Error::KeyRefused) => {
                    // Good for everything else, or for nothing.
                    self.check_key().await?;
                    return Ok(RequestLogs::NotAllowed);
                }
                first => first?,
            };
            let is_capped = first.total.is_some_and(|total| total >= MOST_COUNTED);
            if is_capped && !window.is_smallest() {
                return Ok(RequestLogs::TooMany);
            }
            let total = first.total.unwrap_or_default();
            let rows_a_page = self.log_page_rows.get() as usize;
            let (mut requests, mut rows, mut last_rows) = (first.requests, first.rows, first.rows);
            let told = usize::try_from(total).unwrap_or_default().div_ceil(rows_a_page.max(1));
            // Two pages at a time, as far as the gateway told that there are some, and it is to be
            // believed.
            let told = u32::try_from(told).unwrap_or(u32::MAX).min(MOST_PAGES);
            let pages = (2..=told).map(|page| self.logs_page(window, page));
            let mut page = stream::iter(pages).buffered(AT_ONCE);
            let mut pages_read = 1;
            while let Some(next) = page.next().await {
                let next = next?;
                pages_read += 1;
                rows += next.rows;
                last_rows = next.rows;
                requests.extend(next.requests);
                if last_rows == 0 {
                    break;
                }
            }
            drop(page);
            // More came meanwhile, or there are more than the gateway counts.
            while last_rows >= rows_a_page {
                pages_read += 1;
                if pages_read > MOST_PAGES {
                    return Err(Error::TooLarge);
                }
                let next = self.logs_page(window, pages_read).await?;
                rows += next.rows;
                last_rows = next.rows;
                requests.extend(next.requests);
            }
            let mut seen = HashSet::with_capacity(requests.len());
            let all = requests.len();
            requests.retain(|request| seen.insert((request.identity, request.started_at)));
            let repeated = all - requests.len();
            let is_torn = i64::try_from(rows - repeated).is_ok_and(|rows| rows < total);
            if !is_torn || read >= TORN_READS {
                return Ok(RequestLogs::All(requests));
            }
        }
        Ok(RequestLogs::TooMany)
    }

    /// One page; finds out what this version of the gateway allows.
    async fn logs_page(&self, window: LogWindow, page: u32) -> Result<Page, Error> {
        let time = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M:%S").to_string();
        let (from, until, number) = (time(window.from), time(window.until), page.to_string());
        let mut failure: Option<Error> = None;
        let mut rows = self.log_page_rows.get();
        loop {
            let size = rows.to_string();
            let query = [
                ("start_date", from.as_str()),
                ("end_date", until.as_str()),
                ("page", number.as_str()),
                ("page_size", size.as_str()),
            ];
            let is_older = failure.is_some() || !self.logs_v2.is_there();
            let path = if is_older { OLDER_LOGS } else { LOGS };
            let page = match self.http.get(path, &query).await {
                Ok(body) => parse(body, read_page).await,
                Err(error) => Err(error),
            };
            match page {
                Ok(page) => {
                    match failure {
                        Some(error) => self.logs_v2.failed_alone(&error),
                        None if !is_older => self.logs_v2.worked(),
                        None => {}
                    }
                    return Ok(page);
                }
                Err(error @ Error::Rejected(_)) if rows > PAGE_ROWS[PAGE_ROWS.len() - 1] => {
                    let fewer = PAGE_ROWS.into_iter().find(|fewer| *fewer < rows);
                    rows = fewer.ok_or(error)?;
                    self.log_page_rows.learn(rows);
                }
                Err(error) if !is_older && error.is_unsupported() => failure = Some(error),
                Err(error) => return Err(error),
            }
        }
    }
}
