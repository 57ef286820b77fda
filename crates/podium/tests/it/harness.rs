//! Podium in this process, in front of a simulated gateway, with a clock that stands still
//! until a test moves it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use gateway_sim::{Options, Simulator, Version, World};
use jiff::{SignedDuration, Timestamp};
use podium::app::{App, BuildError, Deps};
use podium::clock::{Clock, Moment, SystemClock};
use podium::config::{Config, DataDir, Sources, TlsFiles};
use podium::gateway::{Gateway, Limits};
use podium::sync::Settings;
use reqwest::{Method, StatusCode, header::HeaderMap};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Noon of the day on which all tests take place.
pub const NOW: &str = "2026-11-24T12:00:00Z";
/// That day.
pub const TODAY: &str = "2026-11-24";
/// The day before.
pub const YESTERDAY: &str = "2026-11-23";

/// A clock that tests move. Its moments go on by themselves besides, since what waits sleeps for
/// real time.
#[derive(Debug, Clone)]
pub struct TestClock(Arc<Mutex<TestTime>>);

#[derive(Debug)]
struct TestTime {
    now: Timestamp,
    advanced: Duration,
}

impl TestClock {
    pub fn at(instant: &str) -> Self {
        let now = instant.parse().expect("a timestamp");
        Self(Arc::new(Mutex::new(TestTime { now, advanced: Duration::ZERO })))
    }

    pub fn advance(&self, hours: i64) {
        self.pass(SignedDuration::from_hours(hours));
    }

    pub fn pass(&self, passed: SignedDuration) {
        let mut time = self.0.lock().unwrap();
        time.now = time.now.checked_add(passed).expect("within the calendar");
        time.advanced += passed.unsigned_abs();
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().now
    }

    fn moment(&self) -> Moment {
        SystemClock.moment() + self.0.lock().unwrap().advanced
    }
}

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

/// An answer over HTTP that need not be text.
#[derive(Debug)]
pub struct Whole {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The figures without `meta`.
    #[track_caller]
    pub fn figures(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        let mut json = self.json();
        json.as_object_mut().expect("an object").remove("meta").expect("meta");
        json
    }

    #[track_caller]
    pub fn detail(&self) -> String {
        self.json()["detail"].as_str().expect("detail is a string").to_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// How a test starts Podium.
pub struct Setup {
    pub clock: TestClock,
    pub data: DataDir,
    pub settings: Settings,
    pub limits: Limits,
    pub cors_origins: Vec<String>,
    pub api_key: String,
    pub base_url: Option<String>,
    pub key_header: podium::gateway::KeyHeader,
    pub headers: Vec<(podium::gateway::HeaderName, secrecy::SecretString)>,
    pub serving: podium::config::Serving,
    pub base_path: String,
    pub public_url: Option<String>,
    pub ingest_token: Option<podium::config::IngestToken>,
    pub access: podium::access::AccessSettings,
    /// Port 0 is a free one.
    pub listen: SocketAddr,
    pub tls: Option<TlsFiles>,
    pub hsts: bool,
    pub sign_on: Option<podium::sign_on::SignOnSettings>,
    /// Whether the driver runs; without it, looks happen when the test wants them.
    pub follow: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            clock: TestClock::at(NOW),
            data: DataDir::Memory,
            // Looks at what moved are asked for by the tests; the pause is never waited for.
            settings: Settings {
                refresh: Duration::from_secs(3_600),
                backfill_days: 0,
                log_days: 0,
                ..Settings::default()
            },
            limits: Limits { retries: 0, ..Limits::default() },
            cors_origins: Vec::new(),
            api_key: "sk-sim".to_owned(),
            base_url: None,
            key_header: podium::gateway::KeyHeader::default(),
            headers: Vec::new(),
            serving: podium::config::Serving::default(),
            base_path: String::new(),
            public_url: None,
            ingest_token: None,
            access: podium::access::AccessSettings::default(),
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            tls: None,
            hsts: false,
            sign_on: None,
            follow: false,
        }
    }
}

/// Podium, serving.
pub struct Podium {
    pub clock: TestClock,
    address: SocketAddr,
    client: reqwest::Client,
    /// Gone once it was stopped, together with the store behind it.
    sync: Option<podium::sync::Sync>,
    stop: CancellationToken,
    serving: Option<tokio::task::JoinHandle<std::io::Result<()>>>,
}

impl Drop for Podium {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Podium {
    /// In front of `simulator`, as most tests need it: nothing happens unless asked for.
    pub async fn in_front_of(simulator: &Simulator) -> Self {
        Self::start(simulator, Setup::default()).await
    }

    pub async fn start(simulator: &Simulator, setup: Setup) -> Self {
        let (clock, follow, listen) = (setup.clock.clone(), setup.follow, setup.listen);
        let app = Self::build(simulator, setup).expect("the parts fit together");
        let listener = TcpListener::bind(listen).await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let stop = CancellationToken::new();
        let sync = Some(app.sync.clone());
        app.start(follow);
        let serving = Some(tokio::spawn(app.serve(listener, stop.clone())));
        let client = reqwest::Client::builder()
            .no_gzip()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self { clock, address, client, sync, stop, serving }
    }

