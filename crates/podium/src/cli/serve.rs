//! `podium serve`

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;

use super::notify;
use super::signals::stop_on_signal;
use crate::access::Mode;
use crate::app::{App, Deps, listen};
use crate::clock::SystemClock;
use crate::config::Config;

pub(super) async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let gateway = config.gateway.clone().context("no gateway is configured")?;
    let stop = stop_on_signal()?;
    let listener = listen(config.listen).await?;
    let app = App::build(&config, gateway, &Deps { clock: Arc::new(SystemClock) })?;
    let port = listener.local_addr()?.port();
    let scheme = if config.tls.is_some() { "https" } else { "http" };
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        refresh = ?config.sync.refresh,
        cors_origins = ?config.cors_origins,
        access = config.access.mode.name(),
        file = config.file.as_ref().map(|path| path.display().to_string()),
        "listening on {scheme}://localhost:{port}"
    );
    if config.access.mode == Mode::Open && !config.listen.ip().is_loopback() {
        tracing::warn!(
            "everybody who reaches this port sees all usage (PODIUM_ACCESS is open); set \
             PODIUM_ACCESS to board or private to have people sign in"
        );
    }
    app.start(true);
    notify::follow(&stop);
    app.serve(listener, stop).await?;
    tracing::info!("ended");
    Ok(ExitCode::SUCCESS)
}
