//! Where the parts are put together, started and stopped.

mod connections;
mod tls;

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use url::Url;

use self::tls::Tls;
pub use self::tls::TlsError;
use crate::access::{Access, Keeper, Mode};
use crate::api::{self, ConnectionLines, Connections};
use crate::clock::Clock;
use crate::config::{AccessLog, Config, DataDir, Serving};
use crate::gateway::{self, Gateway, LiteLlm, UsageSource};
use crate::hashing;
use crate::sign_on::{SignOn, SignOnError};
use crate::store::{self, AccessBook, EmbeddedStore, Location};
use crate::sync::Sync;
use crate::tasks::Tasks;

/// How long answers under way may take once the end was asked for.
const GRACE: Duration = Duration::from_secs(4);
/// How long background work may take to end after that.
const LAST_GRACE: Duration = Duration::from_secs(1);

/// What differs between the real thing and a test.
#[derive(Debug, Clone)]
pub struct Deps {
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
}

/// Podium, put together and at rest.
#[derive(Debug)]
pub struct App {
    /// The client, for questions that only the command line asks.
    pub gateway: Arc<LiteLlm>,
    /// Keeps up with the gateway.
    pub sync: Sync,
    /// Keeps the usage.
    pub store: EmbeddedStore,
    front: api::Front,
    tasks: Tasks,
    serving: Serving,
    access_log: AccessLog,
    tls: Option<Tls>,
    connections: Arc<Connections>,
    cancel: CancellationToken,
    /// Cancelled as soon as the end was asked for.
    ending: CancellationToken,
}

/// Why the parts do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The gateway client.
    #[error(transparent)]
    Gateway(#[from] gateway::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The single sign-on.
    #[error(transparent)]
    SignOn(#[from] SignOnError),
}

impl App {
    /// Puts the parts together; opens the store, asks nobody anything.
    pub fn build(config: &Config, gateway: Gateway, deps: &Deps) -> Result<Self, BuildError> {
        let tasks = Tasks::default();
        let gateway_location = location(&config.data, &gateway);
        let store = open_store(config, &gateway, deps.clock.as_ref())?;
        let gateway = Arc::new(LiteLlm::new(gateway, config.limits)?);
        let sync = Sync::new(
            Arc::clone(&gateway) as Arc<dyn UsageSource>,
            store.store(),
            Arc::clone(&deps.clock),
            config.sync,
            tasks.clone(),
        );
        let book = open_book(config, &gateway_location)?;
        let keeper = Keeper::new(book, Arc::clone(&deps.clock));
        let access = Access::new(
            config.access.clone(),
            Arc::clone(&gateway),
            keeper,
            Arc::clone(&deps.clock),
        );
        let sign_on = config
            .sign_on
            .clone()
            .map(|settings| SignOn::new(settings, Arc::clone(&deps.clock)).map(Arc::new));
        let ending = CancellationToken::new();
        let connections = Arc::new(Connections::default());
        let front = api::router(api::Parts {
            clock: Arc::clone(&deps.clock),
            sync: sync.clone(),
            store: store.store(),
            // Four periods while nobody looks, and some for the looks themselves.
            stale_after: config.sync.refresh * 5 + Duration::from_secs(30),
            cors_origins: config.cors_origins.clone().into(),
            ingest_token: config.ingest_token.clone(),
            ending: ending.clone(),
            base_path: config.base_path.as_str().into(),
            public_url: config.public_url.as_deref().map(Into::into),
            frame_ancestors: config.frame_ancestors.as_str().into(),
            hsts: config.hsts,
            access,
            sign_on: sign_on.transpose()?,
            tasks: tasks.clone(),
            limits: config.serving,
            connections: Arc::clone(&connections),
            access_log: config.access_log,
        });
        Ok(Self {
            gateway,
            sync,
            store,
            front,
            tasks,
            serving: config.serving,
            access_log: config.access_log,
            tls: config.tls.clone().map(Tls::open).transpose()?,
            connections,
            cancel: CancellationToken::new(),
            ending,
        })
    }

    /// The HTTP interface, for tests without a socket.
    pub fn front(&self) -> api::Front {
        self.front.clone()
    }

    /// Starts what works in the background: fetching what is asked for and, with `follow`,
    /// keeping up with the gateway.
    pub fn start(&self, follow: bool) {
        self.sync.spawn(&self.cancel, follow);
        self.tasks.spawn_until_end("stored usage", self.store.clone().tend());
        if let Some(tls) = self.tls.clone() {
            self.tasks.spawn_until_end("certificate", tls.follow());
        }
    }

    /// Serves until `stop`, then finishes the answers under way and ends the background work,
    /// within five seconds. An error where a background task panicked.
    pub async fn serve(
        self,
        listener: TcpListener,
        stop: CancellationToken,
    ) -> std::io::Result<()> {
        let (asked, ending) = (stop.child_token(), self.ending.clone());
        let server = connections::serve(
            listener,
            self.front.clone(),
            self.tls.clone(),
            self.serving,
            Arc::clone(&self.connections),
            ConnectionLines::new(self.access_log),
            asked.clone(),
        );
        let server = tokio::spawn(server);
        let abort = server.abort_handle();
        let (tasks, end) = (self.tasks.clone(), asked.clone());
        let out_of_grace = async {
            let fault = tokio::select! {
                () = end.cancelled() => None,
                fault = tasks.fault() => Some(fault),
            };
            end.cancel();
            ending.cancel();
            tokio::time::sleep(GRACE).await;
            fault
        };
        let fault = tokio::select! {
            _ = server => None,
            fault = out_of_grace => {
                tracing::warn!("answers under way were cut off");
                abort.abort();
                fault
            }
        };
        let fault = fault.or(self.tasks.faulty());
        self.end().await;
        match fault {
            None => Ok(()),
            Some(task) => Err(std::io::Error::other(format!(
                "a background task panicked ({task}); the log above tells more. This is a fault \
                 of Podium's; start it again, and report it"
            ))),
        }
    }

    /// Ends the background work. What is not yet written is read again at the next start.
    pub async fn end(self) {
        self.cancel.cancel();
        if tokio::time::timeout(LAST_GRACE, self.tasks.end()).await.is_err() {
            tracing::warn!("background work did not end when it was told to, and was cut off");
        }
    }
}

/// Listens on `address`, or says what is in the way. Where the system has no version 6, all
/// addresses means those of version 4.
pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    use std::io::ErrorKind;
    let port = address.port();
    let mut bound = TcpListener::bind(address).await;
    let is_taken = |error: &std::io::Error| {
        matches!(error.kind(), ErrorKind::AddrInUse | ErrorKind::PermissionDenied)
    };
    if address.ip() == Ipv6Addr::UNSPECIFIED && bound.as_ref().is_err_and(|error| !is_taken(error))
    {
        bound = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await;
    }
    bound.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow::anyhow!(
            "port {port} is in use; end what listens there, or choose another with \
             VITE_LEADERBOARD_BACKEND_PORT (or --port)"
        ),
        ErrorKind::PermissionDenied => anyhow::anyhow!(
            "port {port} needs more rights; choose one above 1023 with \
             VITE_LEADERBOARD_BACKEND_PORT (or --port)"
        ),
        _ => anyhow::anyhow!("cannot listen on {address}: {error}; see PODIUM_LISTEN"),
    })
}

