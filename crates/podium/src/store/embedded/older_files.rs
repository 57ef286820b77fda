//! Data files that earlier versions wrote.

use std::io::Read as _;

use super::*;
use crate::store::{Facts as _, Ledger as _};
use crate::usage::{
    Columns, Day, DayRange, Dimension, Filter, Metrics, Span, SumQuestion, quarters_of_days,
};

/// Written by the version before days were packed: four teams of a simulated gateway, six days with
/// usage, two of them with request logs.
const SCHEMA_4: &[u8] = include_bytes!("files/schema_4.sqlite3.gz");

fn now() -> Timestamp {
    "2026-11-29T12:00:00Z".parse().expect("a time")
}

fn days() -> DayRange {
    let day = |text| Day::parse(text).expect("a day");
    DayRange::new(day("2026-11-01"), day("2026-11-28")).expect("in order")
}

/// Tokens, requests and spend of a day.
type Told = (i64, i64, f64);

/// What the rows of the older file say of each day, in one of its splits.
fn told_by_rows(path: &Path, of_split: &str) -> BTreeMap<String, Told> {
    let connection = rusqlite::Connection::open(path).expect("the file");
    let mut statement = connection
        .prepare(&format!(
            "SELECT day, sum(total_tokens), sum(requests), sum(spend_usd)
             FROM fact JOIN series USING (series) WHERE {of_split} GROUP BY day"
        ))
        .expect("the older schema");
    let rows =
        statement.query_map([], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))));
    rows.expect("rows").collect::<Result<_, _>>().expect("sums")
}

async fn sum(store: &EmbeddedStore, span: Span, by: &[Dimension]) -> Metrics {
    let question = SumQuestion {
        slots: vec![vec![span]],
        by: by.to_vec(),
        filter: Filter::default(),
        columns: Columns::ALL,
        with_times: false,
        most_rows: usize::MAX,
    };
    let sums = store.read().facts.sum(&question).await.expect("sums");
    let rows = (0..sums.rows.len()).map(|row| sums.metrics(row));
    rows.fold(Metrics::default(), |mut all, row| {
        all += &row;
        all
    })
}

fn unpacked(path: &Path) {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(SCHEMA_4).read_to_end(&mut bytes).expect("a file");
    std::fs::write(path, bytes).expect("written");
}

#[tokio::test]
async fn days_in_rows_are_packed_and_every_split_says_the_same() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("gateway.sqlite3");
    unpacked(&path);
    let splits = [
        (Dimension::Team, "api_key IS NULL"),
        (Dimension::ApiKey, "api_key IS NOT NULL AND model_group IS NULL"),
        (Dimension::Model, "model_group IS NOT NULL AND facet = 'model'"),
        (Dimension::ProviderModel, "model_group IS NOT NULL AND facet = 'provider_model'"),
        (Dimension::Provider, "model_group IS NOT NULL AND facet = 'provider'"),
        (Dimension::Endpoint, "model_group IS NOT NULL AND facet = 'endpoint'"),
    ];
    let rows = splits.map(|(by, of_split)| (by, told_by_rows(&path, of_split)));
    for start in ["first", "second"] {
        let store = EmbeddedStore::open(&Location::File(path.clone()), now()).expect("taken over");
        assert_eq!(store.look_over().await.expect("it looks"), 0, "{start}");
        for (by, told) in &rows {
            assert_eq!(told.len(), 6, "{by:?}");
            for day in days().newest_first() {
                let (tokens, requests, spend) =
                    told.get(&day.to_string()).copied().unwrap_or_default();
                let sum = sum(&store, Span::Days(DayRange::single(day)), &[*by]).await;
                assert_eq!((sum.total_tokens, sum.requests), (tokens, requests), "{by:?} {day}");
                assert!((sum.spend_usd - spend).abs() < 1e-9, "{by:?} {day}");
                assert!(!store.state().lacks_facets(day), "{day} was read in full");
            }
        }
        let explained = sum(&store, Span::Quarters(quarters_of_days(days())), &[]).await;
        assert_eq!((explained.total_tokens, explained.requests), (729_998, 531));
        assert_eq!(store.state().teams().expect("listed").len(), 4);
        drop(store);
        assert_eq!(
            EmbeddedStore::inspect(&Location::File(path.clone())).expect("told").fault,
            None
        );
    }
    assert_eq!(std::fs::read_dir(directory.path()).expect("files").count(), 1, "none set aside");
}

#[tokio::test]
async fn a_day_in_rows_that_is_not_what_was_written_is_read_anew() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("gateway.sqlite3");
    unpacked(&path);
    let connection = rusqlite::Connection::open(&path).expect("the file");
    let change = "UPDATE fact SET requests = requests + 1 WHERE day = '2026-11-26'
        AND series = (SELECT min(series) FROM fact WHERE day = '2026-11-26')";
    assert_eq!(connection.execute(change, []).expect("changed"), 1);
    drop(connection);
    let store = EmbeddedStore::open(&Location::File(path), now()).expect("taken over");
    let known = |day: &str| store.state().knows(Day::parse(day).expect("a day"));
    assert!(!known("2026-11-26"));
    assert!(["2026-11-23", "2026-11-25", "2026-11-27"].into_iter().all(known));
}
