//! The standard variables of OpenTelemetry, as far as they concern traces over OTLP.
//!
//! They are often set for a whole platform, so what Podium cannot do is a warning and no reason not
//! to start. Nothing set means that nothing is sent.

use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::sampler::Sampler;

/// Whether traces are sent.
#[derive(Debug)]
pub enum Settings {
    /// Nobody asked for them.
    Off,
    /// To a collector.
    On(Box<Otlp>),
    /// Somebody asked for what cannot be done; the text says what, and what to do.
    Unable(&'static str),
}

/// Where traces go, and how.
#[derive(Debug)]
pub struct Otlp {
    pub(super) endpoint: Url,
    /// Marked as secrets.
    pub(super) headers: HeaderMap,
    pub(super) timeout: Duration,
    pub(super) is_compressed: bool,
    pub(super) resource: Vec<(String, String)>,
    pub(super) sampler: Sampler,
    /// How long spans wait for others.
    pub(super) delay: Duration,
    pub(super) most_waiting: usize,
    pub(super) batch: usize,
}

const ENDPOINT: &str = "the endpoint is no address; set OTEL_EXPORTER_OTLP_ENDPOINT to one such as \
                        http://localhost:4318";
const PROTOCOL: &str = "only the protocol http/protobuf is spoken; set OTEL_EXPORTER_OTLP_PROTOCOL \
                        to it, and the endpoint to the collector's port for HTTP, mostly 4318";
const EXPORTER: &str = "only the exporter otlp is known; set OTEL_TRACES_EXPORTER to otlp or none";
const HEADERS: &str = "the headers are not name=value,name=value; see OTEL_EXPORTER_OTLP_HEADERS";
const SAMPLER: &str = "the sampler is not known; set OTEL_TRACES_SAMPLER to always_on, always_off, \
                       traceidratio or one of these after parentbased_, and a ratio from 0 to 1 in \
                       OTEL_TRACES_SAMPLER_ARG";

impl Settings {
    /// Reads the variables through `get`.
    pub fn read<'v>(get: impl Fn(&str) -> Option<&'v str>) -> Self {
        let is = |name: &str, value: &str| get(name).is_some_and(|v| v.eq_ignore_ascii_case(value));
        let own = get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        let common = get("OTEL_EXPORTER_OTLP_ENDPOINT");
        let exporter = get("OTEL_TRACES_EXPORTER");
        let is_asked_for = own.or(common).or(exporter).is_some();
        if is("OTEL_SDK_DISABLED", "true") || exporter == Some("none") || !is_asked_for {
            return Self::Off;
        }
        if exporter.is_some_and(|name| name != "otlp") {
            return Self::Unable(EXPORTER);
        }
        match otlp(&get, own, common) {
            Ok(otlp) => Self::On(Box::new(otlp)),
            Err(reason) => Self::Unable(reason),
        }
    }
}

fn otlp<'v>(
    get: &impl Fn(&str) -> Option<&'v str>,
    own: Option<&str>,
    common: Option<&str>,
) -> Result<Otlp, &'static str> {
    let of_traces = |name: &str| {
        get(&format!("OTEL_EXPORTER_OTLP_TRACES_{name}"))
            .or_else(|| get(&format!("OTEL_EXPORTER_OTLP_{name}")))
    };
    if of_traces("PROTOCOL").is_some_and(|protocol| protocol != "http/protobuf") {
        return Err(PROTOCOL);
    }
    let milliseconds = |text: Option<&str>, usual: u64| {
        let given = text.and_then(|text| text.parse().ok());
        Duration::from_millis(given.unwrap_or(usual).clamp(1, 600_000))
    };
    let count = |name: &str, usual: usize| {
        let given = get(name).and_then(|text| text.parse().ok());
        given.unwrap_or(usual).clamp(1, 65_536)
    };
    let most_waiting = count("OTEL_BSP_MAX_QUEUE_SIZE", 2_048);
    let sampler = match get("OTEL_TRACES_SAMPLER") {
        None => Some(Sampler::default()),
        Some(name) => Sampler::named(name, get("OTEL_TRACES_SAMPLER_ARG")),
    };
    Ok(Otlp {
        endpoint: endpoint(own, common).ok_or(ENDPOINT)?,
        headers: headers(of_traces("HEADERS").unwrap_or_default()).ok_or(HEADERS)?,
        timeout: milliseconds(of_traces("TIMEOUT"), 10_000),
        is_compressed: of_traces("COMPRESSION") == Some("gzip"),
        resource: resource(get("OTEL_RESOURCE_ATTRIBUTES"), get("OTEL_SERVICE_NAME")),
        sampler: sampler.ok_or(SAMPLER)?,
        delay: milliseconds(get("OTEL_BSP_SCHEDULE_DELAY"), 5_000),
        most_waiting,
        batch: count("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512).min(most_waiting),
    })
}

/// The address for traces is taken as it is; to the common one a path is added.
fn endpoint(own: Option<&str>, common: Option<&str>) -> Option<Url> {
    let url = match own {
        Some(own) => own.parse().ok()?,
        None => {
            let mut url: Url = common.unwrap_or("http://localhost:4318").parse().ok()?;
            let path = format!("{}/v1/traces", url.path().trim_end_matches('/'));
            url.set_path(&path);
            url
        }
    };
    (matches!(url.scheme(), "http" | "https") && url.host_str().is_some()).then_some(url)
}

fn headers(text: &str) -> Option<HeaderMap> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs(text)? {
        let mut value = HeaderValue::from_str(&value).ok()?;
        value.set_sensitive(true);
        headers.append(HeaderName::from_bytes(name.as_bytes()).ok()?, value);
    }
    Some(headers)
}

/// What is said of Podium. Attributes that cannot be read are left out, as the standard wants it.
fn resource(attributes: Option<&str>, service: Option<&str>) -> Vec<(String, String)> {
    let mut resource = attributes.and_then(pairs).unwrap_or_default();
    let mut set = |name: &str, value: &str, wins: bool| {
        let is_set = resource.iter().any(|(known, _)| known == name);
        if wins {
            resource.retain(|(known, _)| known != name);
        }
        if wins || !is_set {
            resource.push((name.to_owned(), value.to_owned()));
        }
    };
    set("service.name", service.unwrap_or("podium"), service.is_some());
    set("service.version", env!("CARGO_PKG_VERSION"), false);
    set("telemetry.sdk.name", "podium", true);
    set("telemetry.sdk.language", "rust", true);
    set("telemetry.sdk.version", env!("CARGO_PKG_VERSION"), true);
    resource
}

/// `name=value,name=value`, with `%2C` and the like in values.
fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let parts = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=')?;
        let name = name.trim();
        (!name.is_empty()).then(|| Some((name.to_owned(), decoded(value.trim())?)))?
    };
    parts.map(pair).collect()
}

fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        let hex = others.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &others[2..];
            }
            None => {
                bytes.push(*first);
                rest = others;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests;
