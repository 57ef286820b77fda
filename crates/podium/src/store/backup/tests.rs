use std::io::Write as _;
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::store::{
    AccessBook, DayState, EmbeddedStore, Facts as _, Ledger as _, LogDay, incoming,
};
use crate::usage::{Day, DayUsage, KeyUsage, Metrics, Request, Team, TeamUsage};

const GATEWAY: &str = "a gateway";

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("a timestamp")
}

fn usage(day: &str, tokens: i64) -> DayUsage {
    let metrics = Metrics { total_tokens: tokens, spend_usd: 0.1, ..Metrics::default() };
    let mut usage = DayUsage::empty(Day::parse(day).expect("a day"));
    usage.has_usage = true;
    for n in 0..3 {
        usage.total += &metrics;
        let models = vec![("model".to_owned(), metrics)];
        let keys =
            vec![KeyUsage { api_key: format!("key-{n}"), metrics, models, ..KeyUsage::default() }];
        usage.teams.push(TeamUsage { team_id: format!("team-{n}"), metrics, keys });
    }
    usage
}

/// A store with some days, requests and names, and a book with a line.
async fn filled(directory: &Path) -> (Location, EmbeddedStore, AccessBook) {
    let location = Location::File(directory.join("gateway.sqlite3"));
    let store = EmbeddedStore::open(&location, now()).expect("a new file");
    let state =
        DayState { fetched_at: now(), checked_at: now(), has_usage: true, discrepancy: None };
    for (day, tokens) in [("2026-11-22", 5), ("2026-11-23", 7)] {
        store.replace_day(usage(day, tokens), state.clone()).await.expect("stored");
    }
    let team = Team { team_id: "team-1".to_owned(), alias: Some("Otters".to_owned()) };
    store.replace_teams(vec![team], now()).await.expect("stored");
    let request = Request {
        team_id: "team-1".to_owned(),
        identity: 77,
        started_at: now(),
        duration_ms: Some(300),
        metrics: Metrics { total_tokens: 3, requests: 1, ..Metrics::default() },
        ..Request::default()
    };
    let day = Day::of(now());
    let log_day = LogDay { read_until: Some(now()), read_at: Some(now()), pushed: false };
    store.add_requests(vec![request], vec![(day, log_day)]).await.expect("stored");
    let book = AccessBook::open(&location).expect("a book");
    book.log(now(), "somebody came").expect("written");
    (location, store, book)
}

fn backed_up(location: &Location) -> Vec<u8> {
    let mut backup = Vec::new();
    back_up_to(location, GATEWAY, &mut backup, now()).expect("a backup");
    backup
}

fn wish() -> RestoreWish {
    RestoreWish::default()
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).expect("a directory");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn what_was_backed_up_beside_a_store_is_there_after_restoring() {
    let (here, there) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("another"));
    let (location, store, _book) = filled(here.path()).await;
    let backup = backed_up(&location);
    let elsewhere = Location::File(there.path().join("data/gateway.sqlite3"));
    let restored = restore(&mut &backup[..], &elsewhere, GATEWAY, wish(), now()).expect("restored");
    assert!(!restored.replaced && restored.manifest.has_access());
    let again = EmbeddedStore::open(&elsewhere, now()).expect("it opens");
    let (one, other) = (store.state(), again.state());
    for day in ["2026-11-22", "2026-11-23", "2026-11-24"].map(|day| Day::parse(day).expect("one")) {
        assert_eq!(one.day_total(day), other.day_total(day));
        assert_eq!(one.explained(day), other.explained(day));
        assert_eq!(store.read().totals(day), again.read().totals(day));
    }
    assert_eq!(one.teams(), other.teams());
    assert_eq!(one.log_day(Day::of(now())), other.log_day(Day::of(now())));
    let book = AccessBook::open(&elsewhere).expect("a book");
    assert_eq!(book.log_lines(9).expect("lines"), ["somebody came"]);
}

