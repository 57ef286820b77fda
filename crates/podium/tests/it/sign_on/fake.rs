//! A provider that does as a test's script says, with keys of its own. By itself it behaves.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response, StatusCode, Uri};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use podium::clock::Clock as _;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::harness::TestClock;

pub const CLIENT: &str = "podium";
pub const SECRET: &str = "canary-of-the-client";
/// What is never to be found in an error.
pub const SECRETS: [&str; 4] = [SECRET, "code-canary", "access-canary", "description-canary"];

/// A key on the curve P-256, under an id.
pub struct Key {
    pub id: String,
    pair: EcdsaKeyPair,
}

impl Key {
    pub fn new(id: &str) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random).expect("a key");
        Self { id: id.to_owned(), pair }
    }

    /// The public half, as it is published.
    pub fn published(&self) -> Value {
        let point = &self.pair.public_key().as_ref()[1..];
        json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id,
            "x": URL_SAFE_NO_PAD.encode(&point[..32]), "y": URL_SAFE_NO_PAD.encode(&point[32..]),
        })
    }

    fn sign(&self, text: &str) -> Vec<u8> {
        let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes()).expect("signed");
        signature.as_ref().to_vec()
    }
}

/// How a token is signed.
pub enum Signature {
    /// With the key, as it should be.
    Good,
    /// With nothing at all.
    Empty,
    /// With these bytes as the key of an HMAC.
    Hmac(Vec<u8>),
}

/// What the provider does. `Value`s are laid over what it would say by itself; null takes away.
pub struct Script {
    pub issuer: String,
    pub document: Value,
    pub published: Vec<Value>,
    pub key: Key,
    pub header: Value,
    pub claims: Value,
    pub signature: Signature,
    pub secret: Option<&'static str>,
    pub user_info: Value,
    /// Answers in place of the usual ones, by path.
    pub answers: HashMap<&'static str, Answer>,
}

/// An answer by hand.
#[derive(Clone)]
pub enum Answer {
    Says(u16, String),
    Redirects(String),
    Without(u64),
}

#[derive(Default)]
struct Seen {
    asked: Vec<String>,
    nonce: String,
    challenge: String,
    last_token: String,
    secret_came_in: &'static str,
}

struct Inner {
    clock: TestClock,
    script: Mutex<Script>,
    seen: Mutex<Seen>,
}

pub struct Fake {
    address: SocketAddr,
    inner: Arc<Inner>,
    stop: CancellationToken,
    serving: Option<JoinHandle<()>>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Fake {
    pub async fn start(clock: TestClock) -> Self {
        Self::start_at(clock, SocketAddr::from(([127, 0, 0, 1], 0))).await
    }

    pub async fn start_at(clock: TestClock, address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let key = Key::new("first");
        let script = Script {
            issuer: format!("http://{address}"),
            document: json!({}),
            published: vec![key.published()],
            key,
            header: json!({}),
            claims: json!({}),
            signature: Signature::Good,
            secret: Some(SECRET),
            user_info: json!({"sub": "ada-1"}),
            answers: HashMap::new(),
        };
        let inner = Inner { clock, script: Mutex::new(script), seen: Mutex::default() };
        let inner = Arc::new(inner);
        let stop = CancellationToken::new();
        let routes = Router::new().fallback(answer).with_state(inner.clone());
        let stopped = stop.clone().cancelled_owned();
        let serving = tokio::spawn(async move {
            tokio::select! {
                () = stopped => {}
                served = async { axum::serve(listener, routes).await } => served.expect("it serves"),
            }
        });
        Self { address, inner, stop, serving: Some(serving) }
    }

    /// Stops listening; its address is free afterwards.
    pub async fn stop(mut self) -> SocketAddr {
        self.stop.cancel();
        let serving = self.serving.take().expect("stopped once");
        serving.await.expect("it served to the end");
        self.address
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn script(&self, change: impl FnOnce(&mut Script)) {
        change(&mut self.inner.script.lock().unwrap());
    }

    /// Other keys from now on.
    pub fn rotate(&self, id: &str) {
        self.script(|script| {
            script.key = Key::new(id);
            script.published = vec![script.key.published()];
        });
    }

    /// A browser follows `url`, and its person signs in; the code and the state it comes back with.
    pub fn browser_comes(&self, url: &Url) -> (String, String) {
        let mut seen = self.seen();
        seen.nonce = parameter(url, "nonce");
        seen.challenge = parameter(url, "code_challenge");
        ("code-canary".to_owned(), parameter(url, "state"))
    }

    /// How often a path was asked for.
    pub fn asked(&self, path: &str) -> usize {
        self.seen().asked.iter().filter(|asked| *asked == path).count()
    }

    pub fn last_token(&self) -> String {
        self.seen().last_token.clone()
    }

    pub fn secret_came_in(&self) -> &'static str {
        self.seen().secret_came_in
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.inner.seen.lock().unwrap()
    }
}

/// The value of a parameter in an address.
pub fn parameter(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(given, _)| given == name);
    found.unwrap_or_else(|| panic!("{name} in {url}")).1.into_owned()
}

