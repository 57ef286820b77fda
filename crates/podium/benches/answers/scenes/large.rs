//! Half a million facts: answers that nobody asked for before, beside DuckDB on the same facts and,
//! where there is one, an older build of Podium.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use gateway_sim::{Clock, Counters, DailyRow, Options, Simulator, World};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::Value;
use tokio::runtime::Runtime;

use super::{NO_REFRESH, ask, until_read};
use crate::child::{self, Server};

pub(crate) const TEAMS: usize = 500;
pub(crate) const KEYS_PER_TEAM: usize = 4;
pub(crate) const MODELS: usize = 15;
/// How many of the models a key uses, each on every day.
const MODELS_OF_A_KEY: usize = 3;
pub(crate) const DAYS: usize = 90;
/// Each time is the median of so many answers.
pub(crate) const ANSWERS: usize = 9;
/// The Python that has DuckDB.
const PYTHON: &str = "PODIUM_BENCH_PYTHON";
/// An older build, for comparison.
const BEFORE: &str = "PODIUM_BENCH_BEFORE";

/// What is asked of Podium. `in_duckdb.py` has the SQL of each, by the same address.
const QUESTIONS: [&str; 6] = [
    "/tokens",
    "/tokens/timeseries",
    "/tokens/models",
    "/tokens/cost-efficiency",
    "/api/v1/activity?grain=1d&by=model&measures=tokens",
    "/api/v1/activity?grain=1d&by=api_key&measures=tokens",
];

/// What was measured.
pub(crate) struct Large {
    pub(crate) facts: usize,
    /// From nothing stored to the first answer, most of it the gateway's time.
    pub(crate) read: Duration,
    pub(crate) memory_bytes: u64,
    pub(crate) duckdb_version: Option<String>,
    pub(crate) rows: Vec<Row>,
}

/// Medians of one question.
pub(crate) struct Row {
    pub(crate) question: &'static str,
    pub(crate) now: InZones,
    /// The result in columns.
    pub(crate) duckdb: Option<Duration>,
    /// The result as JSON, which is what Podium answers.
    pub(crate) duckdb_json: Option<Duration>,
    pub(crate) before: Option<InZones>,
}

#[derive(Clone, Copy)]
pub(crate) struct InZones {
    pub(crate) utc: Duration,
    pub(crate) berlin: Duration,
}

pub(crate) fn measure(runtime: &Runtime) -> Large {
    let clock = Clock::system();
    let today = clock.today();
    let world = world(today);
    let facts = world.row_count();
    eprintln!("the large gateway has {facts} rows");
    let options = Options { clock: Some(clock), ..Options::default() };
    let simulator = runtime.block_on(Simulator::start_with(world, options)).expect("a free port");
    let asking = Asking { runtime, simulator: &simulator, today };
    let started = Instant::now();
    let server = asking.start(Path::new(env!("CARGO_BIN_EXE_podium")));
    let read = started.elapsed();
    let now = asking.medians(&server);
    let memory_bytes = server.memory().now;
    let duckdb = asking.duckdb(&server);
    drop(server);
    let before = std::env::var_os(BEFORE).map(|program| {
        let server = asking.start(program.as_ref());
        asking.medians(&server)
    });
    let duckdb_version =
        duckdb.as_ref().and_then(|told| Some(told["version"].as_str()?.to_owned()));
    let rows = QUESTIONS.into_iter().enumerate().map(|(at, question)| Row {
        question,
        now: now[at],
        duckdb: seconds(duckdb.as_ref(), "seconds", question),
        duckdb_json: seconds(duckdb.as_ref(), "seconds_as_json", question),
        before: before.as_ref().map(|before| before[at]),
    });
    let rows = rows.collect();
    runtime.block_on(simulator.abort());
    Large { facts, read, memory_bytes, duckdb_version, rows }
}

fn seconds(told: Option<&Value>, of: &str, question: &str) -> Option<Duration> {
    told.map(|told| Duration::from_secs_f64(told[of][question].as_f64().expect("its time")))
}

