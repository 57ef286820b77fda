//! A browser, as far as coming in goes: it keeps cookies, and says which site made it ask.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Answer, Podium};

#[derive(Clone)]
pub struct Browser<'p> {
    podium: &'p Podium,
    pub cookies: BTreeMap<String, String>,
    /// What goes with every request.
    pub headers: Vec<(&'static str, String)>,
}

impl<'p> Browser<'p> {
    pub fn of(podium: &'p Podium) -> Self {
        Self { podium, cookies: BTreeMap::new(), headers: Vec::new() }
    }

    /// One that somebody signed in with.
    pub async fn signed_in(podium: &'p Podium, key: &str) -> Self {
        let mut browser = Self::of(podium);
        let answer = browser.sign_in(key).await;
        assert_eq!(answer.status, 200, "{key}: {}", answer.text);
        browser
    }

    /// One that has these headers with every request.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self.headers.push((name, value.to_owned()));
        self
    }

    /// The same in front of another Podium.
    pub fn before<'q>(&self, podium: &'q Podium) -> Browser<'q> {
        Browser { podium, cookies: self.cookies.clone(), headers: self.headers.clone() }
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(body.to_string())).await
    }

    pub async fn delete(&mut self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    pub async fn sign_in(&mut self, key: &str) -> Answer {
        self.post("/api/v1/sign-in", &json!({ "key": key })).await
    }

    pub async fn me(&mut self) -> Value {
        let me = self.get("/api/v1/me").await;
        assert_eq!(me.status, 200, "{}", me.text);
        assert_eq!(me.header("cache-control"), Some("no-store"));
        me.json()
    }

    pub async fn role(&mut self) -> String {
        self.me().await["role"].as_str().expect("a role").to_owned()
    }

    pub async fn send(&mut self, method: Method, path: &str, body: Option<String>) -> Answer {
        let cookies = self.cookie_header();
        let mut headers: Vec<(&str, &str)> = Vec::new();
        if !cookies.is_empty() {
            headers.push(("Cookie", &cookies));
        }
        if method != Method::GET && !self.headers.iter().any(|(name, _)| name.starts_with("Sec")) {
            headers.push(("Sec-Fetch-Site", "same-origin"));
        }
        headers.extend(self.headers.iter().map(|(name, value)| (*name, value.as_str())));
        let answer = self.podium.send_with(method, path, &headers, body).await;
        self.keep(&answer);
        answer
    }

    pub fn cookie_header(&self) -> String {
        let pairs = self.cookies.iter().map(|(name, value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, answer: &Answer) {
        for cookie in set_cookies(answer) {
            let (name, rest) = cookie.split_once('=').expect("a name and a value");
            let value = rest.split(';').next().unwrap_or_default();
            if cookie.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// The cookies that an answer sets.
pub fn set_cookies(answer: &Answer) -> Vec<&str> {
    let set = answer.headers.get_all("set-cookie").iter();
    set.map(|cookie| cookie.to_str().expect("text")).collect()
}
