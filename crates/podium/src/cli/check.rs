//! `podium check`: what works, and what to do about the rest.

use std::process::ExitCode;

use anyhow::Context as _;

use super::say;
use crate::app::location;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::gateway::{KeyRights, LiteLlm, UsageSource as _};
use crate::store::{EmbeddedStore, Error, Health, Location};
use crate::usage::DayRange;

/// The report so far.
struct Report {
    faults: u32,
}

impl Report {
    fn good(&mut self, what: &str) {
        say(&format!("ok    {what}"));
    }

    fn warn(&mut self, what: &str) {
        say(&format!("warn  {what}"));
    }

    fn bad(&mut self, what: &str) {
        self.faults += 1;
        say(&format!("FAIL  {what}"));
    }
}

pub(super) async fn run(config: Config) -> anyhow::Result<ExitCode> {
    let mut report = Report { faults: 0 };
    report.good(&format!(
        "configuration: port {}, refresh {:?}, {} allowed origins",
        config.listen.port(),
        config.sync.refresh,
        config.cors_origins.len()
    ));
    let gateway = config.gateway.clone().context("no gateway is configured")?;
    check_store(location(&config.data, &gateway), &mut report);
    match LiteLlm::new(gateway, config.limits) {
        Ok(gateway) => check_gateway(&gateway, &mut report).await,
        Err(error) => report.bad(&format!("gateway: {error}")),
    }
    Ok(if report.faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn check_store(location: Option<Location>, report: &mut Report) {
    let Some(location) = location else {
        return report.warn("store: in memory, since this user has no home directory");
    };
    match EmbeddedStore::inspect(&location) {
        Ok(Health { path: Some(path), fault: None }) => {
            report.good(&format!("store: {} is sound", path.display()));
        }
        Ok(Health { path: Some(path), fault: Some(fault) }) => report.bad(&format!(
            "store: {} is damaged ({fault}); move it away, or start Podium, which sets it aside \
             and reads everything anew",
            path.display()
        )),
        Ok(Health { path: None, .. }) => {
            report.warn("store: in memory; usage is read anew at each start");
        }
        Err(error @ Error::InUse { .. }) => report.warn(&format!("store: {error}")),
        Err(error) => report.bad(&format!("store: {error}")),
    }
}

async fn check_gateway(gateway: &LiteLlm, report: &mut Report) {
    match gateway.version().await {
        Ok(Some(version)) => report.good(&format!("gateway: reachable, LiteLLM {version}")),
        Ok(None) => report.good("gateway: reachable, its version is not told"),
        Err(error) => return report.bad(&format!("gateway: {error}")),
    }
    match gateway.key_rights().await {
        Ok(KeyRights::Everything) => {
            report.good("key: accepted, may list teams and see everybody's usage");
        }
        Ok(KeyRights::OwnUsageOnly) => {
            return report.bad(
                "key: accepted, but it may only see its own user's usage, and no teams; put \
                 an admin's key into LITELLM_API_KEY",
            );
        }
        Err(error) => return report.bad(&format!("key: {error}")),
    }
    match gateway.teams().await {
        Ok(teams) => report.good(&format!("teams: {}", teams.len())),
        Err(error) => report.bad(&format!("teams: {error}")),
    }
    match gateway.models().await {
        Ok(models) => report.good(&format!("models: {} deployments", models.len())),
        Err(error) => report.warn(&format!("models: {error}")),
    }
    let week = DayRange::ending(SystemClock.today(), 7);
    match gateway.totals(week).await {
        Ok(Some(days)) => {
            let tokens: i64 = days.values().map(|totals| totals.day.total_tokens).sum();
            report.good(&format!(
                "usage: {} of the last 7 days have some, {tokens} tokens",
                days.len()
            ));
        }
        Ok(None) => report.warn(
            "usage: this gateway has no aggregated activity, so days are read page by page; \
             a newer LiteLLM is easier on it",
        ),
        Err(error) => report.bad(&format!("usage: {error}")),
    }
}
