//! What a route answers, and the four shapes in which the gateway reports errors.

use serde::Serialize;
use serde_json::{Value, json};

/// An HTTP answer before it is written: not yet compressed, and not yet spoilt by a fault.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    /// This is a page and another one follows it.
    pub(crate) has_more: bool,
}

/// Routes end early with an answer too.
pub(crate) type Outcome = Result<Answer, Answer>;

impl Answer {
    pub(crate) fn json(status: u16, body: &impl Serialize) -> Answer {
        let body =
            serde_json::to_vec(body).expect("our own types have text keys and finite numbers");
        Answer {
            status,
            content_type: "application/json",
            headers: Vec::new(),
            body,
            has_more: false,
        }
    }

    pub(crate) fn ok(body: &impl Serialize) -> Answer {
        Answer::json(200, body)
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }

    /// `{"detail":"…"}`, as the framework answers.
    pub(crate) fn detail(status: u16, detail: &str) -> Answer {
        Answer::json(status, &json!({ "detail": detail }))
    }

    /// `{"detail":{"error":"…"}}`, as most management routes answer.
    pub(crate) fn detail_error(status: u16, error: &str) -> Answer {
        Answer::json(status, &json!({ "detail": { "error": error } }))
    }

    /// `{"error":{…,"code":"401"}}`, as authentication and model calls answer. The code is text.
    pub(crate) fn proxy_error(status: u16, kind: &str, param: Value, message: &str) -> Answer {
        let error =
            json!({ "message": message, "type": kind, "param": param, "code": status.to_string() });
        Answer::json(status, &json!({ "error": error }))
    }

    /// `{"detail":[{…}]}` with 422, as the framework answers parameters it cannot read.
    pub(crate) fn invalid_parameter(parameter: &str, kind: &str, message: &str) -> Answer {
        let problem = json!({ "type": kind, "loc": ["query", parameter], "msg": message });
        Answer::json(422, &json!({ "detail": [problem] }))
    }

    /// The database is away: any key gets this, good or bad.
    pub(crate) fn no_database() -> Answer {
        let message = "Service Unavailable, the authentication database cannot be reached";
        Answer::proxy_error(503, "no_db_connection", json!("None"), message)
    }

    pub(crate) fn not_found() -> Answer {
        Answer::detail(404, "Not Found")
    }
}
