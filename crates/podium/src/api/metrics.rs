//! What Podium tells Prometheus: which metrics there are, what they mean, and in which format.
//!
//! Nothing is counted here but requests to Podium itself; everything else is looked at when it is
//! asked for. Whoever sees everything is told how Podium stands; others are told usage alone, as far
//! as they see it.

mod exposition;
mod health;
mod http;
mod process;
mod usage;

pub(super) use exposition::{Exposition, Format};
pub(super) use health::tell_health;
pub(super) use http::{AnsweredFrom, HttpMeter, Route};
pub(super) use usage::{tell_today, tell_usage};
