//! What a provider tells of itself: where its endpoints are, and the keys that it signs with.
//!
//! Asked when it is first needed and again after an hour; keys also when a token is signed with
//! one that is not known, since providers exchange them. A failure is not kept, but those who
//! waited for the same question share it.

use std::sync::Arc;
use std::time::Duration;

use openidconnect::IssuerUrl;
use openidconnect::core::CoreJsonWebKeySet;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use crate::clock::{Clock, Moment};

use super::http::Http;
use super::{Part, SignOnError, is_private};

/// How long what a provider tells of itself is believed.
const KEPT: Duration = Duration::from_secs(3_600);
/// Unknown keys make Podium ask again this often at most.
const BETWEEN_KEYS: Duration = Duration::from_secs(60);

/// What is needed of a discovery document.
#[derive(Debug, Deserialize)]
pub(super) struct Endpoints {
    pub(super) issuer: IssuerUrl,
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    pub(super) jwks_uri: Url,
    pub(super) userinfo_endpoint: Option<Url>,
    pub(super) end_session_endpoint: Option<Url>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

impl Endpoints {
    /// Whether the client's secret goes into the body: where the header is not offered.
    pub(super) fn takes_secret_in_body(&self) -> bool {
        let methods = self.token_endpoint_auth_methods_supported.as_deref().unwrap_or_default();
        let offers = |method: &str| methods.iter().any(|offered| offered == method);
        offers("client_secret_post") && !offers("client_secret_basic")
    }

    fn check(&self, issuer: &Url) -> Result<(), SignOnError> {
        let plain = |issuer: &str| issuer.trim_end_matches('/').to_owned();
        if plain(self.issuer.as_str()) != plain(issuer.as_str()) {
            tracing::warn!(issuer = self.issuer.as_str(), "the sign-on provider's issuer differs");
            return Err(SignOnError::OtherIssuer);
        }
        for (name, url) in [
            ("authorization_endpoint", Some(&self.authorization_endpoint)),
            ("token_endpoint", Some(&self.token_endpoint)),
            ("jwks_uri", Some(&self.jwks_uri)),
            ("userinfo_endpoint", self.userinfo_endpoint.as_ref()),
            ("end_session_endpoint", self.end_session_endpoint.as_ref()),
        ] {
            if url.is_some_and(|url| !is_private(url)) {
                return Err(SignOnError::NotPrivate(name));
            }
        }
        Ok(())
    }
}

/// A provider as it was at one moment.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) endpoints: Arc<Endpoints>,
    pub(super) keys: CoreJsonWebKeySet,
    read_at: Moment,
}

#[derive(Debug, Default)]
struct Known {
    provider: Option<Arc<Provider>>,
    failed: Option<(Moment, SignOnError)>,
    keys_asked_again_at: Option<Moment>,
}

/// What is known of a provider, and the way to know more.
#[derive(Debug)]
pub(super) struct Discovery {
    issuer: Url,
    http: Arc<Http>,
    clock: Arc<dyn Clock>,
    known: Mutex<Known>,
}

impl Discovery {
    pub(super) fn new(issuer: Url, http: Arc<Http>, clock: Arc<dyn Clock>) -> Self {
        Self { issuer, http, clock, known: Mutex::default() }
    }

    /// The provider, asked if nothing is known of it or what is known is old.
    pub(super) async fn provider(&self) -> Result<Arc<Provider>, SignOnError> {
        let came_at = self.clock.moment();
        let mut known = self.known.lock().await;
        if let Some(provider) = &known.provider
            && self.clock.since(provider.read_at) < KEPT
        {
            return Ok(provider.clone());
        }
        if let Some((failed_at, error)) = &known.failed
            && *failed_at > came_at
        {
            return Err(error.clone());
        }
        match self.read().await {
            Ok(provider) => Ok(known.provider.insert(Arc::new(provider)).clone()),
            Err(error) => {
                known.failed = Some((self.clock.moment(), error.clone()));
                Err(error)
            }
        }
    }

    /// The provider with newer keys than those of `used`, if there are any or it is time to ask.
    pub(super) async fn keys_again(
        &self,
        used: &Arc<Provider>,
    ) -> Result<Option<Arc<Provider>>, SignOnError> {
        let mut known = self.known.lock().await;
        if let Some(newer) = known.provider.as_ref().filter(|newest| !Arc::ptr_eq(newest, used)) {
            return Ok(Some(newer.clone()));
        }
        let asked_at = known.keys_asked_again_at;
        if asked_at.is_some_and(|asked_at| self.clock.since(asked_at) < BETWEEN_KEYS) {
            return Ok(None);
        }
        known.keys_asked_again_at = Some(self.clock.moment());
        let provider = Provider {
            endpoints: used.endpoints.clone(),
            keys: self.keys(&used.endpoints).await?,
            read_at: used.read_at,
        };
        Ok(Some(known.provider.insert(Arc::new(provider)).clone()))
    }

    async fn read(&self) -> Result<Provider, SignOnError> {
        let mut url = self.issuer.clone();
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{path}/.well-known/openid-configuration"));
        let document = self.http.get(Part::Discovery, &url, None).await?;
        let endpoints: Endpoints =
            serde_json::from_slice(&document).map_err(|_| SignOnError::Shape(Part::Discovery))?;
        endpoints.check(&self.issuer)?;
        let keys = self.keys(&endpoints).await?;
        Ok(Provider { endpoints: Arc::new(endpoints), keys, read_at: self.clock.moment() })
    }

    async fn keys(&self, endpoints: &Endpoints) -> Result<CoreJsonWebKeySet, SignOnError> {
        let set = self.http.get(Part::Keys, &endpoints.jwks_uri, None).await?;
        serde_json::from_slice(&set).map_err(|_| SignOnError::Shape(Part::Keys))
    }
}
