//! Where the gateway is, and what it and the proxies before it want to be shown.

use std::time::Duration;

use secrecy::SecretString;
use url::Url;

use super::faults::Faults;
use super::{duration, plain_url};
use crate::gateway::{Gateway, HeaderName, KeyHeader, Limits};

pub(super) fn base_url(faults: &mut Faults<'_>) -> Option<Url> {
    faults.required(
        "LITELLM_BASE_URL",
        "an http:// or https:// URL of a host, without user, query or fragment",
        plain_url,
    )
}

pub(super) fn gateway(faults: &mut Faults<'_>) -> Option<Gateway> {
    let base_url = base_url(faults);
    let api_key = faults.required_secret(
        "LITELLM_API_KEY",
        "a key that can be sent in an HTTP header (visible ASCII without spaces)",
        |text| text.bytes().all(|byte| byte.is_ascii_graphic()).then(|| SecretString::from(text)),
    );
    let key_header = faults.parsed(
        "LITELLM_API_KEY_HEADER",
        "the name of a header, with or without a scheme behind a colon",
        key_header,
    );
    let headers = faults.secret(
        "PODIUM_GATEWAY_HEADERS",
        "a list of headers (Name: value), separated by commas or lines, without the key's own and \
         those of the connection",
        headers,
    );
    let (key_header, headers) = (key_header.unwrap_or_default(), headers.unwrap_or_default());
    if headers.iter().any(|(name, _)| *name == key_header.name) {
        faults.add("PODIUM_GATEWAY_HEADERS", "names the header in which the key travels");
    }
    Some(Gateway { key_header, headers, ..Gateway::new(base_url?, api_key?) })
}

/// What a question to the gateway may cost.
pub(super) fn limits(faults: &mut Faults<'_>) -> Limits {
    let silence = faults.parsed("PODIUM_GATEWAY_TIMEOUT", "a time of at least 1s", |text| {
        duration::parse(text).filter(|time| *time >= Duration::from_secs(1))
    });
    let mut limits = Limits::default();
    limits.silence = silence.unwrap_or(limits.silence);
    limits.connect = limits.connect.min(limits.silence);
    limits
}

/// A scheme is a word; what is longer, or begins like a key of LiteLLM's, is a key in its place.
const LONGEST_SCHEME: usize = 32;

/// `X-Litellm-Key`, or `Authorization: Bearer` with a scheme; `Authorization` alone means that one.
fn key_header(text: &str) -> Option<KeyHeader> {
    let (name, scheme) = text.split_once(':').unwrap_or((text, ""));
    let name: HeaderName = name.trim().parse().ok()?;
    let scheme = scheme.trim();
    let is_scheme = scheme.bytes().all(|byte| byte.is_ascii_graphic())
        && scheme.len() <= LONGEST_SCHEME
        && !scheme.starts_with("sk-");
    if !is_scheme || is_of_the_connection(&name) {
        return None;
    }
    let usual = KeyHeader::default();
    let scheme = match scheme {
        "" if name == usual.name => usual.scheme,
        "" => None,
        scheme => Some(scheme.to_owned()),
    };
    Some(KeyHeader { name, scheme })
}

/// Headers that say how the connection works, and are not ours to set.
fn is_of_the_connection(name: &HeaderName) -> bool {
    const NAMES: [&str; 9] = [
        "connection",
        "content-length",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    NAMES.contains(&name.as_str())
}

fn headers(text: &str) -> Option<Vec<(HeaderName, SecretString)>> {
    let mut headers: Vec<(HeaderName, String)> = Vec::new();
    for part in text.split(['\n', ',']).map(str::trim).filter(|part| !part.is_empty()) {
        let named = part.split_once(':').and_then(|(name, value)| {
            Some((name.trim().parse::<HeaderName>().ok()?, value.trim().to_owned()))
        });
        match (named, headers.last_mut()) {
            (Some(header), _) => headers.push(header),
            // A comma within a value.
            (None, Some((_, value))) => {
                value.push_str(", ");
                value.push_str(part);
            }
            (None, None) => return None,
        }
    }
    let is_fine = |(name, value): &(HeaderName, String)| {
        !value.is_empty()
            && value.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ')
            && !is_of_the_connection(name)
    };
    let all_fine = headers.iter().all(is_fine);
    all_fine.then(|| headers.into_iter().map(|(name, value)| (name, value.into())).collect())
}

#[cfg(test)]
mod tests;
