//! The `podium` program.

use std::process::ExitCode;

/// Gives memory back to the system after a burst, which the system's own allocator does not. It has
/// no huge pages: one that is used a little cannot be given back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    podium::cli::run()
}
