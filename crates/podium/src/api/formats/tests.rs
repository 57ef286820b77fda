//! Files of any length take a bounded amount of memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::*;
use crate::services::{Cell, CellType, Column, ColumnKind, TimeType};
use crate::usage::Day;

/// A sheet of days, names and numbers that are made as they are asked for.
struct Many {
    columns: Vec<Column>,
    names: Vec<String>,
    rows: usize,
}

impl Many {
    fn new(rows: usize) -> Self {
        let column =
            |name: &str, kind, cells| Column { name: name.to_owned(), kind, cells, unit: None };
        Self {
            columns: vec![
                column("bucket", ColumnKind::Time, CellType::String),
                column("team", ColumnKind::Dimension, CellType::String),
                column("api_key", ColumnKind::Dimension, CellType::String),
                column("tokens", ColumnKind::Measure, CellType::Integer),
                column("spend_usd", ColumnKind::Measure, CellType::Number),
            ],
            names: (0..10_000).map(|n| format!("{n:064x}")).collect(),
            rows,
        }
    }
}

impl Grid for Many {
    fn columns(&self) -> &[Column] {
        &self.columns
    }

    fn row_count(&self) -> usize {
        self.rows
    }

    #[expect(clippy::cast_precision_loss, clippy::cast_possible_wrap, reason = "made up")]
    fn cells(&self, row: usize) -> Vec<Cell<'_>> {
        vec![
            Cell::Text("2026-11-24"),
            Cell::Text(&self.names[row % 500]),
            Cell::Text(&self.names[row * 7 % 10_000]),
            Cell::Count((row * 31 % 100_003) as i64),
            Cell::Amount((row * 17 % 9_973) as f64 / 1e4),
        ]
    }

    fn time_type(&self) -> TimeType {
        TimeType::Date
    }

    fn date(&self, _row: usize) -> Option<Day> {
        Day::new(2026, 11, 24)
    }
}

#[derive(Clone, Default)]
struct Counting(Arc<AtomicU64>);

impl Write for Counting {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("this process");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("its peak");
    let kb = line.split_whitespace().nth(1).expect("a size");
    kb.parse::<u64>().expect("a number") / 1_024
}

/// `PODIUM_EXPORT_ROWS` makes them ten million, which takes an optimised build.
#[test]
fn files_of_any_length_take_a_bounded_amount_of_memory() {
    let rows = std::env::var("PODIUM_EXPORT_ROWS").ok().and_then(|rows| rows.parse().ok());
    let rows: usize = rows.unwrap_or(250_000);
    let csv = CsvOptions::of(&Parameters::default()).expect("the usual");
    for format in [Format::Csv(csv), Format::Ndjson, Format::Markdown, Format::Parquet] {
        let out = Counting::default();
        let mut writer = format.writer(Box::new(out.clone()));
        let sheet = Many::new(50_000);
        for _ in 0..rows / sheet.rows {
            writer.write(&sheet).expect("it can be written");
        }
        writer.end().expect("it can be ended");
        let bytes = out.0.load(Ordering::Relaxed);
        assert!(bytes > rows as u64, "{format:?}: {bytes} bytes");
        let peak = peak_mb();
        eprintln!("{format:?}: {rows} rows, {bytes} bytes, peak {peak} MB");
        assert!(peak < 150, "{format:?}: {peak} MB");
    }
}

#[test]
fn everyone_gets_the_format_that_they_like_best() {
    let wanted = |accept: &[&str]| {
        let mut headers = HeaderMap::new();
        for line in accept {
            headers.append(header::ACCEPT, line.parse().expect("a header"));
        }
        let given = Parameters::of_query(None).expect("nothing is said");
        Format::wanted(&given, &headers).expect("a format").ending()
    };
    for (accept, format) in [
        (&[][..], "json"),
        (&["text/html, */*;q=0.8"], "json"),
        (&["text/CSV"], "csv"),
        (&["text/csv, application/json"], "csv"),
        (&["text/csv;q=0.5, application/json;q=0.9"], "json"),
        (&["text/csv;q=0, text/markdown;q=0.1"], "md"),
        (&["text/html", "application/x-ndjson"], "ndjson"),
    ] {
        assert_eq!(wanted(accept), format, "{accept:?}");
    }
}