/// Where this gateway's usage is kept; `None` for a user without a home directory.
pub(crate) fn location(data: &DataDir, gateway: &Gateway) -> Option<Location> {
    location_of(data, &gateway.base_url)
}

/// The same for a gateway of which only the address is known.
pub(crate) fn location_of(data: &DataDir, base_url: &Url) -> Option<Location> {
    match chosen(data)? {
        DataDir::At(directory) => Some(Location::File(directory.join(file_name(base_url)))),
        _ => Some(Location::Memory),
    }
}

/// The same place as if it had been chosen, so that it must work.
pub(crate) fn chosen(data: &DataDir) -> Option<DataDir> {
    if *data != DataDir::PerUser {
        return Some(data.clone());
    }
    let places = directories::ProjectDirs::from("", "", "podium")?;
    Some(DataDir::At(places.data_local_dir().to_owned()))
}

/// What backups and exports call a gateway: a hash of where it is, since an address may be nobody
/// else's business. The same address has the same name, with `http` or `https`.
pub(crate) fn gateway_name(base_url: &Url) -> String {
    hashing::of_text(&file_name(base_url))
}

/// Opens the store of this gateway. A directory that was chosen must work; the user's own is
/// a convenience, so without it usage is kept in memory, with a warning.
fn open_store(
    config: &Config,
    gateway: &Gateway,
    clock: &dyn Clock,
) -> Result<EmbeddedStore, store::Error> {
    let (now, data) = (clock.now(), &config.data);
    let open = |location| EmbeddedStore::open_within(&location, now, config.memory);
    let reason = match location(data, gateway).map(open) {
        Some(Err(error)) if *data == DataDir::PerUser => error.to_string(),
        Some(opened) => return opened,
        None => "this user has no home directory".to_owned(),
    };
    tracing::warn!(reason, "usage is kept in memory only and gone when Podium ends");
    EmbeddedStore::open(&Location::Memory, now)
}

/// Opens what access keeps, beside the usage. In mode `open` nothing is kept.
fn open_book(config: &Config, usage: &Option<Location>) -> Result<AccessBook, store::Error> {
    let keeps = config.access.mode != Mode::Open;
    let opened = match usage {
        Some(location) if keeps => AccessBook::open(location),
        _ => return AccessBook::in_memory(),
    };
    match opened {
        Err(error) if config.data == DataDir::PerUser => {
            tracing::warn!(%error, "tokens and the access log are gone when Podium ends");
            AccessBook::in_memory()
        }
        opened => opened,
    }
}

/// One file a gateway: usage of two gateways must never mix.
fn file_name(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    let mut name = String::new();
    for byte in format!("{host}_{port}{path}").bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            name.push(char::from(byte));
        } else {
            name.push_str(&format!("~{byte:02x}"));
        }
    }
    format!("{name}.sqlite3")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_gateway_has_a_file_of_its_own() {
        let name = |url: &str| file_name(&url.parse().expect("a URL"));
        assert_eq!(name("https://gw.example/"), "gw.example_443.sqlite3");
        assert_eq!(name("http://gw.example:4000/llm/"), "gw.example_4000~2fllm.sqlite3");
        assert_eq!(name("http://gw.example:4000/llm"), name("http://gw.example:4000/llm/"));
        assert_ne!(name("http://[::1]:4000"), name("http://[::2]:4000"));
    }
}
