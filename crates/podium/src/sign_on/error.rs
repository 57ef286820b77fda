//! Why somebody could not be signed on.

use std::fmt;

/// The parts of a provider that are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The document that tells where the others are.
    Discovery,
    /// The keys that tokens are signed with.
    Keys,
    /// Where a code is exchanged for tokens.
    Token,
    /// Where more about a person is told.
    UserInfo,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Discovery => "discovery document",
            Self::Keys => "key set",
            Self::Token => "token endpoint",
            Self::UserInfo => "userinfo endpoint",
        })
    }
}

/// A sign-in that failed, or could not begin.
///
/// The text is meant for the people who run Podium: what failed, and the setting to look at. It
/// never holds secrets, codes, tokens or anything else of the provider's answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignOnError {
    /// No connection: name not found, refused, no route, or TLS failed.
    #[error(
        "the sign-on provider cannot be reached ({0}); check that it is running and that \
         PODIUM_OIDC_ISSUER is right"
    )]
    Unreachable(&'static str),
    /// Connecting or answering took too long.
    #[error("the sign-on provider did not answer in time; it may be overloaded or stuck")]
    Timeout,
    /// The connection broke before the answer was whole.
    #[error("the sign-on provider broke off its answer; it may be restarting or overloaded")]
    Broken,
    /// An answer of another status than a success.
    #[error(
        "the sign-on provider's {0} answers with status {1}; check that PODIUM_OIDC_ISSUER is the \
         provider's issuer and that the provider is well"
    )]
    Status(Part, u16),
    /// It leads elsewhere, which is not followed.
    #[error(
        "the sign-on provider's {0} is a redirect, which is not followed; set PODIUM_OIDC_ISSUER \
         to the address that it leads to (Podium's log names it)"
    )]
    Redirected(Part),
    /// An answer above the limit of size.
    #[error(
        "the answer of the sign-on provider's {0} is too large; check that PODIUM_OIDC_ISSUER is \
         the provider's issuer"
    )]
    TooLarge(Part),
    /// An answer that is not what the standard says.
    #[error(
        "the answer of the sign-on provider's {0} has an unexpected shape; check that \
         PODIUM_OIDC_ISSUER is the provider's issuer"
    )]
    Shape(Part),
    /// The discovery document is of another issuer.
    #[error(
        "the provider found at PODIUM_OIDC_ISSUER says that its issuer is another; set \
         PODIUM_OIDC_ISSUER to the one that it says (Podium's log names it)"
    )]
    OtherIssuer,
    /// An endpoint that would be asked in the clear.
    #[error(
        "the sign-on provider's discovery document names an address without TLS for {0}; have the \
         provider reached by https, and set PODIUM_OIDC_ISSUER accordingly"
    )]
    NotPrivate(&'static str),
    /// The provider does not take the client's id or secret.
    #[error(
        "the sign-on provider refuses Podium as a client; check PODIUM_OIDC_CLIENT_ID and \
         PODIUM_OIDC_CLIENT_SECRET"
    )]
    ClientRefused,
    /// The provider does not take the code.
    #[error(
        "the sign-on provider does not accept the sign-in: its code has expired or was used \
         before; sign in again, and if that does not help, check that the provider knows the \
         address PODIUM_PUBLIC_URL + /auth/callback"
    )]
    CodeRefused,
    /// The provider refuses for another reason, which the log has.
    #[error(
        "the sign-on provider refuses to exchange the code; check PODIUM_OIDC_SCOPES, and how \
         the provider is set up for PODIUM_OIDC_CLIENT_ID (Podium's log has its reason)"
    )]
    Refused,
    /// The answer has no ID token.
    #[error(
        "the sign-on provider gave no ID token; check that PODIUM_OIDC_CLIENT_ID is set up there \
         for OpenID Connect"
    )]
    NoIdToken,
    /// The state is not the one that this browser began with.
    #[error("this answer belongs to another sign-in than the one that was begun; sign in again")]
    OtherSignIn,
    /// The sign-in was begun too long ago.
    #[error("signing in took too long; sign in again")]
    TooLate,
    /// The ID token does not prove what it should.
    #[error("the sign-on provider's ID token is not accepted: {0}")]
    Token(&'static str),
    /// No known key fits the ID token's signature.
    #[error(
        "the sign-on provider's ID token is not accepted: it is signed with a key that the \
         provider at PODIUM_OIDC_ISSUER does not publish"
    )]
    UnknownKey,
    /// The userinfo endpoint speaks of somebody else.
    #[error(
        "the sign-on provider's userinfo endpoint tells of another person than its ID token; \
         check the provider at PODIUM_OIDC_ISSUER"
    )]
    OtherPerson,
    /// Podium's own side cannot be set up.
    #[error("single sign-on cannot be set up: {0}")]
    Setup(&'static str),
}

impl SignOnError {
    /// What the page says of it in one word: `unavailable` where trying later may help, `expired`
    /// where signing in again does, `refused` where neither does.
    pub fn reason(&self) -> &'static str {
        match self {
            Self::OtherSignIn | Self::TooLate | Self::CodeRefused => "expired",
            Self::Token(_) | Self::UnknownKey | Self::OtherPerson => "refused",
            _ => "unavailable",
        }
    }

    /// Whether newer keys of the provider's may help.
    pub(super) fn is_of_keys(&self) -> bool {
        *self == Self::UnknownKey
    }
}
