//! The whole way at a provider that people use: `oidc-provider`, as e2e/support/provider.js has it.

use std::collections::BTreeMap;
use std::process::Stdio;

use podium::clock::SystemClock;
use podium::sign_on::{SignOn, SignOnSettings};
use reqwest::{Method, Response, header};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use url::Url;

use super::fake::{CLIENT, parameter};
use super::{CALLBACK, settings};

const SECRET: &str = "a-secret-of-the-tests";

/// The provider as a process, which ends with its input.
struct Provider {
    url: String,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    _process: Child,
}

impl Provider {
    async fn start(options: &[&str]) -> Self {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../e2e/support/provider.js");
        let mut process = Command::new("node")
            .args([script, "--client", CLIENT, "--back", "http://127.0.0.1:8000"])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("Node.js starts");
        let input = process.stdin.take().expect("piped");
        let mut output = BufReader::new(process.stdout.take().expect("piped")).lines();
        let url = output.next_line().await.expect("text").expect("make test-sign-on brings it");
        Self { url, input, output, _process: process }
    }

    async fn rotate(&mut self) {
        self.input.write_all(b"rotate\n").await.expect("it listens");
        assert_eq!(self.output.next_line().await.expect("text").as_deref(), Some("rotated"));
    }
}

/// A browser as far as it matters here: it keeps cookies and fills in forms.
struct Browser {
    client: reqwest::Client,
    cookies: BTreeMap<String, String>,
}

impl Browser {
    fn new() -> Self {
        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client");
        Self { client, cookies: BTreeMap::new() }
    }

    async fn send(&mut self, method: Method, url: Url, form: Option<&str>) -> Response {
        let cookies = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let mut request = self.client.request(method, url).header(header::COOKIE, cookies);
        if let Some(form) = form {
            request = request
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(form.to_owned());
        }
        let response = request.send().await.expect("the provider answers");
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let pair = cookie.split(';').next().unwrap_or_default();
            let (name, value) = pair.split_once('=').expect("a name and a value");
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        response
    }

    /// Follows an address to the form or back to Podium, whichever comes first.
    async fn follow(&mut self, url: Url) -> (Url, String) {
        let mut url = url;
        loop {
            if url.as_str().starts_with(CALLBACK) {
                return (url, String::new());
            }
            let response = self.send(Method::GET, url.clone(), None).await;
            match next(&url, &response) {
                Some(to) => url = to,
                None => return (url, response.text().await.expect("text")),
            }
        }
    }

    /// Signs in with the form at the end of `url`; where the browser comes back to.
    async fn sign_in(&mut self, url: Url, login: &str, password: &str) -> Url {
        let (form, page) = self.follow(url).await;
        assert!(page.contains("<form method=\"post\">"), "{form}: {page}");
        let filled = format!("login={login}&password={password}");
        let response = self.send(Method::POST, form.clone(), Some(&filled)).await;
        match next(&form, &response) {
            Some(to) => self.follow(to).await.0,
            None => form,
        }
    }
}

fn next(from: &Url, response: &Response) -> Option<Url> {
    let to = response.headers().get(header::LOCATION)?;
    Some(from.join(to.to_str().expect("text")).expect("an address"))
}

fn at(provider: &Provider) -> SignOnSettings {
    SignOnSettings { client_secret: Some(SECRET.to_owned().into()), ..settings(&provider.url) }
}

fn sign_on_at(settings: SignOnSettings) -> SignOn {
    SignOn::new(settings, std::sync::Arc::new(SystemClock)).expect("a client")
}

