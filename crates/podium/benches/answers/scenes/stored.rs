//! A store that is full: starting, memory, answers that were given before, first answers. Nobody is
//! asked: the gateway is away.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use podium::clock::{Clock as _, SystemClock};
use podium::store::{DayState, EmbeddedStore, Location};
use podium::usage::{Day, DayRange, DayUsage, Dimension, KeyUsage, Metrics, Team, TeamUsage};
use tokio::runtime::Runtime;

use super::{NO_REFRESH, ask};
use crate::child::{self, Server};
use crate::client::{Connection, request};
use crate::load;
use crate::static_server::GZIP;

/// Nobody listens there.
const AWAY: &str = "http://127.0.0.1:9";
/// The file that a gateway there has.
const FILE: &str = "127.0.0.1_9.sqlite3";
/// Times are medians of so many.
const TIMES: usize = 7;
/// So long after its last work a program is idle.
const IDLE: Duration = Duration::from_secs(75);
const CLIENTS: usize = 16;

/// What is stored.
pub(crate) struct Size {
    pub(crate) name: &'static str,
    pub(crate) teams: usize,
    pub(crate) keys: usize,
    /// Models of a key, each used on every day.
    pub(crate) models: usize,
    pub(crate) days: u32,
}

/// Half a million facts in three months.
pub(crate) const L: Size = Size { name: "L", teams: 500, keys: 4, models: 3, days: 90 };
/// Ten million facts in three years.
pub(crate) const XL: Size = Size { name: "XL", teams: 500, keys: 4, models: 5, days: 1_000 };

impl Size {
    pub(crate) fn facts(&self) -> usize {
        self.teams * self.keys * self.models * self.days as usize
    }

    fn range(&self) -> DayRange {
        DayRange::ending(Day::of(SystemClock.now()), self.days)
    }
}

const QUESTIONS: [&str; 10] = [
    "/tokens",
    "/tokens/timeseries",
    "/tokens/models",
    "/tokens/success-rate",
    "/tokens/cost-efficiency",
    "/api/v1/leaderboard",
    "/api/v1/activity?grain=1d&by=model&measures=tokens",
    "/api/v1/activity?grain=1mo&by=provider&measures=spend_usd",
    "/api/v1/query?by=team,model&measures=tokens,spend_usd&order=-tokens&limit=10&rest=true",
    "/api/v1/query?by=api_key&grain=1mo&measures=requests",
];

/// A question: its first answer after a start, and one about other days later.
pub(crate) struct Asked {
    pub(crate) question: &'static str,
    pub(crate) first: Duration,
    pub(crate) later: Duration,
    pub(crate) bytes: usize,
}

/// A stored answer beside the same bytes of the static server, with many clients.
pub(crate) struct Hot {
    pub(crate) what: String,
    pub(crate) bytes: usize,
    /// Answers a second: Podium's, and the static server's.
    pub(crate) per_second: f64,
    pub(crate) fixed: f64,
}

