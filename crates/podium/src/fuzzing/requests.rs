//! Requests as the gateway pushes and logs them: each is read alike however it comes, and counted
//! once.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use serde_json::Value;

use super::activity::is_same;
use super::stage::{NOW, instant, runtime};
use crate::api::fuzzing::unpacked;
use crate::gateway::fuzzing::read_log_page;
use crate::gateway::{Pushed, read_pushed};
use crate::store::fuzzing::sums;
use crate::store::{EmbeddedStore, Location, Reader};
use crate::usage::quarters_of_days;
use crate::usage::{Day, DayRange, Dimension, Metrics, Request, RequestSource, Span};

/// A body is unpacked as far as this.
const MOST_UNPACKED: usize = 1 << 20;
const MOST_PAYLOADS: usize = 40;

/// Any body at all; and what is JSON, as payloads in each spelling.
pub(super) fn run(bytes: &[u8]) {
    if let Some(plain) = unpacked(bytes, MOST_UNPACKED) {
        assert!(plain.len() <= MOST_UNPACKED, "no more than is allowed");
    }
    let _ = read_pushed(bytes);
    let Ok(payloads) = serde_json::from_slice::<Value>(bytes) else { return };
    let payloads = match payloads {
        Value::Array(payloads) => payloads.into_iter().take(MOST_PAYLOADS).collect(),
        one => vec![one],
    };
    if let Some(pushed) = spelled(&payloads) {
        runtime().block_on(counted(distinct(pushed.requests)));
    }
}

/// What the payloads say, the same in each spelling.
fn spelled(payloads: &[Value]) -> Option<Pushed> {
    let lines: Vec<String> = payloads.iter().map(Value::to_string).collect();
    let list = format!("[{}]", lines.join(" ,\n "));
    let pushed = read_pushed(list.as_bytes()).ok()?;
    let all = pushed.requests.len() + pushed.not_usage + pushed.unreadable;
    assert_eq!(all, payloads.len(), "each payload counts as something");
    // The only payload of a body, if it is a list, is taken for the list of them.
    if payloads.iter().all(Value::is_object) && !payloads.is_empty() {
        let by_line = read_pushed(lines.join("\r\n").as_bytes()).expect("one a line");
        assert_eq!(by_line, pushed, "one a line");
        let packed = packed(list.as_bytes());
        let plain = unpacked(&packed, MOST_UNPACKED).expect("it is small");
        assert_eq!(read_pushed(&plain).expect("as it was"), pushed, "packed");
        if pushed.unreadable == 0 {
            let page = format!("{{\"total\":{},\"data\":{list}}}", payloads.len());
            let mut logged = read_log_page(page.as_bytes()).expect("each of them can be read");
            logged.iter_mut().for_each(|request| request.source = RequestSource::Push);
            assert_eq!(logged, pushed.requests, "logged");
        }
    }
    Some(pushed)
}

/// In two parts, as gzip allows.
fn packed(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut packed = Vec::new();
    for half in [&bytes[..bytes.len() / 2], &bytes[bytes.len() / 2..]] {
        let mut encoder = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast());
        encoder.write_all(half).expect("memory takes it");
        encoder.finish().expect("memory takes it");
    }
    packed
}

/// Those that nobody could take for each other: of one identity, none that began nearly together.
fn distinct(requests: Vec<Request>) -> Vec<Request> {
    let now = instant(NOW);
    let mut began: HashMap<u128, Vec<Timestamp>> = HashMap::new();
    let is_far = |one: Timestamp, other: &Timestamp| {
        one.duration_since(*other).abs() > jiff::SignedDuration::from_secs(3)
    };
    requests
        .into_iter()
        .filter(|request| request.refusal(now).is_none())
        .filter(|request| {
            let others = began.entry(request.identity).or_default();
            let is_distinct = others.iter().all(|other| is_far(request.started_at, other));
            others.push(request.started_at);
            is_distinct
        })
        .collect()
}

type Tables = Vec<BTreeMap<String, Metrics>>;

/// Counts them at once; and one by one from the last to the first, twice, from both sources.
async fn counted(requests: Vec<Request>) {
    let at_once = store();
    let added = at_once.facts.add_requests(requests.clone(), Vec::new()).await.expect("memory");
    assert_eq!(added.new + added.repeated + added.too_old, requests.len());
    let one_by_one = store();
    let mut new = 0;
    for (place, request) in requests.iter().rev().enumerate() {
        for time in 0..2 {
            let sources = [RequestSource::Logs, RequestSource::Push];
            let source = sources[(place + time) % 2];
            let request = Request { source, ..request.clone() };
            let added = one_by_one.facts.add_requests(vec![request], Vec::new()).await;
            new += added.expect("memory").new;
        }
    }
    assert_eq!(new, added.new, "each is counted once");
    let days: HashSet<Day> = requests.iter().map(|r| Day::of(r.started_at)).collect();
    for day in days {
        let [one, other] = [&at_once, &one_by_one].map(crate::store::Store::read);
        let (one, other) = (tables(&one, day).await, tables(&other, day).await);
        for (one, other) in one.iter().zip(&other) {
            assert!(one.keys().eq(other.keys()), "{one:?} and {other:?}");
            for (value, metrics) in one {
                is_same(metrics, &other[value], value);
            }
        }
    }
}

fn store() -> crate::store::Store {
    EmbeddedStore::open(&Location::Memory, instant(NOW)).expect("memory").store()
}

/// A day's quarter hours, told apart in each way.
async fn tables(reader: &Reader, day: Day) -> Tables {
    let quarters = quarters_of_days(DayRange::single(day));
    let mut tables = Tables::new();
    for by in std::iter::once(None).chain(Dimension::ALL.map(Some)) {
        tables.push(sums(reader, Span::Quarters(quarters.clone()), by).await);
    }
    tables
}