#[tokio::test]
#[ignore = "needs Node.js and e2e/node_modules: make test-sign-on"]
async fn people_sign_in_and_out_at_a_real_provider() {
    for options in [&[][..], &["--in-token"]] {
        let provider = Provider::start(options).await;
        let sign_on = sign_on_at(at(&provider));
        let mut browser = Browser::new();
        let (url, pending) = sign_on.begin().await.expect("begun");
        let refused = browser.sign_in(url.clone(), "ada", "wrong").await;
        assert!(refused.path().starts_with("/interaction/"), "{refused}");
        let back = browser.sign_in(refused, "ada", "password").await;
        let (code, state) = (parameter(&back, "code"), parameter(&back, "state"));
        let ada = sign_on.finish(&pending, &code, &state).await.expect("signed in");
        assert_eq!(ada.subject, "ada");
        assert_eq!(ada.email.as_deref(), Some("ada@example.com"));
        assert_eq!(ada.name.as_deref(), Some("Ada"));
        assert_eq!(ada.groups, ["podium-admins", "otters"]);

        let again = sign_on.finish(&pending, &code, &state).await.expect_err("a code serves once");
        assert_eq!(again, podium::sign_on::SignOnError::CodeRefused);

        // Who has a session at the provider is not asked again, until it ends.
        let (url, _) = sign_on.begin().await.expect("begun");
        assert!(browser.follow(url).await.0.as_str().starts_with(CALLBACK));
        let home = "http://127.0.0.1:8000/".parse().expect("an address");
        let out = sign_on.logout_url(Some(&ada.id_token), &home).await.expect("it can");
        sign_out(&mut browser, out, &home).await;
        let (url, _) = sign_on.begin().await.expect("begun");
        assert!(browser.follow(url).await.1.contains("Password"));
    }
}

/// Confirms the provider's question, which leads back home.
async fn sign_out(browser: &mut Browser, out: Url, home: &Url) {
    let (asked, page) = browser.follow(out).await;
    let token = page.split("name=\"xsrf\" value=\"").nth(1).expect("a form");
    let token = token.split('"').next().unwrap_or_default();
    let confirm = asked.join("/session/end/confirm").expect("an address");
    let filled = format!("xsrf={token}&logout=yes");
    let response = browser.send(Method::POST, confirm.clone(), Some(&filled)).await;
    assert_eq!(next(&confirm, &response).as_ref(), Some(home));
}

#[tokio::test]
#[ignore = "needs Node.js and e2e/node_modules: make test-sign-on"]
async fn an_address_that_a_real_provider_does_not_vouch_for_is_none() {
    let provider = Provider::start(&[]).await;
    let sign_on = sign_on_at(at(&provider));
    let (url, pending) = sign_on.begin().await.expect("begun");
    let back = Browser::new().sign_in(url, "eve", "password").await;
    let (code, state) = (parameter(&back, "code"), parameter(&back, "state"));
    let eve = sign_on.finish(&pending, &code, &state).await.expect("signed in");
    assert_eq!((eve.subject.as_str(), eve.email, eve.groups.len()), ("eve", None, 0));
}

#[tokio::test]
#[ignore = "needs Node.js and e2e/node_modules: make test-sign-on"]
async fn a_real_provider_may_exchange_its_keys() {
    let mut provider = Provider::start(&[]).await;
    let sign_on = sign_on_at(at(&provider));
    for _ in 0..2 {
        let (url, pending) = sign_on.begin().await.expect("begun");
        let back = Browser::new().sign_in(url, "ben", "password").await;
        let (code, state) = (parameter(&back, "code"), parameter(&back, "state"));
        let ben = sign_on.finish(&pending, &code, &state).await.expect("signed in");
        assert_eq!(ben.groups, ["badgers"]);
        provider.rotate().await;
    }
}

#[tokio::test]
#[ignore = "needs Node.js and e2e/node_modules: make test-sign-on"]
async fn a_real_provider_refuses_a_wrong_secret_and_takes_a_client_without_one() {
    let provider = Provider::start(&[]).await;
    let wrong = SignOnSettings { client_secret: Some("wrong".to_owned().into()), ..at(&provider) };
    let sign_on = sign_on_at(wrong);
    let (url, pending) = sign_on.begin().await.expect("begun");
    let back = Browser::new().sign_in(url, "ada", "password").await;
    let (code, state) = (parameter(&back, "code"), parameter(&back, "state"));
    let error = sign_on.finish(&pending, &code, &state).await.expect_err("refused");
    assert_eq!(error, podium::sign_on::SignOnError::ClientRefused);

    let provider = Provider::start(&["--secret", ""]).await;
    let sign_on = sign_on_at(SignOnSettings { client_secret: None, ..at(&provider) });
    let (url, pending) = sign_on.begin().await.expect("begun");
    let back = Browser::new().sign_in(url, "ada", "password").await;
    let (code, state) = (parameter(&back, "code"), parameter(&back, "state"));
    assert_eq!(sign_on.finish(&pending, &code, &state).await.expect("signed in").subject, "ada");
}
