//! The yardstick: the same kind of server as Podium's, with nothing to do but to hand out bytes.

use std::path::Path;

use axum::Router;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::routing::get;
use axum::serve::ListenerExt as _;
use bytes::Bytes;
use tokio::net::TcpListener;

/// With this variable set, this program is the static server of the files in that directory.
pub(crate) const DIRECTORY: &str = "PODIUM_BENCH_STATIC_DIRECTORY";

/// The ending of files that are compressed already.
pub(crate) const GZIP: &str = "gz";

/// Serves the directory's files by their names until the process ends.
pub(crate) fn run(directory: &Path) {
    let mut router = Router::new();
    for entry in std::fs::read_dir(directory).expect("the directory is there") {
        let path = entry.expect("the directory can be read").path();
        let body = Bytes::from(std::fs::read(&path).expect("the file can be read"));
        let name = path.file_name().and_then(|name| name.to_str()).expect("the name is plain");
        let is_gzip = path.extension().is_some_and(|extension| extension == GZIP);
        let answer = async move || {
            let kind = (header::CONTENT_TYPE, "application/json");
            if is_gzip {
                ([kind, (header::CONTENT_ENCODING, "gzip")], body.clone()).into_response()
            } else {
                ([kind], body.clone()).into_response()
            }
        };
        router = router.route(&format!("/{name}"), get(answer));
    }
    tokio::runtime::Runtime::new().expect("a runtime starts").block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        eprintln!("listening on http://localhost:{port}");
        let listener = listener.tap_io(|stream| {
            let _ = stream.set_nodelay(true);
        });
        axum::serve(listener, router).await.expect("it serves until it is killed");
    });
}
