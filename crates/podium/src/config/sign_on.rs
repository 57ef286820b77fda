//! Which provider people sign on at.

use secrecy::SecretString;
use url::Url;

use crate::sign_on::{SignOnSettings, is_private};

use super::faults::Faults;
use super::{plain_url, registry};

/// What people often give in place of the issuer, being the address that they looked at.
const DISCOVERY: &str = "/.well-known/openid-configuration";

pub(super) fn sign_on(faults: &mut Faults<'_>, public_url: Option<&str>) -> Option<SignOnSettings> {
    let mut all = registry::names().filter(|named| named.setting.place.starts_with("sign_on."));
    if all.all(|named| faults.sources.get(&named.variable()).is_none()) {
        return None;
    }
    let issuer = faults.required(
        "PODIUM_OIDC_ISSUER",
        "an address that begins with https:// (http:// on this machine alone), without a query",
        issuer,
    );
    let client_id =
        faults.required("PODIUM_OIDC_CLIENT_ID", "a text of visible ASCII characters", visible);
    let client_secret = faults.secret("PODIUM_OIDC_CLIENT_SECRET", "a text of one line", |text| {
        (!text.contains(char::is_control)).then(|| SecretString::from(text))
    });
    let scopes = faults.parsed("PODIUM_OIDC_SCOPES", "a list of scopes, parted by spaces", scopes);
    let groups_claim = faults.parsed("PODIUM_OIDC_GROUPS_CLAIM", "the name of a claim", visible);
    let label = faults.parsed("PODIUM_OIDC_NAME", "a name of at most 60 letters", |text| {
        let fits = text.chars().count() <= 60 && !text.contains(char::is_control);
        fits.then(|| text.to_owned())
    });
    if faults.sources.get("PODIUM_PUBLIC_URL").is_none() {
        faults.add("PODIUM_PUBLIC_URL", "is missing, and single sign-on comes back to it");
    }
    let (issuer, client_id) = (issuer?, client_id?);
    Some(SignOnSettings {
        label: label.or_else(|| issuer.host_str().map(str::to_owned)).unwrap_or_default(),
        redirect_url: Url::parse(&format!("{}/auth/callback", public_url?)).ok()?,
        issuer,
        client_id,
        client_secret,
        scopes: scopes.unwrap_or_else(|| ["openid", "profile", "email"].map(str::to_owned).into()),
        groups_claim: groups_claim.unwrap_or_else(|| "groups".to_owned()),
    })
}

fn issuer(text: &str) -> Option<Url> {
    plain_url(text.strip_suffix(DISCOVERY).unwrap_or(text)).filter(is_private)
}

fn visible(text: &str) -> Option<String> {
    text.bytes().all(|byte| byte.is_ascii_graphic()).then(|| text.to_owned())
}

/// As the standard has them: visible, and neither quotes nor backslashes.
fn scopes(text: &str) -> Option<Vec<String>> {
    let is_scope = |byte: u8| byte.is_ascii_graphic() && !b"\"\\".contains(&byte);
    text.split([' ', ',', '\t'])
        .filter(|scope| !scope.is_empty())
        .map(|scope| scope.bytes().all(is_scope).then(|| scope.to_owned()))
        .collect()
}

#[cfg(test)]
mod tests;
