//! A JSON object a line.

use std::io::{self, Write};

use serde::Serializer as _;
use serde::ser::SerializeMap as _;

use super::SheetWriter;
use crate::services::{Cell, Grid};

pub(super) struct NdjsonWriter<'a> {
    out: Box<dyn Write + Send + 'a>,
}

impl<'a> NdjsonWriter<'a> {
    pub(super) fn new(out: Box<dyn Write + Send + 'a>) -> Self {
        Self { out }
    }
}

impl SheetWriter for NdjsonWriter<'_> {
    fn write(&mut self, sheet: &dyn Grid) -> io::Result<()> {
        for row in 0..sheet.row_count() {
            let mut json = serde_json::Serializer::new(&mut self.out);
            let mut object = json.serialize_map(Some(sheet.columns().len()))?;
            for (column, cell) in sheet.columns().iter().zip(sheet.cells(row)) {
                match cell {
                    Cell::Null => object.serialize_entry(&column.name, &None::<()>)?,
                    cell => object.serialize_entry(&column.name, &cell)?,
                }
            }
            object.end()?;
            self.out.write_all(b"\n")?;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
