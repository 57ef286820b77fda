//! Interactive documentation at `/docs`, served from the binary.

use std::io::Read as _;
use std::sync::Arc;

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use flate2::read::GzDecoder;
use utoipa_swagger_ui::{Config, SwaggerFile};

use super::encoding::Encoding;
use super::error::{ApiError, error_response};

const PAGE: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Podium API</title>
<link rel="stylesheet" href="docs/swagger-ui.css">
<link rel="alternate" type="application/json" title="OpenAPI document" href="openapi.json">
<link rel="icon" type="image/png" href="docs/favicon-32x32.png">
</head>
<body>
<p><a href="openapi.json">/openapi.json</a></p>
<div id="swagger-ui"></div>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"#;

const START: &str = r##"SwaggerUIBundle({ url: "openapi.json", dom_id: "#swagger-ui", deepLinking: true });
"##;

/// The page, and the files it is made of.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/docs", get(async || Html(PAGE))).route("/docs/{file}", get(file))
}

async fn file(Path(file): Path<String>, asked: HeaderMap) -> Response {
    if file == "start.js" {
        return ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], START).into_response();
    }
    match utoipa_swagger_ui::serve(&file, Arc::new(Config::from("openapi.json"))) {
        Ok(Some(found)) => sent(found, &asked),
        _ => error_response(StatusCode::NOT_FOUND, "Not Found"),
    }
}

/// A file as whoever asks can read it: the binary has most of them in gzip alone.
fn sent(found: SwaggerFile, asked: &HeaderMap) -> Response {
    let kind = HeaderValue::from_str(&found.content_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let mut headers = HeaderMap::from_iter([
        (header::CONTENT_TYPE, kind),
        (header::VARY, HeaderValue::from_static("Accept-Encoding")),
    ]);
    let mut bytes = found.bytes.into_owned();
    if found.gzpipped && Encoding::Gzip.is_accepted(asked) {
        headers.insert(header::CONTENT_ENCODING, Encoding::Gzip.header());
    } else if found.gzpipped {
        let mut plain = Vec::new();
        if GzDecoder::new(&bytes[..]).read_to_end(&mut plain).is_err() {
            return ApiError::Fault.into_response();
        }
        bytes = plain;
    }
    (headers, bytes).into_response()
}
