//! Random operations and questions, each from one number.

use std::collections::HashMap;

use fastrand::Rng;
use jiff::{SignedDuration, Timestamp};

use crate::store::{DayState, Discrepancy, LogDay};
use crate::usage::{
    AuditedDay, Cause, Columns, Day, DayRange, DayUsage, Dimension, Filter, Finding, KeyUsage,
    Metrics, Quarter, REST, Request, RequestSource, Span, SumQuestion, Team, TeamUsage, UNASSIGNED,
    Wanted, quarters_of_days,
};

/// Usage happens on so many days from the first one on.
const DAYS: i64 = 5;
const TEAMS: [&str; 4] = ["team-a", "team-b", "équipe, \"c\"", UNASSIGNED];
const KEYS: [&str; 4] = ["key-a", "key-b", "key-c", ""];
const VALUES: [&str; 3] = ["one", "two/three", "=4"];

/// Something that is done to a store.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    ReplaceDay(Box<DayUsage>, DayState),
    Check(Vec<Day>, Timestamp),
    List(Vec<Team>, Timestamp),
    NameModels(HashMap<String, String>),
    EmptyBefore(Day),
    Find(Vec<Finding>),
    Add(Vec<Request>, Vec<(Day, LogDay)>),
    Forget(Day, Day),
    Restart,
}

/// Makes operations; time passes with each.
#[derive(Default)]
pub(super) struct World {
    passed: i64,
    sent: Vec<Request>,
}

fn first_day() -> Day {
    Day::parse("2026-11-20").expect("a day")
}

/// All days of which something may be known.
pub(super) fn days() -> DayRange {
    DayRange::ending(day(DAYS - 1), 6)
}

fn day(n: i64) -> Day {
    Quarter(Quarter::first_of(first_day()).0 + n * Quarter::PER_DAY).day()
}

fn any_day(rng: &mut Rng) -> Day {
    day(rng.i64(0..DAYS))
}

fn pick(rng: &mut Rng, of: &[&str]) -> String {
    of[rng.usize(0..of.len())].to_owned()
}

impl World {
    pub(super) fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-25T12:00:00Z".parse().expect("a time");
        start.saturating_add(SignedDuration::from_mins(self.passed)).expect("a time")
    }

    pub(super) fn operation(&mut self, seed: u64) -> Operation {
        self.passed += 1;
        let (rng, now) = (&mut Rng::with_seed(seed), self.now());
        match rng.u8(0..20) {
            0..6 => Operation::ReplaceDay(Box::new(usage(rng)), state(rng, now)),
            6..13 => Operation::Add(self.requests(rng), log_days(rng, now)),
            13 => Operation::Check((0..2).map(|_| any_day(rng)).collect(), now),
            14 => Operation::List(teams(rng), now),
            15 => {
                let named = |_| (pick(rng, &VALUES), "public".to_owned());
                Operation::NameModels((0..2).map(named).collect())
            }
            16 => Operation::EmptyBefore(any_day(rng)),
            17 => Operation::Find(vec![finding(rng, now)]),
            18 => Operation::Forget(any_day(rng), any_day(rng)),
            _ => Operation::Restart,
        }
    }

    /// New requests, such as came before, and one of them twice.
    fn requests(&mut self, rng: &mut Rng) -> Vec<Request> {
        let mut requests: Vec<Request> = (0..rng.usize(0..6)).map(|_| request(rng)).collect();
        let again = (0..rng.usize(0..3)).filter_map(|_| {
            let known = self.sent.get(rng.usize(0..self.sent.len().max(1)))?;
            Some(Request { source: RequestSource::Logs, ..known.clone() })
        });
        requests.extend(again.collect::<Vec<_>>());
        self.sent.extend(requests.iter().filter(|request| request.metrics.requests > 0).cloned());
        // LiteLLM leaves tokens out when it pushes a failed request; its logs have them.
        for request in &mut requests {
            if request.source == RequestSource::Push && request.is_failure {
                let Metrics { requests, failed_requests, .. } = request.metrics;
                request.metrics = Metrics { requests, failed_requests, ..Metrics::default() };
            }
        }
        if rng.bool() {
            requests.extend(requests.first().cloned());
        }
        requests
    }
}

