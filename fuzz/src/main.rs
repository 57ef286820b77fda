//! One target of `podium::fuzzing`, the one that `FUZZ_TARGET` names, driven by libFuzzer.
//!
//! The targets, and the rules that they keep, stand in the product's own crate; here is only what
//! makes more inputs of those that there are.

#![no_main]

mod mutate;

use std::sync::OnceLock;

use libfuzzer_sys::{fuzz_mutator, fuzz_target, fuzzer_mutate};
use podium::fuzzing::{TARGETS, Target};

fn target() -> &'static Target {
    static TARGET: OnceLock<Target> = OnceLock::new();
    TARGET.get_or_init(|| {
        let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
        let names = TARGETS.map(|target| target.name).join(", ");
        podium::fuzzing::target(&name)
            .unwrap_or_else(|| panic!("FUZZ_TARGET must be one of {names}"))
    })
}

fuzz_target!(|bytes: &[u8]| (target().run)(bytes));

// What is JSON mostly stays JSON: bytes that change at random rarely get behind its parser.
fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    match mutate::json(&data[..size], max_size, seed) {
        Some(mutated) => {
            data[..mutated.len()].copy_from_slice(&mutated);
            mutated.len()
        }
        None => fuzzer_mutate(data, size, max_size),
    }
});
