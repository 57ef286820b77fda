//! `podium demo`

use std::process::ExitCode;

use crate::config::Config;

pub(super) async fn run(_config: Config) -> anyhow::Result<ExitCode> {
    anyhow::bail!("not yet")
}
