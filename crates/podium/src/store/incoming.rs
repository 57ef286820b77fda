//! Files that are to take the place of those that are there: all of them or none, whenever the process
//! is killed.
//!
//! They are written beside their places. Then a note says that they are whole: from then on they count,
//! and who opens the data next moves them into their places, if that was not done yet. What was there
//! before is set aside, not deleted.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::access_book;

/// What ends the names of files on their way in, and of the note.
const INCOMING: &str = ".incoming";
const NOTE: &str = ".switch";
/// Files that SQLite may have beside one of its own.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// A path with something behind its name.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Where a file waits that is to be at `path`.
pub(super) fn place_of(path: &Path) -> PathBuf {
    with_suffix(path, INCOMING)
}

/// Removes what somebody left who did not come to the end.
pub(super) fn clear(usage: &Path) -> io::Result<()> {
    for path in [usage.to_owned(), access_book::beside(usage)] {
        let incoming = place_of(&path);
        for suffix in BESIDE {
            remove(&with_suffix(&incoming, suffix))?;
        }
        remove(&incoming)?;
    }
    Ok(())
}

/// From here on the incoming files count. They must be on the disk.
pub(super) fn commit(usage: &Path, now: Timestamp) -> io::Result<()> {
    let (note, partial) = (with_suffix(usage, NOTE), with_suffix(usage, ".switch-partial"));
    let mut file = File::create(&partial)?;
    write!(file, "{}", now.as_second())?;
    file.sync_all()?;
    sync_directory(usage)?;
    fs::rename(partial, note)?;
    sync_directory(usage)?;
    finish(usage)
}

/// Moves incoming files that count into their places. Whoever calls this has the lock.
pub(super) fn finish(usage: &Path) -> io::Result<()> {
    let note = with_suffix(usage, NOTE);
    let now = match fs::read_to_string(&note) {
        Ok(second) => second.parse().ok().and_then(|second| Timestamp::from_second(second).ok()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for path in [usage.to_owned(), access_book::beside(usage)] {
        let incoming = place_of(&path);
        // What is not there any more has been moved.
        if incoming.try_exists()? {
            set_aside(&path, "replaced", now.unwrap_or(Timestamp::UNIX_EPOCH))?;
            fs::rename(&incoming, &path)?;
        }
    }
    sync_directory(usage)?;
    fs::remove_file(note)?;
    sync_directory(usage)
}

/// Whether files wait that count.
pub(super) fn is_waiting(usage: &Path) -> bool {
    with_suffix(usage, NOTE).exists()
}

/// Moves a file out of the way, together with SQLite's files beside it, and says where it is now.
pub(super) fn set_aside(path: &Path, why: &str, now: Timestamp) -> io::Result<PathBuf> {
    let named = |number: u32| {
        let more = if number == 0 { String::new() } else { format!("-{number}") };
        with_suffix(path, &format!(".{why}-{}{more}", now.as_second()))
    };
    // The file itself is moved last: who was killed on the way goes on under the same name.
    let aside = (0..u32::MAX).map(named).find(|aside| !aside.exists());
    let aside = aside.unwrap_or_else(|| named(0));
    for suffix in BESIDE.into_iter().chain([""]) {
        match fs::rename(with_suffix(path, suffix), with_suffix(&aside, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(aside)
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Puts the names in a file's directory on the disk.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => File::open(directory)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::from_second(1_795_000_000).expect("a time")
    }

    fn read(path: &Path) -> Option<String> {
        fs::read_to_string(path).ok()
    }

    /// Old files, and new ones on their way.
    fn stage() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let directory = tempfile::tempdir().expect("a directory");
        let usage = directory.path().join("gateway.sqlite3");
        let access = access_book::beside(&usage);
        for path in [&usage, &access] {
            fs::write(path, "old").expect("written");
            fs::write(place_of(path), "new").expect("written");
        }
        fs::write(with_suffix(&usage, "-wal"), "old log").expect("written");
        (directory, usage, access)
    }

    fn assert_is_new(usage: &Path, access: &Path) {
        for path in [usage, access] {
            assert_eq!(read(path).as_deref(), Some("new"));
            let aside = with_suffix(path, ".replaced-1795000000");
            assert_eq!(read(&aside).as_deref(), Some("old"));
            assert!(!place_of(path).exists());
        }
        let log = with_suffix(usage, ".replaced-1795000000-wal");
        assert_eq!(read(&log).as_deref(), Some("old log"));
        assert!(!is_waiting(usage));
    }

    #[test]
    fn all_files_change_places_and_the_old_ones_are_set_aside() {
        let (_directory, usage, access) = stage();
        commit(&usage, now()).expect("they change places");
        assert_is_new(&usage, &access);
        finish(&usage).expect("nothing is left to do");
        assert_is_new(&usage, &access);
    }

    #[test]
    fn a_kill_before_the_note_leaves_the_old_files_and_one_behind_it_the_new_ones() {
        // Each step of `finish`, cut off behind it.
        for done in 0..5 {
            let (_directory, usage, access) = stage();
            finish(&usage).expect("nobody said that they are whole");
            assert_eq!(read(&usage).as_deref(), Some("old"));
            fs::write(with_suffix(&usage, NOTE), now().as_second().to_string()).expect("written");
            let steps: [&dyn Fn(); 4] = [
                &|| drop(set_aside(&usage, "replaced", now()).expect("moved")),
                &|| fs::rename(place_of(&usage), &usage).expect("moved"),
                &|| drop(set_aside(&access, "replaced", now()).expect("moved")),
                &|| fs::rename(place_of(&access), &access).expect("moved"),
            ];
            steps.iter().take(done).for_each(|step| step());
            assert!(is_waiting(&usage));
            finish(&usage).expect("they change places");
            assert_is_new(&usage, &access);
        }
    }

    #[test]
    fn nothing_that_was_set_aside_is_overwritten() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("usage.sqlite3");
        let mut places = Vec::new();
        for content in ["one", "two", "three"] {
            fs::write(&path, content).expect("written");
            places.push((set_aside(&path, "replaced", now()).expect("moved"), content));
        }
        for (place, content) in places {
            assert_eq!(read(&place).as_deref(), Some(content));
        }
    }
}
