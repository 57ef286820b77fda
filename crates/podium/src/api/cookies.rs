//! The cookies of those who signed in: encrypted and signed, for this server's own pages alone.

use std::fmt;

use axum::http::{HeaderMap, HeaderValue, header};
use cookie::time::Duration;
use cookie::{Cookie, CookieJar, Key, SameSite};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::App;
use crate::access::{Access, Session};

/// The cookie of a session.
const SESSION: &str = "podium";
/// The cookie of a sign-on that is under way.
const SIGN_ON: &str = "podium-sign-on";
/// A sign-on may take so long.
const SIGN_ON_LASTS: Duration = Duration::minutes(10);

/// The keys that protect cookies, the newest first.
pub(super) struct CookieKeys(Vec<Key>);

impl CookieKeys {
    pub(super) fn new(access: &Access) -> Self {
        let secrets = access.settings().secrets.iter();
        Self(secrets.map(|secret| Key::derive_from(secret.bytes())).collect())
    }
}

impl fmt::Debug for CookieKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieKeys")
    }
}

/// Makes and reads cookies.
pub(super) struct Cookies<'a> {
    keys: &'a [Key],
    base_path: &'a str,
    is_secure: bool,
}

impl<'a> Cookies<'a> {
    pub(super) fn new(app: &'a App, is_secure: bool) -> Self {
        let CookieKeys(keys) = &app.cookie_keys;
        Self { keys, base_path: &app.parts.base_path, is_secure }
    }

    /// Browsers hold a cookie to what its name promises: `__Host-` ones come from this host by
    /// HTTPS, and no other host can have set them.
    fn name(&self, name: &str) -> String {
        match (self.is_secure, self.base_path.is_empty()) {
            (false, _) => name.to_owned(),
            (true, true) => format!("__Host-{name}"),
            (true, false) => format!("__Secure-{name}"),
        }
    }

    /// The session that a request shows, if it is one of ours.
    pub(super) fn session(&self, headers: &HeaderMap) -> Option<Session> {
        self.read(SESSION, headers)
    }

    /// The header that begins a session.
    pub(super) fn begin(&self, session: &Session) -> Option<HeaderValue> {
        let lasts = session.expires_at.duration_since(session.began_at).as_secs();
        self.written(SESSION, session, Duration::seconds(lasts))
    }

    /// The header that makes a browser forget its session.
    pub(super) fn end(&self) -> Option<HeaderValue> {
        self.header(Cookie::new(self.name(SESSION), ""), Duration::ZERO)
    }

    /// What was remembered of a sign-on that is under way.
    pub(super) fn sign_on<T: DeserializeOwned>(&self, headers: &HeaderMap) -> Option<T> {
        self.read(SIGN_ON, headers)
    }

    /// The header that remembers a sign-on.
    pub(super) fn begin_sign_on(&self, pending: &impl Serialize) -> Option<HeaderValue> {
        self.written(SIGN_ON, pending, SIGN_ON_LASTS)
    }

    /// The header that forgets a sign-on.
    pub(super) fn end_sign_on(&self) -> Option<HeaderValue> {
        self.header(Cookie::new(self.name(SIGN_ON), ""), Duration::ZERO)
    }

    fn read<T: DeserializeOwned>(&self, name: &str, headers: &HeaderMap) -> Option<T> {
        let name = self.name(name);
        let sent = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let given = sent.flat_map(|list| list.split(';')).filter_map(|pair| {
            let (given, value) = pair.trim().split_once('=')?;
            (given == name).then_some(value)
        });
        given.filter_map(|value| self.decrypted(&name, value)).next()
    }

    fn decrypted<T: DeserializeOwned>(&self, name: &str, value: &str) -> Option<T> {
        let mut jar = CookieJar::new();
        jar.add_original(Cookie::new(name.to_owned(), value.to_owned()));
        let opened = self.keys.iter().find_map(|key| jar.private(key).get(name))?;
        serde_json::from_str(opened.value()).ok()
    }

    fn written(&self, name: &str, what: &impl Serialize, lasts: Duration) -> Option<HeaderValue> {
        let name = self.name(name);
        let mut jar = CookieJar::new();
        let plain = Cookie::new(name.clone(), serde_json::to_string(what).ok()?);
        jar.private_mut(self.keys.first()?).add(plain);
        self.header(jar.get(&name)?.clone(), lasts)
    }

    fn header(&self, mut cookie: Cookie<'static>, lasts: Duration) -> Option<HeaderValue> {
        let path = if self.base_path.is_empty() { "/" } else { self.base_path };
        cookie.set_path(path.to_owned());
        cookie.set_http_only(true);
        cookie.set_secure(self.is_secure);
        cookie.set_same_site(SameSite::Lax);
        cookie.set_max_age(lasts);
        let mut value = HeaderValue::try_from(cookie.to_string()).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}
