//! How many instructions the paths take that every question goes through, counted by valgrind: no
//! noise of a machine hides what a change costs. `cargo bench --bench instructions` compares them
//! with `instructions.txt` and fails where one takes more than a twentieth more; with `-- --write`
//! it writes them there.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::process::{Command, ExitCode};

use jiff::Timestamp;
use podium::store::{DayState, EmbeddedStore, Location, Store};
use podium::usage::{
    Columns, Day, DayRange, DayUsage, Dimension, Filter, KeyUsage, Metrics, Span, SumQuestion,
    TeamUsage, Wanted,
};

const BASELINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/instructions.txt");
/// More than this beside what is written is a fault.
const TOLERATED: f64 = 1.05;
const TEAMS: usize = 60;
const KEYS: usize = 3;
const MODELS: usize = 6;
const DAYS: u32 = 20;

/// What is counted, and how often: a billion instructions each, beside which the noise of starting
/// is small.
const PATHS: [(&str, u64); 6] = [
    ("total by team", 10_000),
    ("total by team and model", 800),
    ("each day by model", 300),
    ("each day by team", 2_500),
    ("one team by API key", 5_000),
    ("a day packed and replaced", 150),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, path, times] = &arguments[..]
        && let Ok(times) = times.parse()
    {
        work(path, times);
        return ExitCode::SUCCESS;
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        // `cargo test --all-targets` builds benches without optimization and runs them once.
        return ExitCode::SUCCESS;
    }
    let counted: Vec<(&str, u64)> =
        PATHS.iter().map(|(path, times)| (*path, count(path, *times))).collect();
    if arguments.iter().any(|argument| argument == "--write") {
        let lines = counted.iter().fold(String::new(), |mut lines, (path, count)| {
            let _ = writeln!(lines, "{count:>12} {path}");
            lines
        });
        std::fs::write(BASELINE, lines).expect("the file can be written");
    }
    compare(&counted)
}

fn compare(counted: &[(&str, u64)]) -> ExitCode {
    let written = std::fs::read_to_string(BASELINE).expect("the file can be read");
    let written: BTreeMap<&str, u64> = written
        .lines()
        .filter_map(|line| {
            let (count, path) = line.trim().split_once(' ')?;
            Some((path, count.parse().ok()?))
        })
        .collect();
    let mut worse = Vec::new();
    for (path, count) in counted {
        let before = written.get(path).copied().unwrap_or(*count);
        let ratio = *count as f64 / before as f64;
        println!("{count:>12} instructions, {ratio:.3} of what is written: {path}");
        if ratio > TOLERATED {
            worse.push(*path);
        }
    }
    if worse.is_empty() {
        return ExitCode::SUCCESS;
    }
    eprintln!(
        "more than {TOLERATED} of the instructions in {BASELINE}: {}. If that is worth it, say so \
         and write them: cargo bench --bench instructions -- --write",
        worse.join(", ")
    );
    ExitCode::FAILURE
}

/// Instructions of doing it once.
fn count(path: &str, times: u64) -> u64 {
    let [none, many] = [0, times].map(|times| instructions(path, times));
    many.saturating_sub(none) / times
}

fn instructions(path: &str, times: u64) -> u64 {
    let program = std::env::current_exe().expect("the program has a path");
    let output = Command::new("valgrind")
        .args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"])
        .arg(program)
        .args([path, &times.to_string()])
        .output()
        .expect("valgrind starts (tools/bring valgrind)");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    let (_, refs) = told.lines().find_map(|line| line.split_once("refs:")).expect("it counts");
    refs.trim().replace(',', "").parse().expect("a number")
}

fn work(path: &str, times: u64) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let store = EmbeddedStore::open(&Location::Memory, Timestamp::UNIX_EPOCH);
        let store = store.expect("memory").store();
        for day in days().newest_first() {
            replace(&store, usage(day)).await;
        }
        let question = question(path);
        let reader = store.read();
        for _ in 0..times {
            match &question {
                Some(question) => drop(black_box(reader.facts.sum(question).await.expect("sums"))),
                None => replace(&store, usage(days().last())).await,
            }
        }
    });
}

fn days() -> DayRange {
    DayRange::ending(Day::parse("2026-11-24").expect("a day"), DAYS)
}

fn question(path: &str) -> Option<SumQuestion> {
    use Dimension::{ApiKey, Model, Team};
    let by = match path {
        "total by team" | "each day by team" => vec![Team],
        "total by team and model" => vec![Team, Model],
        "each day by model" => vec![Model],
        "one team by API key" => vec![ApiKey],
        _ => return None,
    };
    let slots = if path.starts_with("each day") {
        days().newest_first().map(|day| vec![Span::Days(DayRange::single(day))]).collect()
    } else {
        vec![vec![Span::Days(days())]]
    };
    let mut filter = Filter::default();
    if path.starts_with("one team") {
        filter.0.push((Team, Wanted { only: Some(vec!["team-7".into()]), not: Vec::new() }));
    }
    Some(SumQuestion {
        slots,
        by,
        filter,
        columns: Columns::COST.and(Columns::count(4)).and(Columns::count(5)),
        with_times: false,
        most_rows: usize::MAX,
    })
}

async fn replace(store: &Store, usage: DayUsage) {
    let at = Timestamp::UNIX_EPOCH;
    let state = DayState { fetched_at: at, checked_at: at, has_usage: true, discrepancy: None };
    store.facts.replace_day(usage, state).await.expect("stored");
}

fn usage(day: Day) -> DayUsage {
    let mut usage = DayUsage::empty(day);
    usage.has_usage = true;
    for team in 0..TEAMS {
        let mut of_team = TeamUsage { team_id: format!("team-{team}"), ..TeamUsage::default() };
        for key in 0..KEYS {
            let mut of_key =
                KeyUsage { api_key: format!("{:064x}", team * KEYS + key), ..KeyUsage::default() };
            for model in 0..MODELS {
                let metrics = metrics(team * 31 + key * 7 + model + day.days_since_1970() as usize);
                of_key.metrics += &metrics;
                of_key.models.push((format!("model-{}", (team + model) % 15), metrics));
            }
            of_key.facets.push((Dimension::Provider, "openai".to_owned(), of_key.metrics));
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
    Metrics {
        spend_usd: varied as f64 * 0.001_37 + 0.01,
        prompt_tokens: 1_000 + varied * 13,
        completion_tokens: 200 + varied * 3,
        total_tokens: 1_200 + varied * 16,
        requests: 10 + varied % 50,
        successful_requests: 9 + varied % 50,
        failed_requests: 1,
        ..Metrics::default()
    }
}
