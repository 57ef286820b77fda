//! Where Podium listens.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::faults::Faults;
use super::plain_url;

/// The port that is listened on unless another is chosen.
const PORT: u16 = 8_000;

/// All addresses, of both versions where the system has both.
const ANYWHERE: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

pub(super) fn listen(faults: &mut Faults<'_>) -> SocketAddr {
    let port = faults
        .parsed("VITE_LEADERBOARD_BACKEND_PORT", "a port number", |text| text.parse().ok())
        .unwrap_or(PORT);
    let listen =
        faults.parsed("PODIUM_LISTEN", "an address, a port, or both", |text| parse(text, port));
    listen.unwrap_or(SocketAddr::new(ANYWHERE, port))
}

/// `127.0.0.1:8000`, `[::1]:8000`, an address alone, `:8000`, or a port; what is left out is as
/// usual.
fn parse(text: &str, port: u16) -> Option<SocketAddr> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(address);
    }
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    if let Ok(address) = bare.parse::<IpAddr>() {
        return Some(SocketAddr::new(address, port));
    }
    let only_port = text.strip_prefix(':').or_else(|| text.strip_prefix("*:")).unwrap_or(text);
    if let Ok(port) = only_port.parse::<u16>() {
        return Some(SocketAddr::new(ANYWHERE, port));
    }
    let local = text.strip_prefix("localhost")?;
    match local.strip_prefix(':') {
        Some(port) => Some(SocketAddr::new([127, 0, 0, 1].into(), port.parse().ok()?)),
        None if local.is_empty() => Some(SocketAddr::new([127, 0, 0, 1].into(), port)),
        None => None,
    }
}

/// A path without a slash at its end, such as `/podium`; empty for the root.
pub(super) fn base_path(text: &str) -> Option<String> {
    let path = text.trim_end_matches('/');
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let fits = path.is_empty()
        || (path.starts_with('/') && path.bytes().all(is_plain) && !path.contains("//"));
    let is_relative = path.split('/').any(|part| matches!(part, "." | ".."));
    (fits && !is_relative).then(|| path.to_owned())
}

/// The page's address without a slash at its end.
pub(super) fn public_url(text: &str) -> Option<String> {
    Some(plain_url(text)?.as_str().trim_end_matches('/').to_owned())
}

/// Who may show the page in a frame, as a Content-Security-Policy has it.
pub(super) fn frame_ancestors(text: &str) -> Option<String> {
    let sources: Vec<&str> = text.split([' ', ',']).filter(|source| !source.is_empty()).collect();
    let is_source = |source: &&str| {
        matches!(*source, "'none'" | "'self'" | "none" | "self" | "https:" | "http:")
            || source.split_once("://").is_some_and(|(scheme, host)| {
                matches!(scheme, "http" | "https")
                    && !host.is_empty()
                    && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:*[]".contains(&b))
            })
    };
    let quoted = |source: &&str| match *source {
        "none" | "self" => format!("'{source}'"),
        source => source.to_owned(),
    };
    let fits = !sources.is_empty() && sources.iter().all(is_source);
    fits.then(|| sources.iter().map(quoted).collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_in_many_ways() {
        for (text, address) in [
            ("127.0.0.1:9000", "127.0.0.1:9000"),
            ("[::1]:9000", "[::1]:9000"),
            ("127.0.0.1", "127.0.0.1:8000"),
            ("::1", "[::1]:8000"),
            ("[::]", "[::]:8000"),
            (":9000", "[::]:9000"),
            ("9000", "[::]:9000"),
            ("localhost:9000", "127.0.0.1:9000"),
            ("localhost", "127.0.0.1:8000"),
        ] {
            assert_eq!(
                parse(text, PORT).map(|at| at.to_string()).as_deref(),
                Some(address),
                "{text}"
            );
        }
        for text in ["", "nowhere", "1.2.3.4:x", "[::1]:70000", "localhost:", "localhosts"] {
            assert_eq!(parse(text, PORT), None, "{text}");
        }
    }

    #[test]
    fn the_public_address_is_plain() {
        for (text, url) in [
            ("https://podium.example.com/", Some("https://podium.example.com")),
            ("http://Example.com:80/podium/", Some("http://example.com/podium")),
            ("https://user:word@example.com", None),
            ("https://example.com/?a", None),
            ("https://example.com/#a", None),
            ("javascript:alert(1)", None),
            ("example.com", None),
        ] {
            assert_eq!(public_url(text).as_deref(), url, "{text}");
        }
    }

    #[test]
    fn paths_and_frames_are_checked() {
        for (text, path) in [
            ("/podium", Some("/podium")),
            ("/a/b/", Some("/a/b")),
            ("/", Some("")),
            ("podium", None),
        ] {
            assert_eq!(base_path(text).as_deref(), path, "{text}");
        }
        for text in ["//a", "/a b", "/../x", "/a//b", "/\"><script>"] {
            assert_eq!(base_path(text), None, "{text}");
        }
        let frames = frame_ancestors("self, https://intranet.example.com");
        assert_eq!(frames.as_deref(), Some("'self' https://intranet.example.com"));
        for text in ["", "*; script-src *", "javascript://x;", "example.com"] {
            assert_eq!(frame_ancestors(text), None, "{text}");
        }
    }
}