/// What was measured.
pub(crate) struct Stored {
    pub(crate) size: Size,
    pub(crate) filled: Duration,
    pub(crate) file_bytes: u64,
    pub(crate) ready: Duration,
    /// Resident memory without anything stored, idle after a start, after all answers, and idle
    /// after them.
    pub(crate) empty: u64,
    pub(crate) idle: u64,
    pub(crate) after_answers: u64,
    pub(crate) idle_again: u64,
    pub(crate) asked: Vec<Asked>,
    pub(crate) hot: Vec<Hot>,
    /// First answers of the time series, by encoding: time and bytes.
    pub(crate) compressed: Vec<(&'static str, Duration, usize)>,
}

pub(crate) fn measure(runtime: &Runtime, size: Size) -> Stored {
    let empty = tempfile::tempdir().expect("a temporary directory");
    let directory = tempfile::tempdir().expect("a temporary directory");
    let started = Instant::now();
    runtime.block_on(fill(&directory.path().join(FILE), &size));
    let filled = started.elapsed();
    eprintln!("{} facts are stored ({filled:.0?})", size.facts());
    let file_bytes = std::fs::metadata(directory.path().join(FILE)).expect("the file").len();
    let idle_memory = |directory: &Path| {
        let server = start(directory);
        std::thread::sleep(IDLE);
        server.memory().now
    };
    let (empty, idle) = (idle_memory(empty.path()), idle_memory(directory.path()));
    let ready = median((0..TIMES).map(|_| until_ready(runtime, directory.path())).collect());
    let server = start(directory.path());
    let mut ranges = Ranges { size: &size, asked: 0 };
    let asked = QUESTIONS
        .into_iter()
        .map(|question| asked(runtime, &server, &mut ranges, question))
        .collect();
    let compressed = ["identity", "gzip", "br", "zstd"].map(|encoding| {
        let headers = format!("Accept-Encoding: {encoding}\r\n");
        let mut bytes = 0;
        let mut times = Vec::new();
        for _ in 0..TIMES {
            let path = ranges.next("/tokens/timeseries");
            let started = Instant::now();
            bytes = ask(runtime, &server, &path, &headers).len();
            times.push(started.elapsed());
        }
        (encoding, median(times), bytes)
    });
    let hot = hot(runtime, &server, &size);
    let after_answers = server.memory().now;
    std::thread::sleep(IDLE);
    let idle_again = server.memory().now;
    let compressed = compressed.to_vec();
    Stored {
        size,
        filled,
        file_bytes,
        ready,
        empty,
        idle,
        after_answers,
        idle_again,
        asked,
        hot,
        compressed,
    }
}

fn start(directory: &Path) -> Server {
    let directory = directory.to_str().expect("its path is plain");
    child::podium(AWAY, "sk-away", directory, NO_REFRESH)
}

/// From the command to the first request that says that it is ready.
fn until_ready(runtime: &Runtime, directory: &Path) -> Duration {
    let started = Instant::now();
    let server = start(directory);
    runtime.block_on(async {
        let mut connection = Connection::open(server.address).await.expect("it listens");
        while connection.get(&request("/readyz", "")).await.expect("it answers").status != 200 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    started.elapsed()
}

fn asked(
    runtime: &Runtime,
    server: &Server,
    ranges: &mut Ranges<'_>,
    question: &'static str,
) -> Asked {
    let mut times = Vec::new();
    let mut bytes = 0;
    for _ in 0..=TIMES {
        let path = ranges.next(question);
        let started = Instant::now();
        bytes = ask(runtime, server, &path, "").len();
        times.push(started.elapsed());
    }
    Asked { question, first: times.remove(0), later: median(times), bytes }
}

fn hot(runtime: &Runtime, server: &Server, size: &Size) -> Vec<Hot> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let range = Ranges { size, asked: 0 }.next("");
    let month = range.trim_start_matches(['?', '&']).to_owned();
    let cases = ["/tokens/models", "/api/v1/query?by=model", "/tokens/success-rate", "/tokens"]
        .into_iter()
        .flat_map(|question| ["", "gzip"].map(|encoding| (question, encoding)));
    let mut files = Vec::new();
    for (number, (question, encoding)) in cases.enumerate() {
        let mark = if question.contains('?') { '&' } else { '?' };
        let path = format!("{question}{mark}{month}");
        let headers = match encoding {
            "" => String::new(),
            encoding => format!("Accept-Encoding: {encoding}\r\n"),
        };
        let body = ask(runtime, server, &path, &headers);
        let ending = if encoding.is_empty() { "json" } else { GZIP };
        let file = format!("{number}.{ending}");
        std::fs::write(directory.path().join(&file), &body).expect("it can be written");
        let what = format!("`{question}` {encoding}").trim_end().to_owned();
        files.push((what, body.len(), request(&path, &headers), request(&format!("/{file}"), "")));
    }
    let fixed = child::static_server(directory.path());
    let measured = |server: &Server, request: &[u8]| {
        let request: Arc<[u8]> = request.into();
        load::run(server, CLIENTS, move || Arc::clone(&request)).per_second
    };
    let mut hot: Vec<Hot> = files
        .iter()
        .map(|(what, bytes, ours, theirs)| Hot {
            what: what.clone(),
            bytes: *bytes,
            per_second: measured(server, ours),
            fixed: measured(&fixed, theirs),
        })
        .collect();
    // What does not change is not sent: held against the smallest of the bodies.
    let (_, bytes, ours, theirs) = &files[0];
    let head = "If-None-Match: *\r\n";
    let text = String::from_utf8_lossy(ours);
    let path = text.split(' ').nth(1).expect("a request has a path");
    hot.push(Hot {
        what: format!("304 instead of {bytes} bytes"),
        bytes: 0,
        per_second: measured(server, &request(path, head)),
        fixed: measured(&fixed, theirs),
    });
    hot
}

/// Ranges that hold everything and were never asked for: each begins a day earlier.
struct Ranges<'a> {
    size: &'a Size,
    asked: u32,
}

impl Ranges<'_> {
    fn next(&mut self, question: &str) -> String {
        let range = DayRange::ending(self.size.range().last(), self.size.days + self.asked);
        self.asked += 1;
        let mark = if question.contains('?') { '&' } else { '?' };
        format!("{question}{mark}start_date={}&end_date={}", range.first(), range.last())
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// Writes the file as Podium does while it reads.
async fn fill(path: &Path, size: &Size) {
    let now = SystemClock.now();
    let opened = EmbeddedStore::open(&Location::File(path.to_owned()), now);
    let store = opened.expect("a new file").store();
    let team = |n| Team { team_id: format!("team-{n:03}"), alias: Some(format!("Team {n}")) };
    store.ledger.replace_teams((0..size.teams).map(team).collect(), now).await.expect("stored");
    store.ledger.set_empty_before(size.range().first()).await.expect("stored");
    for day in size.range().newest_first() {
        let usage = usage(day, size);
        let state =
            DayState { fetched_at: now, checked_at: now, has_usage: true, discrepancy: None };
        store.facts.replace_day(usage, state).await.expect("stored");
    }
}

fn usage(day: Day, size: &Size) -> DayUsage {
    let mut usage = DayUsage::empty(day);
    usage.has_usage = true;
    let day_number = usize::try_from(day.end().as_second() / 86_400).expect("after 1970");
    for team in 0..size.teams {
        let mut of_team = TeamUsage { team_id: format!("team-{team:03}"), ..TeamUsage::default() };
        for key in 0..size.keys {
            let api_key = format!("{:064x}", team * size.keys + key);
            let mut of_key = KeyUsage { api_key: api_key.clone(), ..KeyUsage::default() };
            for model in 0..size.models {
                let metrics = metrics(team * 31 + key * 7 + day_number * 3 + model);
                let number = (team + key + model * 5) % 15;
                let (group, provider_model) =
                    (format!("acme/OpenAI/model-{number}"), format!("openai/model-{number}"));
                of_key.metrics += &metrics;
                of_key.models.push((group, metrics));
                of_key.facets.push((Dimension::ProviderModel, provider_model, metrics));
            }
            for (facet, value) in
                [(Dimension::Provider, "openai"), (Dimension::Endpoint, "/chat/completions")]
            {
                of_key.facets.push((facet, value.to_owned(), of_key.metrics));
            }
            usage.key_aliases.insert(api_key, format!("key {key} of {team}"));
            of_team.metrics += &of_key.metrics;
            of_team.keys.push(of_key);
        }
        usage.total += &of_team.metrics;
        usage.teams.push(of_team);
    }
    usage
}

/// Numbers that differ from row to row.
fn metrics(of: usize) -> Metrics {
    let varied = i64::try_from(of % 997).expect("it is small");
    let (prompt, completion) = (1_000 + varied * 13, 200 + varied * 3);
    Metrics {
        spend_usd: varied as f64 * 0.001_37 + 0.01,
        prompt_tokens: prompt,
        completion_tokens: completion,
        cache_read_tokens: varied * 5,
        total_tokens: prompt + completion,
        requests: 10 + varied % 50,
        successful_requests: 9 + varied % 50,
        failed_requests: 1,
        ..Metrics::default()
    }
}
