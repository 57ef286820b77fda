//! Configuration: flags win over environment variables, and those over a `.env` file.
//!
//! Everything is checked before anything starts. A message names the variable and shows a
//! correct example; it never repeats the value, which may be a secret in the wrong place.
//! Lines of `.env` that are no assignments are left out, as other readers of it do.

mod access;
mod dotenv;
mod duration;
mod gateway;
mod ingest_token;
mod listen;
mod memory;
mod secret;
mod serving;
mod sign_on;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;

use crate::access::AccessSettings;
use crate::gateway::{Gateway, Limits};
use crate::sign_on::SignOnSettings;
use crate::sync::Settings;

pub use dotenv::DotEnvError;
pub use ingest_token::IngestToken;
pub use serving::Serving;

/// Everything that can be configured, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The gateway; `None` for the demo, which brings its own.
    pub gateway: Option<Gateway>,
    /// What a question to the gateway may cost.
    pub limits: Limits,
    /// Where to listen. The unspecified address of version 6 means all of both versions.
    pub listen: SocketAddr,
    /// The path below which everything is served, such as `/podium`; empty for the root.
    pub base_path: String,
    /// Under which address people reach the page, without a slash at its end.
    pub public_url: Option<String>,
    /// Who may show the page in a frame.
    pub frame_ancestors: String,
    /// Origins whose pages may read the answers.
    pub cors_origins: Vec<String>,
    /// Where usage is kept.
    pub data: DataDir,
    /// How many bytes of what is kept may be in memory.
    pub memory: u64,
    /// How the gateway is followed.
    pub sync: Settings,
    /// With it the gateway may push its requests; without one nobody may.
    pub ingest_token: Option<IngestToken>,
    /// Where people sign on; without it nobody is offered that.
    pub sign_on: Option<SignOnSettings>,
    /// What serving may cost.
    pub serving: Serving,
    /// Who may see what.
    pub access: AccessSettings,
    /// The certificate and key with which Podium speaks TLS itself.
    pub tls: Option<TlsFiles>,
    /// Whether browsers are told to come by HTTPS alone from now on.
    pub hsts: bool,
}

/// Where a certificate and its key are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate with those that vouch for it, as PEM.
    pub certificate: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

/// Where usage is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataDir {
    /// In the user's own data directory; without one, in memory.
    PerUser,
    /// In this directory, which must work.
    At(PathBuf),
    /// In memory only.
    Memory,
}

