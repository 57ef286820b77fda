//! Where Podium is reached, and what serving may cost.

use super::{Kind, Section, Setting};

pub(super) const SECTION: Section = Section {
    name: "server",
    title: "Serving",
    settings: &[
        Setting::new("server.listen", "PODIUM_LISTEN", Kind::Text)
            .flag("listen", "ADDRESS")
            .meaning("address, port or both: `127.0.0.1:8000`, `[::1]:8000`, `:8000`")
            .default("`[::]:8000`, all addresses of both versions, or the port below")
            .example("127.0.0.1:8000"),
        Setting::new("server.port", "VITE_LEADERBOARD_BACKEND_PORT", Kind::Number)
            .flag("port", "PORT")
            .meaning("the port alone")
            .default("8000")
            .example("8000"),
        Setting::new("server.base_path", "PODIUM_BASE_PATH", Kind::Text)
            .meaning(
                "the path below which page, API and documentation are found, such as `/podium`; a \
                 proxy may strip it or not",
            )
            .example("/podium"),
        Setting::new("server.public_url", "PODIUM_PUBLIC_URL", Kind::Text)
            .meaning(
                "the page's address as people type it, for the pictures beside links to it and for \
                 coming back from single sign-on",
            )
            .default("as the request says: `Host`, and `https` where `X-Forwarded-Proto` says so")
            .example("https://podium.example.com"),
        Setting::new("server.tls_cert", "PODIUM_TLS_CERT", Kind::Path)
            .flag("tls-cert", "FILE")
            .meaning("a certificate (PEM), to speak TLS without a proxy; read anew when it changes")
            .example("/etc/podium/tls.crt"),
        Setting::new("server.tls_key", "PODIUM_TLS_KEY", Kind::Path)
            .flag("tls-key", "FILE")
            .meaning("its private key (PEM)")
            .example("/etc/podium/tls.key"),
        Setting::new("server.hsts", "PODIUM_HSTS", Kind::Truth)
            .meaning("tells browsers to come by HTTPS alone")
            .default("`false`")
            .example("true"),
        Setting::new("server.frame_ancestors", "PODIUM_FRAME_ANCESTORS", Kind::List(&[' ', ',']))
            .meaning("who may show the page in a frame: `self`, origins")
            .default("`none`")
            .example("https://intranet.example.com"),
        Setting::new("server.workshop_user", "VITE_WORKSHOP_USER", Kind::Text)
            .meaning("allows the origin `http://{user}-leaderboard-frontend.{domain}`")
            .example("ada"),
        Setting::new("server.cors_domain", "PODIUM_CORS_DOMAIN", Kind::Text)
            .meaning("the domain in it")
            .default("`mkhe.de`")
            .example("workshop.example.com"),
        Setting::new("server.frontend_port", "VITE_LEADERBOARD_FRONTEND_PORT", Kind::Number)
            .meaning("allows the origin `http://localhost:{port}`")
            .example("5173"),
        Setting::new("server.cors_origins", "PODIUM_CORS_ORIGINS", Kind::List(&[',']))
            .flag("cors-origins", "ORIGINS")
            .meaning("more allowed origins, separated by commas")
            .example("https://board.example.com,http://localhost:3000"),
        Setting::new("server.answer_timeout", "PODIUM_ANSWER_TIMEOUT", Kind::Time)
            .meaning("how long computing an answer is waited for")
            .default("`10s`")
            .example("10s"),
        Setting::new("server.cache_mb", "PODIUM_CACHE_MB", Kind::Number)
            .meaning("how much memory kept answers may take")
            .default("64")
            .example("64"),
        Setting::new("server.max_connections", "PODIUM_MAX_CONNECTIONS", Kind::Number)
            .meaning("how many connections there are at most")
            .default("4096, or what the system allows")
            .example("4096"),
        Setting::new("server.metrics_top", "PODIUM_METRICS_TOP", Kind::Number)
            .meaning("how many teams, models and providers each have metrics of their own; 0: none")
            .default("50")
            .example("50"),
    ],
};
