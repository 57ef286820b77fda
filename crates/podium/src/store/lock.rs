//! The lock on a data file: one process has it to itself, and others may read beside it.
//!
//! SQLite's own locks would let two servers write in turns. So whoever writes holds a lock on a file
//! beside the data file, which is gone when it ends in order; one that was left behind is as good as
//! none.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often another process is waited for, and how long each time.
const TRIES: u32 = 120;
const PAUSE: Duration = Duration::from_millis(25);

/// The right to write a data file, as long as this value lives.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
}

/// What came of asking for the lock.
#[derive(Debug)]
pub(super) enum Taken {
    /// It is ours.
    Ours(Lock),
    /// Another process has it, and went on having it.
    InUse,
    /// Here nothing can be locked: some network file systems cannot.
    Impossible,
}

impl Lock {
    /// Takes the lock on `data`. A process that is just ending is waited for.
    pub(super) fn take(data: &Path) -> io::Result<Taken> {
        let mut path = data.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        for _ in 0..TRIES {
            let mut options = OpenOptions::new();
            let file = options.create(true).append(true).mode(0o600).open(&path)?;
            match file.try_lock() {
                // Who ends removes the file: then this is the lock on nothing.
                Ok(()) if !is_at(&file, &path) => {}
                Ok(()) => return Ok(Taken::Ours(Self { file, path })),
                Err(TryLockError::WouldBlock) => std::thread::sleep(PAUSE),
                Err(TryLockError::Error(_)) => {
                    let _ = std::fs::remove_file(&path);
                    return Ok(Taken::Impossible);
                }
            }
        }
        Ok(Taken::InUse)
    }

    /// Whether others still find it.
    pub(super) fn is_in_place(&self) -> bool {
        is_at(&self.file, &self.path)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Before it is let go of, so that nobody takes it in between.
        if self.is_in_place() {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn is_at(file: &File, path: &Path) -> bool {
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(found)) => (open.dev(), open.ino()) == (found.dev(), found.ino()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(data: &Path) -> Lock {
        match Lock::take(data).expect("the directory is there") {
            Taken::Ours(lock) => lock,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_at_a_time_has_it_and_nothing_is_left_behind() {
        let directory = tempfile::tempdir().expect("a directory");
        let data = directory.path().join("usage.sqlite3");
        let lock = ours(&data);
        assert!(matches!(Lock::take(&data).expect("an answer"), Taken::InUse));
        assert!(lock.is_in_place());
        drop(lock);
        assert_eq!(std::fs::read_dir(directory.path()).expect("it is there").count(), 0);
        // A file that a killed process left locks nobody out.
        std::fs::write(directory.path().join("usage.sqlite3.lock"), "").expect("written");
        drop(ours(&data));
    }

    #[test]
    fn who_waits_has_the_lock_that_others_find() {
        let directory = tempfile::tempdir().expect("a directory");
        let data = directory.path().join("usage.sqlite3");
        let lock = ours(&data);
        let waiting = std::thread::spawn({
            let data = data.clone();
            move || ours(&data)
        });
        drop(lock);
        let lock = waiting.join().expect("it waits");
        assert!(lock.is_in_place());
        assert!(matches!(Lock::take(&data).expect("an answer"), Taken::InUse));
    }
}
