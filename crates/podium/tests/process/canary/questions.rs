//! Every question that can be put to a Podium, good and bad.

use futures_util::future::join_all;
use reqwest::Method;

use super::witness::Witness;
use crate::server::{FIGURES, Server};

const QUERIES: [&str; 5] = [
    "",
    "?start_date=2025-03-01&end_date=2025-03-02",
    "?start_date=yesterday",
    "?end_date=9999-01-01",
    "?start_date=2025-03-02&end_date=2025-03-01",
];

const OTHERS: [&str; 15] = [
    "/tokens/hourly",
    "/tokens/hourly?team=Alpha&start_date=",
    "/livez",
    "/readyz",
    "/api/v1/status",
    "/openapi.json",
    "/docs",
    "/docs/start.js",
    "/docs/nothing",
    "/docs/swagger-ui-bundle.js",
    "/",
    "/tokens/",
    "/nothing",
    "/.env",
    "/tokens/nothing",
];

/// Asks all at once, since all that need the same days share one fetch, and then the state
/// that this led to.
pub(super) async fn ask_everything(server: &Server, witness: &Witness) {
    let figures = FIGURES.iter().flat_map(|path| QUERIES.map(|query| format!("{path}{query}")));
    let paths: Vec<String> = figures.chain(OTHERS.map(str::to_owned)).collect();
    let gets = paths.iter().map(async |path| (path.as_str(), server.get(path).await));
    for (path, answer) in join_all(gets).await {
        witness.search_answer(path, &answer);
    }
    let origin = ("Origin", "http://localhost:5173");
    let preflight = [origin, ("Access-Control-Request-Method", "GET")];
    for (method, path, headers) in [
        (Method::POST, "/tokens", &[origin] as &[_]),
        (Method::DELETE, "/api/v1/status", &[]),
        (Method::OPTIONS, "/tokens", &preflight),
        (Method::HEAD, "/tokens", &[]),
        (Method::GET, "/tokens", &[("Authorization", "Bearer sk-of-the-browser")]),
        (Method::GET, "/api/v1/status", &[]),
        (Method::GET, "/readyz", &[]),
    ] {
        witness.search_answer(path, &server.send(method, path, headers).await);
    }
}
