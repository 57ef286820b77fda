//! One question, and its answer as it is compared and searched.

use parquet::file::reader::{FileReader as _, SerializedFileReader};
use reqwest::Method;

use super::people::Play;
use crate::harness::{Podium, Whole};

/// A question.
#[derive(Clone, Debug, PartialEq)]
pub struct Ask {
    pub method: Method,
    pub path: String,
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: String,
    /// Whether nobody else asks it as well: questions of whose kind others are asked anyway.
    pub is_alone: bool,
}

impl Ask {
    pub fn get(path: impl Into<String>) -> Self {
        let (method, headers, body) = (Method::GET, Vec::new(), String::new());
        Self { method, path: path.into(), headers, body, is_alone: false }
    }

    pub fn by(self, method: Method) -> Self {
        Self { method, ..self }
    }

    pub fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.push((name, value));
        self
    }

    pub fn json(self, body: impl Into<String>) -> Self {
        let posted = Self { method: Method::POST, body: body.into(), ..self };
        posted.with("Content-Type", "application/json").with("X-Requested-With", "canary")
    }

    /// Everything that was said, so that what only repeats it is no news.
    pub fn said(&self) -> String {
        let decoded: String = form_urlencoded::parse(self.path.as_bytes())
            .map(|(name, value)| format!("{name} {value} "))
            .collect();
        format!("{} {decoded} {}", self.path, self.body)
    }

    /// Puts it, showing `cookie`, and knowing an answer already.
    pub async fn put(&self, play: &Play, cookie: Option<&str>, tag: Option<&str>) -> Heard {
        let mut headers = self.headers.clone();
        headers.extend(cookie.map(|cookie| ("Cookie", cookie)));
        if let Some(tag) = tag {
            headers.extend([("A-IM", "parts"), ("If-None-Match", tag)]);
        }
        let path = format!("{}{}", play.base_path, self.path);
        Heard::of(&play.podium, self, &path, &headers).await
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Heard {
    pub status: u16,
    /// Without those that are never the same.
    pub headers: Vec<(String, String)>,
    pub bytes: Vec<u8>,
}

impl Heard {
    pub async fn of(podium: &Podium, ask: &Ask, path: &str, headers: &[(&str, &str)]) -> Self {
        let whole = podium.whole(ask.method.clone(), path, headers, &ask.body).await;
        let Whole { status, headers, bytes } = whole;
        let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
        // The address is another one in each process.
        let address = podium.url("");
        let mut headers: Vec<(String, String)> = headers
            .iter()
            .filter(|(name, _)| !["date", "set-cookie", "x-request-id"].contains(&name.as_str()))
            .map(|(name, value)| (name.to_string(), text(value.as_bytes())))
            .collect();
        let is_page = headers
            .iter()
            .any(|(name, kind)| name == "content-type" && kind.starts_with("text/html"));
        let bytes = if is_page { text(&bytes).replace(&address, "").into_bytes() } else { bytes };
        let is_metrics = ask.path == "/metrics";
        let bytes = if is_metrics { without_chance(&text(&bytes)).into_bytes() } else { bytes };
        if is_metrics {
            headers.retain(|(name, _)| name != "content-length");
        }
        if is_page {
            headers.retain(|(name, _)| !["etag", "content-length"].contains(&name.as_str()));
        }
        headers.sort();
        Self { status: status.as_u16(), headers, bytes }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All that it says, as text: headers, and the body with the cells of a Parquet file.
    pub fn text(&self) -> String {
        let headers = self.headers.iter().map(|(name, value)| format!("{name}: {value}\n"));
        let body = match self.bytes.starts_with(b"PAR1") && self.bytes.ends_with(b"PAR1") {
            true => cells(&self.bytes),
            false => String::from_utf8_lossy(&self.bytes).into_owned(),
        };
        format!("{}\n{body}", headers.collect::<String>())
    }
}

/// Beginnings of metrics that are never the same, or depend on what others asked before. Only those
/// who see everything are told them.
const CHANCE: [&str; 10] = [
    "process_",
    "podium_http_",
    "podium_answer",
    "podium_store_bytes",
    "podium_store_writes",
    "podium_data_version",
    "podium_day_reads",
    "podium_gateway_request",
    "podium_connections",
    "podium_listeners",
];

/// Metrics without those that are chance.
fn without_chance(metrics: &str) -> String {
    let is_chance = |line: &&str| CHANCE.iter().any(|begin| line.starts_with(begin));
    let kept = metrics.lines().filter(|line| !is_chance(line));
    kept.map(|line| format!("{line}\n")).collect()
}

/// The cells of a Parquet file, and what else it says.
fn cells(file: &[u8]) -> String {
    let file = bytes::Bytes::copy_from_slice(file);
    let reader = SerializedFileReader::new(file).expect("a Parquet file");
    let mut text = format!("{:?}\n", reader.metadata().file_metadata());
    for row in reader.get_row_iter(None).expect("rows") {
        let row = row.expect("a row");
        let cells = row.get_column_iter().map(|(name, cell)| format!("{name}={cell}; "));
        text.extend(cells);
        text.push('\n');
    }
    text
}
