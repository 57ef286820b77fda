use std::io::{Seek as _, SeekFrom, Write as _};

use super::*;
use crate::store::{DayState, Facts as _, Ledger as _, LogDay};
use crate::usage::{
    Columns, Day, DayRange, DayUsage, Dimension, Filter, KeyUsage, Metrics, Request, Span,
    SumQuestion, TeamUsage,
};

fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().expect("a timestamp")
}

fn state() -> DayState {
    DayState { fetched_at: now(), checked_at: now(), has_usage: true, discrepancy: None }
}

/// A day on which each of `teams` teams used `tokens` tokens of one model with one key.
fn usage(day: &str, teams: u32, tokens: i64) -> DayUsage {
    let metrics = Metrics { total_tokens: tokens, spend_usd: 0.1, ..Metrics::default() };
    let mut usage = DayUsage::empty(Day::parse(day).expect("a day"));
    usage.has_usage = true;
    for n in 0..teams {
        usage.total += &metrics;
        let models = vec![("model".to_owned(), metrics)];
        let api_key = format!("key-{n}");
        let keys = vec![KeyUsage { api_key, metrics, models, ..KeyUsage::default() }];
        usage.teams.push(TeamUsage { team_id: format!("team-{n}"), metrics, keys });
    }
    usage
}

async fn tokens(store: &EmbeddedStore, by: &[Dimension]) -> i64 {
    let range = DayRange::ending(Day::parse("2026-11-24").expect("a day"), 30);
    let question = SumQuestion {
        slots: vec![vec![Span::Days(range)]],
        by: by.to_vec(),
        filter: Filter::default(),
        columns: Columns::ALL,
        with_times: false,
        most_rows: usize::MAX,
    };
    let sums = store.read().facts.sum(&question).await.expect("sums");
    (0..sums.rows.len()).map(|row| sums.metrics(row).total_tokens).sum()
}

fn location(directory: &tempfile::TempDir) -> (PathBuf, Location) {
    let path = directory.path().join("gateway.sqlite3");
    (path.clone(), Location::File(path))
}

#[tokio::test]
async fn what_was_stored_is_there_after_a_restart() {
    let directory = tempfile::tempdir().expect("a directory");
    let (_, location) = location(&directory);
    let store = EmbeddedStore::open(&location, now()).expect("a new file");
    store.replace_day(usage("2026-11-23", 3, 10), state()).await.expect("stored");
    store.replace_day(usage("2026-11-24", 2, 7), state()).await.expect("stored");
    store.replace_day(usage("2026-11-23", 1, 5), state()).await.expect("replaced");
    let version = store.state().version();
    drop(store);
    let later = now() + jiff::SignedDuration::from_secs(1);
    let store = EmbeddedStore::open(&location, later).expect("the file is there");
    for by in [
        &[Dimension::Team] as &[Dimension],
        &[Dimension::ApiKey, Dimension::Team],
        &[Dimension::Model],
    ] {
        assert_eq!(tokens(&store, by).await, 5 + 14);
    }
    assert!(store.state().version() > version);
    assert!(!store.state().lacks_facets(Day::parse("2026-11-24").expect("a day")));
}

#[tokio::test]
async fn a_full_disk_loses_nothing_and_says_so() {
    let directory = tempfile::tempdir().expect("a directory");
    let (_, location) = location(&directory);
    let store = EmbeddedStore::open(&location, now()).expect("a new file");
    store.replace_day(usage("2026-11-23", 3, 10), state()).await.expect("stored");
    store.limit_file_to_its_size();
    let error = store.replace_day(usage("2026-11-24", 5_000, 7), state()).await.expect_err("full");
    assert!(error.to_string().contains("full"), "{error}");
    assert_eq!(tokens(&store, &[Dimension::Team]).await, 30, "readers see the old state");
    drop(store);
    let store = EmbeddedStore::open(&location, now()).expect("the file is sound");
    assert_eq!(tokens(&store, &[Dimension::Team]).await, 30);
    drop(store);
    assert_eq!(EmbeddedStore::inspect(&location).expect("a verdict").fault, None);
    let store = EmbeddedStore::open(&location, now()).expect("nobody has it");
    store.replace_day(usage("2026-11-24", 5_000, 7), state()).await.expect("there is room again");
    assert_eq!(tokens(&store, &[Dimension::Team]).await, 30 + 35_000);
}