async fn answer(State(inner): State<Arc<Inner>>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 65_536).await.expect("a small body");
    inner.seen.lock().unwrap().asked.push(head.uri.path().to_owned());
    let script = inner.script.lock().unwrap();
    match script.answers.get(head.uri.path()) {
        Some(Answer::Says(status, text)) => said(*status, text.clone()),
        Some(Answer::Redirects(to)) => {
            let redirect = Response::builder().status(307).header("Location", to);
            redirect.body(Body::empty()).expect("an answer")
        }
        Some(Answer::Without(bytes)) => endless(*bytes),
        None => usual(&inner, &script, &head.uri, &head.headers, &body),
    }
}

fn said(status: u16, text: String) -> Response<Body> {
    let answer = Response::builder().status(status).header("Content-Type", "application/json");
    answer.body(Body::from(text)).expect("an answer")
}

/// A text of so many bytes that never says how long it is.
fn endless(bytes: u64) -> Response<Body> {
    let pieces = (0..bytes.div_ceil(4_096)).map(|_| Ok::<_, std::io::Error>(vec![b' '; 4_096]));
    let body = Body::from_stream(futures_util::stream::iter(pieces));
    Response::builder().header("Content-Type", "application/json").body(body).expect("an answer")
}

fn usual(
    inner: &Inner,
    script: &Script,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Response<Body> {
    let is_shown_token =
        headers.get("authorization").is_some_and(|shown| shown == "Bearer access-canary");
    let (status, answer) = match uri.path() {
        "/.well-known/openid-configuration" => (200, document(script)),
        "/jwks" => (200, json!({"keys": script.published})),
        "/token" => tokens(inner, script, headers, body),
        "/userinfo" if is_shown_token => (200, script.user_info.clone()),
        _ => (StatusCode::NOT_FOUND.as_u16(), json!({})),
    };
    said(status, answer.to_string())
}

fn document(script: &Script) -> Value {
    let base = script.issuer.trim_end_matches('/');
    let usual = json!({
        "issuer": script.issuer,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/jwks"),
        "userinfo_endpoint": format!("{base}/userinfo"),
        "end_session_endpoint": format!("{base}/end"),
    });
    laid_over(usual, &script.document)
}

fn laid_over(mut usual: Value, script: &Value) -> Value {
    let all = usual.as_object_mut().expect("an object");
    for (name, value) in script.as_object().expect("an object") {
        if value.is_null() {
            all.remove(name);
        } else {
            all.insert(name.clone(), value.clone());
        }
    }
    usual
}

/// Exchanges the code if client, code and verifier are right.
fn tokens(inner: &Inner, script: &Script, headers: &HeaderMap, body: &[u8]) -> (u16, Value) {
    let form: HashMap<String, String> = form_urlencoded::parse(body).into_owned().collect();
    let value = |name: &str| form.get(name).map(String::as_str);
    let mut seen = inner.seen.lock().unwrap();
    let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT}:{SECRET}")));
    let in_header = headers.get("authorization").is_some_and(|shown| shown == basic.as_str());
    seen.secret_came_in = match (in_header, value("client_secret")) {
        (true, None) => "header",
        (false, Some(_)) => "body",
        (false, None) => "nothing",
        (true, Some(_)) => "both",
    };
    let is_client = match script.secret {
        Some(secret) => in_header || value("client_secret") == Some(secret),
        None => value("client_id") == Some(CLIENT),
    };
    if !is_client {
        return refusal(401, "invalid_client");
    }
    let verifier = value("code_verifier").unwrap_or_default();
    let digest = ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes());
    let is_right = value("grant_type") == Some("authorization_code")
        && value("code") == Some("code-canary")
        && value("redirect_uri") == Some(super::CALLBACK)
        && URL_SAFE_NO_PAD.encode(digest) == seen.challenge;
    if !is_right {
        return refusal(400, "invalid_grant");
    }
    seen.last_token = id_token(inner, script, &seen.nonce);
    let answer = json!({
        "access_token": "access-canary", "token_type": "Bearer", "expires_in": 60,
        "id_token": seen.last_token,
    });
    (200, answer)
}

fn refusal(status: u16, error: &str) -> (u16, Value) {
    (status, json!({"error": error, "error_description": "description-canary"}))
}

fn id_token(inner: &Inner, script: &Script, nonce: &str) -> String {
    let now = inner.clock.now().as_second();
    let header = json!({"alg": "ES256", "typ": "JWT", "kid": script.key.id});
    let claims = json!({
        "iss": script.issuer, "sub": "ada-1", "aud": CLIENT, "nonce": nonce,
        "iat": now, "exp": now + 300,
        "email": "ada@example.com", "email_verified": true, "name": "Ada",
        "groups": ["admins", "otters"],
    });
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(laid_over(header, &script.header));
    let signed = format!("{header}.{}", part(laid_over(claims, &script.claims)));
    let signature = match &script.signature {
        Signature::Good => script.key.sign(&signed),
        Signature::Empty => Vec::new(),
        Signature::Hmac(key) => {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
            ring::hmac::sign(&key, signed.as_bytes()).as_ref().to_vec()
        }
    };
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}
