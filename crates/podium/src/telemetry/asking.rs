//! On whose behalf something is done: a task of a request carries its id, so that a question to the
//! gateway that this request alone caused goes under the same id.
//!
//! What a task starts beside itself does not carry it: reading days, say, is done for all who want
//! them, and once.

use super::{RequestId, TraceContext, trace_of};

/// A request that is being answered.
#[derive(Clone, Debug)]
pub struct Asking {
    /// Its id.
    pub request_id: RequestId,
    /// `traceparent`, as its sender gave it.
    pub trace: Option<TraceContext>,
    /// `tracestate`, as its sender gave it.
    pub trace_state: Option<String>,
}

tokio::task_local! {
    static ASKING: Asking;
}

impl Asking {
    /// Does `work` on behalf of this request.
    pub async fn scope<T>(self, work: impl Future<Output = T>) -> T {
        ASKING.scope(self, work).await
    }
}

/// Under which id a question goes to the gateway, and which headers tell of its trace: those of the
/// present span, or else those that came in, unchanged.
pub fn outgoing() -> (RequestId, Vec<(&'static str, String)>) {
    let asking = ASKING.try_with(Clone::clone).ok();
    let own = trace_of(&tracing::Span::current());
    let mut headers = Vec::new();
    let trace = own.or(asking.as_ref().and_then(|asking| asking.trace));
    headers.extend(trace.map(|trace| (TraceContext::HEADER, trace.to_string())));
    let state = asking.as_ref().filter(|asking| asking.trace.is_some());
    let state = state.and_then(|asking| asking.trace_state.clone());
    headers.extend(state.map(|state| (TraceContext::STATE_HEADER, state)));
    (asking.map_or_else(RequestId::of_podium, |asking| asking.request_id), headers)
}
