//! Comma-separated values: UTF-8, RFC 4180, a head with the names of the columns.

use std::borrow::Cow;
use std::io::{self, Write};

use csv::{Terminator, Writer, WriterBuilder};

use super::SheetWriter;
use crate::api::parameters::Parameters;
use crate::api::query::InvalidQuery;
use crate::services::{Cell, Grid};

/// How values are separated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::api) struct CsvOptions {
    separator: u8,
    decimal_comma: bool,
    byte_order_mark: bool,
    /// Names are as they are, and numbers that are no counts have a point.
    for_programs: bool,
}

impl CsvOptions {
    /// As FOCUS wants it: for programs, not for spreadsheets.
    pub(in crate::api) fn focus() -> Self {
        Self { separator: b',', decimal_comma: false, byte_order_mark: false, for_programs: true }
    }

    /// As the parameters say.
    pub(in crate::api) fn of(given: &Parameters) -> Result<Self, InvalidQuery> {
        let decimal_comma = match given.last("decimal") {
            None | Some("point" | ".") => false,
            Some("comma" | ",") => true,
            Some(_) => {
                return Err(InvalidQuery::Unknown("decimal must be point or comma".to_owned()));
            }
        };
        let separator = match given.last("sep") {
            // A decimal comma needs another separator.
            None => {
                if decimal_comma {
                    b';'
                } else {
                    b','
                }
            }
            Some("comma" | ",") => b',',
            Some("semicolon" | ";") => b';',
            Some("tab" | "\t") => b'\t',
            Some(_) => {
                return Err(InvalidQuery::Unknown(
                    "sep must be comma, semicolon or tab".to_owned(),
                ));
            }
        };
        let byte_order_mark = given.flag("bom")?.unwrap_or(false);
        Ok(Self { separator, decimal_comma, byte_order_mark, for_programs: false })
    }
}

pub(super) struct CsvWriter<'a> {
    options: CsvOptions,
    begun: bool,
    writer: Writer<Box<dyn Write + Send + 'a>>,
}

impl<'a> CsvWriter<'a> {
    pub(super) fn new(mut out: Box<dyn Write + Send + 'a>, options: CsvOptions) -> Self {
        if options.byte_order_mark {
            // A failure shows with the first row.
            let _ = out.write_all("\u{feff}".as_bytes());
        }
        let writer = WriterBuilder::new()
            .delimiter(options.separator)
            .terminator(Terminator::CRLF)
            .from_writer(out);
        Self { options, begun: false, writer }
    }
}

impl SheetWriter for CsvWriter<'_> {
    fn write(&mut self, sheet: &dyn Grid) -> io::Result<()> {
        if !self.begun {
            self.begun = true;
            self.writer
                .write_record(sheet.columns().iter().map(|column| column.name.as_bytes()))?;
        }
        for row in 0..sheet.row_count() {
            for cell in sheet.cells(row) {
                self.writer.write_field(text(cell, self.options).as_bytes())?;
            }
            self.writer.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

fn text(cell: Cell<'_>, options: CsvOptions) -> Cow<'_, str> {
    match cell {
        Cell::Null => Cow::Borrowed(""),
        Cell::Text(text) if options.for_programs => Cow::Borrowed(text),
        Cell::Text(text) => guarded(text),
        Cell::Count(count) => Cow::Owned(count.to_string()),
        Cell::Amount(amount) if options.decimal_comma => {
            Cow::Owned(amount.to_string().replace('.', ","))
        }
        Cell::Amount(amount) if options.for_programs && amount.fract() == 0.0 => {
            Cow::Owned(format!("{amount:.1}"))
        }
        Cell::Amount(amount) => Cow::Owned(amount.to_string()),
        Cell::Instant(at) => Cow::Owned(at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
    }
}

/// Spreadsheets take text that begins like a formula for one, and carry it out.
fn guarded(text: &str) -> Cow<'_, str> {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text_and_numbers_are_numbers() {
        let plain = CsvOptions { for_programs: false, ..CsvOptions::focus() };
        let german = CsvOptions { decimal_comma: true, ..plain };
        assert_eq!(text(Cell::Text("=1+1"), plain), "'=1+1");
        assert_eq!(text(Cell::Text("@cmd"), plain), "'@cmd");
        assert_eq!(text(Cell::Text("a-b"), plain), "a-b");
        assert_eq!(text(Cell::Count(-5), plain), "-5");
        assert_eq!(text(Cell::Amount(-0.25), german), "-0,25");
        assert_eq!(text(Cell::Amount(0.000_000_042), plain), "0.000000042");
        assert_eq!(text(Cell::Amount(5_000.0), CsvOptions::focus()), "5000.0");
        assert_eq!(text(Cell::Null, plain), "");
    }
}
