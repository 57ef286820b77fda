//! `podium sync`

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::options::Options;
use super::signals::stop_on_signal;
use super::{complain, say};
use crate::app::{App, Deps, chosen};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::usage::{Day, DayRange};

#[derive(Args)]
pub(super) struct SyncOptions {
    #[command(flatten)]
    pub(super) options: Options,
    #[command(flatten)]
    pub(super) range: Range,
}

#[derive(Args)]
pub(super) struct Range {
    /// First day, YYYY-MM-DD in UTC [sync: 29 days before the last; audit: the oldest stored one]
    #[arg(long, value_name = "DAY", value_parser = Day::parse)]
    pub(super) from: Option<Day>,
    /// Last day [default: today]
    #[arg(long, value_name = "DAY", value_parser = Day::parse)]
    pub(super) to: Option<Day>,
}

/// Podium for a run that is of no use if what it stores is not kept.
pub(super) fn build_kept(config: &Config) -> anyhow::Result<App> {
    let gateway = config.gateway.clone().context("no gateway is configured")?;
    let data = chosen(&config.data).context("this user has no home directory")?;
    let config = Config { data, ..config.clone() };
    Ok(App::build(&config, gateway, &Deps { clock: Arc::new(SystemClock) })?)
}

pub(super) async fn run(config: Config, range: Range) -> anyhow::Result<ExitCode> {
    let today = SystemClock.today();
    let last = range.to.unwrap_or(today);
    if last > today {
        complain("podium: --to cannot be in the future");
        return Ok(ExitCode::from(super::EXIT_CONFIGURATION));
    }
    let first = range.from.unwrap_or(last.minus(29));
    let Some(range) = DayRange::new(first, last) else {
        complain("podium: --to must not be before --from");
        return Ok(ExitCode::from(super::EXIT_CONFIGURATION));
    };
    let stop = stop_on_signal()?;
    let app = build_kept(&config)?;
    app.start(false);
    let bar = ProgressBar::new(0).with_style(
        ProgressStyle::with_template("{bar:40} {pos}/{len} days  {elapsed}")
            .context("the progress bar's form")?,
    );
    let mut read = 0;
    let run = app.sync.run_once(range, |done, total| {
        read = total;
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    });
    let outcome = tokio::select! {
        outcome = run => Some(outcome),
        () = stop.cancelled() => None,
    };
    bar.finish_and_clear();
    app.end().await;
    match outcome {
        Some(Ok(())) => {
            say(&format!(
                "{range}: {read} of {} days were read, the others are as the gateway has them",
                range.day_count()
            ));
            Ok(ExitCode::SUCCESS)
        }
        Some(Err(error)) => Err(anyhow::anyhow!("{range} is not complete: {error}")),
        None => Err(anyhow::anyhow!("{range} is not complete: interrupted")),
    }
}