#[tokio::test]
async fn a_damaged_file_is_set_aside_and_not_overwritten() {
    for damage in ["head", "middle", "text"] {
        let directory = tempfile::tempdir().expect("a directory");
        let (path, location) = location(&directory);
        let store = EmbeddedStore::open(&location, now()).expect("a new file");
        store.replace_day(usage("2026-11-23", 500, 10), state()).await.expect("stored");
        drop(store);
        match damage {
            "text" => {
                std::fs::write(&path, "this is no database, however long it may be".repeat(99))
                    .expect("written")
            }
            place => {
                let mut file =
                    std::fs::OpenOptions::new().write(true).open(&path).expect("the file");
                let length = file.metadata().expect("its size").len();
                let (at, count) = if place == "head" { (0, 100) } else { (4096, length - 4096) };
                file.seek(SeekFrom::Start(at)).expect("within the file");
                file.write_all(&vec![0xA5; usize::try_from(count).expect("small")])
                    .expect("written");
            }
        }
        let damaged = std::fs::read(&path).expect("the damaged file");
        let store = EmbeddedStore::open(&location, now()).expect("a new file in its place");
        assert_eq!(tokens(&store, &[Dimension::Team]).await, 0, "{damage}");
        store.replace_day(usage("2026-11-23", 1, 4), state()).await.expect("stored");
        let aside = directory.path().join(format!("gateway.sqlite3.damaged-{}", now().as_second()));
        assert_eq!(std::fs::read(&aside).expect("set aside"), damaged, "{damage}");
    }
}

#[test]
fn a_file_in_use_is_left_alone() {
    let directory = tempfile::tempdir().expect("a directory");
    let (_, location) = location(&directory);
    let _first = EmbeddedStore::open(&location, now()).expect("a new file");
    let error = EmbeddedStore::open(&location, now()).expect_err("in use");
    assert!(matches!(error, Error::InUse { .. }), "{error}");
    assert!(error.to_string().contains("--data-dir"));
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("file");
    std::fs::write(&file, "").expect("written");
    let location = Location::File(file.join("below").join("gateway.sqlite3"));
    let error = EmbeddedStore::open(&location, now()).expect_err("a file is no directory");
    assert!(matches!(error, Error::Open { .. }), "{error}");
    assert!(error.to_string().contains("--data-dir"));
}

#[tokio::test]
async fn pushing_and_polling_do_not_undo_what_the_other_noted() {
    let directory = tempfile::tempdir().expect("a directory");
    let (_, location) = location(&directory);
    let day = Day::parse("2026-11-24").expect("a day");
    let read = LogDay { read_until: Some(now()), read_at: Some(now()), pushed: false };
    let pushed = LogDay { pushed: true, ..LogDay::default() };
    let both = LogDay { pushed: true, ..read };
    let store = EmbeddedStore::open(&location, now()).expect("a new file");
    for news in [read, pushed, read] {
        store.add_requests(Vec::new(), vec![(day, news)]).await.expect("stored");
    }
    assert_eq!(store.state().log_day(day), Some(both));
    drop(store);
    let store = EmbeddedStore::open(&location, now()).expect("the file is sound");
    assert_eq!(store.state().log_day(day), Some(both));
}

