//! The page, as the folder `ui/dist` had it when this crate was compiled.
//!
//! A crate of its own, so that a change of the page does not rebuild Podium, and Podium builds
//! without Node.js: the page then says how to get the real one. Knows nothing of HTTP.

use std::borrow::Cow;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use rust_embed::{EmbeddedFile, RustEmbed};

/// As the build script laid it out: what is smaller in gzip has a name that ends with `.gz`.
#[derive(RustEmbed)]
#[folder = "$OUT_DIR/page"]
struct Dist;

const PACKED: &str = ".gz";

/// What the page is without Node.js.
const PLACEHOLDER: &str = include_str!("placeholder.html");

/// A file of the page.
#[derive(Clone, Debug)]
pub struct Asset {
    content: Content,
    /// Its media type.
    pub media_type: &'static str,
    /// A quoted tag of its content, for `ETag`.
    pub tag: String,
    /// Whether its name holds a hash of its content, so that it never changes.
    pub is_immutable: bool,
}

#[derive(Clone, Debug)]
enum Content {
    Plain(Cow<'static, [u8]>),
    Gzip(Cow<'static, [u8]>),
}

/// The file at `path`, without a slash before it.
pub fn asset(path: &str) -> Option<Asset> {
    if let Some(file) = Dist::get(&format!("{path}{PACKED}")) {
        return Some(Asset::new(path, &file, Content::Gzip(file.data.clone())));
    }
    let file = Dist::get(path)?;
    Some(Asset::new(path, &file, Content::Plain(file.data.clone())))
}

/// The page itself, for every address within it, served below `base_path` (empty for the root).
/// `tags` stand at the end of its head.
pub fn page(base_path: &str, tags: &str) -> Asset {
    let built = asset("index.html");
    let tag = built.as_ref().map_or("placeholder", |page| page.tag.trim_matches('"')).to_owned();
    let html = built.map_or_else(
        || PLACEHOLDER.to_owned(),
        |page| String::from_utf8_lossy(&page.plain()).into_owned(),
    );
    // All its addresses are relative to this one.
    let html = html.replacen("<head>", &format!("<head><base href=\"{base_path}/\">"), 1);
    let html = html.replacen("</head>", &format!("{tags}</head>"), 1);
    let below: String = base_path.bytes().map(|byte| format!("{byte:02x}")).collect();
    Asset {
        content: match compress(html.as_bytes()) {
            Some(gzip) => Content::Gzip(Cow::Owned(gzip)),
            None => Content::Plain(Cow::Owned(html.into_bytes())),
        },
        media_type: "text/html; charset=utf-8",
        tag: format!("\"{tag}-{below}\""),
        is_immutable: false,
    }
}

/// The page's fonts as WOFF2, that of the plain letters first; none without the page.
pub fn fonts() -> Vec<Cow<'static, [u8]>> {
    let mut paths: Vec<String> = paths().filter(|path| path.ends_with(".woff2")).collect();
    paths.sort_by_key(|path| path.contains("-ext-"));
    paths.iter().filter_map(|path| Some(asset(path)?.plain())).collect()
}

/// All paths that [`asset`] knows.
pub fn paths() -> impl Iterator<Item = String> {
    Dist::iter().map(|path| path.strip_suffix(PACKED).unwrap_or(&path).to_owned())
}

/// Whether the real page is embedded.
pub fn is_built() -> bool {
    asset("index.html").is_some()
}

impl Asset {
    fn new(path: &str, file: &EmbeddedFile, content: Content) -> Self {
        let hash = file.metadata.sha256_hash();
        let tag: String = hash.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        Self {
            content,
            media_type: media_type(path),
            tag: format!("\"{tag}\""),
            is_immutable: path.starts_with("assets/"),
        }
    }

    /// Its content in gzip, where that is smaller.
    pub fn gzip(&self) -> Option<Cow<'static, [u8]>> {
        match &self.content {
            Content::Gzip(gzip) => Some(gzip.clone()),
            Content::Plain(_) => None,
        }
    }

    /// Its content, unpacked anew each time where it is kept in gzip.
    pub fn plain(&self) -> Cow<'static, [u8]> {
        match &self.content {
            Content::Plain(plain) => plain.clone(),
            Content::Gzip(gzip) => {
                let mut plain = Vec::new();
                GzDecoder::new(&gzip[..]).read_to_end(&mut plain).expect("we packed it");
                Cow::Owned(plain)
            }
        }
    }
}

fn compress(plain: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(plain).ok()?;
    encoder.finish().ok().filter(|gzip| gzip.len() < plain.len())
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json" | "map") => "application/json",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_a_page() {
        let page = page("", "<meta name=\"a\">");
        assert!(page.media_type.starts_with("text/html"));
        let plain = page.plain();
        let text = String::from_utf8_lossy(&plain);
        assert!(text.contains("<title>"), "{text}");
        assert!(text.contains("<base href=\"/\">"), "{text}");
        assert!(text.contains("<meta name=\"a\"></head>"), "{text}");
        let below = super::page("/podium", "");
        assert!(String::from_utf8_lossy(&below.plain()).contains("<base href=\"/podium/\">"));
        assert_ne!(below.tag, page.tag);
        assert_eq!(is_built(), paths().any(|path| path == "index.html"));
    }

    #[test]
    fn what_the_page_loads_is_there() {
        let text = String::from_utf8_lossy(&page("", "").plain()).into_owned();
        let quoted = text.split('"').filter(|part| part.starts_with("./assets/"));
        for path in quoted {
            let asset = asset(path.trim_start_matches("./")).unwrap_or_else(|| panic!("no {path}"));
            assert!(asset.is_immutable && !asset.plain().is_empty(), "{path}");
        }
    }

    #[test]
    fn what_is_packed_is_the_same_and_smaller() {
        for path in paths() {
            let asset = asset(&path).unwrap_or_else(|| panic!("no {path}"));
            let Some(gzip) = asset.gzip() else { continue };
            assert!(gzip.len() < asset.plain().len(), "{path}");
            assert!(!path.ends_with(".woff2"), "a font is packed already");
        }
    }

    #[test]
    fn nothing_else_is() {
        assert!(asset("../Cargo.toml").is_none());
        assert!(asset("").is_none());
    }
}