/// Every key uses a few of the models, all of them on each day.
pub(super) fn world(today: Date) -> World {
    let mut world = World::empty(today);
    for team in 0..TEAMS {
        let team_id = format!("team-{team:03}");
        world.add_team(&team_id, Some(&format!("Team {team}")));
        for key in 0..KEYS_PER_TEAM {
            let api_key = format!("{:064x}", team * KEYS_PER_TEAM + key);
            world.add_key(&api_key, Some(&format!("key {key} of {team}")), Some(&team_id));
            for (day, used) in (0..DAYS).flat_map(|day| (0..MODELS_OF_A_KEY).map(move |n| (day, n)))
            {
                let model = (team + key + used * 5) % MODELS;
                let ago = i32::try_from(day).expect("days are few");
                world.record(DailyRow {
                    date: today - ago.days(),
                    team_id: Some(team_id.clone()),
                    api_key: api_key.clone(),
                    model: Some(format!("openai/model-{model}")),
                    model_group: Some(format!("acme/OpenAI/model-{model}")),
                    provider: Some("openai".to_owned()),
                    endpoint: Some("/chat/completions".to_owned()),
                    mcp_tool: None,
                    counters: counters(team * 31 + key * 7 + day * 3 + used),
                });
            }
        }
    }
    world
}

/// Numbers that differ from row to row.
fn counters(of: usize) -> Counters {
    let varied = i64::try_from(of % 997).expect("it is small");
    Counters {
        spend: varied as f64 * 0.001_37 + 0.01,
        prompt_tokens: 1_000 + varied * 13,
        completion_tokens: 200 + varied * 3,
        cache_read_input_tokens: varied * 5,
        api_requests: 10 + varied % 50,
        successful_requests: 9 + varied % 50,
        failed_requests: 1,
        ..Counters::default()
    }
}

struct Asking<'a> {
    runtime: &'a Runtime,
    simulator: &'a Simulator,
    today: Date,
}

impl Asking<'_> {
    /// The program with everything read.
    fn start(&self, program: &Path) -> Server {
        let (url, key) = (self.simulator.url(), self.simulator.api_key().to_owned());
        let server = child::program(program, &url, &key, ":memory:", NO_REFRESH);
        until_read(self.runtime, &server);
        server
    }

    /// Each question is asked of a warm program, as DuckDB's are: memory that is used for the first
    /// time is dearer than any computation.
    fn medians(&self, server: &Server) -> Vec<InZones> {
        QUESTIONS.into_iter().for_each(|question| {
            self.median(server, question, "&tz=Asia/Tokyo");
        });
        let median = |question, zone| self.median(server, question, zone);
        QUESTIONS
            .into_iter()
            .map(|question| InZones {
                utc: median(question, ""),
                berlin: median(question, "&tz=Europe/Berlin"),
            })
            .collect()
    }

    /// Of answers about ranges that hold all days and were never asked for.
    fn median(&self, server: &Server, question: &str, zone: &str) -> Duration {
        let mark = if question.contains('?') { '&' } else { '?' };
        let days = i32::try_from(DAYS).expect("days are few");
        let answers = i32::try_from(ANSWERS).expect("answers are few");
        let mut took: Vec<Duration> = (0..answers)
            .map(|earlier| {
                let start = self.today - (days + earlier).days();
                let path =
                    format!("{question}{mark}start_date={start}&end_date={}{zone}", self.today);
                let started = Instant::now();
                ask(self.runtime, server, &path, "");
                started.elapsed()
            })
            .collect();
        took.sort_unstable();
        took[ANSWERS / 2]
    }

    /// What DuckDB tells of the same facts, whose totals have to be Podium's.
    fn duckdb(&self, server: &Server) -> Option<Value> {
        let Some(python) = std::env::var_os(PYTHON) else {
            eprintln!("without {PYTHON} there is no DuckDB to compare with (make bench brings it)");
            return None;
        };
        let days = i32::try_from(DAYS).expect("days are few");
        let range = format!("start_date={}&end_date={}", self.today - days.days(), self.today);
        let facts = format!("http://{}/api/v1/facts.parquet?{range}", server.address);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/answers/in_duckdb.py");
        let output = Command::new(python)
            .args([script, &facts, &ANSWERS.to_string()])
            .stderr(std::process::Stdio::inherit())
            .output()
            .expect("Python starts");
        assert!(output.status.success(), "DuckDB failed");
        let told: Value = serde_json::from_slice(&output.stdout).expect("it tells JSON");
        let path = format!("/api/v1/query?measures=tokens,requests,spend_usd&{range}");
        let answer: Value = serde_json::from_slice(&ask(self.runtime, server, &path, ""))
            .expect("an answer is JSON");
        for name in ["tokens", "requests", "spend_usd"] {
            let [ours, theirs] = [&answer["totals"], &told["totals"]]
                .map(|totals| totals[name].as_f64().expect("a total"));
            assert!((ours - theirs).abs() <= ours.abs() * 1e-9, "{name}: {ours}, DuckDB {theirs}");
        }
        Some(told)
    }
}
