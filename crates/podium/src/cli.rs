//! The command line.

mod access;
mod audit;
mod check;
mod demo;
mod log;
mod serve;
mod signals;
mod sync;

use std::collections::HashMap;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::{Config, Flags, Sources, VARIABLES};

/// Wrong usage or configuration, as `sysexits` and most tools have it.
const EXIT_CONFIGURATION: u8 = 2;

#[derive(Parser)]
#[command(name = "podium", version, about, long_about = None, after_help = variables_help())]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Follow a LiteLLM gateway and answer about its usage
    Serve(Options),
    /// Show Podium with a simulated gateway: 8 teams, 30 days of history, live usage
    Demo(Options),
    /// Read a range of days once and end
    Sync(sync::SyncOptions),
    /// Compare stored days with the gateway and print the differences
    Audit(sync::SyncOptions),
    /// Make, list and revoke tokens for Grafana, Prometheus and scripts
    Token(access::TokenOptions),
    /// Show who came in, as JSON lines, newest first
    Access(access::AccessOptions),
    /// Report what works and what to do about the rest
    Check(Options),
    /// Print the OpenAPI document
    Openapi,
}

/// Flags; each wins over the environment variable named behind it.
#[derive(Args, Clone, Default)]
struct Options {
    /// Port to listen on [VITE_LEADERBOARD_BACKEND_PORT, 8000]
    #[arg(long, value_name = "PORT")]
    port: Option<String>,
    /// Address and port to listen on [PODIUM_LISTEN]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where usage is kept; `:memory:` keeps nothing [PODIUM_DATA_DIR]
    #[arg(long, value_name = "DIRECTORY")]
    data_dir: Option<String>,
    /// Base URL of the gateway [LITELLM_BASE_URL]
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// How often the gateway is asked what moved, at least 1s [PODIUM_REFRESH, 30s]
    #[arg(long, value_name = "TIME")]
    refresh: Option<String>,
    /// Days that are read without being asked for [PODIUM_BACKFILL_DAYS, 30]
    #[arg(long, value_name = "DAYS")]
    backfill_days: Option<String>,
    /// Allowed origins, separated by commas [PODIUM_CORS_ORIGINS]
    #[arg(long, value_name = "ORIGINS")]
    cors_origins: Option<String>,
    /// What is seen without signing in: open, board or private [PODIUM_ACCESS, open]
    #[arg(long, value_name = "MODE")]
    access: Option<String>,
    /// A certificate (PEM), to speak TLS [PODIUM_TLS_CERT]
    #[arg(long, value_name = "FILE")]
    tls_cert: Option<String>,
    /// Its private key (PEM) [PODIUM_TLS_KEY]
    #[arg(long, value_name = "FILE")]
    tls_key: Option<String>,
}

impl Options {
    fn flags(&self) -> Flags {
        [
            ("VITE_LEADERBOARD_BACKEND_PORT", &self.port),
            ("PODIUM_LISTEN", &self.listen),
            ("PODIUM_DATA_DIR", &self.data_dir),
            ("LITELLM_BASE_URL", &self.base_url),
            ("PODIUM_REFRESH", &self.refresh),
            ("PODIUM_BACKFILL_DAYS", &self.backfill_days),
            ("PODIUM_CORS_ORIGINS", &self.cors_origins),
            ("PODIUM_ACCESS", &self.access),
            ("PODIUM_TLS_CERT", &self.tls_cert),
            ("PODIUM_TLS_KEY", &self.tls_key),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.clone()?)))
        .collect::<HashMap<_, _>>()
    }
}

/// The environment variables, without their values: some are secrets.
fn variables_help() -> String {
    let mut help = "Environment (also read from .env in the working directory):\n".to_owned();
    for (name, meaning, _) in VARIABLES {
        help.push_str(&format!("  {name:<32}{meaning}\n"));
    }
    help
}

/// Reads the configuration and starts the log.
fn configure(options: &Options, own_gateway: bool) -> Result<Config, String> {
    let directory = std::env::current_dir().unwrap_or_default();
    let sources = Sources::read(options.flags(), &directory).map_err(|error| error.to_string())?;
    log::start(sources.get("PODIUM_LOG")).map_err(|error| error.to_string())?;
    if !sources.ignored_lines().is_empty() {
        tracing::warn!(lines = ?sources.ignored_lines(), "these lines of .env are not NAME=value");
    }
    Config::from_sources(&sources, own_gateway).map_err(|error| error.to_string())
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done =
        match cli.command {
            Command::Serve(options) => {
                configure(&options, false).map(|config| block_on(serve::run(config)))
            }
            Command::Demo(options) => {
                configure(&options, true).map(|config| block_on(demo::run(config)))
            }
            Command::Sync(sync) => configure(&sync.options, false)
                .map(|config| block_on(sync::run(config, sync.range))),
            Command::Audit(audit) => configure(&audit.options, false)
                .map(|config| block_on(audit::run(config, audit.range))),
            Command::Check(options) => {
                configure(&options, false).map(|config| block_on(check::run(config)))
            }
            Command::Token(token) => configure(&token.options(), false)
                .map(|config| block_on(async { access::token(&config, token.command) })),
            Command::Access(access) => configure(&access.options(), false)
                .map(|config| block_on(async { access::access(&config, access.command) })),
            Command::Openapi => {
                say(crate::api::openapi().trim_end());
                Ok(Ok(ExitCode::SUCCESS))
            }
        };
    match done {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            complain(&format!("podium: {error:#}"));
            ExitCode::FAILURE
        }
        Err(message) => {
            complain(&format!("podium: {message}"));
            ExitCode::from(EXIT_CONFIGURATION)
        }
    }
}

/// Threads for work that blocks: writes, one after the other, answers, and parsing.
const BLOCKING_THREADS: usize = 4;
/// A thread that ends leaves the memory that it freed to nobody: the allocator has a heap for each.
/// So the few there are stay.
const THREADS_STAY: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

fn block_on(work: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_keep_alive(THREADS_STAY)
        .build()?;
    let done = runtime.block_on(work);
    // What a thread still reads or computes is of no use any more.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    done
}

/// Prints a line for people or pipes; a closed pipe is no fault of ours.
fn say(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{line}");
}

fn complain(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{line}");
}
