//! Stories of behaviour over HTTP: Podium in front of a simulated gateway.

mod harness;
mod worlds;

mod contract;
