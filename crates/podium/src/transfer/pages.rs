//! Looks at the pages of a Parquet file before anybody unpacks them: none may claim to be larger than a
//! page of ours ever is, nor to hold more values than fit into it.
//!
//! The headers of pages are in Thrift's compact protocol. Only the few numbers that matter are read, and
//! everything else is skipped, within the bounds of the file.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use parquet::file::metadata::ParquetMetaData;

/// Pages of ours are about 1 MB; a list of many bands may be more.
const MOST_PAGE_BYTES: i64 = 64 << 20;
/// A header is some dozens of bytes, and a few hundred with statistics of long names.
const MOST_HEADER_BYTES: u64 = 1 << 20;
/// Values that a row group may have: rows, and entries of lists.
const MOST_VALUES: i64 = 50_000_000;
/// How deep structures lie in each other.
const MOST_DEPTH: u32 = 8;

/// What a page's header says.
#[derive(Debug, Default, PartialEq, Eq)]
struct PageHeader {
    kind: i64,
    unpacked_bytes: i64,
    packed_bytes: i64,
    values: i64,
    /// How long the header itself is.
    length: u64,
}

const DATA_PAGE: i64 = 0;
const DICTIONARY_PAGE: i64 = 2;

/// What is wrong with the pages of a file; nothing if they may be unpacked.
pub(super) fn fault(
    file: &mut File,
    metadata: &ParquetMetaData,
) -> std::io::Result<Option<String>> {
    let length = i64::try_from(file.metadata()?.len()).unwrap_or(i64::MAX);
    for column in metadata.row_groups().iter().flat_map(|group| group.columns()) {
        let (data, dictionary) = (column.data_page_offset(), column.dictionary_page_offset());
        let start = dictionary.unwrap_or(data).min(data);
        let size = column.compressed_size();
        let within =
            start >= 4 && size >= 0 && start.checked_add(size).is_some_and(|end| end <= length);
        if !within || !(0..=MOST_VALUES).contains(&column.num_values()) {
            return Ok(Some("a column lies beyond the file, or has too many values".to_owned()));
        }
        if let Some(fault) = fault_of_pages(file, start, start + size, column.num_values())? {
            return Ok(Some(fault));
        }
    }
    Ok(None)
}

fn fault_of_pages(
    file: &mut File,
    start: i64,
    end: i64,
    values: i64,
) -> std::io::Result<Option<String>> {
    let bad = |what: &str| Ok(Some(what.to_owned()));
    let (mut at, mut found) = (start, 0);
    while at < end {
        file.seek(SeekFrom::Start(at.unsigned_abs()))?;
        let room = (end - at).unsigned_abs().min(MOST_HEADER_BYTES);
        let mut bytes = Vec::new();
        // Most headers are short; a long one is read once more.
        (&mut *file).take(room.min(512)).read_to_end(&mut bytes)?;
        let mut header = Compact { bytes: &bytes, at: 0 }.page_header();
        if header.is_none() && room > 512 {
            (&mut *file).take(room - 512).read_to_end(&mut bytes)?;
            header = Compact { bytes: &bytes, at: 0 }.page_header();
        }
        let Some(header) = header else { return bad("the header of a page cannot be read") };
        let is_ours = matches!(header.kind, DATA_PAGE | DICTIONARY_PAGE);
        if !is_ours
            || !(0..=MOST_PAGE_BYTES).contains(&header.unpacked_bytes)
            || !(0..=end - at).contains(&header.packed_bytes)
        {
            return bad("a page is larger than any of ours, or of another kind");
        }
        if header.values < 0 {
            return bad("a page has less than no values");
        }
        match header.kind {
            // A value of a dictionary is at least four bytes: ours are texts and numbers.
            DICTIONARY_PAGE if header.values * 4 > header.unpacked_bytes => {
                return bad("a dictionary claims more values than it has bytes for");
            }
            DICTIONARY_PAGE => {}
            _ => found += header.values,
        }
        if found > values {
            return bad("pages have more values than their column");
        }
        let length = i64::try_from(header.length).unwrap_or(i64::MAX);
        at = at.saturating_add(length).saturating_add(header.packed_bytes);
    }
    if at == end && found == values { Ok(None) } else { bad("pages do not fill their column") }
}

