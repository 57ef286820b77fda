//! Answers about stored days, beside the same bytes from a static server.

use std::path::Path;
use std::sync::Arc;

use jiff::ToSpan as _;
use tokio::runtime::Runtime;

use super::{NO_REFRESH, ask, month};
use crate::ENDPOINTS;
use crate::child::{self, Memory, Server};
use crate::client::request;
use crate::gateway::BenchGateway;
use crate::load::{self, Measured};
use crate::static_server::GZIP;

/// One client at a time, and more than there are processors.
const CLIENTS: [usize; 2] = [1, 16];

/// Whether the client takes compressed answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Identity,
    Gzip,
}

impl Encoding {
    pub(crate) const ALL: [Encoding; 2] = [Encoding::Identity, Encoding::Gzip];

    fn headers(self) -> &'static str {
        match self {
            Encoding::Identity => "",
            Encoding::Gzip => "Accept-Encoding: gzip\r\n",
        }
    }

    fn file(self, endpoint: usize) -> String {
        match self {
            Encoding::Identity => format!("{endpoint}.json"),
            Encoding::Gzip => format!("{endpoint}.{GZIP}"),
        }
    }
}

/// One endpoint, asked in one way by so many clients.
pub(crate) struct Case {
    pub(crate) endpoint: &'static str,
    pub(crate) encoding: Encoding,
    pub(crate) clients: usize,
    pub(crate) body_bytes: usize,
    /// Bytes that the static server has already.
    pub(crate) fixed: Measured,
    /// An answer that was given before.
    pub(crate) stored: Measured,
    /// An answer that was never given: other days are asked for each time.
    pub(crate) computed: Measured,
}

/// Everything about serving.
pub(crate) struct Serving {
    pub(crate) cases: Vec<Case>,
    /// With the month stored and no answer given yet but one.
    pub(crate) memory_before: Memory,
    /// After all that was asked.
    pub(crate) memory_after: Memory,
}

pub(crate) fn measure(runtime: &Runtime, gateway: &BenchGateway) -> Serving {
    let server = child::podium(&gateway.url(), gateway.key(), ":memory:", NO_REFRESH);
    // Years back, so that the beginning of usage is known and no range is unread.
    ask(runtime, &server, "/tokens/models?start_date=2000-01-01", "");
    let memory_before = server.memory();

    let directory = tempfile::tempdir().expect("a temporary directory");
    let bodies = write_bodies(runtime, gateway, &server, directory.path());
    let fixed = child::static_server(directory.path());
    let mut ranges = NewRanges { gateway, asked: 0 };
    let mut cases = Vec::new();
    for encoding in Encoding::ALL {
        for (number, endpoint) in ENDPOINTS.into_iter().enumerate() {
            for clients in CLIENTS {
                let of_file = request(&format!("/{}", encoding.file(number)), encoding.headers());
                let again = request(&format!("{endpoint}{}", month(gateway)), encoding.headers());
                let new = || request(&format!("{endpoint}{}", ranges.next()), encoding.headers());
                cases.push(Case {
                    endpoint,
                    encoding,
                    clients,
                    body_bytes: bodies[number][encoding as usize],
                    fixed: repeat(&fixed, clients, of_file),
                    stored: repeat(&server, clients, again),
                    computed: load::run(&server, clients, with_new(new)),
                });
            }
        }
    }
    Serving { cases, memory_before, memory_after: server.memory() }
}

fn repeat(server: &Server, clients: usize, request: Vec<u8>) -> Measured {
    let request: Arc<[u8]> = request.into();
    load::run(server, clients, move || Arc::clone(&request))
}

fn with_new(mut new: impl FnMut() -> Vec<u8> + Send) -> impl FnMut() -> Arc<[u8]> + Send {
    move || new().into()
}

/// Asks each endpoint about the month and keeps the answers, plain and compressed, for the
/// static server. Says how long they are.
fn write_bodies(
    runtime: &Runtime,
    gateway: &BenchGateway,
    server: &Server,
    directory: &Path,
) -> Vec<[usize; 2]> {
    let write = |number: usize, endpoint: &str, encoding: Encoding| {
        let body =
            ask(runtime, server, &format!("{endpoint}{}", month(gateway)), encoding.headers());
        std::fs::write(directory.join(encoding.file(number)), &body).expect("it can be written");
        body.len()
    };
    let endpoints = ENDPOINTS.into_iter().enumerate();
    endpoints
        .map(|(number, endpoint)| Encoding::ALL.map(|encoding| write(number, endpoint, encoding)))
        .collect()
}

/// Ranges that hold the month and were never asked for: they begin ever earlier, on days
/// before all usage, so that each costs as much as the month itself.
struct NewRanges<'a> {
    gateway: &'a BenchGateway,
    asked: i32,
}

impl NewRanges<'_> {
    fn next(&mut self) -> String {
        self.asked += 1;
        let (first, last) = self.gateway.days();
        format!("?start_date={}&end_date={last}", first - self.asked.days())
    }
}
