//! Bodies of answers in pieces of bounded size: nothing is copied while they grow, and they can be
//! compressed while they are written.

use std::io::{self, Write};

use axum::body::Body as HttpBody;
use bytes::Bytes;
use futures_util::stream;
use xxhash_rust::xxh3::Xxh3;

use super::encoding::{Encoder, Encoding};

/// The first piece of a body; most need no other.
const FIRST_PIECE_BYTES: usize = 16 << 10;
/// Each further piece is so many times as large as the one before.
const GROWTH: usize = 4;
/// Up to this. Pieces of a megabyte are memory that was never used before each time: a first answer
/// of 5.6 MB took half as long again.
const PIECE_BYTES: usize = 64 << 10;

/// The pieces of a body, in order. Cloning shares them.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces(Vec<Bytes>);

impl Pieces {
    /// Bytes of all pieces.
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(Bytes::len).sum()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Bytes> {
        self.0.iter()
    }

    /// All of it in one piece.
    pub(super) fn concat(&self) -> Vec<u8> {
        self.0.concat()
    }

    /// The hash of what they hold, however it is divided.
    pub(super) fn digest(&self) -> u128 {
        let mut hasher = Xxh3::new();
        self.0.iter().for_each(|piece| hasher.update(piece));
        hasher.digest128()
    }

    /// What stands before the last place of `text`, and what behind it.
    pub(super) fn around_last(&self, text: &[u8]) -> Option<(Self, Self)> {
        let start = self.rfind(text)?;
        Some((self.slice(0, start), self.slice(start + text.len(), self.len())))
    }

    /// Where `text` begins for the last time; it may lie across pieces.
    fn rfind(&self, text: &[u8]) -> Option<usize> {
        let mut start = self.len();
        // The beginning of what follows a piece, in which a text may end that begins in it.
        let mut following = Vec::new();
        for piece in self.0.iter().rev() {
            start -= piece.len();
            let tail = piece.len().saturating_sub(text.len() - 1);
            let across = [&piece[tail..], &following].concat();
            let find = |within: &[u8]| within.windows(text.len()).rposition(|part| part == text);
            if let Some(at) = find(&across) {
                return Some(start + tail + at);
            }
            if let Some(at) = find(piece) {
                return Some(start + at);
            }
            following.splice(0..0, piece.iter().copied().take(text.len() - 1));
            following.truncate(text.len() - 1);
        }
        None
    }

    /// The bytes from `start` to `end`, shared.
    fn slice(&self, start: usize, end: usize) -> Self {
        let mut passed = 0;
        let mut pieces = Vec::new();
        for piece in &self.0 {
            let (first, last) = (start.max(passed), end.min(passed + piece.len()));
            if first < last {
                pieces.push(piece.slice(first - passed..last - passed));
            }
            passed += piece.len();
        }
        Self(pieces)
    }

    /// These pieces with `text` and the pieces of `after` behind them.
    pub(super) fn with(&self, text: Bytes, after: &Self) -> Self {
        let pieces = self.0.iter().cloned().chain([text]).chain(after.0.iter().cloned());
        Self(pieces.filter(|piece| !piece.is_empty()).collect())
    }

    /// A body to be sent. Its length is not told by itself where there are several pieces.
    pub(super) fn into_http(self) -> HttpBody {
        match <[Bytes; 1]>::try_from(self.0) {
            Ok([piece]) => HttpBody::from(piece),
            Err(pieces) => {
                HttpBody::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, io::Error>)))
            }
        }
    }
}

impl From<Vec<u8>> for Pieces {
    fn from(bytes: Vec<u8>) -> Self {
        Self(vec![bytes.into()])
    }
}

/// Cuts what is written into pieces.
#[derive(Debug, Default)]
pub(super) struct PieceWriter {
    done: Vec<Bytes>,
    last: Vec<u8>,
}

impl PieceWriter {
    pub(super) fn finish(mut self) -> Pieces {
        if !self.last.is_empty() {
            self.last.shrink_to_fit();
            self.done.push(self.last.into());
        }
        Pieces(self.done)
    }

    /// Adds bytes for which the last piece has no room.
    #[cold]
    fn spill(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = self.last.capacity() - self.last.len();
            let (fits, rest) = bytes.split_at(bytes.len().min(room));
            self.last.extend_from_slice(fits);
            bytes = rest;
            if !bytes.is_empty() {
                let grown = self.last.capacity().saturating_mul(GROWTH);
                let next = Vec::with_capacity(grown.clamp(FIRST_PIECE_BYTES, PIECE_BYTES));
                let full = std::mem::replace(&mut self.last, next);
                if !full.is_empty() {
                    self.done.push(full.into());
                }
            }
        }
    }
}

