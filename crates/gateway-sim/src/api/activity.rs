//! `GET /team/daily/activity`, its `/aggregated` and `/aggregated/keys`.
//!
//! All three read the rows that a [`scope::Scope`] lets through and fold them into
//! [`day::DayUsage`]s; they differ in which rows and which keys they show.

mod aggregated;
mod day;
mod json;
mod keys;
mod pages;
mod ranking;
mod scope;
mod slots;

pub(crate) use aggregated::aggregated;
pub(crate) use keys::keys;
pub(crate) use pages::pages;
