//! The command line.

mod access;
mod audit;
mod backup;
mod check;
mod config;
mod demo;
mod live;
mod log;
mod notify;
mod options;
mod place;
mod serve;
mod shell;
mod signals;
mod sync;
mod transfer;

use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand};

use self::options::{Options, Place};
use crate::config::{Config, Kept, LogSettings, Sources, registry};
use crate::telemetry::Exporter;

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
    /// Show Podium with a simulated gateway: 8 teams, 60 days of history, live usage
    Demo(Options),
    /// Read a range of days once and end
    Sync(sync::SyncOptions),
    /// Compare stored days with the gateway and print the differences
    Audit(sync::SyncOptions),
    /// Make, list and revoke tokens for Grafana, Prometheus and scripts
    Token(access::TokenOptions),
    /// Show who came in, as JSON lines, newest first
    Access(access::AccessOptions),
    /// Back up what is stored, beside a server that runs or without one
    Backup(backup::BackupOptions),
    /// Restore a backup, while no server runs
    Restore(backup::RestoreOptions),
    /// Write all that is stored as Parquet files, beside a server that runs or without one
    Export(transfer::ExportOptions),
    /// Take an export into an empty place, while no server runs
    Import(transfer::ImportOptions),
    /// Report what works and what to do about the rest
    Check(CheckOptions),
    /// Print what is configured, and what each value comes from
    Config(config::ConfigOptions),
    /// Print the OpenAPI document
    Openapi,
    /// Print what makes a shell complete commands and flags
    Completions(shell::CompletionsOptions),
    /// Print the manual page
    Man(shell::ManOptions),
}

#[derive(Args)]
struct CheckOptions {
    /// Only ask the server that runs beside it whether it is alive; exit code 0 if it is
    #[arg(long)]
    live: bool,
    #[command(flatten)]
    options: Options,
}

/// The environment variables, without their values: some are secrets.
fn variables_help() -> String {
    let mut help = "Environment (also read from .env and podium.toml in the working directory, or \
                    from the file named with --config):\n"
        .to_owned();
    for named in registry::names() {
        let about = match (named.by_file, named.setting.default) {
            (true, _) => "A file that holds it".to_owned(),
            (false, "none" | "required") => named.setting.headline(),
            (false, default) => format!("{} ({default})", named.setting.headline()),
        };
        help.push_str(&format!("  {:<32}{}\n", named.variable(), about.replace('`', "")));
    }
    help
}

/// A configuration that is right, and what sends traces once there is a runtime.
struct Ready {
    config: Config,
    traces: Option<Exporter>,
}

/// How a command ended; an error is wrong usage or configuration.
type Done = Result<anyhow::Result<ExitCode>, String>;

impl Ready {
    fn run<W>(self, command: impl FnOnce(Config) -> W) -> anyhow::Result<ExitCode>
    where
        W: Future<Output = anyhow::Result<ExitCode>>,
    {
        block_on(self.traces, command(self.config))
    }
}

/// Reads where values come from, and starts the log.
fn sources(options: &Options) -> (Sources, Option<Exporter>) {
    let directory = std::env::current_dir().unwrap_or_default();
    let sources = Sources::read(options.flags(), &directory);
    let traces = log::start(LogSettings::read(&sources));
    for warning in sources.warnings() {
        tracing::warn!(warning, "the configuration has something odd");
    }
    (sources, traces)
}

/// Reads the configuration and starts the log.
fn configure(options: &Options, own_gateway: bool) -> Result<Ready, String> {
    let (sources, traces) = sources(options);
    let config = Config::from_sources(&sources, own_gateway).map_err(|error| error.to_string())?;
    Ok(Ready { config, traces })
}

fn carry_out(command: Command) -> Done {
    match command {
        Command::Serve(options) => Ok(configure(&options, false)?.run(serve::run)),
        Command::Demo(options) => Ok(configure(&options, true)?.run(demo::run)),
        Command::Sync(sync) => {
            Ok(configure(&sync.options, false)?.run(|config| sync::run(config, sync.range)))
        }
        Command::Audit(audit) => {
            Ok(configure(&audit.options, false)?.run(|config| audit::run(config, audit.range)))
        }
        Command::Check(check) if check.live => {
            Ok(Ok(live::run(&configure(&check.options, true)?.config)))
        }
        Command::Check(check) => Ok(configure(&check.options, false)?.run(check::run)),
        Command::Config(config) if config.wants_example() => Ok(Ok(config::print_example())),
        Command::Config(config) => Ok(Ok(config::run(&config, &sources(&config.options).0))),
        Command::Token(token) => Ok(configure(&token.place.0, false)?
            .run(async |config| access::token(&config, token.command))),
        Command::Access(access) => Ok(configure(&access.place.0, false)?
            .run(async |config| access::access(&config, access.command))),
        Command::Backup(wish) => Ok(backup::backup(&stored(&wish.place)?, &wish)),
        Command::Restore(wish) => Ok(backup::put_back(&stored(&wish.place)?, &wish)),
        Command::Export(wish) => Ok(transfer::export(&stored(&wish.place)?, &wish)),
        Command::Import(wish) => Ok(transfer::import(&stored(&wish.place)?, &wish)),
        Command::Openapi => {
            say(crate::api::openapi().trim_end());
            Ok(Ok(ExitCode::SUCCESS))
        }
        Command::Completions(wish) => Ok(Ok(shell::completions(&wish, Cli::command()))),
        Command::Man(wish) => Ok(shell::man(&wish, Cli::command())),
    }
}

/// Reads what has to be known to work on what is stored, and starts the log. No key is needed.
fn stored(place: &Place) -> Result<Kept, String> {
    Kept::from_sources(&sources(&place.0).0).map_err(|error| error.to_string())
}

/// Runs the command line.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let code = match carry_out(cli.command) {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            log::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
        Err(message) => {
            log::complain(&message);
            ExitCode::from(EXIT_CONFIGURATION)
        }
    };
    log::finish();
    code
}

/// Threads for work that blocks: writes, one after the other, answers, and parsing.
const BLOCKING_THREADS: usize = 4;
/// A thread that ends leaves the memory that it freed to nobody: the allocator has a heap for each.
/// So the few there are stay.
const THREADS_STAY: std::time::Duration = std::time::Duration::from_secs(24 * 3_600);

/// The last spans have so long to be sent.
const LAST_TRACES: std::time::Duration = std::time::Duration::from_secs(1);

fn block_on(
    traces: Option<Exporter>,
    work: impl Future<Output = anyhow::Result<ExitCode>>,
) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_keep_alive(THREADS_STAY)
        .build()?;
    let done = runtime.block_on(async {
        let exporting = traces.map(Exporter::start);
        let done = work.await;
        if let Some(exporting) = exporting {
            exporting.finish(LAST_TRACES).await;
        }
        done
    });
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