#[tokio::test]
async fn a_backup_is_of_one_moment_whatever_is_written_meanwhile() {
    let here = tempfile::tempdir().expect("a directory");
    let (location, store, _book) = filled(here.path()).await;
    let Location::File(path) = &location else { panic!("a file") };
    let moment = hold_moment(path).expect("it can be read beside the store");
    let state =
        DayState { fetched_at: now(), checked_at: now(), has_usage: true, discrepancy: None };
    for tokens in 100..200 {
        store.replace_day(usage("2026-11-23", tokens), state.clone()).await.expect("stored");
    }
    let total = |connection| {
        let extract = crate::store::Extract::of(connection).expect("it is sound");
        extract.look_over().expect("it is sound");
        extract.days().last().expect("a day").total.total_tokens
    };
    assert_eq!(total(moment), 3 * 7);
    assert_eq!(total(hold_moment(path).expect("it can be read")), 3 * 199);
}

#[tokio::test]
async fn a_backup_with_any_byte_changed_or_missing_restores_nothing() {
    let (here, there) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("another"));
    let (location, _store, _book) = filled(here.path()).await;
    let backup = backed_up(&location);
    let elsewhere = Location::File(there.path().join("gateway.sqlite3"));
    let Location::File(place) = &elsewhere else { panic!("a file") };
    restore(&mut &backup[..], &elsewhere, GATEWAY, wish(), now()).expect("it is sound");
    let sound = std::fs::read(place).expect("the usage");
    let mut dice = fastrand::Rng::with_seed(20_261_124);
    for turn in 0..300 {
        for name in names_in(there.path()) {
            std::fs::remove_file(there.path().join(name)).expect("it is there");
        }
        let mut harmed = backup.clone();
        match turn % 3 {
            0 => harmed.truncate(dice.usize(0..backup.len())),
            1 => harmed.push(dice.u8(..)),
            _ => {
                let at = dice.usize(0..backup.len());
                harmed[at] ^= 1 << dice.u8(0..8);
            }
        }
        match restore(&mut &harmed[..], &elsewhere, GATEWAY, wish(), now()) {
            Err(error) => {
                assert!(matches!(error, BackupError::Damaged(_)), "{error}");
                assert_eq!(names_in(there.path()), [""; 0], "nothing is left");
            }
            // Compression has bits that mean nothing: what it holds is what was written.
            Ok(_) => {
                assert_eq!(turn % 3, 2, "{turn}");
                assert!(std::fs::read(place).expect("the usage") == sound, "{turn}");
            }
        }
    }
}

/// An archive of these entries.
fn archive_of(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(zstd::Encoder::new(Vec::new(), 1).expect("an encoder"));
    for (name, content) in entries {
        let mut header = tar::Header::new_old();
        // As it is: `append_data` refuses names that lead elsewhere.
        header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, &content[..]).expect("an entry");
    }
    archive.into_inner().and_then(zstd::Encoder::finish).expect("an archive")
}

#[tokio::test]
async fn archives_of_others_are_told_from_backups() {
    let (here, there) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("another"));
    let (location, _store, _book) = filled(here.path()).await;
    let copies = there.path().join("copies");
    std::fs::create_dir(&copies).expect("a directory");
    let copied = Copies::take(&location, GATEWAY, &copies, now()).expect("copies");
    let manifest = copied.manifest().text();
    let content = |name: &str| std::fs::read(copies.join(name)).expect("a copy");
    let (usage, access) = (content("usage.sqlite3"), content("access.sqlite3"));
    let whole = |manifest: &str| {
        archive_of(&[
            ("manifest.json", manifest.into()),
            ("usage.sqlite3", usage.clone()),
            ("access.sqlite3", access.clone()),
        ])
    };
    let elsewhere = Location::File(there.path().join("data/gateway.sqlite3"));
    let try_to = |backup: Vec<u8>| restore(&mut &backup[..], &elsewhere, GATEWAY, wish(), now());
    let leads_out = manifest.replace("usage.sqlite3", "../usage.sqlite3");
    let first = ("manifest.json", manifest.clone().into_bytes());
    let more = ("more", Vec::new());
    for (backup, what) in [
        (b"a letter".to_vec(), "read to its end"),
        (archive_of(&[]), "not a backup"),
        (archive_of(&[("other.json", vec![1])]), "not a backup"),
        (archive_of(&[("manifest.json", vec![b' '; 1 << 20])]), "not a backup"),
        (archive_of(&[("manifest.json", b"{}".to_vec())]), "not a backup's"),
        (archive_of(std::slice::from_ref(&first)), "not in it as listed"),
        (archive_of(&[first.clone(), ("../usage.sqlite3", usage.clone())]), "not in it as listed"),
        (
            archive_of(&[first.clone(), ("usage.sqlite3", vec![0; usage.len()])]),
            "not what was written",
        ),
        (
            archive_of(&[
                first,
                ("usage.sqlite3", usage.clone()),
                ("access.sqlite3", access.clone()),
                more,
            ]),
            "more in it",
        ),
        (whole(&leads_out), "other files"),
    ] {
        let error = try_to(backup).expect_err(what).to_string();
        assert!(error.contains(what), "{what}: {error}");
    }
    let newer = whole(&manifest.replace("\"version\": 1", "\"version\": 2"));
    assert!(matches!(try_to(newer), Err(BackupError::Newer(_))));
    let newer = whole(&manifest.replace("\"schema\": 5", "\"schema\": 500"));
    assert!(matches!(try_to(newer), Err(BackupError::Newer(_))));
    let other = whole(&manifest.replace(GATEWAY, "another gateway"));
    assert!(matches!(try_to(other.clone()), Err(BackupError::OtherGateway)));
    assert_eq!(names_in(&there.path().join("data")), [""; 0], "nothing is left");
    let same = RestoreWish { as_this_gateway: true, ..wish() };
    restore(&mut &other[..], &elsewhere, GATEWAY, same, now()).expect("it was said so");
}

