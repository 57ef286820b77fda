//! The corpus of each target, tried again; among it is what was found, by what was wrong.

use std::path::{Path, PathBuf};

use super::{TARGETS, target};

fn files_of(target: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let listed = std::fs::read_dir(&folder).unwrap_or_else(|_| panic!("{}", folder.display()));
    let mut files: Vec<PathBuf> = listed.map(|file| file.expect("a file").path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{} is empty", folder.display());
    files
}

fn replay(name: &str) {
    let target = target(name).expect("a target");
    for file in files_of(name) {
        let input = std::fs::read(&file).expect("a readable file");
        let tried = std::panic::catch_unwind(|| (target.run)(&input));
        assert!(tried.is_ok(), "{} breaks a rule of {name}", file.display());
    }
}

/// One test each, so that they run side by side.
macro_rules! replayed {
    ($($name:ident)*) => {
        $(#[test] fn $name() { replay(stringify!($name)); })*

        #[test]
        fn every_target_is_replayed() {
            let replayed = [$(stringify!($name)),*];
            assert_eq!(TARGETS.map(|target| target.name), replayed);
        }
    };
}

replayed!(activity conversation day delta packed query requests settings visitor);