impl Write for PieceWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        if bytes.len() <= self.last.capacity() - self.last.len() {
            self.last.extend_from_slice(bytes);
        } else {
            self.spill(bytes);
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes a body, and its compressed form piece by piece as they are done.
pub(super) struct BodyWriter {
    plain: PieceWriter,
    compressed: Option<(Encoding, Encoder)>,
    /// How many pieces were done when it was last looked.
    seen: usize,
}

/// A body that was written, and the compressed form that was asked for.
#[derive(Debug)]
pub(super) struct Written {
    pub(super) plain: Pieces,
    pub(super) compressed: Option<(Encoding, Pieces)>,
}

impl BodyWriter {
    pub(super) fn new(encoding: Option<Encoding>) -> Self {
        let compressed = encoding.and_then(|of| Some((of, of.encoder().ok()?)));
        Self { plain: PieceWriter::default(), compressed, seen: 0 }
    }

    pub(super) fn finish(self) -> io::Result<Written> {
        let plain = self.plain.finish();
        let Some((encoding, mut encoder)) = self.compressed.filter(|_| is_worth(&plain)) else {
            return Ok(Written { plain, compressed: None });
        };
        plain.iter().skip(self.seen).try_for_each(|piece| encoder.write_all(piece))?;
        Ok(Written { plain, compressed: Some((encoding, encoder.finish()?)) })
    }

    #[cold]
    fn compress_done(&mut self) -> io::Result<()> {
        let new = &self.plain.done[self.seen..];
        if let Some((_, encoder)) = &mut self.compressed {
            new.iter().try_for_each(|piece| encoder.write_all(piece))?;
        }
        self.seen = self.plain.done.len();
        Ok(())
    }
}

/// Whether it pays to compress a body.
fn is_worth(plain: &Pieces) -> bool {
    const LEAST_BYTES: usize = 1_024;
    plain.len() >= LEAST_BYTES
}

/// A body in `encoding`; nothing where that is not worth it.
pub(super) fn compress(plain: &Pieces, encoding: Encoding) -> Option<Pieces> {
    if !is_worth(plain) {
        return None;
    }
    let mut encoder = encoding.encoder().ok()?;
    plain.iter().try_for_each(|piece| encoder.write_all(piece)).ok()?;
    encoder.finish().ok()
}

impl Write for BodyWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.write_all(bytes)?;
        Ok(bytes.len())
    }

    #[inline]
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.plain.write_all(bytes)?;
        if self.plain.done.len() > self.seen {
            self.compress_done()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(pieces: &Pieces) -> Vec<u8> {
        pieces.iter().flatten().copied().collect()
    }

    fn in_pieces_of(text: &[u8], bytes: usize) -> Pieces {
        Pieces(text.chunks(bytes).map(Bytes::copy_from_slice).collect())
    }

    proptest! {
        #[test]
        fn what_is_written_comes_out_in_pieces(
            parts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..90_000), 0..8)
        ) {
            let mut writer = BodyWriter::new(Some(Encoding::Gzip));
            parts.iter().for_each(|part| writer.write_all(part).unwrap());
            let written = writer.finish().unwrap();
            prop_assert_eq!(all(&written.plain), parts.concat());
            prop_assert!(written.plain.iter().all(|piece| piece.len() <= PIECE_BYTES));
            if let Some((_, compressed)) = &written.compressed {
                let afterwards = compress(&written.plain, Encoding::Gzip).unwrap();
                prop_assert_eq!(all(compressed), all(&afterwards));
            }
            prop_assert_eq!(written.compressed.is_some(), written.plain.len() >= 1_024);
        }

        #[test]
        fn a_text_is_found_wherever_pieces_end(bytes in 1..40_usize, before in 0..30_usize) {
            let text = format!("{}needle;{}needle,after", "n".repeat(before), "needl".repeat(3));
            let pieces = in_pieces_of(text.as_bytes(), bytes);
            let (first, last) = pieces.around_last(b"needle").unwrap();
            prop_assert_eq!(all(&first), text.strip_suffix("needle,after").unwrap().as_bytes());
            prop_assert_eq!(all(&last), b",after");
            prop_assert!(pieces.around_last(b"nowhere").is_none());
            prop_assert_eq!(pieces.digest(), in_pieces_of(text.as_bytes(), 1).digest());
        }
    }
}
