//! In which form an answer is sent.

use std::io::{self, Write};

use axum::http::{HeaderMap, HeaderValue, header};
use flate2::Compression;
use flate2::write::GzEncoder;

use super::body::{PieceWriter, Pieces};

/// A way to compress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Zstd,
    Brotli,
    Gzip,
}

/// The bits of the window that browsers accept of brotli.
const BROTLI_WINDOW: u32 = 22;
/// Answers are compressed once and often sent once: these levels are as fast as gzip's fastest.
const BROTLI_QUALITY: u32 = 3;
const ZSTD_LEVEL: i32 = 1;

impl Encoding {
    /// Fastest first.
    pub(super) const ALL: [Self; 3] = [Self::Zstd, Self::Brotli, Self::Gzip];

    fn name(self) -> &'static str {
        match self {
            Self::Zstd => "zstd",
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// The value of `Content-Encoding`.
    pub(super) fn header(self) -> HeaderValue {
        HeaderValue::from_static(self.name())
    }

    /// What whoever asks likes best (RFC 9110, 12.5.3); of equals the fastest, nothing where they
    /// like none or ask for none. Whoever likes any gets gzip, which everybody can read.
    pub(super) fn wanted(asked: &HeaderMap) -> Option<Self> {
        let given = qualities(asked);
        let mut best = None;
        let mut most = 0.0;
        for encoding in Self::ALL {
            let quality = encoding.quality(&given);
            if quality > most {
                (best, most) = (Some(encoding), quality);
            }
        }
        best
    }

    /// Whether whoever asks can read it.
    pub(super) fn is_accepted(self, asked: &HeaderMap) -> bool {
        self.quality(&qualities(asked)) > 0.0
    }

    fn quality(self, given: &[(&str, f32)]) -> f32 {
        let of = |wanted: &str| given.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let any = if self == Self::Gzip { of("*") } else { None };
        of(self.name()).or(any).map_or(0.0, |(_, quality)| *quality)
    }

    pub(super) fn encoder(self) -> io::Result<Encoder> {
        let to = PieceWriter::default();
        Ok(match self {
            Self::Zstd => Encoder::Zstd(zstd::stream::write::Encoder::new(to, ZSTD_LEVEL)?),
            Self::Brotli => Encoder::Brotli(Box::new(brotli::CompressorWriter::new(
                to,
                4_096,
                BROTLI_QUALITY,
                BROTLI_WINDOW,
            ))),
            Self::Gzip => Encoder::Gzip(GzEncoder::new(to, Compression::fast())),
        })
    }
}

/// What a header lists, over all its lines.
pub(super) fn listed(asked: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    let values = asked.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// The tags of what whoever asks has.
pub(super) fn tags(asked: &HeaderMap) -> impl Iterator<Item = &str> {
    // A proxy that compresses makes the tag a weak one.
    listed(asked, header::IF_NONE_MATCH).map(|token| token.trim_start_matches("W/"))
}

/// Whether whoever asks has what bears this tag.
pub(super) fn has_tagged(asked: &HeaderMap, etag: &str) -> bool {
    tags(asked).any(|tag| tag == "*" || tag == etag)
}

/// Whether a header lists a value.
pub(super) fn is_listed(asked: &HeaderMap, name: header::HeaderName, value: &str) -> bool {
    listed(asked, name).any(|token| token.eq_ignore_ascii_case(value))
}

/// The encodings that whoever asks can read, and how much they like each.
fn qualities(asked: &HeaderMap) -> Vec<(&str, f32)> {
    listed(asked, header::ACCEPT_ENCODING).map(weighed).collect()
}

/// A name and its quality, 1 where none is given.
pub(super) fn weighed(listed: &str) -> (&str, f32) {
    let mut parts = listed.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let quality = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    let read = |quality: &str| {
        quality.trim().parse::<f32>().ok().filter(|of| (0.0..=1.0_f32).contains(of))
    };
    (name, quality.map_or(1.0, |quality| read(quality).unwrap_or(0.0)))
}

/// Compresses what is written.
pub(super) enum Encoder {
    Zstd(zstd::stream::write::Encoder<'static, PieceWriter>),
    Brotli(Box<brotli::CompressorWriter<PieceWriter>>),
    Gzip(GzEncoder<PieceWriter>),
}

impl Encoder {
    pub(super) fn finish(self) -> io::Result<Pieces> {
        let writer = match self {
            Self::Zstd(encoder) => encoder.finish()?,
            Self::Brotli(encoder) => encoder.into_inner(),
            Self::Gzip(encoder) => encoder.finish()?,
        };
        Ok(writer.finish())
    }
}

impl Write for Encoder {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Zstd(encoder) => encoder.write(bytes),
            Self::Brotli(encoder) => encoder.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(accept: &'static str) -> Option<Encoding> {
        let accept = (header::ACCEPT_ENCODING, HeaderValue::from_static(accept));
        Encoding::wanted(&HeaderMap::from_iter([accept]))
    }

    #[test]
    fn everyone_gets_what_they_like_best() {
        assert_eq!(Encoding::wanted(&HeaderMap::new()), None);
        assert_eq!(wanted("gzip, deflate, br, zstd"), Some(Encoding::Zstd));
        assert_eq!(wanted("gzip, deflate, br"), Some(Encoding::Brotli));
        assert_eq!(wanted("GZIP"), Some(Encoding::Gzip));
        assert_eq!(wanted("gzip;q=1.0, zstd;q=0.5"), Some(Encoding::Gzip));
        assert_eq!(wanted("gzip;q=0, identity"), None);
        assert_eq!(wanted("zstd;q=0, *;q=0.2"), Some(Encoding::Gzip));
        assert_eq!(wanted("deflate, *;q=0"), None);
        assert_eq!(wanted("gzip;q=none"), None);
        assert_eq!(wanted("gzip;Q=0, br;Q=0.5"), Some(Encoding::Brotli));
        assert_eq!(wanted("gzip;q=inf, br;q=0.1"), Some(Encoding::Brotli));
        assert_eq!(wanted("identity, zstd;q=0.001"), Some(Encoding::Zstd));
    }

    #[test]
    fn what_is_compressed_can_be_read() {
        let text = "figures ".repeat(40_000);
        for encoding in Encoding::ALL {
            let mut encoder = encoding.encoder().unwrap();
            encoder.write_all(text.as_bytes()).unwrap();
            let bytes: Vec<u8> = encoder.finish().unwrap().iter().flatten().copied().collect();
            let mut read = Vec::new();
            match encoding {
                Encoding::Zstd => zstd::stream::copy_decode(&bytes[..], &mut read).unwrap(),
                Encoding::Brotli => brotli::BrotliDecompress(&mut &bytes[..], &mut read).unwrap(),
                Encoding::Gzip => {
                    io::copy(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut read).unwrap();
                }
            }
            assert!(bytes.len() < text.len() / 10 && read == text.as_bytes(), "{encoding:?}");
        }
    }
}