/// The variables that configure Podium, each with what it means and an example.
pub const VARIABLES: [(&str, &str, &str); 52] = [
    ("LITELLM_BASE_URL", "Base URL of the LiteLLM gateway", "https://litellm.example.com"),
    ("LITELLM_API_KEY", "Key for it that sees everybody; a secret", "sk-…"),
    ("LITELLM_API_KEY_FILE", "A file that holds it", "/run/secrets/litellm-key"),
    (
        "LITELLM_API_KEY_HEADER",
        "The header in which it travels (Authorization: Bearer)",
        "X-Litellm-Key",
    ),
    (
        "PODIUM_GATEWAY_HEADERS",
        "More headers, for proxies before the gateway; secrets",
        "CF-Access-Client-Id: …, CF-Access-Client-Secret: …",
    ),
    ("PODIUM_GATEWAY_HEADERS_FILE", "A file that holds them", "/run/secrets/headers"),
    ("PODIUM_LISTEN", "Address and port to listen on ([::]:8000)", "127.0.0.1:8000"),
    ("PODIUM_BASE_PATH", "The path below which everything is served", "/podium"),
    (
        "PODIUM_PUBLIC_URL",
        "Under which address people reach the page (as their browsers say)",
        "https://podium.example.com",
    ),
    (
        "PODIUM_FRAME_ANCESTORS",
        "Who may show the page in a frame (none)",
        "https://intranet.example.com",
    ),
    ("VITE_LEADERBOARD_BACKEND_PORT", "Port to listen on, on all addresses (8000)", "8000"),
    ("VITE_WORKSHOP_USER", "Allows http://{user}-leaderboard-frontend.{domain}", "ada"),
    ("VITE_LEADERBOARD_FRONTEND_PORT", "Allows http://localhost:{port}", "5173"),
    ("PODIUM_CORS_DOMAIN", "The domain in it (mkhe.de)", "workshop.example.com"),
    (
        "PODIUM_CORS_ORIGINS",
        "More allowed origins, separated by commas",
        "https://board.example.com,http://localhost:3000",
    ),
    ("PODIUM_ACCESS", "What is seen without signing in: open, board or private (open)", "board"),
    (
        "PODIUM_POLICY",
        "What is shown of others' teams, by role (anybody, self, team: name rank tokens)",
        "anybody: rank tokens; team: name rank tokens spend",
    ),
    (
        "PODIUM_PEOPLE_FLOOR",
        "Others' teams with fewer active keys are not told apart by key (3)",
        "3",
    ),
    (
        "PODIUM_MEMBERS_SEE",
        "What members of a team see of it: team, or their own keys (team)",
        "keys",
    ),
    (
        "PODIUM_ADMINS",
        "Who sees everything and makes tokens, besides the gateway's admins",
        "email:ada@example.com, group:platform",
    ),
    (
        "PODIUM_VIEWERS",
        "Who sees all teams, with keys masked, besides the gateway's viewers",
        "domain:example.com",
    ),
    (
        "PODIUM_TEAM_MEMBERS",
        "Who belongs to which team, besides what the gateway says",
        "otters=group:team-otters; herons=email:bob@example.com",
    ),
    ("PODIUM_MASK_KEYS", "Masks keys in mode open, too (false)", "true"),
    (
        "PODIUM_SECRET",
        "Protects sessions over restarts; several to change it, the newest first; a secret",
        "at-least-32-random-characters-…",
    ),
    ("PODIUM_SECRET_FILE", "A file that holds it", "/run/secrets/podium"),
    ("PODIUM_SESSION", "How long a session lasts (12h)", "12h"),
    ("PODIUM_TOKEN_IN_ADDRESS", "Allows ?token= for tokens that were made for it (false)", "true"),
    (
        "PODIUM_TRUSTED_PROXIES",
        "Proxies that say who asks (X-Forwarded-User, -Email, -Groups) and from where",
        "127.0.0.1, 10.0.0.0/8",
    ),
    ("PODIUM_TLS_CERT", "A certificate (PEM), to speak TLS without a proxy", "/etc/podium/tls.crt"),
    ("PODIUM_TLS_KEY", "Its private key (PEM)", "/etc/podium/tls.key"),
    ("PODIUM_HSTS", "Tells browsers to come by HTTPS alone (false)", "true"),
    ("PODIUM_DATA_DIR", "Where usage is kept; :memory: keeps nothing", "/var/lib/podium"),
    ("PODIUM_REFRESH", "How often the gateway is asked what moved (30s)", "30s"),
    ("PODIUM_BACKFILL_DAYS", "How many days are read without being asked for (30)", "30"),
    ("PODIUM_LOG_DAYS", "How many days of request logs are read; 0: none (8)", "8"),
    ("PODIUM_QUARTER_DAYS", "How many days quarter hours are kept (400)", "400"),
    (
        "PODIUM_INGEST_TOKEN",
        "Token with which the gateway may push its requests; a secret",
        "a-long-random-text",
    ),
    ("PODIUM_INGEST_TOKEN_FILE", "A file that holds it", "/run/secrets/ingest-token"),
    (
        "PODIUM_OIDC_ISSUER",
        "The issuer of the OpenID Connect provider at which people sign on",
        "https://id.example.com/realms/example",
    ),
    ("PODIUM_OIDC_CLIENT_ID", "The id under which it knows Podium", "podium"),
    ("PODIUM_OIDC_CLIENT_SECRET", "The secret that belongs to it; a secret", "a-long-random-text"),
    ("PODIUM_OIDC_CLIENT_SECRET_FILE", "A file that holds it", "/run/secrets/oidc-client"),
    (
        "PODIUM_OIDC_SCOPES",
        "What the provider is asked to tell (openid profile email)",
        "openid profile email groups",
    ),
    (
        "PODIUM_OIDC_GROUPS_CLAIM",
        "The claim that lists a person's groups (groups)",
        "realm_access.roles",
    ),
    ("PODIUM_OIDC_NAME", "What the provider is called on the button (its host)", "Keycloak"),
    ("PODIUM_INGEST_MAX_MB", "How large a pushed batch may be, unpacked (32)", "32"),
    ("PODIUM_ANSWER_TIMEOUT", "How long computing an answer is waited for (10s)", "10s"),
    (
        "PODIUM_MEMORY",
        "How much memory stored usage may take; more history stays in the file (a quarter of the machine's, at most 2GB)",
        "512MB",
    ),
    ("PODIUM_CACHE_MB", "How much memory kept answers may take (64)", "64"),
    ("PODIUM_MAX_CONNECTIONS", "How many connections there are at most (4096)", "4096"),
    ("PODIUM_GATEWAY_TIMEOUT", "How long the gateway may be silent (30s)", "30s"),
    ("PODIUM_LOG", "error, warn, info, debug or trace (info)", "debug"),
];

