use std::io::{Seek as _, SeekFrom, Write as _};

use super::*;
use crate::usage::{Aggregate, DayRange, Dimension, KeyUsage, Metrics, TeamUsage};

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
        let keys = vec![KeyUsage { api_key: format!("key-{n}"), metrics, models }];
        usage.teams.push(TeamUsage { team_id: format!("team-{n}"), metrics, keys });
    }
    usage
}

async fn tokens(store: &EmbeddedStore, by: &'static [Dimension]) -> i64 {
    let range = DayRange::ending(Day::parse("2026-11-24").expect("a day"), 30);
    let rows = store.read().await.aggregate(&Aggregate { range, by }).await.expect("sums");
    rows.iter().map(|row| row.metrics.total_tokens).sum()
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
    let version = store.read().await.version();
    drop(store);
    let later = now() + jiff::SignedDuration::from_secs(1);
    let store = EmbeddedStore::open(&location, later).expect("the file is there");
    for by in [
        &[Dimension::Team] as &[Dimension],
        &[Dimension::ApiKey, Dimension::Team],
        &[Dimension::ModelGroup, Dimension::Day],
    ] {
        assert_eq!(tokens(&store, by).await, 5 + 14);
    }
    assert!(store.read().await.version() > version);
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
    assert_eq!(store.read().await.log_day(day), Some(both));
    drop(store);
    let store = EmbeddedStore::open(&location, now()).expect("the file is sound");
    assert_eq!(store.read().await.log_day(day), Some(both));
}
