//! The formats of answers besides JSON, written as their rows come.

mod csv;
mod markdown;
mod ndjson;
mod parquet;

use std::io::Write;

use axum::http::{HeaderMap, header};

use super::encoding::{listed, weighed};
use super::parameters::{Parameters, unknown};
use super::query::InvalidQuery;
use crate::services::Grid;

pub(super) use self::csv::CsvOptions;

/// A format of answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Columns, rows, totals, buckets, and what is to be said of them.
    Json,
    /// An object a line.
    Ndjson,
    /// RFC 4180.
    Csv(CsvOptions),
    /// Typed columns, compressed.
    Parquet,
    /// A table for people.
    Markdown,
}

impl Format {
    /// Their names.
    pub(super) const NAMES: [&'static str; 5] = ["json", "ndjson", "csv", "parquet", "markdown"];

    /// The one that was asked for: by name, or else by what the client accepts.
    pub(super) fn wanted(given: &Parameters, headers: &HeaderMap) -> Result<Self, InvalidQuery> {
        let csv = CsvOptions::of(given)?;
        let named = |name: &str| match name {
            "json" => Some(Self::Json),
            "ndjson" => Some(Self::Ndjson),
            "csv" => Some(Self::Csv(csv)),
            "parquet" => Some(Self::Parquet),
            "markdown" | "md" => Some(Self::Markdown),
            _ => None,
        };
        if let Some(name) = given.last("format") {
            return named(name).ok_or_else(|| unknown("format", name, &Self::NAMES));
        }
        let of_type = |media: &str| match media.to_ascii_lowercase().as_str() {
            "application/json" | "*/*" | "application/*" => Some(Self::Json),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => {
                Some(Self::Ndjson)
            }
            "text/csv" => Some(Self::Csv(csv)),
            "application/vnd.apache.parquet" => Some(Self::Parquet),
            "text/markdown" => Some(Self::Markdown),
            _ => None,
        };
        // What is liked best (RFC 9110, 12.5.1), and of equals the first.
        let mut best = (Self::Json, 0.0);
        for (media, quality) in listed(headers, header::ACCEPT).map(weighed) {
            if quality > best.1
                && let Some(format) = of_type(media)
            {
                best = (format, quality);
            }
        }
        Ok(best.0)
    }

    /// What it is called in `Content-Type`.
    pub(super) fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv(_) => "text/csv; charset=utf-8; header=present",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Markdown => "text/markdown; charset=utf-8",
        }
    }

    /// The ending of its files.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv(_) => "csv",
            Self::Parquet => "parquet",
            Self::Markdown => "md",
        }
    }

    /// Writes one sheet after the other, which must have the same columns, to `out`.
    pub(super) fn writer<'a>(self, out: Box<dyn Write + Send + 'a>) -> Box<dyn SheetWriter + 'a> {
        match self {
            Self::Csv(options) => Box::new(csv::CsvWriter::new(out, options)),
            Self::Parquet => Box::new(parquet::ParquetWriter::new(out)),
            Self::Markdown => Box::new(markdown::MarkdownWriter::new(out)),
            Self::Json | Self::Ndjson => Box::new(ndjson::NdjsonWriter::new(out)),
        }
    }
}

/// Writes sheets in a format.
pub(super) trait SheetWriter {
    /// Writes the rows of a sheet; the first one brings the columns.
    fn write(&mut self, sheet: &dyn Grid) -> std::io::Result<()>;

    /// Writes what comes at the end.
    fn end(&mut self) -> std::io::Result<()>;
}

#[cfg(test)]
mod tests;
