//! Single sign-on by OpenID Connect: who a provider says that somebody is.
//!
//! The authorisation code flow with PKCE. [`SignOn::begin`] tells where the browser goes and what
//! to remember meanwhile; [`SignOn::finish`] takes what it brings back, and believes nothing that
//! the provider's keys, the remembered state and nonce, and the clock do not bear out. The
//! provider is asked when somebody signs in, never before: Podium starts without it. What a
//! [`Person`] may see, and for how long, is left to others.

mod claims;
mod error;
mod http;
mod provider;
mod token;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use openidconnect::core::CoreResponseType;
use openidconnect::{AuthenticationFlow, CsrfToken, Nonce, PkceCodeChallenge, Scope};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use url::{Host, Url};

use crate::clock::Clock;

use self::claims::Told;
use self::http::{Http, Limits};
use self::provider::{Discovery, Provider};

pub use self::error::{Part, SignOnError};

/// How long somebody may take to sign in at the provider.
const LONGEST_SIGN_IN: Duration = Duration::from_secs(900);

/// Which provider is asked, and as whom.
#[derive(Clone, Debug)]
pub struct SignOnSettings {
    /// The provider's issuer, below which its discovery document is found.
    pub issuer: Url,
    /// The id under which the provider knows Podium.
    pub client_id: String,
    /// The secret that belongs to it; none for a public client, which PKCE alone protects.
    pub client_secret: Option<SecretString>,
    /// What the provider is asked to tell; `openid` is asked for in any case.
    pub scopes: Vec<String>,
    /// The claim that lists somebody's groups; with dots, the way to one within others.
    pub groups_claim: String,
    /// Where the provider sends browsers back to.
    pub redirect_url: Url,
    /// What the provider is called on the button.
    pub label: String,
}

/// What must be remembered of a sign-in that has begun; a secret of the browser's that began it.
#[derive(Clone, Serialize, Deserialize)]
pub struct Pending {
    state: String,
    nonce: String,
    verifier: String,
    begun_at: Timestamp,
}

impl Pending {
    /// Whether what the browser brings back belongs to this sign-in and comes in time.
    fn check(&self, state: &str, now: Timestamp) -> Result<(), SignOnError> {
        if !bool::from(self.state.as_bytes().ct_eq(state.as_bytes())) {
            return Err(SignOnError::OtherSignIn);
        }
        let took = now.duration_since(self.begun_at);
        let is_late = Duration::try_from(took).is_ok_and(|took| took > LONGEST_SIGN_IN);
        if is_late { Err(SignOnError::TooLate) } else { Ok(()) }
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("begun_at", &self.begun_at).finish_non_exhaustive()
    }
}

/// Who signed in, as the provider tells.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    /// By which the provider tells people apart; stays the same when names change.
    pub subject: String,
    /// The e-mail address, unless the provider says that it is not verified.
    pub email: Option<String>,
    /// What the person is called.
    pub name: Option<String>,
    /// The groups of the configured claim; empty where it is missing.
    pub groups: Vec<String>,
    /// The token that told it, for signing out at the provider; a secret.
    pub id_token: String,
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("subject", &self.subject)
            .field("email", &self.email)
            .field("name", &self.name)
            .field("groups", &self.groups)
            .finish_non_exhaustive()
    }
}

/// Signing on at one provider.
#[derive(Debug)]
pub struct SignOn {
    settings: SignOnSettings,
    http: Arc<Http>,
    discovery: Discovery,
    clock: Arc<dyn Clock>,
}

impl SignOn {
    /// Asks nothing yet; fails only where no HTTP client can be set up.
    pub fn new(settings: SignOnSettings, clock: Arc<dyn Clock>) -> Result<Self, SignOnError> {
        let http = Arc::new(Http::new(Limits::default(), is_within(&settings.issuer))?);
        let discovery = Discovery::new(settings.issuer.clone(), http.clone(), clock.clone());
        Ok(Self { settings, http, discovery, clock })
    }

    /// What the provider is called on the button.
    pub fn label(&self) -> &str {
        &self.settings.label
    }

    /// Where the browser goes to sign in, and what must be remembered until it comes back.
    pub async fn begin(&self) -> Result<(Url, Pending), SignOnError> {
        let provider = self.discovery.provider().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let scopes = self.settings.scopes.iter().filter(|scope| *scope != "openid");
        let (url, state, nonce) = token::client(&self.settings, &provider)
            .authorize_url(
                AuthenticationFlow::<CoreResponseType>::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(scopes.cloned().map(Scope::new))
            .set_pkce_challenge(challenge)
            .url();
        let pending = Pending {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            begun_at: self.clock.now(),
        };
        Ok((url, pending))
    }

    /// Who signed in, from what the browser brings back of a sign-in that was begun.
    pub async fn finish(
        &self,
        pending: &Pending,
        code: &str,
        state: &str,
    ) -> Result<Person, SignOnError> {
        pending.check(state, self.clock.now())?;
        let provider = self.discovery.provider().await?;
        let answer =
            token::exchange(&self.settings, &provider, &self.http, code, &pending.verifier).await?;
        let token = answer.id_token()?;
        let claims = match self.verify(&provider, &token, pending) {
            Err(error) if error.is_of_keys() => {
                let again = self.discovery.keys_again(&provider).await?.ok_or(error)?;
                self.verify(&again, &token, pending)?
            }
            verified => verified?,
        };
        let mut told = Told::of(&claims.all, &self.settings.groups_claim);
        if let (Some(url), false) = (&provider.endpoints.userinfo_endpoint, told.is_whole()) {
            let more = self.http.get(Part::UserInfo, url, Some(answer.access_token())).await?;
            told =
                told.and(Told::of_user_info(&more, &claims.subject, &self.settings.groups_claim)?);
        }
        Ok(Person {
            subject: claims.subject,
            email: told.verified_email(),
            name: told.name,
            groups: told.groups.unwrap_or_default(),
            id_token: token.to_string(),
        })
    }

    fn verify(
        &self,
        provider: &Provider,
        token: &token::IdToken,
        pending: &Pending,
    ) -> Result<token::Claims, SignOnError> {
        let nonce = Nonce::new(pending.nonce.clone());
        token::verify(&self.settings, provider, token, &nonce, self.clock.now())
    }

    /// Where the browser goes to sign out at the provider as well, if the provider has such a
    /// place and can be asked for it. `back_to` must be known to the provider.
    pub async fn logout_url(&self, id_token_hint: Option<&str>, back_to: &Url) -> Option<Url> {
        let provider = self.discovery.provider().await.ok()?;
        let mut url = provider.endpoints.end_session_endpoint.clone()?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("post_logout_redirect_uri", back_to.as_str())
            .extend_pairs(id_token_hint.map(|token| ("id_token_hint", token)));
        Some(url)
    }
}

/// Whether what is sent to this address is read by nobody else: by TLS, or within the machine.
pub fn is_private(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_within(url))
}

/// Whether an address is one of this machine alone.
fn is_within(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
