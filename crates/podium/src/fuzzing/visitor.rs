//! Whoever asks Podium something, in any words: an answer, never a fault, and in every packing the same.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode, header};
use axum::response::Response;
use bytes::Bytes;
use serde_json::Value;
use tower::Service as _;

use self::house::House;
use super::stage::runtime;
use crate::api::{Front, Peer};

mod house;

/// More than any answer of a small gateway has.
const MOST_BYTES: usize = 16 << 20;

/// A request as it stands on the wire: a line with method and address, lines of headers, an empty
/// line, a body. The header `front` says which Podium is asked: `open`, `board` or `private`.
pub(super) fn run(bytes: &[u8]) {
    let Some(asked) = Asked::read(&String::from_utf8_lossy(bytes)) else { return };
    let house = House::get();
    runtime().block_on(asked.ask(house));
}

struct Asked {
    method: Method,
    address: String,
    headers: HeaderMap,
    body: String,
    front: String,
}

impl Asked {
    fn read(text: &str) -> Option<Self> {
        let house = House::get();
        let text = text.replace("{token}", &house.token).replace("{cookie}", &house.cookie);
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut lines = head.lines();
        let (method, address) = lines.next()?.split_once(' ')?;
        let (mut headers, mut front) = (HeaderMap::new(), String::new());
        for line in lines.take(30) {
            let (name, value) = line.split_once(':')?;
            if name == "front" {
                value.trim().clone_into(&mut front);
                continue;
            }
            let name = header::HeaderName::try_from(name.trim()).ok()?;
            headers.append(name, header::HeaderValue::try_from(value.trim()).ok()?);
        }
        let method = method.parse().ok()?;
        Some(Self { method, address: address.to_owned(), headers, body: body.to_owned(), front })
    }

    fn request(&self, more: &[(header::HeaderName, header::HeaderValue)]) -> Option<Request<Body>> {
        let builder = Request::builder().method(&self.method).uri(&self.address);
        let mut request = builder.body(Body::from(self.body.clone())).ok()?;
        *request.headers_mut() = self.headers.clone();
        for (name, value) in more {
            request.headers_mut().insert(name.clone(), value.clone());
        }
        Some(request)
    }

    async fn ask(&self, house: &House) {
        // Audits go on behind the scenes, and what they find is told to those who come later.
        if self.method == Method::POST && self.address.contains("audit") {
            return;
        }
        let mut front = house
            .front(&self.front)
            .for_peer(Peer { address: Some([127, 0, 0, 1].into()), is_tls: false });
        let Some(request) = self.request(&[]) else { return };
        let answer = Told::of(&mut front, request).await;
        let address = &self.address;
        assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{address}: {answer:?}");
        answer.is_sound(&self.method);
        let Some(tag) = answer.headers.get(header::ETAG).cloned() else { return };
        if self.method != Method::GET || answer.status != StatusCode::OK {
            return;
        }
        // Without any packing; and for somebody who has it.
        let plain = [
            (header::ACCEPT_ENCODING, header::HeaderValue::from_static("identity")),
            (header::IF_NONE_MATCH, header::HeaderValue::from_static("\"-\"")),
        ];
        let Some(request) = self.request(&plain) else { return };
        let again = Told::of(&mut front, request).await;
        if again.headers.get(header::ETAG) == Some(&tag) && again.status == StatusCode::OK {
            assert_eq!(again.body, answer.body, "one tag, one body: {address}");
        }
        let Some(request) = self.request(&[(header::IF_NONE_MATCH, tag.clone())]) else { return };
        let known = Told::of(&mut front, request).await;
        let is_newer = known.headers.get(header::ETAG).is_some_and(|newer| *newer != tag);
        assert!(known.status == StatusCode::NOT_MODIFIED || is_newer, "{address}: {known:?}");
    }
}

/// An answer, unpacked.
#[derive(Debug)]
struct Told {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl Told {
    async fn of(front: &mut Front, request: Request<Body>) -> Self {
        let response: Response = match front.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let (parts, body) = response.into_parts();
        let content = parts.headers.get(header::CONTENT_TYPE).map(header::HeaderValue::as_bytes);
        // That one has no end.
        let is_stream = content.is_some_and(|content| content.starts_with(b"text/event-stream"));
        let body = if is_stream { Body::empty() } else { body };
        let body = to_bytes(body, MOST_BYTES).await.expect("a whole body, not too large");
        let packing = parts.headers.get(header::CONTENT_ENCODING).map(|name| name.as_bytes());
        let body = match packing {
            None => body,
            Some(_) if body.is_empty() => body,
            Some(packing) => unpacked(packing, &body).into(),
        };
        Self { status: parts.status, headers: parts.headers, body }
    }

    fn is_sound(&self, method: &Method) {
        let content = self.headers.get(header::CONTENT_TYPE).and_then(|name| name.to_str().ok());
        if self.status == StatusCode::NOT_MODIFIED {
            assert!(self.body.is_empty(), "no body where none may be: {self:?}");
        } else if *method == Method::HEAD {
            // Whatever there is, the server beneath tells its length alone.
        } else if content == Some("application/json") {
            let json: Value = serde_json::from_slice(&self.body).expect("JSON is JSON");
            let is_error = self.status.is_client_error() || self.status.is_server_error();
            assert!(!is_error || json["detail"].is_string(), "an error says why: {self:?}");
        }
    }
}

fn unpacked(packing: &[u8], body: &[u8]) -> Vec<u8> {
    use std::io::Read as _;
    let mut plain = Vec::new();
    let read = match packing {
        b"gzip" => flate2::read::MultiGzDecoder::new(body).read_to_end(&mut plain).map(drop),
        b"zstd" => zstd::stream::copy_decode(body, &mut plain),
        b"br" => brotli::BrotliDecompress(&mut &*body, &mut plain),
        other => panic!("nobody asked for {other:?}"),
    };
    read.expect("what was packed can be unpacked");
    plain
}
