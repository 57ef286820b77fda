//! A program that serves, and questions to it.

use jiff::civil::Date;
use reqwest::{Method, header::HeaderMap};
use serde_json::Value;

use crate::child::{Child, Ended};
use crate::place::Launch;
use crate::stream::{until, within};

/// The endpoints whose figures come from stored days.
pub(crate) const FIGURES: [&str; 5] = [
    "/tokens",
    "/tokens/timeseries",
    "/tokens/models",
    "/tokens/success-rate",
    "/tokens/cost-efficiency",
];

pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) client: reqwest::Client,
    url: String,
}

/// An answer over HTTP.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The figures without `meta`.
    #[track_caller]
    pub(crate) fn figures(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        let mut json = self.json();
        json.as_object_mut().expect("an object").remove("meta").expect("meta");
        json
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Server {
    /// Starts `serve` and waits until it listens.
    pub(crate) async fn start(launch: Launch) -> Self {
        let child = launch.start();
        let url = child.stderr.line(url).await;
        let url = url.unwrap_or_else(|| panic!("it does not serve: {}", child.stderr.text()));
        Self::at(url, child)
    }

    /// Starts `demo` and waits until it prints its address.
    pub(crate) async fn start_demo(launch: Launch) -> Self {
        let child = launch.start();
        let url = child.stdout.line(url).await;
        let url = url.unwrap_or_else(|| panic!("it does not serve: {}", child.stderr.text()));
        Self::at(url, child)
    }

    fn at(url: String, child: Child) -> Self {
        Self { child, client: client(), url }
    }

    /// The address without a scheme.
    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[]).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.client.request(method, self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let what = format!("an answer about {path}");
        within(&what, answer(request)).await.unwrap_or_else(|error| panic!("{what}: {error:?}"))
    }

    /// The figures of every endpoint for each of `ranges`.
    pub(crate) async fn figures(&self, ranges: &[String]) -> Vec<Value> {
        let mut figures = Vec::new();
        for range in ranges {
            for endpoint in FIGURES {
                figures.push(self.get(&format!("{endpoint}{range}")).await.figures());
            }
        }
        figures
    }

    /// Waits until this many days are stored.
    pub(crate) async fn stores(&self, days: u64) {
        until("stored days", async || {
            self.get("/api/v1/status").await.json()["stored"]["days"] == days
        })
        .await;
    }

    /// Waits until it is known at what hours of yesterday something was used: today may be too young
    /// to have any.
    pub(crate) async fn knows_hours(&self, today: Date) {
        let day = today.yesterday().expect("there was one");
        let hours = format!("/api/v1/query?grain=1h&start_date={day}&end_date={day}");
        until("hours", async || self.get(&hours).await.status == 200).await;
    }

    /// Asks it to end, and waits for that.
    pub(crate) async fn stop(self) -> Ended {
        self.child.signal("TERM");
        self.child.ended().await
    }
}

/// A client that goes to where it is told.
pub(crate) fn client() -> reqwest::Client {
    // reqwest is built without a provider of its own, and wants one even for plain HTTP.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy();
    client.redirect(reqwest::redirect::Policy::none()).build().expect("a client")
}

/// Sends a request; an error where the connection breaks before the answer is whole.
pub(crate) async fn answer(request: reqwest::RequestBuilder) -> reqwest::Result<Answer> {
    let response = request.send().await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Ok(Answer { status, headers, text: response.text().await? })
}

/// `http://localhost:PORT` out of a line of output.
fn url(line: &str) -> Option<String> {
    let (_, address) = line.split_once("http://localhost:")?;
    let port = address.split(|letter: char| !letter.is_ascii_digit()).next()?;
    // By address: the name may mean the sixth version's first, where nothing listens.
    Some(format!("http://127.0.0.1:{port}"))
}