#[tokio::test]
async fn a_file_with_triggers_is_not_ours() {
    let here = tempfile::tempdir().expect("a directory");
    let (location, store, _book) = filled(here.path()).await;
    drop(store);
    let Location::File(path) = &location else { panic!("a file") };
    let connection = rusqlite::Connection::open(path).expect("it opens");
    let trigger = "CREATE TRIGGER t AFTER INSERT ON day BEGIN DELETE FROM day; END";
    connection.execute_batch(trigger).expect("a trigger");
    let error = back_up_to(&location, GATEWAY, &mut std::io::sink(), now()).expect_err("foreign");
    assert!(error.to_string().contains("triggers"), "{error}");
}

#[tokio::test]
async fn damage_to_what_is_stored_is_no_backup() {
    let here = tempfile::tempdir().expect("a directory");
    let (location, store, _book) = filled(here.path()).await;
    drop(store);
    let Location::File(path) = &location else { panic!("a file") };
    for damage in [
        "UPDATE day SET total_tokens = total_tokens + 1 WHERE day = '2026-11-23'",
        "UPDATE request SET started_ms = started_ms + 1",
        "UPDATE quarter SET facts = x'01'",
        "UPDATE team SET alias = 'Herons'",
        "DELETE FROM log_day",
    ] {
        let copy = tempfile::tempdir().expect("a directory");
        let harmed = copy.path().join("gateway.sqlite3");
        std::fs::copy(path, &harmed).expect("a copy");
        let connection = rusqlite::Connection::open(&harmed).expect("it opens");
        connection.execute_batch(damage).expect("damage");
        drop(connection);
        let location = Location::File(harmed);
        let error = back_up_to(&location, GATEWAY, &mut std::io::sink(), now());
        let error = error.expect_err(damage);
        assert!(matches!(error, BackupError::Unsound { .. }), "{damage}: {error}");
    }
    back_up_to(&location, GATEWAY, &mut std::io::sink(), now()).expect("this one is sound");
}

