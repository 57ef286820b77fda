//! All that is to be done to one call.

use std::time::Duration;

use serde_json::json;

use super::fault::{ErrorBody, Fault};
use super::spoil;
use crate::answer::Answer;

/// What the faults of one call come to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) delay: Duration,
    pub(crate) database_away: bool,
    pub(crate) unstable_pages: bool,
    pub(crate) ending: Ending,
    faults: Vec<Fault>,
}

/// How the answer ends on the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Ending {
    #[default]
    Whole,
    Silence {
        after_bytes: usize,
    },
    ResetBefore,
    ResetAfter {
        bytes: usize,
    },
}

impl Plan {
    pub(super) fn add(&mut self, fault: Fault) {
        match fault {
            Fault::Delay(delay) => self.delay += delay,
            Fault::DatabaseAway => self.database_away = true,
            Fault::UnstablePages => self.unstable_pages = true,
            Fault::Silence { after_bytes } => self.ending = Ending::Silence { after_bytes },
            Fault::ResetBefore => self.ending = Ending::ResetBefore,
            Fault::ResetAfter { bytes } => self.ending = Ending::ResetAfter { bytes },
            other => self.faults.push(other),
        }
    }

    /// Whether an error is answered before the gateway looks at the call, so that nothing is booked.
    pub(crate) fn early(&self, authorization: Option<&str>) -> Option<Answer> {
        self.faults.iter().rev().find_map(|fault| match fault {
            Fault::Status(status, body) => Some(error(*status, body)),
            Fault::TooManyRequests { retry_after_s } => {
                let answer = error(429, &ErrorBody::Error("Too many requests"));
                Some(answer.header("retry-after", retry_after_s.to_string()))
            }
            Fault::EchoKey { status } => {
                let message = format!(
                    "Invalid proxy server token passed: {}",
                    authorization.unwrap_or_default()
                );
                Some(Answer::proxy_error(*status, "auth_error", json!("key"), &message))
            }
            _ => None,
        })
    }

    /// Spoils a right answer in the ways that were asked for.
    pub(crate) fn spoil(&self, answer: &mut Answer) {
        for fault in &self.faults {
            match fault {
                Fault::Truncated => answer.body.truncate(answer.body.len() / 2),
                Fault::Malformed => answer.body = b"{\"results\": [oops".to_vec(),
                Fault::HugeBody { bytes } => {
                    answer.body.resize(answer.body.len().max(*bytes), b' ')
                }
                Fault::OtherJson(other) => spoil::edit(answer, |value| *value = other.clone()),
                Fault::Without(field) => spoil::edit(answer, |value| spoil::without(value, field)),
                Fault::ExtraFields => spoil::edit(answer, spoil::extra_fields),
                Fault::Nulls => spoil::edit(answer, spoil::nulls),
                Fault::NumbersAsText => spoil::edit(answer, spoil::numbers_as_text),
                Fault::NumbersAsFloats => spoil::edit(answer, spoil::numbers_as_floats),
                Fault::HasMoreAsText => spoil::edit(answer, spoil::has_more_as_text),
                Fault::Edit(change) => spoil::edit(answer, |value| change(value)),
                _ => {}
            }
        }
    }
}

fn error(status: u16, body: &ErrorBody) -> Answer {
    let text = |content_type, text: &str| Answer {
        content_type,
        body: text.as_bytes().to_vec(),
        ..Answer::json(status, &())
    };
    match body {
        ErrorBody::Plain(message) => text("text/plain", message),
        ErrorBody::Error(message) => {
            Answer::proxy_error(status, "internal_server_error", json!("None"), message)
        }
        ErrorBody::Detail(message) => Answer::detail(status, message),
        ErrorBody::DetailError(message) => Answer::detail_error(status, message),
        ErrorBody::Html => {
            let page = format!(
                "<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>"
            );
            text("text/html", &page)
        }
        ErrorBody::Empty => text("text/plain", ""),
    }
}
