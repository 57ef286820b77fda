//! Configuration: flags win over environment variables, those over a `.env` file, and that over the
//! configuration file.
//!
//! Everything is checked before anything starts. A message names the setting and shows a
//! correct example; it never repeats the value, which may be a secret in the wrong place.
//! Lines of `.env` that are no assignments are left out, as other readers of it do.

mod access;
mod access_log;
mod dotenv;
mod duration;
mod example;
mod faults;
mod file;
mod following;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod gateway;
mod in_force;
mod ingest_token;
mod listen;
mod log;
mod log_levels;
mod memory;
mod origin;
mod origins;
pub mod registry;
mod secret;
mod serving;
mod sign_on;
mod sources;
mod tls;
mod unknown;

use std::net::SocketAddr;
use std::path::PathBuf;

use url::Url;

use self::faults::Faults;
use crate::access::AccessSettings;
use crate::gateway::{Gateway, Limits};
use crate::sign_on::SignOnSettings;
use crate::sync::Settings;

pub use access_log::{ACCESS_LOG, AccessLog};
pub use example::example;
pub use faults::ConfigError;
pub use in_force::{InForce, Value, in_force};
pub use ingest_token::IngestToken;
pub use log::{LogFormat, LogSettings};
pub use log_levels::LogLevels;
pub use origin::Origin;
pub use serving::Serving;
pub use sources::{Flags, Sources};
pub use tls::TlsFiles;

/// Everything that can be configured, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The configuration file, if there is one.
    pub file: Option<PathBuf>,
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
    /// Which answers get a line in the log.
    pub access_log: AccessLog,
    /// Who may see what.
    pub access: AccessSettings,
    /// The certificate and key with which Podium speaks TLS itself.
    pub tls: Option<TlsFiles>,
    /// Whether browsers are told to come by HTTPS alone from now on.
    pub hsts: bool,
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

impl Config {
    /// Checks everything. With `own_gateway` none needs to be configured.
    pub fn from_sources(sources: &Sources, own_gateway: bool) -> Result<Self, ConfigError> {
        if sources.is_unreadable {
            // What it gives is not known, so that nothing else can be at fault.
            Faults::of(sources).checked()?;
        }
        let mut faults = Faults::of(sources);
        let gateway = if own_gateway { None } else { gateway::gateway(&mut faults) };
        let limits = gateway::limits(&mut faults);
        let listen = listen::listen(&mut faults);
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
        let sync = following::following(&mut faults);
        let ingest_token = faults.secret(
            "PODIUM_INGEST_TOKEN",
            "a text of at least 16 visible ASCII characters",
            IngestToken::parse,
        );
        let cors_origins = origins::cors_origins(&mut faults);
        let sign_on = sign_on::sign_on(&mut faults, public_url.as_deref());
        let serving = serving::serving(&mut faults);
        let access_log = faults.parsed("PODIUM_ACCESS_LOG", "off, errors or all", AccessLog::parse);
        let memory = memory::memory(&mut faults);
        let access = access::access(&mut faults);
        let tls = tls::tls(&mut faults);
        let hsts = faults.parsed("PODIUM_HSTS", "true or false", access::truth);
        log::check(&mut faults);
        faults.checked()?;
        Ok(Self {
            file: sources.file().map(PathBuf::from),
            gateway,
            limits,
            listen,
            base_path: base_path.unwrap_or_default(),
            public_url,
            frame_ancestors: frame_ancestors.unwrap_or_else(|| "'none'".to_owned()),
            cors_origins,
            data: data_dir(sources),
            memory,
            sync,
            ingest_token,
            sign_on,
            serving,
            access_log: access_log.unwrap_or_default(),
            access,
            tls,
            hsts: hsts.unwrap_or(false),
        })
    }
}

/// Of which gateway usage is kept, and where: all that is needed to work on what is stored.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Where the gateway is.
    pub base_url: Url,
    /// Where its usage is kept.
    pub data: DataDir,
}

impl Kept {
    /// Checks these two alone: no key is needed.
    pub fn from_sources(sources: &Sources) -> Result<Self, ConfigError> {
        let mut faults = Faults::of(sources);
        let base_url = gateway::base_url(&mut faults);
        faults.checked()?;
        let base_url = base_url.expect("what is required is there, or at fault");
        Ok(Self { base_url, data: data_dir(sources) })
    }
}

fn data_dir(sources: &Sources) -> DataDir {
    match sources.get("PODIUM_DATA_DIR") {
        None => DataDir::PerUser,
        Some(":memory:") => DataDir::Memory,
        Some(directory) => DataDir::At(PathBuf::from(directory)),
    }
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

#[cfg(test)]
mod tests;
