//! The simulated gateway as its readers see it: over HTTP.

mod aggregated;
mod callers;
mod chat;
mod client;
mod faults;
mod gates;
mod generate;
mod live;
mod models;
mod pages;
mod people;
mod server;
mod shapes;
mod spend_logs;
mod story;
mod teams;
mod versions;
