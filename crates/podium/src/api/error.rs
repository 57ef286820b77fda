//! The one place where errors become statuses.

use std::sync::Arc;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::gate::SIGN_IN;
use super::query::InvalidQuery;
use crate::services::SheetError;
use crate::{store, sync};

/// The body of every error.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ErrorBody {
    /// What is wrong, for people.
    pub(super) detail: String,
}

/// Why a request has no answer.
#[derive(Debug)]
pub(super) enum ApiError {
    /// The parameters make no sense.
    Query(InvalidQuery),
    /// The gateway failed, and what is stored is not enough. The text says what was fetched.
    Sync(&'static str, sync::Error),
    /// Our own store failed.
    Store(store::Error),
    /// An answer could not be written as JSON.
    Json(serde_json::Error),
    /// The same failure for all who asked the same.
    Shared(Arc<ApiError>),
    /// A computation panicked. The panic itself is in the log.
    Fault,
    /// What was asked for makes no sense together.
    Asked(String),
    /// What was asked for is not there yet.
    NotImplemented(String),
    /// Not ready to serve.
    Unready(String),
    /// Nothing of it is shown to those who are not known.
    SignIn,
    /// What was sent cannot be used.
    Refused(StatusCode, &'static str),
}

impl From<InvalidQuery> for ApiError {
    fn from(error: InvalidQuery) -> Self {
        Self::Query(error)
    }
}

impl From<store::Error> for ApiError {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl From<SheetError> for ApiError {
    fn from(error: SheetError) -> Self {
        match error {
            SheetError::Store(error) => Self::Store(error),
            error @ SheetError::Rows(_) => Self::Asked(error.to_string()),
        }
    }
}

impl ApiError {
    fn status_and_detail(&self) -> (StatusCode, String) {
        let unexpected = "Unexpected error: ";
        match self {
            Self::Query(error) => (StatusCode::BAD_REQUEST, error.to_string()),
            Self::Sync(_, sync::Error::Teams(cause)) => {
                (StatusCode::BAD_GATEWAY, format!("Error fetching teams: {cause}"))
            }
            Self::Sync(what, sync::Error::Usage(cause)) => {
                (StatusCode::BAD_GATEWAY, format!("Error fetching {what}: {cause}"))
            }
            Self::Sync(_, error @ sync::Error::ShuttingDown) => {
                (StatusCode::SERVICE_UNAVAILABLE, error.to_string())
            }
            Self::Sync(_, sync::Error::Store(cause)) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                format!("{unexpected}what was read cannot be kept: {}", for_browsers(cause)),
            ),
            Self::Store(store::Error::DamagedDay { day }) => (
                StatusCode::SERVICE_UNAVAILABLE,
                format!(
                    "The stored usage of {day} was damaged on the disk and is read anew from the \
                     gateway; ask again in a moment."
                ),
            ),
            Self::Store(cause) => (
                StatusCode::INTERNAL_SERVER_ERROR,
                format!("{unexpected}the stored usage cannot be read: {}", for_browsers(cause)),
            ),
            Self::Json(cause) => {
                tracing::error!(%cause, "an answer could not be written");
                (
                    StatusCode::INTERNAL_SERVER_ERROR,
                    format!("{unexpected}the answer cannot be written"),
                )
            }
            Self::Shared(error) => error.status_and_detail(),
            Self::Fault => (StatusCode::INTERNAL_SERVER_ERROR, FAULT.to_owned()),
            Self::Asked(detail) => (StatusCode::BAD_REQUEST, detail.clone()),
            Self::NotImplemented(detail) => (StatusCode::NOT_IMPLEMENTED, detail.clone()),
            Self::SignIn => (StatusCode::UNAUTHORIZED, SIGN_IN.to_owned()),
            Self::Refused(status, detail) => (*status, (*detail).to_owned()),
            Self::Unready(detail) => (StatusCode::SERVICE_UNAVAILABLE, detail.clone()),
        }
    }
}

/// The store's errors name files, which belong into the log.
fn for_browsers(error: &store::Error) -> &'static str {
    tracing::error!(%error, "the store failed");
    error.for_outsiders()
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, detail) = self.status_and_detail();
        error_response(status, detail)
    }
}

pub(super) fn error_response(status: StatusCode, detail: impl Into<String>) -> Response {
    (status, Json(ErrorBody { detail: detail.into() })).into_response()
}

const FAULT: &str = "Unexpected error: Podium has a fault; its log tells more";

/// The answer to a request whose handler panicked. The panic itself is in the log.
pub(super) fn panic_response(_: Box<dyn std::any::Any + Send>) -> Response {
    error_response(StatusCode::INTERNAL_SERVER_ERROR, FAULT)
}