/// Values given on the command line, by variable.
pub type Flags = HashMap<&'static str, String>;

/// All that is wrong with the configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct ConfigError(pub Vec<String>);

/// Where values come from.
pub struct Sources {
    flags: Flags,
    environment: HashMap<String, String>,
    file: dotenv::DotEnv,
}

impl Sources {
    /// Flags, the process's environment, and `.env` in `directory` if there is one.
    pub fn read(flags: Flags, directory: &Path) -> Result<Self, DotEnvError> {
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Ok(Self { flags, environment, file: dotenv::read(&directory.join(".env"))? })
    }

    /// For tests: just these variables.
    pub fn of(variables: &[(&str, &str)]) -> Self {
        let environment =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self {
            flags: Flags::new(),
            environment: environment.collect(),
            file: dotenv::DotEnv::default(),
        }
    }

    /// Numbers of the lines in `.env` that could not be understood.
    pub fn ignored_lines(&self) -> &[usize] {
        &self.file.ignored_lines
    }

    /// The value of a variable; blank ones count as not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        let given = self.flags.get(name).or_else(|| self.environment.get(name));
        let set = |value: &&str| !value.is_empty();
        given
            .map(|value| value.trim())
            .filter(set)
            .or_else(|| self.file.variables.get(name).map(|value| value.trim()).filter(set))
    }
}

impl Config {
    /// Checks everything. With `own_gateway` none needs to be configured.
    pub fn from_sources(sources: &Sources, own_gateway: bool) -> Result<Self, ConfigError> {
        let mut faults = Faults { sources, messages: Vec::new() };
        let gateway = if own_gateway { None } else { gateway::gateway(&mut faults) };
        let port = faults.parsed("VITE_LEADERBOARD_BACKEND_PORT", "a port number", |text| {
            text.parse::<u16>().ok()
        });
        let port = port.unwrap_or(listen::PORT);
        let listen = faults.parsed("PODIUM_LISTEN", "an address, a port, or both", |text| {
            listen::parse(text, port)
        });
        let base_path =
            faults.parsed("PODIUM_BASE_PATH", "a path that begins with a slash", listen::base_path);
        let public_url = faults.parsed(
            "PODIUM_PUBLIC_URL",
            "an address that begins with http:// or https://, without a query",
            listen::public_url,
        );
        let frame_ancestors = faults.parsed(
            "PODIUM_FRAME_ANCESTORS",
            "self, none, or origins with their scheme",
            listen::frame_ancestors,
        );
        let refresh = faults.parsed("PODIUM_REFRESH", "a time of at least 1s", |text| {
            duration::parse(text).filter(|time| *time >= Duration::from_secs(1))
        });
        let backfill = faults.parsed("PODIUM_BACKFILL_DAYS", "a number of days", |text| {
            text.parse::<u32>().ok().filter(|days| *days <= 3_660)
        });
        let log_days = faults.parsed("PODIUM_LOG_DAYS", "a number of days, at most 35", |text| {
            text.parse::<u32>().ok().filter(|days| *days <= 35)
        });
        let quarter_days = faults.parsed("PODIUM_QUARTER_DAYS", "a number of days", |text| {
            text.parse::<u32>().ok().filter(|days| (1..=36_600).contains(days))
        });
        let ingest_token = faults.secret(
            "PODIUM_INGEST_TOKEN",
            "a text of at least 16 visible ASCII characters",
            IngestToken::parse,
        );
        let silence = faults.parsed("PODIUM_GATEWAY_TIMEOUT", "a time of at least 1s", |text| {
            duration::parse(text).filter(|time| *time >= Duration::from_secs(1))
        });
        let cors_origins = cors_origins(&mut faults);
        let sign_on = sign_on::sign_on(&mut faults, public_url.as_deref());
        let serving = serving::serving(&mut faults);
        let memory = memory::memory(&mut faults);
        let access = access::access(&mut faults);
        let tls = tls(&mut faults);
        let hsts = faults.parsed("PODIUM_HSTS", "true or false", access::truth);
        let followed = Settings::default();
        let mut limits = Limits::default();
        limits.silence = silence.unwrap_or(limits.silence);
        limits.connect = limits.connect.min(limits.silence);
        if !faults.messages.is_empty() {
            return Err(ConfigError(faults.messages));
        }
        Ok(Self {
            gateway,
            limits,
            listen: listen.unwrap_or(SocketAddr::new(listen::ANYWHERE, port)),
            base_path: base_path.unwrap_or_default(),
            public_url,
            frame_ancestors: frame_ancestors.unwrap_or_else(|| "'none'".to_owned()),
            cors_origins,
            data: match sources.get("PODIUM_DATA_DIR") {
                None => DataDir::PerUser,
                Some(":memory:") => DataDir::Memory,
                Some(directory) => DataDir::At(PathBuf::from(directory)),
            },
            memory,
            sync: Settings {
                refresh: refresh.unwrap_or(followed.refresh),
                backfill_days: backfill.unwrap_or(followed.backfill_days),
                log_days: log_days.unwrap_or(followed.log_days),
                quarter_days: quarter_days.unwrap_or(followed.quarter_days),
            },
            ingest_token,
            sign_on,
            serving,
            access,
            tls,
            hsts: hsts.unwrap_or(false),
        })
    }
}