#[tokio::test]
async fn a_full_disk_is_told_until_there_is_room_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let (_, location) = location(&directory);
    let store = EmbeddedStore::open(&location, now()).expect("a new file");
    store.replace_day(usage("2026-11-23", 3, 10), state()).await.expect("stored");
    assert!(store.health().failing.is_none());
    store.limit_file_to_its_size();
    store.replace_day(usage("2026-11-24", 5_000, 7), state()).await.expect_err("full");
    store.mark_checked(&[Day::parse("2026-11-23").expect("a day")], now()).await.expect("room");
    let failing = store.health().failing.expect("a date fits, a day does not");
    assert!(failing.cause.contains("disk may be full") && store.health().is_reading_in_vain());
    store.replace_day(usage("2026-11-23", 1, 1), state()).await.expect("a small day fits");
    assert!(store.health().failing.is_none());
    assert_eq!(store.health().errors, 1);
}

#[tokio::test]
async fn a_file_that_is_deleted_while_it_is_used_is_written_anew() {
    for how in ["file", "directory", "replaced"] {
        let root = tempfile::tempdir().expect("a directory");
        let directory = root.path().join("data");
        let path = directory.join("gateway.sqlite3");
        let location = Location::File(path.clone());
        let store = EmbeddedStore::open(&location, now()).expect("a new file");
        store.replace_day(usage("2026-11-23", 3, 10), state()).await.expect("stored");
        let request = Request { identity: 1, started_at: now(), ..Request::default() };
        store.add_requests(vec![request.clone()], Vec::new()).await.expect("stored");
        match how {
            "file" => std::fs::remove_file(&path).expect("removed"),
            "directory" => std::fs::remove_dir_all(&directory).expect("removed"),
            _ => {
                std::fs::remove_file(&path).expect("removed");
                std::fs::write(&path, "somebody else's").expect("written");
            }
        }
        store.replace_day(usage("2026-11-24", 2, 7), state()).await.expect("stored");
        let again = store.add_requests(vec![request], Vec::new()).await.expect("stored");
        assert_eq!((again.new, again.repeated), (0, 1), "{how}: what was counted is remembered");
        drop(store);
        let store = EmbeddedStore::open(&location, now()).expect("the new file");
        assert_eq!(tokens(&store, &[Dimension::Team]).await, 44, "{how}");
        drop(store);
        assert_eq!(EmbeddedStore::inspect(&location).expect("a verdict").fault, None, "{how}");
    }
}

/// A file as the first release wrote it: schema 2, sums by their places, call ids as identities.
fn file_of_the_first_release(path: &std::path::Path) {
    let connection = rusqlite::Connection::open(path).expect("a new file");
    for schema in [include_str!("../schema_1.sql"), include_str!("../schema_2.sql")] {
        connection.execute_batch(schema).expect("the schema");
    }
    connection
        .execute_batch(
            "PRAGMA user_version = 2;
             INSERT INTO setting VALUES ('teams_read_at_ms', 1), ('empty_before', '2026-11-01');
             INSERT INTO team VALUES ('team-0', 'Zero', 0), ('gone', 'Gone', NULL);
             INSERT INTO api_key VALUES ('key-0', 'a key');
             INSERT INTO series VALUES (0, 'team-0', NULL, NULL), (1, 'team-0', 'key-0', NULL);
             INSERT INTO day VALUES
               ('2026-11-20', 1795000000000, 1795500000000, 1, NULL, 0.5, 0,0,0,0,7,1,1,0,0,0),
               ('2026-11-21', 1795000000000, 1795500000000, 1,
                '[[0.5, [0,0,0,0,7,1,1,0,0,0]], [0.5, [0,0,0,0,9,1,1,0,0,0]]]',
                0.5, 0,0,0,0,7,1,1,0,0,0);
             INSERT INTO fact VALUES ('2026-11-20', 0, 0.5, 0,0,0,0,7,1,1,0,0,0),
               ('2026-11-20', 1, 0.5, 0,0,0,0,7,1,1,0,0,0),
               ('2026-11-21', 0, 0.5, 0,0,0,0,7,1,1,0,0,0);
             INSERT INTO finding VALUES
               (1, 5, '2026-11-20', 'moved', NULL, '[0.5, [0,0,0,0,7,1,1,0,0,0]]');
             INSERT INTO log_day VALUES ('2026-11-20', 1795219200000, 1795500000000, 0),
               ('2026-11-23', 1795478400000, 1795480000000, 0);
             INSERT INTO request VALUES (20777, x'00112233445566778899aabbccddeeff', 1),
               (20780, x'00112233445566778899aabbccddeeff', 1);",
        )
        .expect("rows");
}

