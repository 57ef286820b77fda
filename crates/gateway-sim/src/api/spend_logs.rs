//! `GET /spend/logs/v2` and `GET /spend/logs/ui`: single requests, newest first.
//!
//! The window is one of start times, both ends included. `total` stops at 10,000, pages go on
//! behind it. The order is by start time alone, so requests of one instant may change places
//! between pages; here they do while `Fault::UnstablePages` is on.

mod json;

use std::cmp::Reverse;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::Serialize;
use serde_json::{Value, json};

use super::caller::Caller;
use super::context::Context;
use crate::answer::{Answer, Outcome};
use crate::world::{Request, hash_text, scatter};

const MOST_COUNTED: usize = 10_000;

pub(crate) fn v2(context: &Context<'_>) -> Outcome {
    list(context, Kind::V2)
}

pub(crate) fn ui(context: &Context<'_>) -> Outcome {
    list(context, Kind::Ui)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    V2,
    Ui,
}

fn list(context: &Context<'_>, kind: Kind) -> Outcome {
    let query = context.query;
    let most = i64::from(context.version.spend_logs_max_page_size);
    let page = query.int_within("page", 1, 1, None)?;
    let page_size = query.int_within("page_size", 50, 1, Some(most))?;
    let ascending = ascending(context)?;
    let (Some(start), Some(end)) = (query.get("start_date"), query.get("end_date")) else {
        let message = "Start date and end date are required";
        return Err(Answer::proxy_error(400, "bad_request", json!("None"), message));
    };
    let (start, end) = (read_time(start, kind)?, read_time(end, kind)?);

    let found = || {
        context
            .world
            .request_log()
            .between(start, end)
            .filter(|request| may_see(context, request) && is_asked_for(context, request))
    };
    let counted = found().take(MOST_COUNTED + 1).count();
    let total = counted.min(MOST_COUNTED);
    let size = usize::try_from(page_size).unwrap_or(1);
    let skipped = usize::try_from((page - 1).saturating_mul(page_size)).unwrap_or(usize::MAX);
    let rows: Vec<json::Row<'_>> = in_order(context, found(), ascending)
        .skip(skipped)
        .take(size)
        .map(|request| json::Row::new(context.world, request, kind == Kind::Ui))
        .collect();
    Ok(Answer::ok(&Page {
        data: rows,
        total,
        page,
        page_size,
        total_pages: total.div_ceil(size),
        total_is_capped: counted > MOST_COUNTED,
    }))
}

#[derive(Serialize)]
struct Page<'a> {
    data: Vec<json::Row<'a>>,
    total: usize,
    page: i64,
    page_size: i64,
    total_pages: usize,
    total_is_capped: bool,
}

/// By start time; requests of one instant in the order they were written, unless these change
/// places.
fn in_order<'a>(
    context: &Context<'_>,
    found: impl DoubleEndedIterator<Item = &'a Request> + 'a,
    ascending: bool,
) -> Box<dyn Iterator<Item = &'a Request> + 'a> {
    match context.shuffle {
        None if ascending => Box::new(found),
        None => Box::new(found.rev()),
        Some(shuffle) => {
            let tie = |request: &Request| scatter(shuffle ^ hash_text(&request.request_id));
            let mut found: Vec<&Request> = found.collect();
            if ascending {
                found.sort_by_key(|request| (request.started_at, tie(request)));
            } else {
                found.sort_by_key(|request| (Reverse(request.started_at), tie(request)));
            }
            Box::new(found.into_iter())
        }
    }
}

fn ascending(context: &Context<'_>) -> Result<bool, Answer> {
    match context.query.get("sort_order").unwrap_or("desc") {
        order if order.eq_ignore_ascii_case("asc") => Ok(true),
        order if order.eq_ignore_ascii_case("desc") => Ok(false),
        other => {
            let message = format!("Invalid sort_order: {other}. Must be one of: asc, desc");
            Err(Answer::proxy_error(400, "bad_request", json!("sort_order"), &message))
        }
    }
}

/// `YYYY-MM-DD HH:MM:SS` in UTC; the second version also takes a bare date for its midnight.
fn read_time(text: &str, kind: Kind) -> Result<Timestamp, Answer> {
    let text = text.trim();
    let format = if text.len() == "YYYY-MM-DD".len() && kind == Kind::V2 {
        "%Y-%m-%d"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    let parsed = if format.contains('H') {
        DateTime::strptime(format, text)
    } else {
        jiff::civil::Date::strptime(format, text).map(DateTime::from)
    };
    parsed.and_then(|time| Offset::UTC.to_timestamp(time)).map_err(|_| {
        let expected = match kind {
            Kind::V2 => "'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM:SS'",
            Kind::Ui => "'YYYY-MM-DD HH:MM:SS'",
        };
        let message = format!("Invalid date format: {text}. Expected: {expected}");
        Answer::proxy_error(400, "internal_server_error", Value::Null, &message)
    })
}

fn may_see(context: &Context<'_>, request: &Request) -> bool {
    match context.caller {
        Caller::Admin => true,
        Caller::User { sees, .. } => sees.contains(&request.api_key),
        _ => false,
    }
}

fn is_asked_for(context: &Context<'_>, request: &Request) -> bool {
    let equals = |param, value: &str| context.query.get(param).is_none_or(|asked| asked == value);
    equals("team_id", request.team_id.as_deref().unwrap_or_default())
        && equals("api_key", &request.api_key)
        && equals("model", &request.model)
        && equals("model_group", &request.model_group)
        && equals("request_id", &request.request_id)
        && equals("status_filter", json::status(request))
}
