//! SHA-256 of texts and of whatever is read, as hexadecimal digits.

use std::io::{self, Read};

use ring::digest::{Context, SHA256, digest};

/// Bytes as hexadecimal digits, in small letters.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash of a text.
pub(crate) fn of_text(text: &str) -> String {
    hex(digest(&SHA256, text.as_bytes()).as_ref())
}

/// The length and the hash of all that can be read.
pub(crate) fn of_all(reader: impl Read) -> io::Result<(u64, String)> {
    let mut hashing = Hashing::new(reader);
    io::copy(&mut hashing, &mut io::sink())?;
    Ok((hashing.bytes, hashing.hex()))
}

/// Reads what it is made of, and knows its length and hash in the end.
pub(crate) struct Hashing<R> {
    reader: R,
    context: Context,
    pub(crate) bytes: u64,
}

impl<R: Read> Hashing<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self { reader, context: Context::new(&SHA256), bytes: 0 }
    }

    pub(crate) fn hex(self) -> String {
        hex(self.context.finish().as_ref())
    }
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.context.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}
