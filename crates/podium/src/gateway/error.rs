//! Why a gateway could not be read.

use std::time::Duration;

/// A failed question to the gateway.
///
/// The text is meant for the people who watch the figures: what failed and the likely cause.
/// It never holds the key, the gateway's address, ids, or anything of the gateway's answer,
/// since LiteLLM's messages repeat parts of keys; details without secrets go to the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No connection: name not found, refused, no route, or TLS failed.
    #[error(
        "the gateway cannot be reached ({0}); check that it is running and that \
         LITELLM_BASE_URL is right"
    )]
    Unreachable(&'static str),
    /// The connection broke before the answer was whole.
    #[error("the gateway broke off the connection; it may be restarting or overloaded")]
    Broken,
    /// Connecting, or waiting for the next byte, took too long.
    #[error("the gateway did not answer in time; it may be overloaded or stuck")]
    Timeout,
    /// 401 or 403.
    #[error(
        "the gateway refused the API key; check that LITELLM_API_KEY is right, not expired \
         or deleted, and belongs to an admin"
    )]
    KeyRefused,
    /// The key is accepted, but sees the usage of its own user alone: team lists are refused it.
    #[error(
        "the API key may only see its own user's usage, and no teams; put an admin's key, or one \
         of a proxy_admin_viewer, into LITELLM_API_KEY"
    )]
    NarrowKey,
    /// The key is accepted, but belongs to no user: 404 `User= None not found`.
    #[error(
        "the API key belongs to a team or to nobody, not to a user, so the gateway shows it no \
         usage; put an admin's key, or one of a proxy_admin_viewer, into LITELLM_API_KEY"
    )]
    NoUser,
    /// 401 or 403 on questions about keys and people alone.
    #[error(
        "the API key may not ask whose a key is; let LITELLM_API_KEY read /key/info, /key/list, \
         /v2/user/info, /user/info and /user/list, or put an admin's key, or one of a \
         proxy_admin_viewer, there"
    )]
    IdentityRefused,
    /// A given key is refused for a reason that says nothing of the key.
    #[error("the gateway, or a proxy in front of it, does not tell whether that key is valid")]
    KeyNotJudged,
    /// It leads elsewhere.
    #[error(
        "the gateway answers with a redirect to {0}; set LITELLM_BASE_URL to the address that it \
         leads to (Podium's log names it)"
    )]
    Redirected(&'static str),
    /// `LITELLM_BASE_URL` ends in a path that is not the gateway's root.
    #[error("LITELLM_BASE_URL ends in {0}, which is a part of the gateway; leave that out")]
    WrongPath(&'static str),
    /// 429.
    #[error("the gateway is limiting requests (429); it will be asked again later")]
    RateLimited {
        /// How long the gateway asks to be left alone.
        retry_after: Option<Duration>,
    },
    /// 503 of the type `no_db_connection`.
    #[error("the gateway has lost its database (503); usage cannot be read until it is back")]
    NoDatabase,
    /// 404 or 405: no such endpoint in this version, or something else answers.
    #[error(
        "the gateway does not know what was asked ({0}); LITELLM_BASE_URL may lead to \
         something else than a LiteLLM gateway, or to a very old one"
    )]
    NotFound(u16),
    /// Another 4xx.
    #[error("the gateway rejected the request ({0}); its version may be one Podium does not know")]
    Rejected(u16),
    /// 5xx.
    #[error("the gateway failed ({0}); its log tells why")]
    Failed(u16),
    /// A redirect without end, or another status that is no answer.
    #[error("the gateway answered with an unexpected status ({0})")]
    UnexpectedStatus(u16),
    /// The body is not JSON, or breaks off in the middle.
    #[error("the gateway's answer is not JSON; a proxy in front of it may have answered instead")]
    NotJson,
    /// JSON of another shape than LiteLLM's.
    #[error("the gateway's answer has an unexpected shape: {0}")]
    Shape(&'static str),
    /// More bytes than Podium is willing to hold.
    #[error("the gateway's answer is larger than Podium accepts")]
    TooLarge,
    /// The client itself could not be set up.
    #[error("the connection to the gateway cannot be set up: {0}")]
    Setup(&'static str),
}

impl Error {
    /// Whether the same question may succeed a moment later. A refused key, a missing
    /// endpoint or another shape stay as they are, and after a time-out asking again at
    /// once makes things worse.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::Broken
                | Self::RateLimited { .. }
                | Self::NoDatabase
                | Self::Failed(_)
                | Self::NotJson
        )
    }

    /// Its kind, for traces.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Broken => "broken",
            Self::Timeout => "timeout",
            Self::KeyRefused
            | Self::NarrowKey
            | Self::NoUser
            | Self::IdentityRefused
            | Self::KeyNotJudged => "key",
            Self::Redirected(_) | Self::WrongPath(_) | Self::NotFound(_) => "address",
            Self::RateLimited { .. } => "rate_limited",
            Self::NoDatabase => "no_database",
            Self::Rejected(_) => "rejected",
            Self::Failed(_) | Self::UnexpectedStatus(_) => "status",
            Self::NotJson | Self::Shape(_) => "shape",
            Self::TooLarge => "too_large",
            Self::Setup(_) => "setup",
        }
    }

    /// Whether it says something of the key.
    pub fn is_of_the_key(&self) -> bool {
        matches!(self, Self::KeyRefused | Self::NarrowKey | Self::NoUser)
    }

    /// Whether any other question to this gateway would fail in the same way now.
    pub fn concerns_the_whole_gateway(&self) -> bool {
        matches!(
            self,
            Self::Unreachable(_)
                | Self::Timeout
                | Self::KeyRefused
                | Self::NarrowKey
                | Self::NoUser
                | Self::Redirected(_)
                | Self::WrongPath(_)
                | Self::RateLimited { .. }
                | Self::NoDatabase
        )
    }

    /// Whether this version of the gateway may lack what was asked for, or this key the right to
    /// it, so that the older way should be tried.
    pub(super) fn is_unsupported(&self) -> bool {
        matches!(
            self,
            Self::NotFound(_)
                | Self::Rejected(_)
                | Self::Shape(_)
                | Self::KeyRefused
                | Self::Failed(_)
                | Self::TooLarge
        )
    }

    /// Whether it is a failure of the gateway's own, which may be over a moment later.
    pub(super) fn may_pass(&self) -> bool {
        matches!(self, Self::Failed(_))
    }
}
