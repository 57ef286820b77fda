//! What usage is: days and ranges of days, additive metrics, a day's facts, and the
//! questions that can be asked about them.
//!
//! Pure values. Nothing here does I/O or reads a clock, and nothing knows where usage
//! comes from, where it rests or who asks.

mod audit;
mod day;
mod day_usage;
mod dimension;
mod exact_sum;
mod histogram;
mod local;
mod measure;
mod metrics;
mod model_name;
mod quarter;
mod request;
mod rounding;
mod sums;

pub use audit::{AuditedDay, Cause, Finding};
pub use day::{Day, DayRange, InvalidDay};
pub use day_usage::{DayUsage, KeyUsage, Team, TeamUsage, Totals, UNASSIGNED};
pub use dimension::{DIMENSIONS, Dimension, DimensionInfo};
pub use exact_sum::{ExactSum, ExactSums, MetricsSum};
pub use histogram::{Histogram, band_of};
pub use local::{Bucket, Grain, WeekStart, buckets, clock_of, iso, quarters_of_local_day};
pub use measure::{MEASURES, Measure, Sum, Unit, Value, price, share};
pub use metrics::{AMOUNT_NAMES, AMOUNTS, COUNT_NAMES, COUNTS, Columns, Metrics};
pub use model_name::{distinct_model_names, friendly_model_name};
pub use quarter::{Quarter, quarters_of, quarters_of_days};
pub use request::{Refusal, Request, RequestSource};
pub use rounding::{to_2_decimals, to_4_decimals};
pub use sums::{Filter, REST, Span, SumQuestion, Sums, Wanted};
