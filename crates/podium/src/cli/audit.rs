//! `podium audit`

use std::process::ExitCode;

use anyhow::Context as _;

use super::say;
use super::sync::{Range, build_kept};
use crate::app::App;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::store::Ledger as _;
use crate::usage::{AuditedDay, Cause, Day, DayRange};

pub(super) async fn run(config: Config, range: Range) -> anyhow::Result<ExitCode> {
    let app = build_kept(&config)
        .context("while Podium serves, ask it instead: POST /api/v1/audit, then GET")?;
    let Some(range) = audited_range(&app, &range).await? else {
        say(
            "Nothing is stored yet, so there is nothing to audit. Read some days first: podium sync",
        );
        app.end().await;
        return Ok(ExitCode::SUCCESS);
    };
    app.start(false);
    let audited = app.sync.audit(range).await;
    app.end().await;
    let audited = audited.with_context(|| format!("{range} could not be audited"))?;
    print_table(&audited);
    let differing = audited.iter().filter(|day| day.cause != Cause::Equal).count();
    say(&format!("{range}: {} days with usage, {differing} differences", audited.len()));
    Ok(if differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The days that were asked for; without any, those that are stored.
async fn audited_range(app: &App, asked: &Range) -> anyhow::Result<Option<DayRange>> {
    let today = SystemClock.today();
    let last = asked.to.unwrap_or(today);
    let first = match asked.from {
        Some(first) => first,
        None => {
            let all = DayRange::new(Day::FIRST_WITH_DAY_BEFORE, last);
            let ledger = app.store.state();
            let oldest = all.and_then(|all| ledger.stored_days(all).last().map(|(day, _)| *day));
            let Some(oldest) = oldest else { return Ok(None) };
            oldest
        }
    };
    anyhow::ensure!(last <= today, "--to cannot be in the future");
    DayRange::new(first, last).map(Some).context("--to must not be before --from")
}

fn print_table(audited: &[AuditedDay]) {
    say(&format!(
        "{:<10}  {:>16}  {:>16}  {:>14}  {:>12}  {:>14}  cause",
        "day", "tokens: ours", "gateway's", "difference", "requests ±", "spend ± (USD)"
    ));
    for day in audited {
        let ours = day.ours.map_or("-".to_owned(), |ours| ours.total_tokens.to_string());
        let difference = day.difference();
        // What the database adds in another order differs in the last bits only.
        let spend = if day.cause == Cause::Equal { 0.0 } else { difference.cost_usd() };
        say(&format!(
            "{:<10}  {ours:>16}  {:>16}  {:>14}  {:>12}  {spend:>14.6}  {}",
            day.day.to_string(),
            day.gateway.total_tokens,
            difference.total_tokens,
            difference.requests,
            day.cause.name()
        ));
    }
}
