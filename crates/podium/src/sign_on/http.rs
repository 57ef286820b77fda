//! Questions to the provider over HTTP: no redirects, and limits on size and time.

use std::error::Error as _;
use std::time::Duration;

use futures_util::future::BoxFuture;
use openidconnect::{AccessToken, AsyncHttpClient, HttpRequest, HttpResponse, http};
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::{Method, StatusCode};
use url::Url;

use super::{Part, SignOnError};

/// What one question may cost.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How long connecting may take.
    connect: Duration,
    /// How long an answer may take in all.
    total: Duration,
    /// How many bytes an answer may have, unpacked.
    answer_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        // Somebody waits in front of a browser; documents of providers have a few thousand bytes.
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(10),
            answer_bytes: 1 << 20,
        }
    }
}

#[derive(Debug)]
pub(super) struct Http {
    client: reqwest::Client,
    limits: Limits,
}

impl Http {
    /// A provider on this machine is asked `direct`ly, all others through the proxies of the
    /// environment.
    pub(super) fn new(limits: Limits, direct: bool) -> Result<Self, SignOnError> {
        // A second client in one process finds the provider of cryptography installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = reqwest::Client::builder();
        let builder = if direct { builder.no_proxy() } else { builder };
        let client = builder
            .user_agent(concat!("podium/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(limits.connect)
            .timeout(limits.total)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| {
                tracing::error!(error = %error.without_url(), "cannot set up the HTTP client");
                SignOnError::Setup("the HTTP client does not start; see the log")
            })?;
        Ok(Self { client, limits })
    }

    /// The body of a successful answer to `GET url`, shown an access token where there is one.
    pub(super) async fn get(
        &self,
        part: Part,
        url: &Url,
        token: Option<&AccessToken>,
    ) -> Result<Vec<u8>, SignOnError> {
        let mut request = reqwest::Request::new(Method::GET, url.clone());
        let headers = request.headers_mut();
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        if let Some(token) = token {
            let bearer = HeaderValue::from_str(&format!("Bearer {}", token.secret()))
                .map_err(|_| SignOnError::Shape(Part::Token))?;
            headers.insert(header::AUTHORIZATION, bearer);
        }
        let (status, _, body) = self.exchange(part, request).await?;
        if status.is_success() { Ok(body) } else { Err(SignOnError::Status(part, status.as_u16())) }
    }

    /// The answer to a request that the library made, unless the provider itself failed.
    async fn send(&self, part: Part, request: HttpRequest) -> Result<HttpResponse, SignOnError> {
        let request = reqwest::Request::try_from(request)
            .map_err(|_| SignOnError::Setup("the request cannot be built"))?;
        let (status, headers, body) = self.exchange(part, request).await?;
        if status.is_server_error() || status == StatusCode::NOT_FOUND {
            return Err(SignOnError::Status(part, status.as_u16()));
        }
        let mut response = http::Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    async fn exchange(
        &self,
        part: Part,
        mut request: reqwest::Request,
    ) -> Result<(StatusCode, HeaderMap, Vec<u8>), SignOnError> {
        if let Some(secret) = request.headers_mut().get_mut(header::AUTHORIZATION) {
            secret.set_sensitive(true);
        }
        let mut response =
            self.client.execute(request).await.map_err(|error| from_transport(&error))?;
        if response.status().is_redirection() {
            return Err(elsewhere(part, &response));
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| from_transport(&error))? {
            if body.len() + piece.len() > self.limits.answer_bytes {
                return Err(SignOnError::TooLarge(part));
            }
            body.extend_from_slice(&piece);
        }
        Ok((response.status(), std::mem::take(response.headers_mut()), body))
    }
}

/// The token endpoint as the library asks it. A closure would do, but for a future that may move
/// between threads whatever it borrows.
pub(super) struct TokenEndpoint<'a>(pub(super) &'a Http);

impl<'c> AsyncHttpClient<'c> for TokenEndpoint<'_> {
    type Error = SignOnError;
    type Future = BoxFuture<'c, Result<HttpResponse, SignOnError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.0.send(Part::Token, request))
    }
}

/// A redirect is an error; where it leads goes to the log alone.
fn elsewhere(part: Part, response: &reqwest::Response) -> SignOnError {
    let location = response.headers().get(header::LOCATION).and_then(|to| to.to_str().ok());
    if let Some(to) = location.and_then(|to| response.url().join(to).ok()) {
        let to = to.origin().ascii_serialization();
        tracing::warn!(%part, %to, "the sign-on provider redirects, which is not followed");
    }
    SignOnError::Redirected(part)
}

/// What went wrong below HTTP, told by the kind of the failure; its text holds the address.
fn from_transport(error: &reqwest::Error) -> SignOnError {
    if error.is_timeout() {
        return SignOnError::Timeout;
    }
    if !error.is_connect() {
        return SignOnError::Broken;
    }
    let mut cause = error.source();
    let mut is_refused = false;
    while let Some(inner) = cause {
        let io = inner.downcast_ref::<std::io::Error>();
        is_refused |= io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionRefused);
        cause = inner.source();
    }
    let text = format!("{error:?}");
    SignOnError::Unreachable(match () {
        () if is_refused => "connection refused",
        () if text.contains("dns error") => "its name is not found",
        () if text.contains("UnknownIssuer") => {
            "its TLS certificate is signed by an unknown authority; name the file of that \
             authority in SSL_CERT_FILE"
        }
        () if text.contains("InvalidContentType") => "it does not speak TLS there",
        () if text.contains("ertificate") => "its TLS certificate is not accepted",
        () => "no connection",
    })
}

#[cfg(test)]
mod tests;
