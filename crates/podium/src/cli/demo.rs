//! `podium demo`: a simulated gateway and Podium in one process, nothing to configure.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use gateway_sim::{Live, Options, Simulator, Spec, Workshop, World};

use super::say;
use super::signals::stop_on_signal;
use crate::access::Mode;
use crate::app::{App, Deps, listen};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Config, DataDir};
use crate::gateway::Gateway;

/// How long the workshop has lasted, today included.
const WORKSHOP_DAYS: i32 = 3;
/// How many days there are to be read.
const HISTORY_DAYS: u32 = 60;
/// The demo shows a change this soon.
const REFRESH: Duration = Duration::from_secs(2);

pub(super) async fn run(mut config: Config) -> anyhow::Result<ExitCode> {
    let stop = stop_on_signal()?;
    let listener = listen(config.listen).await?;
    let port = listener.local_addr()?.port();
    let simulator = start_gateway().await.context("the simulated gateway does not start")?;
    config.data = DataDir::Memory;
    config.sync.backfill_days = config.sync.backfill_days.max(HISTORY_DAYS);
    config.sync.refresh = config.sync.refresh.min(REFRESH);
    let base_url = simulator.url().parse().context("the simulated gateway's address")?;
    let gateway = Gateway { direct: true, ..Gateway::new(base_url, simulator.api_key().into()) };
    let app = App::build(&config, gateway, &Deps { clock: Arc::new(SystemClock) })?;
    say(&format!(
        "Podium demo: a workshop of 8 teams with 60 days of history and live usage.\n\n  \
         http://localhost:{port}/            the leaderboard\n  \
         http://localhost:{port}/present     for a projector\n  \
         http://localhost:{port}/docs        the API, to try out\n\n\
         Press Ctrl-C to end. Nothing is kept."
    ));
    if config.access.mode != Mode::Open {
        say(SIGN_IN);
    }
    app.start(true);
    app.serve(listener, stop).await?;
    simulator.stop().await;
    Ok(ExitCode::SUCCESS)
}

const SIGN_IN: &str = "\nSign in with sk-demo-admin, sk-demo-viewer, or the key of a team, such as \
                       sk-demo-prompt-pirates.";

async fn start_gateway() -> std::io::Result<Simulator> {
    let now = SystemClock.now();
    let today = SystemClock.today().date();
    // In full swing whenever one looks, and at its end soon after.
    let workshop = Some(Workshop::around(now, WORKSHOP_DAYS));
    let spec = Spec { now: Some(now), workshop, ..Spec::workshop(today) };
    let world = World::generate(&spec);
    let live = Live::continuing(&world, &spec);
    let clock = gateway_sim::Clock::system();
    let simulator =
        Simulator::start_with(world, Options { clock: Some(clock), ..Options::default() }).await?;
    simulator.go_live(live);
    Ok(simulator)
}
