//! Probes, which need no key.

use serde_json::json;

use crate::answer::Answer;

/// `GET /health/liveliness`.
pub(crate) fn liveliness() -> Answer {
    Answer::ok(&"I'm alive!")
}

/// `GET /health/readiness`.
pub(crate) fn readiness(database_away: bool) -> Answer {
    if database_away {
        return Answer::json(503, &json!({ "status": "unhealthy", "db": "disconnected" }));
    }
    Answer::ok(&json!({ "status": "healthy", "db": "connected" }))
}
