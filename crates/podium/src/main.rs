//! The `podium` program.

use std::process::ExitCode;

/// Gives memory back to the system after a burst, which the system's own allocator does not.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    podium::cli::run()
}
