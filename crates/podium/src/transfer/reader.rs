//! Reads a table's file with distrust: the hash and the length first, then what it claims of itself, and
//! its rows a few at a time.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::schema::types::SchemaDescriptor;

use super::manifest::ExportedFile;
use super::records::Value;
use super::schema::{Kind, TableSpec};
use super::writer::file_schema;
use super::{TransferError, pages};
use crate::hashing;

/// Rows that are in memory at a time.
const BATCH_ROWS: usize = 1_024;
/// What a file says of its columns is not longer.
const MOST_FOOTER_BYTES: u64 = 64 << 20;
/// Entries of a list: a histogram has some hundred bands.
const MOST_ENTRIES: usize = 4_096;

/// The rows of a file.
pub(super) struct TableReader {
    name: String,
    file: SerializedFileReader<File>,
    columns: Vec<ColumnOfFile>,
    next_group: usize,
    /// Rows of the group that were not read yet.
    left: usize,
    batch: std::vec::IntoIter<Vec<Value>>,
}

struct ColumnOfFile {
    kind: Kind,
    is_required: bool,
    reader: Option<ColumnReader>,
    /// The text of before: rows in order repeat their names.
    before: Option<Arc<str>>,
}

impl TableReader {
    pub(super) fn open(
        directory: &Path,
        table: &TableSpec,
        told: &ExportedFile,
    ) -> Result<Self, TransferError> {
        let wrong = |fault: &str| TransferError::wrong(&told.name, fault);
        let path = directory.join(table.file());
        let cannot = || TransferError::io("cannot read", &path);
        let mut file = File::open(&path).map_err(cannot())?;
        if file.metadata().map_err(cannot())?.len() != told.bytes {
            return Err(wrong("its length is another than its manifest says"));
        }
        if hashing::of_all(&mut file).map_err(cannot())? != (told.bytes, told.sha256.clone()) {
            return Err(wrong("its hash is another than its manifest says"));
        }
        if !has_short_footer(&mut file).map_err(cannot())? {
            return Err(wrong("it is not a Parquet file, or it says too much of itself"));
        }
        let again = file.try_clone().map_err(cannot())?;
        let unreadable = |error: ParquetError| wrong(&error.to_string());
        let reader = SerializedFileReader::new(again).map_err(unreadable)?;
        let metadata = reader.metadata();
        let expected = SchemaDescriptor::new(file_schema(table).map_err(unreadable)?);
        if !are_alike(metadata.file_metadata().schema_descr(), &expected) {
            return Err(wrong("its columns are others than those of the format"));
        }
        let rows = |rows: i64| u64::try_from(rows).ok();
        let groups = metadata.row_groups().iter().map(|group| rows(group.num_rows()));
        let sum = groups.sum::<Option<u64>>();
        if sum != Some(told.rows) || rows(metadata.file_metadata().num_rows()) != sum {
            return Err(wrong("it has another number of rows than its manifest says"));
        }
        if let Some(fault) = pages::fault(&mut file, metadata).map_err(cannot())? {
            return Err(wrong(&fault));
        }
        let columns = table.columns.iter().map(|column| ColumnOfFile {
            kind: column.kind,
            is_required: column.is_required,
            reader: None,
            before: None,
        });
        Ok(Self {
            name: told.name.clone(),
            columns: columns.collect(),
            file: reader,
            next_group: 0,
            left: 0,
            batch: Vec::new().into_iter(),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The next row; nothing at the end.
    pub(super) fn next(&mut self) -> Result<Option<Vec<Value>>, TransferError> {
        loop {
            if let Some(row) = self.batch.next() {
                return Ok(Some(row));
            }
            let unreadable =
                |error: ParquetError| TransferError::wrong(&self.name, error.to_string());
            if self.left == 0 {
                if self.next_group == self.file.num_row_groups() {
                    return Ok(None);
                }
                let group = self.file.get_row_group(self.next_group).map_err(unreadable)?;
                for (place, column) in self.columns.iter_mut().enumerate() {
                    column.reader = Some(group.get_column_reader(place).map_err(unreadable)?);
                }
                self.left = usize::try_from(group.metadata().num_rows()).unwrap_or(usize::MAX);
                self.next_group += 1;
                continue;
            }
            let wanted = self.left.min(BATCH_ROWS);
            let mut rows: Vec<Vec<Value>> = Vec::new();
            rows.resize_with(wanted, || Vec::with_capacity(self.columns.len()));
            for column in &mut self.columns {
                let values = column.read(wanted).map_err(unreadable)?;
                let values = values.filter(|values| values.len() == wanted);
                let Some(values) = values else {
                    let fault = "a column has other values than its type and rows allow";
                    return Err(TransferError::wrong(&self.name, fault));
                };
                rows.iter_mut().zip(values).for_each(|(row, value)| row.push(value));
            }
            self.left -= wanted;
            self.batch = rows.into_iter();
        }
    }
}

impl ColumnOfFile {
    /// So many values; `None` where one cannot be one of this column.
    fn read(&mut self, wanted: usize) -> Result<Option<Vec<Value>>, ParquetError> {
        let Some(reader) = &mut self.reader else { return Ok(None) };
        let is_required = self.is_required;
        Ok(match (self.kind, reader) {
            (Kind::Text, ColumnReader::ByteArrayColumnReader(reader)) => {
                let before = &mut self.before;
                each(reader, wanted, is_required, |bytes| text(bytes, before))?
            }
            (Kind::Bytes, ColumnReader::ByteArrayColumnReader(reader)) => {
                each(reader, wanted, is_required, |bytes: &ByteArray| {
                    Some(Value::Bytes(bytes.data().to_vec()))
                })?
            }
            (Kind::Date, ColumnReader::Int32ColumnReader(reader)) => {
                each(reader, wanted, is_required, |days| Some(Value::Date(*days)))?
            }
            (Kind::Instant | Kind::Integer, ColumnReader::Int64ColumnReader(reader)) => {
                each(reader, wanted, is_required, |number| Some(Value::Integer(*number)))?
            }
            (Kind::Number, ColumnReader::DoubleColumnReader(reader)) => {
                let finite = |number: &f64| number.is_finite().then_some(Value::Number(*number));
                each(reader, wanted, is_required, finite)?
            }
            (Kind::Boolean, ColumnReader::BoolColumnReader(reader)) => {
                each(reader, wanted, is_required, |truth| Some(Value::Boolean(*truth)))?
            }
            (Kind::Integers, ColumnReader::Int64ColumnReader(reader)) => lists(reader, wanted)?,
            _ => None,
        })
    }
}

fn text(bytes: &ByteArray, before: &mut Option<Arc<str>>) -> Option<Value> {
    let text = std::str::from_utf8(bytes.data()).ok()?;
    let text = match before {
        Some(before) if **before == *text => Arc::clone(before),
        _ => Arc::from(text),
    };
    *before = Some(Arc::clone(&text));
    Some(Value::Text(text))
}

fn each<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    wanted: usize,
    is_required: bool,
    mut value: impl FnMut(&T::T) -> Option<Value>,
) -> Result<Option<Vec<Value>>, ParquetError> {
    let (mut levels, mut values, mut rows) = (Vec::new(), Vec::new(), 0);
    while rows < wanted {
        let levels = (!is_required).then_some(&mut levels);
        let (read, ..) = reader.read_records(wanted - rows, levels, None, &mut values)?;
        if read == 0 {
            return Ok(None);
        }
        rows += read;
    }
    let mut values = values.iter();
    if is_required {
        return Ok(values.map(value).collect());
    }
    let read = levels.iter().map(|level| match level {
        0 => Some(Value::Absent),
        _ => value(values.next()?),
    });
    Ok(read.collect())
}

fn lists(
    reader: &mut ColumnReaderImpl<parquet::data_type::Int64Type>,
    wanted: usize,
) -> Result<Option<Vec<Value>>, ParquetError> {
    let (mut levels, mut begins, mut values, mut rows) = (Vec::new(), Vec::new(), Vec::new(), 0);
    while rows < wanted {
        let (levels, begins) = (Some(&mut levels), Some(&mut begins));
        let (read, ..) = reader.read_records(wanted - rows, levels, begins, &mut values)?;
        if read == 0 || values.len() > wanted * MOST_ENTRIES {
            return Ok(None);
        }
        rows += read;
    }
    let mut values = values.into_iter();
    let mut lists: Vec<Vec<i64>> = Vec::with_capacity(wanted);
    for (level, begin) in levels.iter().zip(&begins) {
        if *begin == 0 {
            lists.push(Vec::new());
        }
        if *level == 1 {
            let (Some(list), Some(value)) = (lists.last_mut(), values.next()) else {
                return Ok(None);
            };
            list.push(value);
        }
    }
    Ok(Some(lists.into_iter().map(Value::Integers).collect()))
}

/// Whether both have the same columns: what they are called, how they rest, and how they nest.
fn are_alike(one: &SchemaDescriptor, other: &SchemaDescriptor) -> bool {
    let columns = |schema: &SchemaDescriptor| -> Vec<_> {
        let describe = |column: &Arc<parquet::schema::types::ColumnDescriptor>| {
            let levels = (column.max_def_level(), column.max_rep_level());
            (
                column.path().string(),
                column.physical_type(),
                levels,
                column.logical_type_ref().cloned(),
            )
        };
        schema.columns().iter().map(describe).collect()
    };
    columns(one) == columns(other)
}

/// What a file says of itself stands at its end: how long that is, and the format's mark.
fn has_short_footer(file: &mut File) -> std::io::Result<bool> {
    let length = file.metadata()?.len();
    if length < 12 {
        return Ok(false);
    }
    let mut end = [0; 8];
    file.seek(SeekFrom::Start(length - 8))?;
    file.read_exact(&mut end)?;
    let [a, b, c, d, mark @ ..] = end;
    let footer = u64::from(u32::from_le_bytes([a, b, c, d]));
    Ok(&mark == b"PAR1" && footer <= (length - 12).min(MOST_FOOTER_BYTES))
}
