//! The HTTP contract, sentence by sentence.

mod answers;
mod browsers;
mod errors;
mod gateways;
mod names;
mod ranges;
mod tolerance;
