//! Where the gateway is, and how it is spoken to.

use super::{Kind, Rows, Section, Setting};

pub(super) const SECTION: Section = Section {
    name: "gateway",
    title: "The gateway",
    settings: &[
        Setting::new("gateway.base_url", "LITELLM_BASE_URL", Kind::Text)
            .flag("base-url", "URL")
            .meaning(
                "base URL of the gateway; a path prefix is fine, `/v1` or `/ui` is not part of it",
            )
            .default("required")
            .example("https://litellm.example.com"),
        Setting::new("gateway.api_key", "LITELLM_API_KEY", Kind::Text)
            .meaning(
                "a key that sees everybody: an admin's or, better, a `proxy_admin_viewer`'s; a \
                 secret",
            )
            .default("required")
            .example("sk-the-key-of-a-viewer")
            .secret(),
        Setting::new("gateway.api_key_header", "LITELLM_API_KEY_HEADER", Kind::Text)
            .meaning(
                "the header in which it travels, such as `X-Litellm-Key` or `Authorization: Token`",
            )
            .default("`Authorization: Bearer`")
            .example("X-Litellm-Key"),
        Setting::new(
            "gateway.headers",
            "PODIUM_GATEWAY_HEADERS",
            Kind::Rows(Rows { assign: ':', within: &[], between: &['\n', ','] }),
        )
        .meaning(
            "further headers (`Name: value`, separated by commas or lines), for access proxies; \
             secrets",
        )
        .example("CF-Access-Client-Id: the-id, CF-Access-Client-Secret: the-secret")
        .secret(),
        Setting::new("gateway.timeout", "PODIUM_GATEWAY_TIMEOUT", Kind::Time)
            .meaning("how long the gateway may be silent")
            .default("`30s`")
            .example("30s"),
    ],
};