#[tokio::test]
async fn a_file_of_the_first_release_is_taken_over() {
    let directory = tempfile::tempdir().expect("a directory");
    let (path, location) = location(&directory);
    file_of_the_first_release(&path);
    let day = |text: &str| Day::parse(text).expect("a day");
    for start in ["first", "second"] {
        let store = EmbeddedStore::open(&location, now()).expect("it is taken over");
        let reader = store.read();
        assert_eq!(tokens(&store, &[Dimension::Team]).await, 14, "{start}");
        assert_eq!(reader.ledger.day_state(day("2026-11-20")).expect("stored").discrepancy, None);
        assert!(reader.ledger.lacks_facets(day("2026-11-20")), "it is read once more");
        let doubt = reader.ledger.day_state(day("2026-11-21")).expect("stored").discrepancy;
        let doubt = doubt.expect("an unverified day stays one");
        assert_eq!((doubt.read.total_tokens, doubt.gateway.total_tokens), (7, 9));
        assert_eq!(reader.ledger.teams().expect("listed").len(), 1);
        assert_eq!(reader.ledger.team_alias("gone"), Some("Gone"));
        assert_eq!(reader.ledger.key_alias("key-0").as_deref(), Some("a key"));
        assert_eq!(reader.ledger.empty_before(), Some(day("2026-11-01")));
        let all = DayRange::ending(day("2026-11-24"), 30);
        assert_eq!(reader.ledger.findings(all)[0].found.gateway.total_tokens, 7);
        // Requests went by other ids then: what may be read once more is read anew.
        assert!(reader.ledger.log_day(day("2026-11-20")).is_some());
        assert!(reader.ledger.log_day(day("2026-11-23")).is_none());
        drop(reader);
        drop(store);
        let aside = std::fs::read_dir(directory.path()).expect("files").count();
        assert_eq!(aside, 1, "nothing was set aside");
    }
}

#[test]
fn a_schema_that_is_not_ours_is_told_from_a_flipped_bit() {
    let directory = tempfile::tempdir().expect("a directory");
    let (path, location) = location(&directory);
    drop(EmbeddedStore::open(&location, now()).expect("a new file"));
    let set_version = |version: i64| {
        let connection = rusqlite::Connection::open(&path).expect("the file");
        connection.pragma_update(None, "user_version", version).expect("written");
    };
    set_version(7);
    drop(EmbeddedStore::open(&location, now()).expect("one bit says nothing"));
    assert!(std::fs::read_dir(directory.path()).expect("files").count() > 1, "it was set aside");
    let connection = rusqlite::Connection::open(&path).expect("the file");
    let seal = crate::store::seal::to_blob(
        crate::store::seal::Seal::of("setting").text("schema_version").number(7).done(),
    );
    connection
        .execute("UPDATE setting SET value = 7, seal = ?1 WHERE name = 'schema_version'", [seal])
        .expect("written");
    drop(connection);
    set_version(7);
    let error = EmbeddedStore::open(&location, now()).expect_err("a newer Podium wrote it");
    assert!(matches!(error, Error::Newer { found: 7, .. }), "{error}");
}