fn metrics(rng: &mut Rng) -> Metrics {
    let mut counts = [0; crate::usage::COUNTS];
    for count in &mut counts {
        *count = match rng.u8(0..8) {
            0 => 0,
            1 => rng.i64(0..10_000_000_000),
            _ => rng.i64(0..1_000),
        };
    }
    let amount = |rng: &mut Rng| f64::from(rng.i32(-50..500)) / 128.0;
    Metrics::from_parts([amount(rng), if rng.bool() { 0.0 } else { amount(rng) }], counts)
}

/// Parts of a whole; mostly they add up to it, but a gateway may tell less or more.
fn whole_of(rng: &mut Rng, parts: impl Iterator<Item = Metrics>) -> Metrics {
    let mut whole = if rng.u8(0..4) == 0 { metrics(rng) } else { Metrics::default() };
    parts.for_each(|part| whole += &part);
    if rng.u8(0..8) == 0 { metrics(rng) } else { whole }
}

fn usage(rng: &mut Rng) -> DayUsage {
    let mut usage = DayUsage::empty(any_day(rng));
    for team in &TEAMS[..rng.usize(0..=TEAMS.len())] {
        let keys: Vec<KeyUsage> =
            KEYS[..rng.usize(0..3)].iter().map(|key| key_usage(rng, key)).collect();
        for key in &keys {
            if rng.bool() {
                usage.key_aliases.insert(key.api_key.clone(), pick(rng, &VALUES));
            }
        }
        if rng.bool() {
            usage.team_aliases.insert((*team).to_owned(), pick(rng, &VALUES));
        }
        let metrics = whole_of(rng, keys.iter().map(|key| key.metrics));
        usage.total += &metrics;
        usage.teams.push(TeamUsage { team_id: (*team).to_owned(), metrics, keys });
    }
    usage.has_usage = !usage.teams.is_empty();
    usage
}

fn key_usage(rng: &mut Rng, api_key: &str) -> KeyUsage {
    let count = rng.usize(0..=VALUES.len());
    let models: Vec<(String, Metrics)> =
        VALUES[..count].iter().map(|model| ((*model).to_owned(), metrics(rng))).collect();
    let mut facets = Vec::new();
    for facet in &Dimension::FACETS[1..] {
        for value in VALUES {
            if rng.u8(0..3) == 0 {
                facets.push((*facet, value.to_owned(), metrics(rng)));
            }
        }
    }
    let metrics = whole_of(rng, models.iter().map(|(_, metrics)| *metrics));
    KeyUsage { api_key: api_key.to_owned(), metrics, models, facets }
}

fn state(rng: &mut Rng, now: Timestamp) -> DayState {
    let discrepancy =
        (rng.u8(0..4) == 0).then(|| Discrepancy { read: metrics(rng), gateway: metrics(rng) });
    DayState { fetched_at: now, checked_at: now, has_usage: rng.bool(), discrepancy }
}

fn teams(rng: &mut Rng) -> Vec<Team> {
    let team = |team_id: &&str| Team {
        team_id: (*team_id).to_owned(),
        alias: rng.bool().then(|| pick(rng, &VALUES)),
    };
    let mut teams: Vec<Team> = TEAMS[..3].iter().map(team).collect();
    teams.truncate(rng.usize(0..4));
    rng.shuffle(&mut teams);
    teams
}

fn finding(rng: &mut Rng, now: Timestamp) -> Finding {
    let ours = rng.bool().then(|| metrics(rng));
    let found = AuditedDay { day: any_day(rng), ours, gateway: metrics(rng), cause: Cause::Moved };
    Finding { found_at: now, found }
}

fn log_days(rng: &mut Rng, now: Timestamp) -> Vec<(Day, LogDay)> {
    let log_day = |rng: &mut Rng| {
        let day = any_day(rng);
        let read_until = rng.bool().then(|| Quarter(Quarter::first_of(day).0 + 40).start());
        (day, LogDay { read_until, read_at: read_until.map(|_| now), pushed: rng.bool() })
    };
    (0..rng.usize(0..3)).map(|_| log_day(rng)).collect()
}

