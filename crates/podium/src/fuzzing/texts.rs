//! Small languages: query strings, deltas, configuration, and bytes at rest.

use super::stage::{NOW, instant};
use crate::api::fuzzing::{as_json, delta_holds, meant, meant_by_json, read_otherwise};
use crate::config::fuzzing::configured;
use crate::store::fuzzing::{read_packed, read_quarter};

/// A query string means the same in each spelling.
pub(super) fn query(bytes: &[u8]) {
    let Ok(query) = std::str::from_utf8(bytes) else { return };
    let now = instant(NOW);
    read_otherwise(query, now);
    let asked = meant(query, now);
    if let Err(told) = &asked {
        assert!(told.len() < 4_096, "an error is short: {told}");
        assert!(!told.chars().any(char::is_control), "and one line: {told:?}");
    }
    let mut pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    // Every byte in its percent form.
    let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
    let spelled: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", percent(name), percent(value))).collect();
    assert_eq!(meant(&spelled.join("&"), now), asked, "in percents");
    // In another order of names; of one name, the order says which is the last.
    pairs.sort_by(|(one, _), (other, _)| other.cmp(one));
    let sorted = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
    assert_eq!(meant(&sorted, now).ok(), asked.clone().ok(), "in another order: {sorted}");
    if let Some(body) = as_json(query) {
        let told = String::from_utf8_lossy(&body);
        assert_eq!(meant_by_json(&body, now).ok(), asked.ok(), "as JSON: {told}");
    }
    let _ = meant_by_json(bytes, now);
}

/// Two texts, divided by a NUL or in the middle: what is told of them makes the one the other.
pub(super) fn delta(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (from, to) = text.split_once('\0').unwrap_or_else(|| {
        let middle = (text.len() / 2..).find(|at| text.is_char_boundary(*at));
        text.split_at(middle.unwrap_or(text.len()))
    });
    assert!(delta_holds(from, to), "{from:?} to {to:?}");
    assert!(delta_holds(to, from), "{to:?} to {from:?}");
}

/// Bytes that a file has of a day or a quarter hour; the first says which.
pub(super) fn packed(bytes: &[u8]) {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let rows = if kind % 2 == 0 { read_packed(bytes) } else { read_quarter(bytes) };
    // A few bytes must not take the memory of many rows.
    let most = 1_000 + bytes.len();
    assert!(rows.is_none_or(|rows| rows <= most), "{rows:?} rows of {} bytes", bytes.len());
}

/// Variables whose values are told nobody.
const SECRETS: [&str; 5] = [
    "LITELLM_API_KEY",
    "PODIUM_GATEWAY_HEADERS",
    "PODIUM_SECRET",
    "PODIUM_INGEST_TOKEN",
    "PODIUM_OIDC_CLIENT_SECRET",
];

/// A `.env` file configures something, or it is said what is wrong, without its secrets.
pub(super) fn settings(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // Files are read from where the text says.
    if text.contains("_FILE") {
        return;
    }
    let (variables, config) = configured(&text);
    let told = match config {
        Ok(config) => format!("{config:?}"),
        Err(faults) => faults,
    };
    let secrets = variables.iter().filter(|(name, _)| SECRETS.contains(&name.as_str()));
    for (name, value) in secrets {
        // Short ones stand in any sentence.
        let is_told = value.len() >= 24 && told.contains(value.trim());
        let is_elsewhere = variables.iter().any(|(other, text)| other != name && text == value);
        assert!(!is_told || is_elsewhere || value.trim().len() < 24, "{name} is told: {told}");
    }
}
