//! `gateway-sim`: a simulated LiteLLM gateway on a port.

use std::net::{Ipv4Addr, SocketAddr};

use clap::{Parser, ValueEnum};
use gateway_sim::{Clock, Live, Options, Simulator, Spec, Version, World};

/// Serves a simulated LiteLLM gateway with generated teams and usage.
///
/// Without sizes it is a workshop: 8 teams, 3 keys each, 6 models, 30 days, a week of request
/// logs. Sizes change that world; --dense fills every team, key, model and day.
#[derive(Debug, Parser)]

struct Arguments {
    /// Where to listen on this machine; 0 for a free port.
    #[arg(long, default_value_t = 4010)]
    port: u16,
    /// How many teams.
    #[arg(long, default_value_t = 8)]
    teams: usize,
    /// How many keys each team has.
    #[arg(long, default_value_t = 3)]
    keys: usize,
    /// How many models.
    #[arg(long, default_value_t = 6)]
    models: usize,
    /// How many days of history, today included.
    #[arg(long, default_value_t = 30)]
    days: usize,
    /// On how many of the last days single requests are logged too.
    #[arg(long, default_value_t = 7)]
    log_days: usize,
    /// Another seed makes other numbers.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Makes a row for each key, model and day, also where nobody would have called.
    #[arg(long)]
    dense: bool,
    /// Adds teams without a name, of one name, deleted; keys that moved or belong to no team.
    #[arg(long)]
    oddities: bool,
    /// Adds requests as time passes.
    #[arg(long)]
    live: bool,
    /// How many of them a second.
    #[arg(long, default_value_t = 5.0, requires = "live")]
    requests_per_second: f64,
    /// The admin's key.
    #[arg(long, default_value = "sk-sim")]
    api_key: String,
    /// What the simulated release can do.
    #[arg(long = "version", value_enum, default_value_t = Release::Current)]
    release: Release,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Release {
    Current,
    Older,
    Oldest,
}

impl Arguments {
    fn spec(&self, clock: &Clock) -> Spec {
        Spec {
            seed: self.seed,
            now: Some(clock.now()),
            log_days: self.log_days,
            dense: self.dense,
            oddities: self.oddities,
            ..Spec::of_size(self.teams, self.keys, self.models, self.days, clock.today())
        }
    }

    fn options(&self, clock: Clock) -> Options {
        Options {
            api_key: self.api_key.clone(),
            version: match self.release {
                Release::Current => Version::CURRENT,
                Release::Older => Version::OLDER,
                Release::Oldest => Version::OLDEST,
            },
            address: SocketAddr::from((Ipv4Addr::LOCALHOST, self.port)),
            clock: Some(clock),
        }
    }
}

#[allow(clippy::print_stdout, reason = "the address and the key are what this program is run for")]
#[tokio::main]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let clock = Clock::system();
    let world = World::generate(&arguments.spec(&clock));
    let rows = world.row_count();
    let simulator = Simulator::start_with(world, arguments.options(clock)).await?;
    if arguments.live {
        simulator.go_live(Live {
            requests_per_second: arguments.requests_per_second,
            seed: arguments.seed,
            after: None,
        });
    }
    println!("{} with key {} ({rows} daily rows)", simulator.url(), simulator.api_key());
    asked_to_stop().await?;
    simulator.stop().await;
    Ok(())
}

/// Waits for an interrupt or, where there is such a thing, a request to terminate.
async fn asked_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