/// Requests of one identity lie at least a minute apart and none near midnight.
fn request(rng: &mut Rng) -> Request {
    let minute = rng.i64(1..24 * 60 - 1);
    let start = Quarter::first_of(any_day(rng)).start();
    let started_at = start.saturating_add(SignedDuration::from_mins(minute)).expect("a time");
    let (is_failure, is_push) = (rng.u8(0..4) == 0, rng.bool());
    let mut used = metrics(rng);
    used.flat_cost_usd = 0.0;
    used.total_tokens += 1;
    used.requests = 1;
    used.failed_requests = i64::from(is_failure);
    used.successful_requests = 1 - used.failed_requests;
    let ms = (!is_failure).then(|| rng.i64(1..100_000));
    Request {
        identity: u128::from(rng.u8(0..20)),
        source: if is_push { RequestSource::Push } else { RequestSource::Logs },
        is_failure,
        started_at,
        team_id: pick(rng, &TEAMS),
        api_key: pick(rng, &KEYS),
        model_group: pick(rng, &VALUES),
        model: pick(rng, &VALUES),
        provider: pick(rng, &VALUES),
        metrics: used,
        duration_ms: ms,
        first_token_ms: ms.filter(|_| rng.bool()).map(|ms| ms / 3),
        key_alias: (rng.u8(0..4) == 0).then(|| pick(rng, &VALUES)),
    }
}

/// Some questions about everything.
pub(super) fn questions(seed: u64) -> Vec<SumQuestion> {
    let rng = &mut Rng::with_seed(seed ^ 0x5EED);
    (0..4).map(|_| question(rng)).collect()
}

/// Everything of a span, by all that a day and its requests both know.
pub(super) fn everything(span: Span) -> SumQuestion {
    SumQuestion {
        slots: vec![vec![span]],
        by: vec![Dimension::Team, Dimension::ApiKey, Dimension::Model],
        filter: Filter::default(),
        columns: Columns::ALL,
        with_times: false,
        most_rows: usize::MAX,
    }
}

fn question(rng: &mut Rng) -> SumQuestion {
    let mut by = Dimension::ALL.to_vec();
    rng.shuffle(&mut by);
    by.truncate(rng.usize(0..4));
    let mut filter = Filter::default();
    for _ in 0..rng.usize(0..3) {
        let dimension = Dimension::ALL[rng.usize(0..Dimension::ALL.len())];
        filter.0.retain(|(filtered, _)| *filtered != dimension);
        filter.0.push((dimension, wanted(rng, dimension)));
    }
    let used = by.iter().copied().chain(filter.dimensions().collect::<Vec<_>>());
    // Two facets at once are known to requests alone.
    let is_joint = Dimension::facets_among(used).count() > 1;
    let with_times = rng.u8(0..4) == 0;
    let slots = (0..rng.usize(1..4)).map(|_| spans(rng, is_joint || with_times)).collect();
    let columns = match rng.u8(0..3) {
        0 => Columns::COST,
        1 => Columns::count(rng.usize(0..crate::usage::COUNTS)),
        _ => Columns::ALL,
    };
    SumQuestion { slots, by, filter, columns, with_times, most_rows: usize::MAX }
}

fn wanted(rng: &mut Rng, dimension: Dimension) -> Wanted {
    let of: &[&str] = match dimension {
        Dimension::Team => &TEAMS,
        Dimension::ApiKey => &KEYS,
        _ => &VALUES,
    };
    let mut some = |most: usize| -> Vec<String> {
        let named = |_| if rng.u8(0..5) == 0 { REST.to_owned() } else { pick(rng, of) };
        (0..most).map(named).collect()
    };
    let (only, not) = (some(2), some(1));
    match rng.u8(0..3) {
        0 => Wanted { only: Some(only), not: Vec::new() },
        1 => Wanted { only: None, not },
        _ => Wanted { only: Some(only), not },
    }
}

fn spans(rng: &mut Rng, from_requests: bool) -> Vec<Span> {
    let (a, b) = (any_day(rng), any_day(rng));
    let days = DayRange::new(a.min(b), a.max(b)).expect("in order");
    let mut quarters = quarters_of_days(days);
    quarters.start.0 += rng.i64(0..60);
    match rng.u8(0..4) {
        _ if from_requests => vec![Span::Quarters(quarters)],
        0 => vec![Span::Days(days)],
        1 => vec![Span::Days(days), Span::LessQuarters(quarters)],
        2 => vec![Span::Unexplained(days)],
        _ => vec![Span::Quarters(quarters), Span::Days(days)],
    }
}
