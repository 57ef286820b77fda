//! Writes a table as Parquet: columns in groups of rows, compressed with zstd.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type,
};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::{Type, TypePtr};

use super::records::Value;
use super::schema::{ColumnSpec, Kind, TableSpec};

/// Rows that are compressed and written together, and held in memory until then.
const GROUP_ROWS: usize = 50_000;

pub(super) struct TableWriter {
    file: SerializedFileWriter<BufWriter<File>>,
    columns: Vec<Values>,
    waiting: usize,
    rows: u64,
}

/// Values of a column that wait, and for each row whether it has one. In lists, `levels` tells of each
/// entry, and `begins` whether it begins a row.
struct Values {
    levels: Vec<i16>,
    begins: Vec<i16>,
    is_required: bool,
    typed: Typed,
}

enum Typed {
    Bytes(Vec<ByteArray>),
    Date(Vec<i32>),
    Integer(Vec<i64>),
    Number(Vec<f64>),
    Boolean(Vec<bool>),
    Integers(Vec<i64>),
}

/// The schema of a table's file.
pub(super) fn file_schema(table: &TableSpec) -> Result<TypePtr, ParquetError> {
    let fields = table.columns.iter().map(column_type).collect::<Result<Vec<_>, _>>()?;
    Ok(Arc::new(Type::group_type_builder(table.name).with_fields(fields).build()?))
}

fn column_type(column: &ColumnSpec) -> Result<TypePtr, ParquetError> {
    let instant = LogicalType::timestamp(true, TimeUnit::MICROS);
    let (physical, logical) = match column.kind {
        Kind::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        Kind::Date => (Physical::INT32, Some(LogicalType::Date)),
        Kind::Instant => (Physical::INT64, Some(instant)),
        Kind::Integer | Kind::Integers => (Physical::INT64, None),
        Kind::Number => (Physical::DOUBLE, None),
        Kind::Boolean => (Physical::BOOLEAN, None),
        Kind::Bytes => (Physical::BYTE_ARRAY, None),
    };
    let repetition = if column.is_required { Repetition::REQUIRED } else { Repetition::OPTIONAL };
    let name = if column.kind == Kind::Integers { "element" } else { &column.name };
    let primitive = Type::primitive_type_builder(name, physical)
        .with_repetition(repetition)
        .with_logical_type(logical)
        .build()?;
    if column.kind != Kind::Integers {
        return Ok(Arc::new(primitive));
    }
    let list = Type::group_type_builder("list")
        .with_repetition(Repetition::REPEATED)
        .with_fields(vec![Arc::new(primitive)])
        .build()?;
    let whole = Type::group_type_builder(&column.name)
        .with_repetition(Repetition::REQUIRED)
        .with_logical_type(Some(LogicalType::List))
        .with_fields(vec![Arc::new(list)])
        .build()?;
    Ok(Arc::new(whole))
}

impl TableWriter {
    pub(super) fn new(table: &TableSpec, file: File) -> Result<Self, ParquetError> {
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_created_by(concat!("podium ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let out = BufWriter::with_capacity(1 << 18, file);
        let file = SerializedFileWriter::new(out, file_schema(table)?, Arc::new(properties))?;
        let columns = table.columns.iter().map(Values::new).collect();
        Ok(Self { file, columns, waiting: 0, rows: 0 })
    }

    /// Writes a row; values of other kinds than the columns' are left out.
    pub(super) fn write(
        &mut self,
        row: impl IntoIterator<Item = Value>,
    ) -> Result<(), ParquetError> {
        self.columns.iter_mut().zip(row).for_each(|(column, value)| column.push(value));
        self.waiting += 1;
        self.rows += 1;
        if self.waiting >= GROUP_ROWS { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        if self.waiting > 0 {
            let mut group = self.file.next_row_group()?;
            self.columns.iter_mut().try_for_each(|column| column.write(&mut group))?;
            group.close()?;
            self.waiting = 0;
        }
        Ok(())
    }

    /// Ends the file, puts it on the disk, and says how many rows it has.
    pub(super) fn finish(mut self) -> Result<u64, ParquetError> {
        self.write_group()?;
        let mut out = self.file.into_inner()?;
        out.flush()?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(self.rows)
    }
}

impl Values {
    fn new(column: &ColumnSpec) -> Self {
        let typed = match column.kind {
            Kind::Text | Kind::Bytes => Typed::Bytes(Vec::new()),
            Kind::Date => Typed::Date(Vec::new()),
            Kind::Instant | Kind::Integer => Typed::Integer(Vec::new()),
            Kind::Number => Typed::Number(Vec::new()),
            Kind::Boolean => Typed::Boolean(Vec::new()),
            Kind::Integers => Typed::Integers(Vec::new()),
        };
        let is_required = column.is_required && column.kind != Kind::Integers;
        Self { levels: Vec::new(), begins: Vec::new(), is_required, typed }
    }

    fn push(&mut self, value: Value) {
        match (&mut self.typed, value) {
            (Typed::Integers(values), Value::Integers(list)) => {
                let entries = list.len().max(1);
                self.levels.extend(std::iter::repeat_n(i16::from(!list.is_empty()), entries));
                self.begins.extend((0..entries).map(|entry| i16::from(entry > 0)));
                values.extend(list);
                return;
            }
            (Typed::Bytes(values), Value::Text(text)) => {
                values.push(ByteArray::from(text.as_bytes().to_vec()));
            }
            (Typed::Bytes(values), Value::Bytes(bytes)) => values.push(ByteArray::from(bytes)),
            (Typed::Date(values), Value::Date(days)) => values.push(days),
            (Typed::Integer(values), Value::Integer(number)) => values.push(number),
            (Typed::Number(values), Value::Number(number)) => values.push(number),
            (Typed::Boolean(values), Value::Boolean(truth)) => values.push(truth),
            _ => {
                self.levels.push(0);
                return;
            }
        }
        self.levels.push(1);
    }

    fn write<W: io::Write + Send>(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        let levels = (!self.is_required).then_some(self.levels.as_slice());
        let begins = matches!(self.typed, Typed::Integers(_)).then_some(self.begins.as_slice());
        match &mut self.typed {
            Typed::Bytes(values) => put::<ByteArrayType, W>(group, values, levels, begins)?,
            Typed::Date(values) => put::<Int32Type, W>(group, values, levels, begins)?,
            Typed::Integer(values) | Typed::Integers(values) => {
                put::<Int64Type, W>(group, values, levels, begins)?;
            }
            Typed::Number(values) => put::<DoubleType, W>(group, values, levels, begins)?,
            Typed::Boolean(values) => put::<BoolType, W>(group, values, levels, begins)?,
        }
        self.levels.clear();
        self.begins.clear();
        Ok(())
    }
}

fn put<T: DataType, W: io::Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &mut Vec<T::T>,
    levels: Option<&[i16]>,
    begins: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Ok(()) };
    column.typed::<T>().write_batch(values, levels, begins)?;
    values.clear();
    column.close()
}
