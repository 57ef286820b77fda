//! Who asks, as far as a request tells it: by a token, a trusted proxy's word, or a session.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::{HeaderMap, Request, Uri, header};

use super::App;
use super::cookies::Cookies;
use crate::access::{Access, Account, Mode, Refusal, Seen, Session, Visitor};

/// Where a request comes from.
#[derive(Clone, Copy, Debug, Default)]
pub struct Peer {
    /// The address of whoever is connected.
    pub address: Option<IpAddr>,
    /// Whether they speak TLS with Podium itself.
    pub is_tls: bool,
}

/// Whoever asks, and what they showed. An extension of each request.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) visitor: Arc<Visitor>,
    /// The session that they showed, whether it is good or not.
    pub(super) session: Option<Session>,
    /// Why they are nobody, although they showed something.
    pub(super) refusal: Option<Refusal>,
    /// Whether they reach Podium by HTTPS.
    pub(super) is_secure: bool,
    /// Their own address, behind trusted proxies.
    pub(super) address: Option<IpAddr>,
}

impl Caller {
    /// Somebody of whom nothing is known.
    pub(super) fn nobody(access: &Access) -> Self {
        let visitor = access.anybody();
        Self { visitor, session: None, refusal: None, is_secure: false, address: None }
    }
}

/// What a request tells without asking anybody.
pub(super) enum Who {
    Known(Caller),
    /// The gateway has to say who the session belongs to.
    Unasked(Caller, Session),
}

const USER: &str = "x-forwarded-user";
const EMAIL: &str = "x-forwarded-email";
const NAME: &str = "x-forwarded-preferred-username";
const GROUPS: &str = "x-forwarded-groups";
const FOR: &str = "x-forwarded-for";
const PROTO: &str = "x-forwarded-proto";

/// Longer ones are no names.
const MOST_NAME_BYTES: usize = 320;

impl Who {
    pub(super) fn of<B>(app: &App, request: &Request<B>, peer: Peer) -> Self {
        let access = &app.parts.access;
        if access.mode() == Mode::Open {
            return Self::Known(Caller::nobody(access));
        }
        let headers = request.headers();
        let is_trusted = peer.address.is_some_and(|address| is_trusted(access, address));
        let is_secure = peer.is_tls
            || (is_trusted && text(headers, PROTO) == Some("https"))
            || app.parts.public_url.as_deref().is_some_and(|url| url.starts_with("https://"));
        let address = peer.address.map(|address| own_address(access, address, headers));
        let visitor = access.anybody();
        let caller = Caller { visitor, session: None, refusal: None, is_secure, address };
        if let Some((token, is_in_address)) = token(headers, request.uri()) {
            return Self::Known(match access.by_token(&token, is_in_address) {
                Ok(visitor) => Caller { visitor, ..caller },
                Err(refusal) => Caller { refusal: Some(refusal), ..caller },
            });
        }
        if let Some(account) = is_trusted.then(|| forwarded(headers)).flatten() {
            let (session, seen) = access.by_proxy(access.with_groups_that_matter(account));
            return Self::seen(caller, session, seen);
        }
        match Cookies::new(app, is_secure).session(headers) {
            None => Self::Known(caller),
            Some(session) => {
                let seen = access.by_session(&session);
                Self::seen(Caller { session: Some(session.clone()), ..caller }, session, seen)
            }
        }
    }

    fn seen(caller: Caller, session: Session, seen: Seen) -> Self {
        match seen {
            Seen::Known(visitor) => Self::Known(Caller { visitor, ..caller }),
            Seen::Refused(refusal) => Self::Known(Caller { refusal: Some(refusal), ..caller }),
            Seen::Unasked => Self::Unasked(caller, session),
        }
    }

    /// Who it is, once the gateway was asked where that is needed.
    pub(super) async fn asked(self, access: &Access) -> Caller {
        match self {
            Self::Known(caller) => caller,
            Self::Unasked(caller, session) => match access.ask(&session).await {
                Ok(visitor) => Caller { visitor, ..caller },
                Err(refusal) => Caller { refusal: Some(refusal), ..caller },
            },
        }
    }
}

