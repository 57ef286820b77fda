//! From an HTTP request to an HTTP answer, through gates and faults.

use std::io;

use http_body_util::BodyExt;
use hyper::body::Incoming as Body;
use hyper::header::{ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, HeaderName};
use hyper::{Request, Response};
use tokio_util::sync::CancellationToken;

use super::shared::Shared;
use super::socket::ResetSwitch;
use super::wire::{Pieces, write};
use crate::answer::Answer;
use crate::api::{self, Incoming, Query};
use crate::call::Call;
use crate::faults::{Ending, Plan};

/// Answers a request.
///
/// # Errors
/// When the connection is to be dropped without an answer.
pub(super) async fn respond(
    shared: &Shared,
    stopping: &CancellationToken,
    resets: &ResetSwitch,
    request: Request<Body>,
) -> io::Result<Response<Pieces>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let authorization = text(&head.headers, AUTHORIZATION);
    let query = Query::parse(head.uri.query().unwrap_or_default());
    let call = Call {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: query.pairs().to_vec(),
        key_accepted: shared.accepts(authorization),
        accepts_gzip: text(&head.headers, ACCEPT_ENCODING)
            .is_some_and(|codings| codings.contains("gzip")),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect(),
        at: shared.clock.now(),
    };
    shared.calls.add(call.clone());
    tokio::select! {
        () = shared.gates.pass(&call) => {}
        () = stopping.cancelled() => return Err(io::ErrorKind::ConnectionAborted.into()),
    }

    let plan = shared.faults.strike(&call);
    if !plan.delay.is_zero() {
        tokio::select! {
            () = tokio::time::sleep(plan.delay) => {}
            () = stopping.cancelled() => return Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }
    if plan.ending == Ending::ResetBefore {
        resets.turn_on();
        return Err(io::ErrorKind::ConnectionReset.into());
    }
    let incoming = Incoming {
        method: &call.method,
        path: &call.path,
        query: &query,
        authorization,
        body: &body,
        master_key: &shared.options.api_key,
        version: &shared.options.version,
        faults: &shared.faults,
        now: shared.clock.now(),
        database_away: plan.database_away,
        shuffle: plan.unstable_pages.then(|| shared.calls.count()),
    };
    let answer = make(shared, &plan, &incoming);
    Ok(write(answer, call.accepts_gzip, plan.ending, stopping, resets))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn make(shared: &Shared, plan: &Plan, incoming: &Incoming<'_>) -> Answer {
    if let Some(error) = plan.early(incoming.authorization) {
        return error;
    }
    let mut world = shared.world();
    let mut answer = api::answer(&mut world, incoming);
    if answer.has_more {
        shared.faults.run_page_hook(&mut world);
    }
    drop(world);
    plan.spoil(&mut answer);
    answer
}
