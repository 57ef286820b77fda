//! Lays the files of the page out to be embedded: in gzip alone, where that is worth it. Without
//! Node.js the page was not built, and there are none.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::GzEncoder;

fn main() -> io::Result<()> {
    let folder = |name| env::var_os(name).map(PathBuf::from).unwrap_or_default();
    let (built, to) =
        (folder("CARGO_MANIFEST_DIR").join("../../ui/dist"), folder("OUT_DIR").join("page"));
    println!("cargo:rerun-if-changed={}", built.display());
    if to.exists() {
        fs::remove_dir_all(&to)?;
    }
    // Without the folder it would be looked for with every build.
    fs::create_dir_all(&built)?;
    lay_out(&built, &to)
}

fn lay_out(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            lay_out(&path, &to)?;
            continue;
        }
        let plain = fs::read(&path)?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&plain)?;
        let gzip = encoder.finish()?;
        // Fonts are packed already.
        if gzip.len() < plain.len() / 10 * 9 {
            let mut name = entry.file_name();
            name.push(".gz");
            fs::write(to.with_file_name(name), gzip)?;
        } else {
            fs::write(to, plain)?;
        }
    }
    Ok(())
}