/// A reader of Thrift's compact protocol.
struct Compact<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Compact<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(byte)
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.unsigned()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    /// The next field of a structure, by its number and type; nothing at its end.
    fn field(&mut self, before: i64) -> Option<Option<(i64, u8)>> {
        let head = self.byte()?;
        if head == 0 {
            return Some(None);
        }
        let id = match head >> 4 {
            0 => self.signed()?,
            step => before.checked_add(step.into())?,
        };
        Some(Some((id, head & 0x0f)))
    }

    fn skip(&mut self, kind: u8, depth: u32) -> Option<()> {
        if depth > MOST_DEPTH {
            return None;
        }
        match kind {
            1 | 2 => {}
            3 => drop(self.byte()?),
            4..=6 => drop(self.unsigned()?),
            7 => self.at = self.at.checked_add(8)?,
            8 => {
                let length = usize::try_from(self.unsigned()?).ok()?;
                self.at = self.at.checked_add(length)?;
            }
            9 | 10 => {
                let head = self.byte()?;
                let length = match head >> 4 {
                    15 => self.unsigned()?,
                    short => short.into(),
                };
                for _ in 0..length {
                    // In a list a truth is a byte of its own.
                    let kind = if matches!(head & 0x0f, 1 | 2) { 3 } else { head & 0x0f };
                    self.skip(kind, depth + 1)?;
                    (self.at <= self.bytes.len()).then_some(())?;
                }
            }
            12 => {
                let mut before = 0;
                while let Some((id, kind)) = self.field(before)? {
                    before = id;
                    self.skip(kind, depth + 1)?;
                }
            }
            _ => return None,
        }
        (self.at <= self.bytes.len()).then_some(())
    }

    fn page_header(&mut self) -> Option<PageHeader> {
        let mut header = PageHeader::default();
        let mut before = 0;
        while let Some((id, kind)) = self.field(before)? {
            before = id;
            match (id, kind) {
                (1, 5) => header.kind = self.signed()?,
                (2, 5) => header.unpacked_bytes = self.signed()?,
                (3, 5) => header.packed_bytes = self.signed()?,
                // Of data pages and dictionaries alike the first field is how many values there are.
                (5 | 7, 12) => {
                    let mut before = 0;
                    while let Some((id, kind)) = self.field(before)? {
                        before = id;
                        match (id, kind) {
                            (1, 5) => header.values = self.signed()?,
                            _ => self.skip(kind, 1)?,
                        }
                    }
                }
                _ => self.skip(kind, 0)?,
            }
        }
        header.length = self.at as u64;
        Some(header)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_header_is_read_and_what_is_not_needed_is_skipped() {
        // kind 0, 300 bytes unpacked, 20 packed, a checksum, 7 values and some statistics.
        let bytes = [
            0x15, 0x00, 0x15, 0xd8, 0x04, 0x15, 0x28, 0x15, 0x02, 0x1c, 0x15, 0x0e, 0x15, 0x00,
            0x3c, 0x18, 0x02, b'a', b'b', 0x00, 0x00, 0x00,
        ];
        let header = Compact { bytes: &bytes, at: 0 }.page_header().expect("a header");
        let length = bytes.len() as u64;
        let told = PageHeader { kind: 0, unpacked_bytes: 300, packed_bytes: 20, values: 7, length };
        assert_eq!(header, told);
        for cut in 0..bytes.len() {
            assert_eq!(Compact { bytes: &bytes[..cut], at: 0 }.page_header(), None, "{cut}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let header = Compact { bytes: &bytes, at: 0 }.page_header();
            prop_assert!(header.is_none_or(|header| header.length <= bytes.len() as u64));
        }
    }
}
