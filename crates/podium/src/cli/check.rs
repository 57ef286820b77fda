//! `podium check`: what works, and what to do about the rest.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;

use super::say;
use crate::access::Mode;
use crate::app::location;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::gateway::{
    Error as Refused, KeyRights, LiteLlm, LogWindow, PersonId, RequestLogs, UsageSource as _,
};
use crate::sign_on::SignOn;
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

    /// Something that is left out, and what that costs.
    fn note(&mut self, what: &str) {
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
    match &config.file {
        Some(path) => report.good(&format!("configuration file: {}", path.display())),
        None => report.note("configuration file: none, see podium config"),
    }
    report.good(&format!(
        "configuration: port {}, refresh {:?}, {} allowed origins",
        config.listen.port(),
        config.sync.refresh,
        config.cors_origins.len()
    ));
    let gateway = config.gateway.clone().context("no gateway is configured")?;
    check_store(location(&config.data, &gateway), &mut report);
    match LiteLlm::new(gateway, config.limits) {
        Ok(gateway) => {
            check_gateway(&gateway, &mut report).await;
            check_access(&config, &gateway, &mut report).await;
        }
        Err(error) => report.bad(&format!("gateway: {error}")),
    }
    Ok(if report.faults == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn check_store(location: Option<Location>, report: &mut Report) {
    let Some(location) = location else {
        return report.warn("store: in memory, since this user has no home directory");
    };
    match EmbeddedStore::inspect(&location) {
        Ok(Health { path: Some(path), is_new, fault: None }) => {
            let is = if is_new { "can be made" } else { "is sound" };
            report.good(&format!("store: {} {is}", path.display()));
        }
        Ok(Health { path: Some(path), fault: Some(fault), .. }) => report.bad(&format!(
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
        Ok(KeyRights::OwnUsageOnly) => return report.bad(&format!("key: {}", Refused::NarrowKey)),
        Err(error) => return report.bad(&format!("key: {error}")),
    }
    match gateway.teams().await {
        Ok(teams) => report.good(&format!("teams: {}", teams.len())),
        Err(error) => report.bad(&format!("teams: {error}")),
    }
    check_usage(gateway, report).await;
    check_logs(gateway, report).await;
    match gateway.models().await {
        Ok(models) => report.good(&format!("models: {} deployments", models.len())),
        Err(Refused::KeyRefused) => {
            report.note("models: this key may not list them; nothing is lost but their nice names");
        }
        Err(error) => report.warn(&format!("models: {error}")),
    }
}

/// Somebody of whom no gateway knows.
const NOBODY: PersonId<'static> = PersonId::UserId("nobody whom podium check knows");

async fn check_access(config: &Config, gateway: &LiteLlm, report: &mut Report) {
    let mode = config.access.mode;
    if mode == Mode::Open {
        return report.note("access: open, everybody who reaches the port sees everything");
    }
    match config.access.secrets.is_empty() {
        true => report.warn(
            "access: sessions end with the process; set PODIUM_SECRET to keep them over restarts",
        ),
        false => report.good(&format!("access: {}, sessions outlast restarts", mode.name())),
    }
    match gateway.person(NOBODY).await {
        Ok(_) => report.good("people: this key may ask whose keys are whose"),
        Err(error) => report.warn(&format!(
            "people: {error}; sessions of LiteLLM keys end within the hour, and single sign-on \
             finds no teams"
        )),
    }
    let Some(settings) = config.sign_on.clone() else { return };
    let found = match SignOn::new(settings, Arc::new(SystemClock)) {
        Ok(sign_on) => sign_on.begin().await.map(|_| ()),
        Err(error) => Err(error),
    };
    match found {
        Ok(()) => report.good("single sign-on: the provider is found"),
        Err(error) => report.bad(&format!("single sign-on: {error}")),
    }
}

async fn check_usage(gateway: &LiteLlm, report: &mut Report) {
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
            "usage: this gateway has no aggregated activity, or this key may not ask for it, so \
             days are read page by page; a newer LiteLLM is easier on it",
        ),
        Err(error) => report.bad(&format!("usage: {error}")),
    }
}

async fn check_logs(gateway: &LiteLlm, report: &mut Report) {
    let now = SystemClock.now();
    let from = now.checked_sub(jiff::SignedDuration::from_mins(1)).unwrap_or(now);
    match gateway.requests(LogWindow { from, until: now }).await {
        Ok(RequestLogs::NotAllowed) => report.note(
            "request logs: this key may not read them; without them hours, other time zones and \
             durations are not known (the gateway may push its requests instead)",
        ),
        Ok(RequestLogs::NotKept) => report.note(
            "request logs: the gateway has none; without them hours, other time zones and \
             durations are not known (it may push its requests instead)",
        ),
        Ok(_) => report.good("request logs: may be read"),
        Err(error) => report.warn(&format!("request logs: {error}")),
    }
}
