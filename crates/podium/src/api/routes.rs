//! One module an operation; the handler's name is the operation's id.

pub(super) mod access_log;
pub(super) mod access_tokens;
pub(super) mod activity;
pub(super) mod audit;
pub(super) mod cost_efficiency;
pub(super) mod events;
pub(super) mod facts;
pub(super) mod focus;
pub(super) mod heatmap;
pub(super) mod hourly;
pub(super) mod ingest;
pub(super) mod leaderboard;
pub(super) mod me;
pub(super) mod meta;
pub(super) mod metrics;
pub(super) mod models;
pub(super) mod preview;
pub(super) mod probes;
pub(super) mod query;
pub(super) mod sign_in;
pub(super) mod sign_on;
pub(super) mod status;
pub(super) mod success_rate;
pub(super) mod time_series;
pub(super) mod tokens;
