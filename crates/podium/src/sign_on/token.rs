//! A code is exchanged for an ID token, and the token verified.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
    CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm as Algorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::{
    AccessToken, AdditionalClaims, AuthType, AuthUrl, AuthorizationCode, ClaimsVerificationError,
    ClientId, ClientSecret, EmptyExtraTokenFields, EndpointNotSet, EndpointSet, IdTokenClaims,
    IdTokenFields, Nonce, OAuth2TokenResponse as _, PkceCodeVerifier, RedirectUrl,
    RequestTokenError, SignatureVerificationError, StandardErrorResponse, StandardTokenResponse,
    TokenResponse as _, TokenUrl,
};
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::http::{Http, TokenEndpoint};
use super::provider::Provider;
use super::{Part, SignOnError, SignOnSettings, claims};

/// How far the provider's clock may be behind ours.
const CLOCKS_DIFFER: Duration = Duration::from_secs(60);

/// All that can be verified: with a key that the provider publishes, or with the client's secret.
const ALGORITHMS: [Algorithm; 12] = [
    Algorithm::RsaSsaPkcs1V15Sha256,
    Algorithm::RsaSsaPkcs1V15Sha384,
    Algorithm::RsaSsaPkcs1V15Sha512,
    Algorithm::RsaSsaPssSha256,
    Algorithm::RsaSsaPssSha384,
    Algorithm::RsaSsaPssSha512,
    Algorithm::EcdsaP256Sha256,
    Algorithm::EcdsaP384Sha384,
    Algorithm::EdDsa,
    Algorithm::HmacSha256,
    Algorithm::HmacSha384,
    Algorithm::HmacSha512,
];

/// Claims beyond those of the standard, among them groups.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub(super) struct Further(claims::Claims);

impl AdditionalClaims for Further {}

/// An ID token as it came, not verified.
pub(super) type IdToken =
    openidconnect::IdToken<Further, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, Algorithm>;

type Fields = IdTokenFields<
    Further,
    EmptyExtraTokenFields,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    Algorithm,
>;
type Refusal = StandardErrorResponse<CoreErrorResponseType>;
/// A client, by whether its addresses for signing in and for tokens are told yet.
type Client<Told = EndpointSet> = openidconnect::Client<
    Further,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    Refusal,
    StandardTokenResponse<Fields, CoreTokenType>,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    Told,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    Told,
    EndpointNotSet,
>;

/// Podium as this provider knows it. The one place that exposes the client's secret.
pub(super) fn client(settings: &SignOnSettings, provider: &Provider) -> Client {
    let endpoints = &provider.endpoints;
    let client_id = ClientId::new(settings.client_id.clone());
    let issuer = endpoints.issuer.clone();
    let client = Client::<EndpointNotSet>::new(client_id, issuer, provider.keys.clone())
        .set_auth_uri(AuthUrl::from_url(endpoints.authorization_endpoint.clone()))
        .set_token_uri(TokenUrl::from_url(endpoints.token_endpoint.clone()))
        .set_redirect_uri(RedirectUrl::from_url(settings.redirect_url.clone()));
    let client = if endpoints.takes_secret_in_body() {
        client.set_auth_type(AuthType::RequestBody)
    } else {
        client
    };
    match &settings.client_secret {
        Some(secret) => {
            client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned()))
        }
        None => client,
    }
}

/// What a code was exchanged for.
pub(super) struct Answer(StandardTokenResponse<Fields, CoreTokenType>);

impl Answer {
    pub(super) fn id_token(&self) -> Result<IdToken, SignOnError> {
        self.0.id_token().cloned().ok_or(SignOnError::NoIdToken)
    }

    pub(super) fn access_token(&self) -> &AccessToken {
        self.0.access_token()
    }
}

/// Exchanges the code, which the provider takes once.
pub(super) async fn exchange(
    settings: &SignOnSettings,
    provider: &Provider,
    http: &Http,
    code: &str,
    verifier: &str,
) -> Result<Answer, SignOnError> {
    client(settings, provider)
        .exchange_code(AuthorizationCode::new(code.to_owned()))
        .set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()))
        .request_async(&TokenEndpoint(http))
        .await
        .map(Answer)
        .map_err(refusal)
}

