//! How fast a day's answer becomes a day: megabytes of JSON a second of processor time, beside a
//! bare pass over the same JSON that keeps nothing. Run: `cargo bench --bench reading`.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a bench prints, and fails loudly")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use gateway_sim::{Options, Simulator, Spec, World};
use podium::gateway::read_day_answer;
use podium::usage::Day;

const TODAY: &str = "2026-11-24";
/// 500 teams with four keys each; not every key uses every model.
const SIZE: (usize, usize, usize) = (500, 4, 15);
/// As much is read in each round.
const BYTES_A_ROUND: usize = 100 << 20;
const ROUNDS: usize = 3;

fn main() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let body = runtime.block_on(answer());
    let day = Day::parse(TODAY).unwrap();
    let usage = read_day_answer(&body, day).unwrap().usage;
    let facts: usize =
        usage.teams.iter().flat_map(|team| &team.keys).map(|key| key.models.len()).sum();
    println!("a day of {facts} facts, {:.1} MB; best of {ROUNDS}", body.len() as f64 / 1e6);
    let bare = best(&body, |body| {
        serde_json::from_slice::<serde::de::IgnoredAny>(body).unwrap();
    });
    let read = best(&body, |body| drop(black_box(read_day_answer(body, day).unwrap())));
    println!("{bare:>8.0} MB/s  JSON that nothing is kept of");
    println!("{read:>8.0} MB/s  a day, joined");
}

async fn answer() -> Vec<u8> {
    let (teams, keys, models) = SIZE;
    let spec = Spec::of_size(teams, keys, models, 1, TODAY.parse().unwrap());
    let options = Options::default();
    let simulator = Simulator::start_with(World::generate(&spec), options).await.unwrap();
    let query = format!("start_date={TODAY}&end_date={TODAY}&page_size=1000000");
    let url = format!("{}/team/daily/activity?{query}", simulator.url());
    // Without a provider of TLS no client starts, though none is spoken here.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(url).bearer_auth(simulator.api_key()).send().await.unwrap();
    let body = answer.bytes().await.unwrap().to_vec();
    simulator.stop().await;
    body
}

/// Megabytes a second of the best round.
fn best(body: &[u8], read: impl Fn(&[u8])) -> f64 {
    let times = BYTES_A_ROUND.div_ceil(body.len());
    let round = |_| {
        let started = Processor::now();
        (0..times).for_each(|_| read(black_box(body)));
        (times * body.len()) as f64 / 1e6 / started.elapsed().as_secs_f64()
    };
    (0..ROUNDS).map(round).fold(0.0, f64::max)
}

/// The processor time of this thread; where the system does not tell it, the time that passes.
struct Processor(Option<Duration>, Instant);

impl Processor {
    fn now() -> Self {
        let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
        let ns = told.and_then(|told| told.split(' ').next()?.parse().ok());
        Self(ns.map(Duration::from_nanos), Instant::now())
    }

    fn elapsed(&self) -> Duration {
        match (self.0, Self::now().0) {
            (Some(from), Some(to)) => to - from,
            _ => self.1.elapsed(),
        }
    }
}
