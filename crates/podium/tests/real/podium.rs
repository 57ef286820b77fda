//! The built program as its users run it.

use std::process::Stdio;
use std::sync::{Arc, Mutex};

use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::gateway::Gateway;

pub(crate) struct Podium {
    url: String,
    client: reqwest::Client,
    child: Child,
    log: Arc<Mutex<Vec<String>>>,
    logging: JoinHandle<()>,
    // A directory without a `.env`; gone with this value.
    _directory: tempfile::TempDir,
}

impl Podium {
    /// Starts with nothing stored, on a free port, looking at the gateway every second.
    pub(crate) async fn start(gateway: &Gateway) -> Podium {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let mut child = Command::new(env!("CARGO_BIN_EXE_podium"))
            .args(["serve", "--data-dir", ":memory:", "--port", "0", "--refresh", "1s"])
            // Whoever listens further is warned.
            .env("PODIUM_LISTEN", "127.0.0.1")
            .env("LITELLM_BASE_URL", &gateway.base_url)
            .env("LITELLM_API_KEY", &gateway.api_key)
            .env("PODIUM_LOG", "info")
            // Names of keys stand in request logs, too, which the daily answers do not have.
            .env("PODIUM_LOG_DAYS", "0")
            .current_dir(directory.path())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the program starts");
        let log = Arc::new(Mutex::new(Vec::new()));
        let (found, url) = oneshot::channel();
        let mut found = Some(found);
        let mut lines = BufReader::new(child.stderr.take().expect("it is piped")).lines();
        let kept = Arc::clone(&log);
        let logging = tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                if let Some((_, url)) = line.split_once("listening on ")
                    && let Some(found) = found.take()
                {
                    let _ = found.send(url.split_whitespace().next().unwrap_or(url).to_owned());
                }
                kept.lock().expect("nobody panics with it").push(line);
            }
        });
        let Ok(url) = url.await else {
            panic!("Podium ended: {:?}", log.lock().expect("nobody panics with it"));
        };
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Podium { url, client, child, log, logging, _directory: directory }
    }

    /// The answer to a question that must have one.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path_and_query: &str) -> T {
        let url = format!("{}{path_and_query}", self.url);
        let response = self.client.get(url).send().await.expect("Podium answers");
        let status = response.status();
        let body = response.bytes().await.expect("Podium finishes its answer");
        let text = String::from_utf8_lossy(&body);
        assert!(status.is_success(), "{path_and_query}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path_and_query}: {error}"))
    }

    /// Ends it; what it had to complain of would be a fault of its own or of the gateway's.
    pub(crate) async fn end(mut self) {
        self.child.kill().await.expect("it runs");
        self.logging.await.expect("the log is read to its end");
        let log = self.log.lock().expect("nobody panics with it");
        let complaints: Vec<&String> =
            log.iter().filter(|line| line.contains(" WARN ") || line.contains("ERROR ")).collect();
        assert!(complaints.is_empty(), "Podium complained: {complaints:#?}");
    }
}
