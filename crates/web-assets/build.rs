//! Makes sure that there is a folder to embed: without Node.js the page was not built.

use std::{env, fs, path::Path};

fn main() {
    let dist = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../../ui/dist");
    // Embedding looks at the folder when the crate is compiled.
    println!("cargo:rerun-if-changed={}", dist.display());
    if !dist.exists()
        && let Err(error) = fs::create_dir_all(&dist)
    {
        println!("cargo:warning=the page cannot be embedded: {error}");
    }
}
