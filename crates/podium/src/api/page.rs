//! The page at `/` and its files, from the binary.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use web_assets::Asset;
use xxhash_rust::xxh3::xxh3_128;

use super::Parts;
use super::encoding::{Encoding, has_tagged};
use super::error::error_response;
use super::link::{self, Reached};
use super::manners::{InPagesWords, page_policy};
use crate::access::Mode;
use crate::bounded_cache::{BoundedCache, Bounds};

/// Addresses within the page; every other unknown one is a 404, which the page says to who reads it.
const VIEWS: [&str; 10] = [
    "/",
    "/charts",
    "/money",
    "/explore",
    "/team/{team_id}",
    "/about",
    "/present",
    "/replay",
    "/sign-in",
    "/access",
];

/// A file, ready to be sent.
struct Ready {
    asset: Asset,
    tag: HeaderValue,
}

/// The files by path, each made ready when it is first asked for.
#[derive(Clone)]
pub(super) struct Files {
    by_path: Arc<HashMap<String, OnceLock<Ready>>>,
    base_path: Arc<str>,
    public_url: Option<Arc<str>>,
    mode: Mode,
    /// The page by what it says of its address.
    tagged: BoundedCache<String, Arc<Ready>>,
    policy: HeaderValue,
}

/// The name under which the page itself is kept.
const PAGE: &str = "index.html";

/// Pages of so many addresses are kept, each of a few kilobytes.
const MOST_TAGGED: u64 = 256;

/// The page and its files.
pub(super) fn routes<S: Clone + Send + Sync + 'static>(files: Files) -> Router<S> {
    let mut router = Router::new().route("/assets/{*path}", get(asset));
    for view in VIEWS {
        router = router.route(view, get(page));
    }
    router.with_state(files)
}

async fn page(State(files): State<Files>, uri: Uri, headers: HeaderMap) -> Response {
    files.respond_with_tags(&uri, &headers)
}

async fn asset(
    State(files): State<Files>,
    Path(path): Path<String>,
    headers: HeaderMap,
) -> Response {
    files.respond(&format!("assets/{path}"), &headers)
}

impl Ready {
    fn new(asset: Asset) -> Self {
        let tag =
            HeaderValue::from_str(&asset.tag).unwrap_or(HeaderValue::from_static("\"unknown\""));
        Self { asset, tag }
    }
}

fn bytes(content: Cow<'static, [u8]>) -> Bytes {
    match content {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    }
}

/// Whether a path, without a slash at its end, leads to a view.
pub(super) fn is_view(path: &str) -> bool {
    let team = path.strip_prefix("/team/");
    VIEWS.contains(&path) || team.is_some_and(|id| !id.is_empty() && !id.contains('/'))
}

/// Whether a path leads to the page or a file of it: these are the same for everybody.
pub(super) fn is_page(path: &str) -> bool {
    let of_view = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
    is_view(of_view) || path.starts_with("/assets/")
}

impl Files {
    pub(super) fn new(parts: &Parts) -> Self {
        let paths = web_assets::paths().chain([PAGE.to_owned()]);
        Self {
            by_path: Arc::new(paths.map(|path| (path, OnceLock::new())).collect()),
            base_path: Arc::clone(&parts.base_path),
            public_url: parts.public_url.clone(),
            mode: parts.access.mode(),
            tagged: BoundedCache::new(Bounds::entries(MOST_TAGGED)),
            policy: page_policy(&parts.frame_ancestors),
        }
    }

    /// The page for an address that leads nowhere; it says so in the reader's language.
    pub(super) fn lost(&self) -> Response {
        let mut response = self.respond(PAGE, &HeaderMap::new());
        *response.status_mut() = StatusCode::NOT_FOUND;
        response.extensions_mut().insert(InPagesWords);
        response.headers_mut().remove(header::ETAG);
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }

    /// The page knows at once whether it may be that one has to sign in.
    fn page(&self, tags: &str) -> Asset {
        match self.mode {
            Mode::Open => web_assets::page(&self.base_path, tags),
            mode => {
                let access = format!("<meta name=\"podium-access\" content=\"{}\">", mode.name());
                web_assets::page(&self.base_path, &format!("{access}{tags}"))
            }
        }
    }

    /// The page, saying what the address leads to.
    fn respond_with_tags(&self, uri: &Uri, asked: &HeaderMap) -> Response {
        let reached =
            Reached { public_url: self.public_url.as_deref(), base_path: &self.base_path };
        // Those who fetch pictures of links do not sign in.
        let has_pictures = web_assets::is_built() && self.mode != Mode::Private;
        let tags = link::tags(uri, asked, reached).filter(|_| has_pictures);
        let Some(tags) = tags else { return self.respond(PAGE, asked) };
        let make = || {
            let mut page = self.page(&tags);
            let (of_page, of_tags) = (page.tag.trim_matches('"'), xxh3_128(tags.as_bytes()));
            page.tag = format!("\"{of_page}-{of_tags:032x}\"");
            let ready = Arc::new(Ready::new(page));
            self.tagged.insert(tags.clone(), Arc::clone(&ready));
            ready
        };
        let file = self.tagged.get(&tags).unwrap_or_else(make);
        let mut response = self.respond_ready(&file, asked);
        let vary = HeaderValue::from_static("Accept-Encoding, X-Forwarded-Proto");
        response.headers_mut().insert(header::VARY, vary);
        response
    }

    fn get(&self, path: &str) -> Option<&Ready> {
        let file = self.by_path.get(path)?;
        let asset = || match path {
            PAGE => self.page(""),
            path => web_assets::asset(path).unwrap_or_else(|| self.page("")),
        };
        Some(file.get_or_init(|| Ready::new(asset())))
    }

    fn respond(&self, path: &str, asked: &HeaderMap) -> Response {
        let Some(file) = self.get(path) else {
            return error_response(StatusCode::NOT_FOUND, "Not Found");
        };
        self.respond_ready(file, asked)
    }

    fn respond_ready(&self, file: &Ready, asked: &HeaderMap) -> Response {
        let kept = if file.asset.is_immutable {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let mut headers = HeaderMap::from_iter([
            (header::CACHE_CONTROL, HeaderValue::from_static(kept)),
            (header::VARY, HeaderValue::from_static("Accept-Encoding")),
            (header::ETAG, file.tag.clone()),
            (header::CONTENT_SECURITY_POLICY, self.policy.clone()),
        ]);
        let tag = file.tag.to_str().unwrap_or_default();
        if has_tagged(asked, tag) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.asset.media_type));
        let content = match file.asset.gzip().filter(|_| Encoding::Gzip.is_accepted(asked)) {
            Some(gzip) => {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                gzip
            }
            None => file.asset.plain(),
        };
        (headers, Body::from(bytes(content))).into_response()
    }
}
