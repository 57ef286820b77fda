//! What is measured: first answers, answers from the store, keeping up, single requests, reading,
//! many facts, and a store that is full.

pub(crate) mod cold;
pub(crate) mod keeping_up;
pub(crate) mod large;
pub(crate) mod reading;
pub(crate) mod requests;
pub(crate) mod serving;
pub(crate) mod stored;

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
