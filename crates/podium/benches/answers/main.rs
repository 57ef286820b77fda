//! How fast Podium answers, beside a server that only hands out bytes it already has.
//!
//! `cargo bench -p podium --bench answers` (or `make bench`) starts a simulated gateway in this
//! process and the real program as a child, asks every endpoint about the same 30 days, and
//! prints Markdown. Absolute numbers tell about the machine; what to look at are the ratios to
//! the static server: the same axum, the same bodies, also a child of its own. Many facts have
//! DuckDB beside them instead. Nothing here is a test: no time makes it fail.
//! `cargo bench -p podium --bench answers -- large` measures those alone, `-- reading` what reading
//! costs, `-- stored` a store that is full, and `-- xl` one of ten million facts, which nothing else
//! does.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]

mod child;
mod client;
mod gateway;
mod load;
mod report;
mod scenes;
mod static_server;

use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use gateway::BenchGateway;
use scenes::{cold, keeping_up, large, reading, requests, serving, stored};

/// How long one kind of request is measured.
const MEASURED: Duration = Duration::from_millis(600);

/// What is asked, and the name of the file that holds the static copy of the answer.
const ENDPOINTS: [&str; 5] = [
    "/tokens",
    "/tokens/timeseries",
    "/tokens/models",
    "/tokens/success-rate",
    "/tokens/cost-efficiency",
];

fn main() {
    if let Some(directory) = std::env::var_os(static_server::DIRECTORY) {
        static_server::run(directory.as_ref());
        return;
    }
    if !std::env::args().any(|argument| argument == "--bench") {
        // `cargo test --all-targets` builds benches without optimization and runs them once.
        return;
    }
    let started = Instant::now();
    let runtime = Runtime::new().expect("a runtime starts");
    let named = |name: &str| std::env::args().any(|argument| argument == name);
    let is_all = !["reading", "large", "stored", "xl"].into_iter().any(named);
    if is_all {
        a_month(&runtime, started);
    }
    if is_all || named("reading") {
        eprintln!("reading is next ({:.0?})", started.elapsed());
        println!("{}", report::reading(&reading::measure(&runtime)));
    }
    if is_all || named("large") {
        eprintln!("many facts are next ({:.0?})", started.elapsed());
        println!("{}", report::large(&large::measure(&runtime)));
    }
    if is_all || named("stored") {
        eprintln!("a full store is next ({:.0?})", started.elapsed());
        println!("{}", report::stored(&stored::measure(&runtime, stored::L)));
    }
    if named("xl") {
        println!("{}", report::stored(&stored::measure(&runtime, stored::XL)));
    }
    eprintln!("took {:.0?}", started.elapsed());
}

/// A gateway of a usual size, and a day of many requests.
fn a_month(runtime: &Runtime, started: Instant) {
    let gateway = runtime.block_on(BenchGateway::start());
    eprintln!("the gateway has {} rows", gateway.rows());

    let cold = cold::measure(runtime, &gateway);
    eprintln!("first answers are measured ({:.0?})", started.elapsed());
    let serving = serving::measure(runtime, &gateway);
    eprintln!("answers from the store are measured ({:.0?})", started.elapsed());
    let keeping_up = keeping_up::measure(runtime, &gateway);
    println!("{}", report::markdown(&gateway, &cold, &serving, &keeping_up));
    eprintln!("single requests are next ({:.0?})", started.elapsed());
    println!("{}", report::requests(&requests::measure(runtime)));
    runtime.block_on(gateway.stop());
}