/// What the provider's refusal means. Its description may repeat what it was sent; the log has
/// the kind alone.
fn refusal(error: RequestTokenError<SignOnError, Refusal>) -> SignOnError {
    match error {
        RequestTokenError::Request(error) => error,
        RequestTokenError::ServerResponse(refusal) => match refusal.error() {
            CoreErrorResponseType::InvalidClient | CoreErrorResponseType::UnauthorizedClient => {
                SignOnError::ClientRefused
            }
            CoreErrorResponseType::InvalidGrant => SignOnError::CodeRefused,
            CoreErrorResponseType::InvalidRequest => refused("invalid_request"),
            CoreErrorResponseType::InvalidScope => refused("invalid_scope"),
            CoreErrorResponseType::UnsupportedGrantType => refused("unsupported_grant_type"),
            _ => refused("a reason of its own"),
        },
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            SignOnError::Shape(Part::Token)
        }
    }
}

fn refused(reason: &'static str) -> SignOnError {
    tracing::warn!(reason, "the sign-on provider refuses to exchange a code");
    SignOnError::Refused
}

/// Claims of a token that was verified.
pub(super) struct Claims {
    pub(super) subject: String,
    pub(super) all: claims::Claims,
}

/// Verifies signature, issuer, audience, expiry and nonce.
pub(super) fn verify(
    settings: &SignOnSettings,
    provider: &Provider,
    token: &IdToken,
    nonce: &Nonce,
    now: Timestamp,
) -> Result<Claims, SignOnError> {
    let client = client(settings, provider);
    let since_epoch = Duration::try_from(now.as_duration()).unwrap_or_default();
    let now = SystemTime::UNIX_EPOCH + since_epoch.saturating_sub(CLOCKS_DIFFER);
    let verifier =
        client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || now.into());
    let claims = token.claims(&verifier, nonce).map_err(|error| fault(&error))?;
    if claims.authorized_party().is_some_and(|party| party.as_str() != settings.client_id) {
        return Err(SignOnError::Token(OTHER_CLIENT));
    }
    let subject = claims.subject().to_string();
    match all(claims) {
        Some(all) if !subject.is_empty() => Ok(Claims { subject, all }),
        _ => Err(SignOnError::Token(ODD)),
    }
}

fn all(claims: &IdTokenClaims<Further, CoreGenderClaim>) -> Option<claims::Claims> {
    match serde_json::to_value(claims).ok()? {
        Value::Object(all) => Some(all),
        _ => None,
    }
}

const OTHER_CLIENT: &str = "it is meant for another client, or for more than one; check \
                            PODIUM_OIDC_CLIENT_ID";
const ODD: &str = "it has an unexpected shape; check the provider at PODIUM_OIDC_ISSUER";
const EXPIRED: &str =
    "it has expired; compare the clocks of the provider's machine and of this one";
const OTHER_ISSUER: &str = "it is of another issuer than PODIUM_OIDC_ISSUER";
const OTHER_NONCE: &str = "it belongs to another sign-in; sign in again";
const OTHER_ALGORITHM: &str = "it is not signed, or in a way that is not accepted; have the \
                               provider sign for PODIUM_OIDC_CLIENT_ID with RS256";

fn fault(error: &ClaimsVerificationError) -> SignOnError {
    use ClaimsVerificationError as Fault;
    use SignatureVerificationError as Signature;
    SignOnError::Token(match error {
        Fault::SignatureVerification(Signature::NoMatchingKey | Signature::CryptoError(_)) => {
            return SignOnError::UnknownKey;
        }
        Fault::SignatureVerification(
            Signature::NoSignature | Signature::DisallowedAlg(_) | Signature::UnsupportedAlg(_),
        ) => OTHER_ALGORITHM,
        Fault::Expired(_) => EXPIRED,
        Fault::InvalidAudience(_) => OTHER_CLIENT,
        Fault::InvalidIssuer(_) => OTHER_ISSUER,
        Fault::InvalidNonce(_) => OTHER_NONCE,
        _ => ODD,
    })
}