    /// Puts it together, as far as that can be done.
    pub fn build(simulator: &Simulator, setup: Setup) -> Result<App, BuildError> {
        let base_url = setup.base_url.unwrap_or_else(|| simulator.url());
        let defaults = Config::from_sources(&Sources::of(&[]), true).expect("nothing is missing");
        let config = Config {
            limits: setup.limits,
            listen: setup.listen,
            cors_origins: setup.cors_origins,
            data: setup.data,
            sync: setup.settings,
            ingest_token: setup.ingest_token,
            serving: setup.serving,
            base_path: setup.base_path,
            public_url: setup.public_url,
            access: setup.access,
            tls: setup.tls,
            hsts: setup.hsts,
            sign_on: setup.sign_on,
            ..defaults
        };
        let base_url = base_url.parse().expect("a URL");
        let gateway = Gateway {
            direct: true,
            key_header: setup.key_header,
            headers: setup.headers,
            ..Gateway::new(base_url, setup.api_key.into())
        };
        App::build(&config, gateway, &Deps { clock: Arc::new(setup.clock) })
    }

    /// Ends it in order, so that another one may have its directory.
    pub async fn stop(&mut self) {
        self.stop.cancel();
        self.sync = None;
        if let Some(serving) = self.serving.take() {
            serving.await.expect("no panic").expect("it serves to the end");
        }
    }

    /// Where it listens; an address that stands for all is that of this machine.
    pub fn address(&self) -> SocketAddr {
        match self.address.ip() {
            ip if ip.is_unspecified() => SocketAddr::from(([127, 0, 0, 1], self.address.port())),
            _ => self.address,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address())
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[]).await
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send_with(method, path, headers, None).await
    }

    /// Sends a body, if there is one.
    pub async fn send_with(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<String>,
    ) -> Answer {
        let mut request = self.client.request(method, self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.body(body);
        }
        let response = request.send().await.expect("Podium answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("a whole body");
        Answer { status, headers, text }
    }

    /// Anything, with the answer byte by byte.
    pub async fn whole(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Whole {
        let mut request = self.client.request(method, self.url(path)).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("Podium answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.expect("a whole body").to_vec();
        Whole { status, headers, bytes }
    }

    /// Posts a JSON body.
    pub async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self.client.post(self.url(path)).header("Content-Type", "application/json");
        let response = request.body(body).send().await.expect("Podium answers");
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("a whole body") }
    }

    /// Pushes a body, as the gateway's callback does.
    pub async fn push(&self, token: &str, body: impl Into<reqwest::Body>) -> Answer {
        let request = self
            .client
            .post(self.url("/ingest/litellm"))
            .header("Authorization", format!("Bearer {token}"))
            .header("Content-Type", "application/json")
            .body(body);
        let response = request.send().await.expect("Podium answers");
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("a whole body") }
    }

    /// Pushes a body that is encoded in some way.
    pub async fn push_encoded(&self, token: &str, encoding: &str, body: Vec<u8>) -> Answer {
        let request = self
            .client
            .post(self.url("/ingest/litellm"))
            .header("Authorization", format!("Bearer {token}"))
            .header("Content-Encoding", encoding)
            .body(body);
        let response = request.send().await.expect("Podium answers");
        let (status, headers) = (response.status(), response.headers().clone());
        Answer { status, headers, text: response.text().await.expect("a whole body") }
    }

    /// Audits, and waits for what that finds.
    pub async fn audit(&self, query: &str) -> Answer {
        let begun = self.send(Method::POST, &format!("/api/v1/audit{query}"), &[]).await;
        assert_eq!(begun.status, 202, "{}", begun.text);
        loop {
            let audit = self.get("/api/v1/audit").await;
            if audit.json()["state"] != "running" {
                return audit;
            }
        }
    }

    /// An answer without end.
    pub async fn listen(&self, path: &str, headers: &[(&str, &str)]) -> reqwest::Response {
        let mut request = self.client.get(self.url(path));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("Podium answers");
        assert_eq!(response.status(), 200);
        response
    }

    /// Has one look at what moved and waits until that and the back-fill are done.
    pub async fn look(&self) -> Result<(), podium::sync::Error> {
        self.sync.as_ref().expect("it was not stopped").look().await
    }
}

/// A gateway with an empty world on [`TODAY`].
pub async fn empty_gateway() -> Simulator {
    gateway_of(World::empty(TODAY.parse().expect("a date")), Version::CURRENT).await
}

pub async fn gateway_of(world: World, version: Version) -> Simulator {
    gateway_with_clock(world, version, TestClock::at(NOW)).await
}

/// A gateway for which time passes as for the clock's other users.
pub async fn gateway_with_clock(world: World, version: Version, clock: TestClock) -> Simulator {
    let clock = gateway_sim::Clock::of(move || clock.now());
    let options = Options { version, clock: Some(clock), ..Options::default() };
    Simulator::start_with(world, options).await.expect("the simulator starts")
}
