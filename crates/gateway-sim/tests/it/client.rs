//! A plain HTTP client that shows everything: one call, one connection, no retries, no patience
//! for anything but the bytes that came.

use std::io::{self, Read};

use flate2::read::GzDecoder;
use gateway_sim::Simulator;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    /// As sent, compressed or not.
    pub(crate) body: Vec<u8>,
    /// Whether the body is as long as was announced.
    pub(crate) complete: bool,
    /// How the connection ended, if not properly.
    pub(crate) end: Option<io::ErrorKind>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        if self.header("content-encoding") == Some("gzip") {
            GzDecoder::new(self.body.as_slice()).read_to_string(&mut text).expect("whole gzip");
        } else {
            text = String::from_utf8(self.body.clone()).expect("text");
        }
        text
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text()).expect("JSON")
    }
}

/// `GET` with the admin's key; the answer must be a 200.
pub(crate) async fn get(simulator: &Simulator, path: &str) -> Value {
    let reply = get_as(simulator, path, Some(simulator.api_key())).await;
    assert_eq!(reply.status, 200, "{path}: {}", reply.text());
    reply.json()
}

/// `GET` with the admin's key, whatever is answered.
pub(crate) async fn try_get(simulator: &Simulator, path: &str) -> Reply {
    get_as(simulator, path, Some(simulator.api_key())).await
}

pub(crate) async fn get_as(simulator: &Simulator, path: &str, key: Option<&str>) -> Reply {
    let authorization =
        key.map(|key| format!("Authorization: Bearer {key}\r\n")).unwrap_or_default();
    send(simulator, "GET", path, &authorization, "").await.expect("an answer")
}

pub(crate) async fn post_as(simulator: &Simulator, path: &str, key: &str, body: &Value) -> Reply {
    let authorization = format!("Authorization: Bearer {key}\r\n");
    send(simulator, "POST", path, &authorization, &body.to_string()).await.expect("an answer")
}

/// Sends a request and reads until the connection ends.
///
/// # Errors
/// When the connection ended before a whole head had come.
pub(crate) async fn send(
    simulator: &Simulator,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> io::Result<Reply> {
    let mut stream = TcpStream::connect(simulator.url().trim_start_matches("http://")).await?;
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: sim\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await?;
    let (bytes, end) = read_all(&mut stream).await;
    let Some(head_ends) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Err(end.unwrap_or(io::ErrorKind::UnexpectedEof).into());
    };
    let head = String::from_utf8_lossy(&bytes[..head_ends]).into_owned();
    let mut lines = head.lines();
    let status =
        lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok());
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let body = bytes[head_ends + 4..].to_vec();
    let mut reply =
        Reply { status: status.expect("a status"), headers, body, complete: false, end };
    reply.complete = reply.header("content-length") == Some(&reply.body.len().to_string());
    Ok(reply)
}

async fn read_all(stream: &mut TcpStream) -> (Vec<u8>, Option<io::ErrorKind>) {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match stream.read(&mut chunk).await {
            Ok(0) => return (bytes, None),
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
            Err(error) => return (bytes, Some(error.kind())),
        }
    }
}
