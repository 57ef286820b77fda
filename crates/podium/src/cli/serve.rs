//! `podium serve`

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;

use super::signals::stop_on_signal;
use crate::app::{App, Deps, listen};
use crate::clock::SystemClock;
use crate::config::Config;

pub(super) async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let gateway = config.gateway.clone().context("no gateway is configured")?;
    let stop = stop_on_signal()?;
    let listener = listen(config.listen).await?;
    let app = App::build(&config, gateway, &Deps { clock: Arc::new(SystemClock) })?;
    let port = listener.local_addr()?.port();
    tracing::info!(
        version = env!("CARGO_PKG_VERSION"),
        refresh = ?config.sync.refresh,
        cors_origins = ?config.cors_origins,
        "listening on http://localhost:{port}"
    );
    app.start(true);
    app.serve(listener, stop).await?;
    tracing::info!("ended");
    Ok(ExitCode::SUCCESS)
}