struct Faults<'a> {
    sources: &'a Sources,
    messages: Vec<String>,
}

impl Faults<'_> {
    fn add(&mut self, name: &str, fault: &str) {
        let example = VARIABLES.iter().find(|(variable, ..)| *variable == name);
        let example = example.map_or("…", |(_, _, example)| *example);
        self.messages.push(format!(
            "{name} {fault}. Set it in the environment or in a .env file, for example:\n  {name}={example}"
        ));
    }

    /// The value of `name`, if it is set; a fault if it is not `expected`.
    fn parsed<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let parsed = parse(self.sources.get(name)?);
        if parsed.is_none() {
            self.add(name, &format!("is not {expected}"));
        }
        parsed
    }

    fn required<T>(
        &mut self,
        name: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        if self.sources.get(name).is_none() {
            self.add(name, "is missing");
        }
        self.parsed(name, expected, parse)
    }
}

fn tls(faults: &mut Faults<'_>) -> Option<TlsFiles> {
    let [certificate, key] =
        ["PODIUM_TLS_CERT", "PODIUM_TLS_KEY"].map(|name| faults.sources.get(name));
    match (certificate, key) {
        (Some(certificate), Some(key)) => {
            Some(TlsFiles { certificate: certificate.into(), key: key.into() })
        }
        (None, None) => None,
        (None, Some(_)) => {
            faults.add("PODIUM_TLS_CERT", "is missing beside PODIUM_TLS_KEY");
            None
        }
        (Some(_), None) => {
            faults.add("PODIUM_TLS_KEY", "is missing beside PODIUM_TLS_CERT");
            None
        }
    }
}

fn cors_origins(faults: &mut Faults<'_>) -> Vec<String> {
    let domain = faults.parsed("PODIUM_CORS_DOMAIN", "a domain name", host_part);
    let domain = domain.unwrap_or_else(|| "mkhe.de".to_owned());
    let user =
        faults.parsed("VITE_WORKSHOP_USER", "a name that can be part of a host name", host_part);
    let port = faults.parsed("VITE_LEADERBOARD_FRONTEND_PORT", "a port number", |text| {
        text.parse::<u16>().ok().filter(|port| *port > 0)
    });
    let listed =
        faults.parsed("PODIUM_CORS_ORIGINS", "a list of origins (scheme, host and port)", |text| {
            text.split(',')
                .map(str::trim)
                .filter(|origin| !origin.is_empty())
                .map(origin)
                .collect::<Option<Vec<String>>>()
        });
    let mut origins = listed.unwrap_or_default();
    origins.extend(user.map(|user| format!("http://{user}-leaderboard-frontend.{domain}")));
    origins.extend(port.map(|port| match port {
        // Browsers leave the scheme's own port out.
        80 => "http://localhost".to_owned(),
        port => format!("http://localhost:{port}"),
    }));
    origins
}

/// Letters, digits, hyphens, dots and underscores, as browsers send them: in lower case.
fn host_part(text: &str) -> Option<String> {
    let fits = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'));
    fits.then(|| text.to_ascii_lowercase())
}

/// An address of the web without a name, a password, a query and a fragment.
fn plain_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_plain = matches!(url.scheme(), "http" | "https")
        && url.host_str().is_some_and(|host| !host.is_empty())
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    is_plain.then_some(url)
}

/// An origin in the form in which browsers send it.
fn origin(text: &str) -> Option<String> {
    let url = Url::parse(text).ok()?;
    let is_origin = matches!(url.scheme(), "http" | "https")
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty();
    is_origin.then(|| url.origin().ascii_serialization())
}

#[cfg(test)]
mod tests;
