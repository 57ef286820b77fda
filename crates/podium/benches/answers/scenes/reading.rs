//! What reading costs that stands between the gateway and the store: processor time for the JSON,
//! what the gateway sends beside the days themselves, and a listener in front of a gateway that only
//! has pages.

use std::hint::black_box;
use std::time::{Duration, Instant};

use gateway_sim::{Clock, Version};
use jiff::ToSpan as _;
use jiff::civil::Date;
use podium::gateway::read_day_answer;
use podium::usage::Day;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Runtime;

use super::{NO_REFRESH, large, until_read};
use crate::child::{self, Server};
use crate::client::{Connection, request};
use crate::gateway::BenchGateway;

/// As much is read in each round.
const BYTES_A_ROUND: usize = 200 << 20;
const ROUNDS: usize = 3;
/// The default of the program.
const REFRESH: &str = "30s";
pub(crate) const LISTENED: Duration = Duration::from_secs(60);

/// What was measured.
pub(crate) struct Reading {
    /// Megabytes of JSON a second of processor time: that nothing is kept of, and into a day.
    pub(crate) bare: f64,
    pub(crate) read: f64,
    /// Bytes of the days, each whole in one answer, and what the gateway sent until all were stored.
    pub(crate) needed: u64,
    pub(crate) sent: u64,
    /// While somebody listened.
    pub(crate) listening_bytes: u64,
    pub(crate) listening_cpu: Duration,
}

pub(crate) fn measure(runtime: &Runtime) -> Reading {
    let clock = Clock::system();
    let today = clock.today();
    let world = large::world(today);
    let gateway = runtime.block_on(BenchGateway::start_with(world, clock, Version::OLDER));
    let answer =
        |ago: i32, headers| runtime.block_on(day_answer(&gateway, today - ago.days(), headers));
    // As Podium asks for them.
    let days = i32::try_from(large::DAYS).expect("days are few");
    let needed = (0..days).map(|ago| answer(ago, "Accept-Encoding: gzip\r\n").len() as u64).sum();
    let body = answer(0, "");
    let day = Day::parse(&today.to_string()).expect("a day");
    let bare = best(&body, |body| {
        serde_json::from_slice::<serde::de::IgnoredAny>(body).expect("it is JSON");
    });
    let read = best(&body, |body| {
        drop(black_box(read_day_answer(body, day).expect("it is a day")));
    });
    gateway.forget_questions();
    drop(reads_everything(runtime, &gateway, NO_REFRESH));
    let sent = gateway.questions().bytes;
    let server = reads_everything(runtime, &gateway, REFRESH);
    gateway.forget_questions();
    let cpu = server.cpu();
    runtime.block_on(listen(&server));
    let listening_cpu = server.cpu() - cpu;
    let listening_bytes = gateway.questions().bytes;
    drop(server);
    runtime.block_on(gateway.stop());
    Reading { bare, read, needed, sent, listening_bytes, listening_cpu }
}

/// A day in one page.
async fn day_answer(gateway: &BenchGateway, day: Date, headers: &str) -> Vec<u8> {
    let path =
        format!("/team/daily/activity?start_date={day}&end_date={day}&page_size=1000000&page=1");
    let key = format!("Authorization: Bearer {}\r\n{headers}", gateway.key());
    let mut connection = Connection::open(gateway.address()).await.expect("it listens");
    let reply = connection.get(&request(&path, &key)).await.expect("it answers");
    assert_eq!(reply.status, 200, "{path}");
    reply.body.to_vec()
}

/// The program, once it has read all days.
fn reads_everything(runtime: &Runtime, gateway: &BenchGateway, refresh: &str) -> Server {
    let server = child::podium(&gateway.url(), gateway.key(), ":memory:", refresh);
    until_read(runtime, &server);
    server
}

async fn listen(server: &Server) {
    let mut stream = tokio::net::TcpStream::connect(server.address).await.expect("it listens");
    stream.write_all(&request("/api/v1/events", "")).await.expect("it reads");
    let mut buffer = vec![0; 64 << 10];
    let hear = async { while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {} };
    let _ = tokio::time::timeout(LISTENED, hear).await;
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
