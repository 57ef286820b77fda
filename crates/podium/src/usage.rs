//! What usage is: days and ranges of days, additive metrics, a day's facts, and the
//! questions that can be asked about them.
//!
//! Pure values. Nothing here does I/O or reads a clock, and nothing knows where usage
//! comes from, where it rests or who asks.

mod aggregate;
mod audit;
mod day;
mod day_usage;
mod histogram;
mod local;
mod metrics;
mod model_name;
mod quarter;
mod request;

pub use aggregate::{
    Aggregate, AggregateRow, Dimension, Filter, QuarterAggregate, QuarterGroup, QuarterRow,
    QuarterSums,
};
pub use audit::{AuditedDay, Cause, Finding};
pub use day::{Day, DayRange, InvalidDay};
pub use day_usage::{DayUsage, KeyUsage, Team, TeamUsage, Totals, UNASSIGNED};
pub use histogram::{Histogram, band_of};
pub use local::{Bucket, Grain, buckets, clock_of, iso, quarters_of_local_day};
pub use metrics::{AMOUNT_NAMES, AMOUNTS, COUNT_NAMES, COUNTS, ExactSum, Metrics};
pub use model_name::{distinct_model_names, friendly_model_name};
pub use quarter::{Quarter, quarters_of};
pub use request::{Refusal, Request, RequestSource};
