//! Stories of the built program as a process: what it prints, keeps, survives and how it ends.
//!
//! Each test has a directory of its own, from which nothing leads to the machine's settings,
//! and a simulated gateway of its own. Nothing waits for a time to pass: tests wait for what
//! is said, answered or asked, and a watchdog of a minute ends those that would wait forever.

mod child;
mod collector;
mod gateway;
mod load;
mod place;
mod server;
mod stream;

mod access;
mod access_log;
mod backup;
mod book;
mod canary;
mod check;
mod configuration;
mod configuration_file;
mod data_directory;
mod demo;
mod dot_env;
mod ending;
mod live;
mod log;
mod notify;
mod once;
mod readers;
mod shell;
mod survival;
mod traces;
mod transfer;
