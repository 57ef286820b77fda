//! A day of a million requests: read from the gateway's logs, asked about, and listened to.

use std::time::{Duration, Instant};

use gateway_sim::{Clock, Options, Request, Simulator, World};
use jiff::{SignedDuration, Timestamp, ToSpan as _};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::ask;
use crate::child::{self, Memory, Server};
use crate::client::{Connection, request};

const REQUESTS: usize = 1_000_000;
const TEAMS: usize = 50;
const KEYS_PER_TEAM: usize = 3;
const MODELS: usize = 12;
const LISTENERS: usize = 1_000;
const LISTENED: Duration = Duration::from_secs(5);
/// Zones in which nobody asked before, each as dear as any other.
const ZONES: [&str; 9] = [
    "Africa/Cairo",
    "America/Bogota",
    "America/Lima",
    "Asia/Dubai",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Berlin",
    "Pacific/Auckland",
];

/// What was measured.
pub(crate) struct Requests {
    pub(crate) requests: usize,
    pub(crate) took: Duration,
    /// Questions for logs.
    pub(crate) questions: usize,
    pub(crate) memory: Memory,
    /// Tokens that the quarter hours explain: all of them.
    pub(crate) facts: i64,
    pub(crate) answers: Vec<(&'static str, Duration)>,
    pub(crate) listeners: usize,
    pub(crate) listening_bytes: u64,
    pub(crate) listened: Duration,
    pub(crate) questions_of_one: usize,
    pub(crate) questions_of_many: usize,
}

pub(crate) fn measure(runtime: &Runtime) -> Requests {
    let clock = Clock::system();
    let day = clock.today() - 1.days();
    let simulator = runtime.block_on(async {
        let mut world = World::empty(clock.today());
        for team in 0..TEAMS {
            world.add_team(&format!("team-{team}"), Some(&format!("Team {team}")));
        }
        let midnight: Timestamp = format!("{day}T00:00:00Z").parse().expect("a time");
        (0..REQUESTS).for_each(|n| world.record_request(one(n, midnight)));
        let options = Options { clock: Some(clock.clone()), ..Options::default() };
        Simulator::start_with(world, options).await.expect("a free port")
    });
    let directory = tempfile::tempdir().expect("a temporary directory");
    let data_dir = directory.path().to_str().expect("its path is plain");
    let server = child::podium(&simulator.url(), simulator.api_key(), data_dir, "1s");
    let range = format!("?start_date={day}&end_date={day}");
    let hourly = format!("/tokens/hourly{range}");
    let started = Instant::now();
    let facts = loop {
        let coverage = &hours(runtime, &server, &hourly)["meta"]["coverage"];
        let explained = coverage["explained_tokens"].as_i64();
        if explained.is_some() && explained == coverage["tokens"].as_i64() {
            break explained.unwrap_or_default();
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let took = started.elapsed();
    let logs = |simulator: &Simulator| {
        simulator.calls().iter().filter(|call| call.path.starts_with("/spend/logs")).count()
    };
    let questions = logs(&simulator);
    let memory = server.memory();
    let answers = [
        "/tokens/hourly",
        "/api/v1/heatmap",
        "/api/v1/activity?grain=15m&by=team",
        "/api/v1/activity?grain=1h&by=provider",
        "/tokens",
        "/tokens/timeseries",
        "/tokens/models",
        "/tokens/success-rate",
        "/tokens/cost-efficiency",
        "/api/v1/leaderboard",
    ]
    .map(|path| (path, median(runtime, &server, path, &range)))
    .to_vec();
    let (of_one, _) = listen(runtime, &simulator, &server, 1);
    let (of_many, bytes) = listen(runtime, &simulator, &server, LISTENERS);
    drop(server);
    runtime.block_on(simulator.abort());
    Requests {
        requests: REQUESTS,
        took,
        questions,
        memory,
        facts,
        answers,
        listeners: LISTENERS,
        listening_bytes: bytes,
        listened: LISTENED,
        questions_of_one: of_one,
        questions_of_many: of_many,
    }
}

/// Requests spread evenly over a day, keys and models.
fn one(n: usize, midnight: Timestamp) -> Request {
    let team = n % TEAMS;
    let key = (n / TEAMS) % KEYS_PER_TEAM;
    let model = (n * 7 / 3) % MODELS;
    let ms = i64::try_from(n).expect("a million") * 86_400 / 1_000;
    let started_at = midnight + SignedDuration::from_millis(ms);
    let taken = i64::try_from(n % 9_000).expect("small") + 200;
    Request {
        request_id: format!("chatcmpl-{n:032x}"),
        call_type: "acompletion".to_owned(),
        api_key: format!("key-{team}-{key}"),
        team_id: Some(format!("team-{team}")),
        model: format!("openai/model-{model}"),
        model_group: format!("acme/OpenAI/model-{model}"),
        provider: "openai".to_owned(),
        user: String::new(),
        started_at,
        ended_at: started_at + SignedDuration::from_millis(taken),
        success: !n.is_multiple_of(50),
        spend: 0.001,
        prompt_tokens: 100,
        completion_tokens: 20,
        cache_read_input_tokens: 10,
    }
}

/// The answer about hours, or nothing while logs are being read.
fn hours(runtime: &Runtime, server: &Server, path: &str) -> Value {
    runtime.block_on(async {
        let mut connection = Connection::open(server.address).await.expect("it listens");
        let reply = connection.get(&request(path, "")).await.expect("it answers");
        serde_json::from_slice(reply.body).unwrap_or_default()
    })
}

fn median(runtime: &Runtime, server: &Server, path: &str, range: &str) -> Duration {
    let joined = if path.contains('?') { range.replace('?', "&") } else { range.to_owned() };
    let mut took: Vec<Duration> = ZONES
        .iter()
        .map(|zone| {
            let path = format!("{path}{joined}&tz={zone}");
            // The days around that one are read before the clock starts.
            ask(runtime, server, &format!("/tokens/models{range}&tz={zone}"), "");
            let started = Instant::now();
            ask(runtime, server, &path, "");
            started.elapsed()
        })
        .collect();
    took.sort_unstable();
    took[ZONES.len() / 2]
}

/// So many listen for a while. Returns what the gateway was asked meanwhile, and how much memory
/// they take.
fn listen(
    runtime: &Runtime,
    simulator: &Simulator,
    server: &Server,
    listeners: usize,
) -> (usize, u64) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let before = server.memory().now;
    runtime.block_on(async {
        let mut open = Vec::new();
        for _ in 0..listeners {
            let mut stream =
                tokio::net::TcpStream::connect(server.address).await.expect("it listens");
            stream.write_all(&request("/api/v1/events", "")).await.expect("it reads");
            let mut first = [0; 512];
            assert!(stream.read(&mut first).await.expect("it answers") > 0);
            open.push(stream);
        }
        simulator.clear_calls();
        let listening = async {
            let mut buffers = vec![vec![0; 4_096]; listeners];
            let reading = open.iter_mut().zip(&mut buffers).map(async |(stream, buffer)| {
                while stream.read(buffer).await.is_ok_and(|read| read > 0) {}
            });
            futures_util::future::join_all(reading).await;
        };
        let _ = tokio::time::timeout(LISTENED, listening).await;
    });
    (simulator.calls().len(), server.memory().now.saturating_sub(before))
}
