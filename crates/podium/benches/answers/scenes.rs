//! What is measured: first answers, answers from the store, keeping up, single requests, reading,
//! many facts, and a store that is full.

pub(crate) mod cold;
pub(crate) mod keeping_up;
pub(crate) mod large;
pub(crate) mod reading;
pub(crate) mod requests;
pub(crate) mod serving;
pub(crate) mod stored;

use std::time::Duration;

use tokio::runtime::Runtime;

use crate::child::Server;
use crate::client::{Connection, request};
use crate::gateway::BenchGateway;

/// No look at the gateway comes between the measurements.
const NO_REFRESH: &str = "10h";

/// The month that every endpoint is asked about, as a query.
fn month(gateway: &BenchGateway) -> String {
    let (first, last) = gateway.days();
    format!("?start_date={first}&end_date={last}")
}

/// Waits until everything is read: years back, so that the beginning of usage is known and no range
/// is unread.
fn until_read(runtime: &Runtime, server: &Server) {
    let all = request("/tokens/success-rate?start_date=2000-01-01", "");
    let status = || {
        runtime.block_on(async {
            let mut connection = Connection::open(server.address).await.expect("it listens");
            connection.get(&all).await.expect("it answers").status
        })
    };
    while status() != 200 {
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// One answer over a new connection.
fn ask(runtime: &Runtime, server: &Server, path_and_query: &str, headers: &str) -> Vec<u8> {
    runtime.block_on(async {
        let mut connection = Connection::open(server.address).await.expect("it listens");
        let reply = connection.get(&request(path_and_query, headers)).await.expect("it answers");
        let text = String::from_utf8_lossy(reply.body);
        assert_eq!(reply.status, 200, "{path_and_query}: {text}");
        reply.body.to_vec()
    })
}
