//! The first answer ever: nothing is stored, so that the days come from the gateway.

use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

use super::{NO_REFRESH, ask, month};
use crate::ENDPOINTS;
use crate::child::{self, Memory};
use crate::client::{Connection, request};
use crate::gateway::{BenchGateway, Questions};

/// How often the gateway is asked for a day in full, to know its own part.
const DAYS_READ: usize = 15;

/// First answers.
pub(crate) struct Cold {
    pub(crate) answers: Vec<FirstAnswer>,
    /// From the start of a process that finds the month stored to its first answer.
    pub(crate) restarted: FirstAnswer,
    /// The gateway's own time for one day in full.
    pub(crate) day: Duration,
    /// That day as it was sent.
    pub(crate) day_bytes: usize,
}

/// The first answer of a process.
pub(crate) struct FirstAnswer {
    pub(crate) endpoint: &'static str,
    pub(crate) took: Duration,
    /// What the gateway was asked until then.
    pub(crate) questions: Questions,
    pub(crate) memory: Memory,
}

pub(crate) fn measure(runtime: &Runtime, gateway: &BenchGateway) -> Cold {
    let (day, day_bytes) = one_day(runtime, gateway);
    let answers = ENDPOINTS
        .iter()
        .map(|endpoint| {
            let server = child::podium(&gateway.url(), gateway.key(), ":memory:", NO_REFRESH);
            gateway.forget_questions();
            let started = Instant::now();
            ask(runtime, &server, &format!("{endpoint}{}", month(gateway)), "");
            FirstAnswer {
                endpoint,
                took: started.elapsed(),
                questions: gateway.questions(),
                memory: server.memory(),
            }
        })
        .collect();
    Cold { answers, restarted: restarted(runtime, gateway), day, day_bytes }
}

/// Median time and size of a day in full, asked of the gateway as Podium asks.
fn one_day(runtime: &Runtime, gateway: &BenchGateway) -> (Duration, usize) {
    let (first, _) = gateway.days();
    let path = format!(
        "/team/daily/activity/aggregated?start_date={first}&end_date={first}&api_key_limit=1000"
    );
    let headers = format!("Authorization: Bearer {}\r\nAccept-Encoding: gzip\r\n", gateway.key());
    let request = request(&path, &headers);
    runtime.block_on(async {
        let mut connection = Connection::open(gateway.address()).await.expect("it listens");
        let mut read = Vec::new();
        for _ in 0..DAYS_READ {
            let started = Instant::now();
            let reply = connection.get(&request).await.expect("it answers");
            assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(reply.body));
            read.push((started.elapsed(), reply.body.len()));
        }
        read.sort_unstable();
        read[DAYS_READ / 2]
    })
}

/// Stores the month in a file, ends the process, and asks the next one.
fn restarted(runtime: &Runtime, gateway: &BenchGateway) -> FirstAnswer {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let data_dir = directory.path().to_str().expect("its path is plain");
    let start = || child::podium(&gateway.url(), gateway.key(), data_dir, NO_REFRESH);
    let path = format!("{}{}", ENDPOINTS[0], month(gateway));
    let server = start();
    ask(runtime, &server, &path, "");
    drop(server);

    gateway.forget_questions();
    let started = Instant::now();
    let server = start();
    ask(runtime, &server, &path, "");
    let took = started.elapsed();
    FirstAnswer {
        endpoint: ENDPOINTS[0],
        took,
        questions: gateway.questions(),
        memory: server.memory(),
    }
}
