//! What handlers know of a request besides its parameters.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::App;
use super::credentials::Caller;
use crate::access::Scope;

/// The headers, and whoever asks.
pub(super) struct Asked {
    pub(super) headers: HeaderMap,
    pub(super) caller: Caller,
}

impl Asked {
    /// What they may see.
    pub(super) fn scope(&self) -> &Scope {
        &self.caller.visitor.scope
    }
}

impl FromRequestParts<App> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        let caller = parts.extensions.get::<Caller>().cloned();
        let caller = caller.unwrap_or_else(|| Caller::nobody(&app.parts.access));
        Ok(Self { headers: parts.headers.clone(), caller })
    }
}
