//! `podium token` and `podium access`: beside a server that runs, or without one.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};

use super::options::Place;
use super::say;
use crate::access::{Keeper, Mode, Token, TokenRole, TokenWish};
use crate::app::location;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::store::{AccessBook, Location};

#[derive(Args)]
pub(super) struct TokenOptions {
    #[command(flatten)]
    pub(super) place: Place,
    #[command(subcommand)]
    pub(super) command: TokenCommand,
}

#[derive(Args)]
pub(super) struct AccessOptions {
    #[command(flatten)]
    pub(super) place: Place,
    #[command(subcommand)]
    pub(super) command: AccessCommand,
}

#[derive(Subcommand)]
pub(super) enum TokenCommand {
    /// Make a token; it is shown this once
    Create(Create),
    /// List all tokens, without what makes them tokens
    List,
    /// Revoke a token at once
    Revoke {
        /// Its id, as the list has it
        id: String,
    },
}

#[derive(Args)]
pub(super) struct Create {
    /// What it may see: team, viewer or admin
    #[arg(long, value_name = "ROLE")]
    role: String,
    /// What it is for
    #[arg(long, value_name = "NAME", default_value = "made on the command line")]
    name: String,
    /// A team that it sees, by id; may be repeated
    #[arg(long = "team", value_name = "TEAM_ID")]
    teams: Vec<String>,
    /// Until when it is good: a number of days (90d), or a date (2027-01-31)
    #[arg(long, value_name = "DAYS|DATE")]
    expires: Option<String>,
    /// It may stand in an address (?token=), where PODIUM_TOKEN_IN_ADDRESS allows it
    #[arg(long)]
    in_address: bool,
}

#[derive(Subcommand)]
pub(super) enum AccessCommand {
    /// The access log as JSON lines, newest first
    Log {
        /// So many lines
        #[arg(long, value_name = "LINES", default_value_t = 200)]
        limit: usize,
    },
}

/// Who makes and revokes tokens here.
const BY: Option<&str> = Some("the command line");

pub(super) fn token(config: &Config, command: TokenCommand) -> anyhow::Result<ExitCode> {
    let keeper = keeper(config)?;
    match command {
        TokenCommand::Create(create) => {
            let wish = wish(create)?.checked().map_err(anyhow::Error::msg)?;
            let made = keeper.make_token(wish, BY)?;
            say(&made.text);
            if config.access.mode == Mode::Open {
                super::complain("podium: with PODIUM_ACCESS=open nobody needs a token");
            }
        }
        TokenCommand::List => keeper.tokens()?.iter().for_each(|token| say(&line(token))),
        TokenCommand::Revoke { id } => {
            anyhow::ensure!(keeper.revoke_token(&id, BY)?, "there is no token {id}");
            say("revoked");
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn access(config: &Config, command: AccessCommand) -> anyhow::Result<ExitCode> {
    let AccessCommand::Log { limit } = command;
    for entry in keeper(config)?.log_entries(limit)? {
        say(&serde_json::to_string(&entry)?);
    }
    Ok(ExitCode::SUCCESS)
}

fn keeper(config: &Config) -> anyhow::Result<Keeper> {
    let gateway = config.gateway.as_ref().context("no gateway is configured")?;
    let location = location(&config.data, gateway).context("this user has no home directory")?;
    anyhow::ensure!(
        location != Location::Memory,
        "with PODIUM_DATA_DIR=:memory: tokens are made on the page or over HTTP alone"
    );
    Ok(Keeper::new(AccessBook::open(&location)?, Arc::new(SystemClock)))
}

fn wish(create: Create) -> anyhow::Result<TokenWish> {
    let role = TokenRole::ALL.into_iter().find(|role| role.name() == create.role);
    Ok(TokenWish {
        name: create.name,
        role: role.context("--role must be team, viewer or admin")?,
        teams: create.teams,
        expires_at: create.expires.as_deref().map(expiry).transpose()?,
        in_address: create.in_address,
    })
}

fn expiry(text: &str) -> anyhow::Result<Timestamp> {
    let now = SystemClock.now();
    let at = match text.strip_suffix('d').and_then(|days| days.parse::<u32>().ok()) {
        Some(days) => now.checked_add(SignedDuration::from_hours(i64::from(days) * 24)).ok(),
        None => crate::usage::Day::parse(text).ok().map(crate::usage::Day::end),
    };
    at.filter(|at| *at > now).context("--expires must be a number of days (90d), or a date to come")
}

fn line(token: &Token) -> String {
    let or_never = |at: Option<Timestamp>| at.map_or("never".to_owned(), |at| at.to_string());
    format!(
        "{}  {:<6}  expires {:<20}  last used {:<20}  {}{}",
        token.id,
        token.role.name(),
        or_never(token.expires_at),
        or_never(token.last_used_at),
        token.name,
        token.teams.iter().map(|team| format!("  team {team}")).collect::<String>(),
    )
}
