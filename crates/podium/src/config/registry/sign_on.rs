//! Single sign-on at a provider of OpenID Connect.

use super::{Kind, Section, Setting};

pub(super) const SECTION: Section = Section {
    name: "sign_on",
    title: "Single sign-on",
    settings: &[
        Setting::new("sign_on.issuer", "PODIUM_OIDC_ISSUER", Kind::Text)
            .meaning("the provider's issuer, by `https` unless it is on this machine")
            .default("none: not offered")
            .example("https://id.example.com/realms/example"),
        Setting::new("sign_on.client_id", "PODIUM_OIDC_CLIENT_ID", Kind::Text)
            .meaning("the id under which the provider knows Podium")
            .default("required with an issuer")
            .example("podium"),
        Setting::new("sign_on.client_secret", "PODIUM_OIDC_CLIENT_SECRET", Kind::Text)
            .meaning("the secret that belongs to it; a secret")
            .default("none: a public client, with PKCE alone")
            .example("a-long-random-text")
            .secret(),
        Setting::new("sign_on.scopes", "PODIUM_OIDC_SCOPES", Kind::List(&[' ', ',', '\t']))
            .meaning("what the provider is asked to tell")
            .default("`openid profile email`")
            .example("openid profile email groups"),
        Setting::new("sign_on.groups_claim", "PODIUM_OIDC_GROUPS_CLAIM", Kind::Text)
            .meaning(
                "the claim that lists a person's groups; dots lead into others, as in \
                 `realm_access.roles`",
            )
            .default("`groups`")
            .example("realm_access.roles"),
        Setting::new("sign_on.name", "PODIUM_OIDC_NAME", Kind::Text)
            .meaning("what the provider is called on the button")
            .default("its host")
            .example("Keycloak"),
    ],
};