#[tokio::test]
async fn restoring_beside_a_store_or_over_one_is_refused() {
    let here = tempfile::tempdir().expect("a directory");
    let (location, store, book) = filled(here.path()).await;
    let backup = backed_up(&location);
    let forced = RestoreWish { force: true, ..wish() };
    let error = restore(&mut &backup[..], &location, GATEWAY, forced, now()).expect_err("in use");
    assert!(error.to_string().contains("in use by another Podium"), "{error}");
    drop(store);
    let error = restore(&mut &backup[..], &location, GATEWAY, wish(), now()).expect_err("there");
    assert!(matches!(error, BackupError::UsageThere(_)), "{error}");
    book.log(now(), "somebody else came").expect("written");
    let usage_only = RestoreWish { usage_only: true, ..forced };
    let done = restore(&mut &backup[..], &location, GATEWAY, usage_only, now()).expect("forced");
    assert!(done.replaced);
    drop(book);
    let lines = |location| AccessBook::open(location).expect("a book").log_lines(9).expect("lines");
    assert_eq!(lines(&location).len(), 2, "it stays as it was");
    restore(&mut &backup[..], &location, GATEWAY, forced, now()).expect("forced");
    assert_eq!(lines(&location).len(), 1, "it is that of the backup");
    let aside = |name: &&String| {
        name.contains(".replaced-") && name.ends_with(|c: char| c.is_ascii_digit())
    };
    let names = names_in(here.path());
    assert_eq!(names.iter().filter(aside).count(), 3, "{names:?}");
}

#[test]
fn nothing_is_kept_in_memory_and_nothing_is_where_nothing_was() {
    let backup = |location: &Location| {
        let done = back_up_to(location, GATEWAY, &mut std::io::sink(), now());
        done.expect_err("there is nothing").to_string()
    };
    assert!(backup(&Location::Memory).contains("memory only"));
    let here = tempfile::tempdir().expect("a directory");
    assert!(backup(&Location::File(here.path().join("none.sqlite3"))).contains("no usage at"));
    assert_eq!(names_in(here.path()), [""; 0]);
}

#[tokio::test]
async fn a_file_is_whole_or_not_there() {
    let (here, there) = (tempfile::tempdir().expect("one"), tempfile::tempdir().expect("another"));
    let (location, _store, _book) = filled(here.path()).await;
    let target = there.path().join("backup.tar.zst");
    let back_up = |target: &Path, force| back_up_to_file(&location, GATEWAY, target, force, now());
    back_up(&target, false).expect("a backup");
    assert_eq!(names_in(there.path()), ["backup.tar.zst"]);
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(&target).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(matches!(back_up(&target, false), Err(BackupError::FileThere(_))));
    // What a killed process left is in nobody's way.
    let left = there.path().join(".backup.tar.zst.partial");
    std::fs::create_dir(&left).expect("a directory");
    std::fs::File::create(left.join("usage.sqlite3"))
        .and_then(|mut file| file.write_all(b"half"))
        .expect("written");
    back_up(&target, true).expect("a backup in its place");
    assert_eq!(names_in(there.path()), ["backup.tar.zst"]);
    assert!(matches!(back_up(there.path(), true), Err(BackupError::NoFile(_))));
    let inside = here.path().join("backup.tar.zst");
    assert!(matches!(back_up(&inside, false), Err(BackupError::BesideUsage(_))));
    let nowhere = there.path().join("none/backup.tar.zst");
    assert!(matches!(back_up(&nowhere, false), Err(BackupError::Io { .. })));
}

#[tokio::test]
async fn a_restore_that_was_cut_off_is_finished_by_whoever_comes_next() {
    let here = tempfile::tempdir().expect("a directory");
    let (location, store, book) = filled(here.path()).await;
    let there = tempfile::tempdir().expect("another");
    let copies = Copies::take(&location, GATEWAY, there.path(), now()).expect("copies");
    drop((store, book));
    let Location::File(path) = &location else { panic!("a file") };
    std::fs::copy(&copies.paths[0], incoming::place_of(path)).expect("a copy");
    let note = incoming::with_suffix(path, ".switch");
    for open in [
        &(|location: &Location| drop(AccessBook::open(location).expect("a book")))
            as &dyn Fn(&Location),
        &|location| drop(EmbeddedStore::open(location, now()).expect("a store")),
        &|location| drop(backed_up(location)),
    ] {
        std::fs::copy(&copies.paths[0], incoming::place_of(path)).expect("a copy");
        std::fs::write(&note, "1795000000").expect("the note");
        open(&location);
        assert!(!incoming::is_waiting(path) && !incoming::place_of(path).exists());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_are_no_backup(bytes in prop::collection::vec(any::<u8>(), 0..2_000)) {
        prop_assert!(read_back(&mut &bytes[..]).is_err());
        let packed = zstd::encode_all(&bytes[..], 1).expect("packed");
        prop_assert!(read_back(&mut &packed[..]).is_err());
    }
}
