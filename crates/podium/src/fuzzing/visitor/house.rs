//! Three Podiums in front of one small gateway, one for each mode of access.

use std::sync::OnceLock;

use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use gateway_sim::{Options, Simulator, Spec, World};
use serde_json::Value;
use tower::Service as _;

use super::super::stage::{DAY, NOW, StoppedClock, day, instant, runtime};
use crate::api::{Front, Peer};
use crate::app::{App, Deps};
use crate::config::{Config, Sources};
use crate::gateway::Gateway;
use crate::usage::DayRange;

pub(super) struct House {
    apps: Vec<(&'static str, App)>,
    /// A viewer's token, and the cookie of an admin's session, of the private one.
    pub(super) token: String,
    pub(super) cookie: String,
    _gateway: Simulator,
}

const MODES: [&str; 3] = ["open", "board", "private"];
const ADMIN: &str = "ada@example.com";
const OWN: &str = "https://podium.example.com";

impl House {
    /// The house, built for the first who comes.
    pub(super) fn get() -> &'static Self {
        static HOUSE: OnceLock<House> = OnceLock::new();
        HOUSE.get_or_init(|| runtime().block_on(Self::build()))
    }

    async fn build() -> Self {
        let today = "2026-11-24".parse().expect("a date");
        let workshop = Spec::workshop(today);
        let spec = Spec {
            teams: 4,
            keys_per_team: 2,
            models: 3,
            days: 4,
            log_days: 2,
            now: Some(instant(NOW)),
            ..workshop
        };
        let world = World::generate(&spec);
        let gateway = Simulator::start_with(world, Options::default()).await.expect("a gateway");
        let mut apps = Vec::new();
        for mode in MODES {
            let app = open(mode, &gateway);
            app.start(false);
            app.sync.look().await.expect("the gateway answers");
            let days = DayRange::new(day("2026-11-18"), day("2026-11-24")).expect("a range");
            app.sync.ensure(days).await.expect("the days are read");
            let logs = DayRange::new(day(DAY), day("2026-11-24")).expect("a range");
            app.sync.ensure_logs(logs).await.expect("the logs are read");
            apps.push((mode, app));
        }
        let mut house =
            Self { apps, token: String::new(), cookie: String::new(), _gateway: gateway };
        house.let_in().await;
        house
    }

    pub(super) fn front(&self, mode: &str) -> Front {
        let (_, app) = self.apps.iter().find(|(known, _)| *known == mode).unwrap_or(&self.apps[0]);
        app.front()
    }

    /// Makes a token, as the proxy's admin; and signs in with the gateway's key.
    async fn let_in(&mut self) {
        let wish = r#"{"name":"fuzzing","role":"viewer"}"#;
        let (_, made) = self.post("/api/v1/tokens", wish, &[("x-forwarded-email", ADMIN)]).await;
        self.token = made["token"].as_str().expect("a token").to_owned();
        let key = r#"{"key":"sk-sim"}"#;
        let (cookie, _) = self.post("/api/v1/sign-in", key, &[]).await;
        self.cookie = cookie.expect("a session").split(';').next().unwrap_or_default().to_owned();
    }

    async fn post(
        &self,
        path: &str,
        body: &'static str,
        headers: &[(&'static str, &str)],
    ) -> (Option<String>, Value) {
        let peer = Peer { address: Some([127, 0, 0, 1].into()), is_tls: false };
        let mut request = Request::post(path)
            .header("x-requested-with", "fuzzing")
            .header("origin", OWN)
            .header(header::CONTENT_TYPE, "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body)).expect("a request");
        let mut front = self.front("private").for_peer(peer);
        let answer = front.call(request).await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        let cookie = answer.headers().get(header::SET_COOKIE);
        let cookie = cookie.and_then(|cookie| cookie.to_str().ok()).map(str::to_owned);
        let told = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
        (cookie, serde_json::from_slice(&told).expect("JSON"))
    }
}

fn open(mode: &str, gateway: &Simulator) -> App {
    let sources = Sources::of(&[
        ("PODIUM_ACCESS", mode),
        ("PODIUM_DATA_DIR", ":memory:"),
        ("PODIUM_TRUSTED_PROXIES", "127.0.0.1"),
        ("PODIUM_ADMINS", "email:ada@example.com"),
        ("PODIUM_PUBLIC_URL", OWN),
        ("PODIUM_CORS_ORIGINS", "https://board.example.com"),
        ("PODIUM_INGEST_TOKEN", "a-token-for-the-gateway"),
        ("PODIUM_TOKEN_IN_ADDRESS", "true"),
        ("PODIUM_BACKFILL_DAYS", "7"),
        ("PODIUM_LOG_DAYS", "2"),
    ]);
    let config = Config::from_sources(&sources, true).expect("nothing is missing");
    let base_url = gateway.url().parse().expect("a URL");
    let gateway = Gateway { direct: true, ..Gateway::new(base_url, "sk-sim".into()) };
    App::build(&config, gateway, &Deps { clock: StoppedClock::shared() }).expect("the parts fit")
}