#[tokio::test]
async fn history_may_be_larger_than_memory() {
    let directory = tempfile::tempdir().expect("a directory");
    let (_, location) = location(&directory);
    let store = EmbeddedStore::open_within(&location, now(), 1).expect("a new file");
    for day in ["2026-11-21", "2026-11-22", "2026-11-23"] {
        store.replace_day(usage(day, 40, 10), state()).await.expect("stored");
    }
    let before = store.read();
    store.replace_day(usage("2026-11-22", 1, 5), state()).await.expect("replaced");
    for by in [&[Dimension::Team] as &[Dimension], &[Dimension::Model], &[]] {
        assert_eq!(tokens(&store, by).await, 805);
    }
    let all = DayRange::ending(Day::parse("2026-11-24").expect("a day"), 30);
    let question = SumQuestion {
        slots: vec![vec![Span::Days(all)]],
        by: Vec::new(),
        filter: Filter::default(),
        columns: Columns::ALL,
        with_times: false,
        most_rows: usize::MAX,
    };
    let sums = before.facts.sum(&question).await.expect("the day as it was is still there");
    assert_eq!(sums.metrics(0).total_tokens, 1_200);
}

/// Changes a byte of a day's facts behind the store's back, as a failing disk does.
fn damage(store: &EmbeddedStore, day: &str) {
    let writer = store.inner.writer.lock().unwrap_or_else(PoisonError::into_inner);
    let database = &writer.as_ref().expect("a file").database;
    database.damage_content(Day::parse(day).expect("a day")).expect("it is there");
}

#[tokio::test]
async fn a_day_that_is_damaged_while_it_is_used_is_forgotten_and_never_told() {
    let directory = tempfile::tempdir().expect("a directory");
    let (_, location) = location(&directory);
    let store = EmbeddedStore::open_within(&location, now(), 1).expect("a new file");
    let days = ["2026-11-22", "2026-11-23"].map(|text| Day::parse(text).expect("a day"));
    for day in days {
        store.replace_day(usage(&day.to_string(), 3, 10), state()).await.expect("stored");
    }
    damage(&store, "2026-11-22");
    let question = SumQuestion {
        slots: vec![vec![Span::Days(DayRange::ending(days[1], 2))]],
        by: Vec::new(),
        filter: Filter::default(),
        columns: Columns::ALL,
        with_times: false,
        most_rows: usize::MAX,
    };
    let error = store.read().facts.sum(&question).await.expect_err("it is not believed");
    assert!(matches!(error, Error::DamagedDay { day } if day == days[0]), "{error}");
    assert!(!store.state().knows(days[0]), "so that it is read anew");
    assert_eq!(tokens(&store, &[Dimension::Team]).await, 30, "the other day is told");
    store.replace_day(usage("2026-11-22", 2, 10), state()).await.expect("read anew");
    damage(&store, "2026-11-23");
    assert_eq!(store.look_over().await.expect("it looks"), 1);
    assert_eq!(tokens(&store, &[Dimension::Team]).await, 20);
    drop(store);
    assert_eq!(EmbeddedStore::inspect(&location).expect("a verdict").fault, None);
}

#[tokio::test]
async fn a_file_written_anew_has_the_days_that_were_not_in_memory() {
    let directory = tempfile::tempdir().expect("a directory");
    let (_, location) = location(&directory);
    let store = EmbeddedStore::open_within(&location, now(), 1).expect("a new file");
    for day in ["2026-11-21", "2026-11-22", "2026-11-23"] {
        store.replace_day(usage(day, 30, 10), state()).await.expect("stored");
    }
    damage(&store, "2026-11-22");
    let mut snapshot = Snapshot::clone(&store.inner.snapshot.load());
    {
        let mut writer = store.inner.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.as_mut().expect("a file").replace(&mut snapshot).expect("a new file");
    }
    let days: Vec<String> = snapshot.ledger.days.keys().map(Day::to_string).collect();
    assert_eq!(days, ["2026-11-21", "2026-11-23"], "what is damaged is read anew");
    drop((store, snapshot));
    let store = EmbeddedStore::open_within(&location, now(), 1).expect("the new file");
    assert_eq!(tokens(&store, &[Dimension::Team]).await, 600);
    assert_eq!(store.look_over().await.expect("it looks"), 0);
}