fn is_trusted(access: &Access, address: IpAddr) -> bool {
    let address = address.to_canonical();
    access.settings().trusted_proxies.iter().any(|network| network.contains(&address))
}

/// The last address that no trusted proxy has.
pub(super) fn own_address(access: &Access, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    let mut own = peer.to_canonical();
    let forwarded = headers.get_all(FOR).iter().filter_map(|value| value.to_str().ok());
    let mut hops: Vec<&str> = forwarded.flat_map(|list| list.split(',')).map(str::trim).collect();
    while is_trusted(access, own) {
        let Some(before) = hops.pop().and_then(|hop| hop.parse::<IpAddr>().ok()) else { break };
        own = before.to_canonical();
    }
    own
}

/// The only value of a header. Where there are several, the client sent one along with the proxy's.
fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    let only = values.next().filter(|_| values.next().is_none())?;
    let text = only.to_str().ok()?.trim();
    (!text.is_empty() && text.len() <= MOST_NAME_BYTES).then_some(text)
}

/// Of whom a trusted proxy speaks.
fn forwarded(headers: &HeaderMap) -> Option<Account> {
    let email = text(headers, EMAIL).map(str::to_owned);
    let user = text(headers, USER).map(str::to_owned).or_else(|| email.clone())?;
    let groups = headers.get_all(GROUPS).iter().filter_map(|value| value.to_str().ok());
    let groups = groups.flat_map(|list| list.split(',')).map(str::trim);
    Some(Account::Person {
        user,
        email,
        name: text(headers, NAME).map(str::to_owned),
        groups: groups.filter(|group| !group.is_empty()).map(str::to_owned).collect(),
    })
}

/// A token of Podium's, and whether it stands in the address. What else an `Authorization` holds is
/// meant for somebody else, as in mode `open`.
fn token(headers: &HeaderMap, uri: &Uri) -> Option<(String, bool)> {
    const SCHEME: &str = "bearer ";
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let bearer = given.and_then(|given| {
        let scheme = given.get(..SCHEME.len())?;
        scheme.eq_ignore_ascii_case(SCHEME).then(|| given[SCHEME.len()..].trim())
    });
    if let Some(token) = bearer.filter(|token| token.starts_with(crate::access::TOKEN_PREFIX)) {
        return Some((token.to_owned(), false));
    }
    let query = uri.query().filter(|query| query.contains("token="))?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "token").map(|(_, token)| (token.into_owned(), true))
}

/// The address without a token, which nothing behind needs to know.
pub(super) fn without_token(uri: &Uri) -> Option<Uri> {
    let query = uri.query().filter(|query| query.contains("token="))?;
    let others = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name != "token");
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(others).finish();
    let path = uri.path();
    if query.is_empty() { path.parse().ok() } else { format!("{path}?{query}").parse().ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_tokens_of_podiums_own_are_taken_out_of_authorization() {
        let told = |authorization: &str, uri: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, authorization.parse().expect("a header"));
            token(&headers, &uri.parse().expect("an address"))
        };
        let own = Some(("podium_a_b".to_owned(), false));
        assert_eq!(told("Bearer podium_a_b", "/tokens"), own);
        assert_eq!(told("bearer  podium_a_b ", "/tokens?token=x"), own);
        assert_eq!(told("Bearer sk-1234", "/tokens"), None);
        assert_eq!(told("Basic cG9kaXVtX2E6Yg==", "/tokens"), None);
        assert_eq!(told("Bearer", "/?token=podium_a_b"), Some(("podium_a_b".to_owned(), true)));
    }

    #[test]
    fn a_token_is_taken_out_of_an_address() {
        let without =
            |uri: &str| without_token(&uri.parse().expect(uri)).map(|uri| uri.to_string());
        assert_eq!(without("/q?token=x"), Some("/q".to_owned()));
        assert_eq!(without("/q?a=1&token=x&b=%26"), Some("/q?a=1&b=%26".to_owned()));
        assert_eq!(without("/q?a=1"), None);
    }
}
