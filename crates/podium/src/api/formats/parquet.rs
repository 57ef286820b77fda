//! Parquet: typed columns with dictionaries, in groups of rows, compressed with zstd.

use std::io::{self, Write};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use super::SheetWriter;
use crate::services::{Cell, CellType, Column, ColumnKind, Grid, TimeType};
use crate::usage::Day;

/// Rows that are compressed and written together.
const GROUP_ROWS: usize = 100_000;

type Out<'a> = Box<dyn Write + Send + 'a>;

pub(super) struct ParquetWriter<'a> {
    state: State<'a>,
    columns: Vec<Values>,
    rows: usize,
}

enum State<'a> {
    Waiting(Out<'a>),
    Writing(SerializedFileWriter<Out<'a>>),
    Over,
}

/// The values of a column that are not written yet, and for each row whether it has one.
struct Values {
    is_there: Vec<i16>,
    values: Typed,
}

enum Typed {
    Text(Vec<ByteArray>),
    Integer(Vec<i64>),
    Number(Vec<f64>),
    Date(Vec<i32>),
}

impl<'a> ParquetWriter<'a> {
    pub(super) fn new(out: Out<'a>) -> Self {
        Self { state: State::Waiting(out), columns: Vec::new(), rows: 0 }
    }

    fn begin(&mut self, sheet: &dyn Grid) -> Result<(), ParquetError> {
        let out = match std::mem::replace(&mut self.state, State::Over) {
            State::Waiting(out) => out,
            begun => {
                self.state = begun;
                return Ok(());
            }
        };
        let time = sheet.time_type();
        let types = sheet.columns().iter().map(|column| column_type(column, time));
        let types = types.collect::<Result<Vec<_>, _>>()?;
        let schema = Type::group_type_builder("podium").with_fields(types).build()?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_created_by(concat!("podium ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?;
        self.columns = sheet.columns().iter().map(|column| Values::new(column, time)).collect();
        self.state = State::Writing(writer);
        Ok(())
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        if let State::Writing(writer) = &mut self.state
            && self.rows > 0
        {
            let mut group = writer.next_row_group()?;
            for column in &mut self.columns {
                column.write(&mut group)?;
            }
            group.close()?;
        }
        self.rows = 0;
        Ok(())
    }
}

impl SheetWriter for ParquetWriter<'_> {
    fn write(&mut self, sheet: &dyn Grid) -> io::Result<()> {
        self.begin(sheet)?;
        for row in 0..sheet.row_count() {
            for (values, cell) in self.columns.iter_mut().zip(sheet.cells(row)) {
                values.push(cell, sheet, row);
            }
            self.rows += 1;
            if self.rows >= GROUP_ROWS {
                self.write_group()?;
            }
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.write_group()?;
        if let State::Writing(writer) = std::mem::replace(&mut self.state, State::Over) {
            writer.into_inner()?.flush()?;
        }
        Ok(())
    }
}

fn column_type(column: &Column, time: TimeType) -> Result<TypePtr, ParquetError> {
    let (physical, logical) = match (column.kind, time) {
        (ColumnKind::Time, TimeType::Date) => (Physical::INT32, Some(LogicalType::Date)),
        (ColumnKind::Time, TimeType::Instant) => (Physical::INT64, Some(instant())),
        _ => match column.cells {
            CellType::String => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            CellType::Integer => (Physical::INT64, None),
            CellType::Number => (Physical::DOUBLE, None),
            CellType::Instant => (Physical::INT64, Some(instant())),
        },
    };
    let column = Type::primitive_type_builder(&column.name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()?;
    Ok(Arc::new(column))
}

/// Microseconds in UTC.
fn instant() -> LogicalType {
    LogicalType::timestamp(true, TimeUnit::MICROS)
}

impl Values {
    fn new(column: &Column, time: TimeType) -> Self {
        let values = match (column.kind, time, column.cells) {
            (ColumnKind::Time, TimeType::Date, _) => Typed::Date(Vec::new()),
            (ColumnKind::Time, TimeType::Instant, _) => Typed::Integer(Vec::new()),
            (_, _, CellType::String) => Typed::Text(Vec::new()),
            (_, _, CellType::Integer | CellType::Instant) => Typed::Integer(Vec::new()),
            (_, _, CellType::Number) => Typed::Number(Vec::new()),
        };
        Self { is_there: Vec::new(), values }
    }

    fn push(&mut self, cell: Cell<'_>, sheet: &dyn Grid, row: usize) {
        let is_there = match (&mut self.values, cell) {
            (Typed::Text(values), Cell::Text(text)) => {
                values.push(ByteArray::from(text));
                true
            }
            (Typed::Integer(values), Cell::Count(count)) => {
                values.push(count);
                true
            }
            (Typed::Integer(values), Cell::Instant(at)) => {
                values.push(at.as_microsecond());
                true
            }
            // Only time is text in a column of whole numbers.
            (Typed::Integer(values), Cell::Text(_)) => {
                let instant = sheet.instant(row).map(|at| at.as_microsecond());
                values.extend(instant);
                instant.is_some()
            }
            (Typed::Date(values), Cell::Text(_)) => {
                let date = sheet.date(row).map(Day::days_since_1970);
                values.extend(date);
                date.is_some()
            }
            (Typed::Number(values), Cell::Amount(amount)) => {
                values.push(amount);
                true
            }
            _ => false,
        };
        self.is_there.push(i16::from(is_there));
    }

    fn write(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, Out<'_>>,
    ) -> Result<(), ParquetError> {
        let Some(mut column) = group.next_column()? else { return Ok(()) };
        let there = Some(self.is_there.as_slice());
        match &mut self.values {
            Typed::Text(values) => {
                column.typed::<ByteArrayType>().write_batch(values, there, None)?;
                values.clear();
            }
            Typed::Integer(values) => {
                column.typed::<Int64Type>().write_batch(values, there, None)?;
                values.clear();
            }
            Typed::Number(values) => {
                column.typed::<DoubleType>().write_batch(values, there, None)?;
                values.clear();
            }
            Typed::Date(values) => {
                column.typed::<Int32Type>().write_batch(values, there, None)?;
                values.clear();
            }
        }
        self.is_there.clear();
        column.close()
    }
}
