//! The gateway's list of teams.

use std::collections::HashSet;

use serde::Deserialize;

use super::http::parse;
use super::wire::{from_json, is_object, or_default, text};
use super::{Error, LiteLlm, UsageSource as _};
use crate::usage::Team;

/// Teams a page: the most that LiteLLM allows (1.106: 422 above).
const PAGE_TEAMS: &str = "100";
/// More pages than any gateway has.
const MOST_PAGES: u32 = 2_000;
/// More teams than any gateway has.
const MOST_TEAMS: usize = 100_000;

#[derive(Deserialize)]
struct WireTeam {
    #[serde(default, deserialize_with = "text")]
    team_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    team_alias: Option<String>,
    #[serde(default, deserialize_with = "text")]
    created_at: Option<String>,
}

/// A page of `GET /v2/team/list`.
#[derive(Deserialize)]
struct TeamPage {
    teams: Option<Vec<Option<WireTeam>>>,
    #[serde(default, deserialize_with = "or_default")]
    total: super::wire::Number,
    #[serde(default, deserialize_with = "or_default")]
    total_pages: super::wire::Number,
}

impl LiteLlm {
    /// All teams: through pages where the gateway has them (a few kB), else the full list
    /// with every key of every team.
    pub(super) async fn read_teams(&self) -> Result<Vec<Team>, Error> {
        let mut failure = None;
        if self.team_pages.is_there() {
            // A team made or deleted meanwhile shifts the pages.
            for _ in 0..2 {
                match self.read_team_pages().await {
                    Ok(Some(teams)) => {
                        self.team_pages.worked();
                        return Ok(teams);
                    }
                    Ok(None) => {}
                    Err(error) if error.is_unsupported() => {
                        failure = Some(error);
                        break;
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        if failure == Some(Error::KeyRefused) {
            // The gateway books a refused question for teams as a failed request, but not this.
            self.check_key().await?;
        }
        let teams = match self.read_team_list().await {
            // The key is good, since it was just asked about, or is now.
            Err(Error::KeyRefused) if failure == Some(Error::KeyRefused) => Err(Error::NarrowKey),
            Err(Error::KeyRefused) => {
                self.check_key().await?;
                Err(Error::NarrowKey)
            }
            teams => teams,
        }?;
        if let Some(error) = failure {
            self.team_pages.failed_alone(&error);
        }
        Ok(teams)
    }

    /// The full list, with every key of every team.
    async fn read_team_list(&self) -> Result<Vec<Team>, Error> {
        let body = self.http.get("/team/list", &[]).await?;
        let teams = parse(body, |bytes| {
            if is_object(bytes) {
                let page: TeamPage = from_json(bytes)?;
                page.teams.ok_or(Error::Shape("it has no list of teams"))
            } else {
                from_json::<Option<Vec<Option<WireTeam>>>>(bytes)?
                    .ok_or(Error::Shape("it has no list of teams"))
            }
        });
        within_limit(distinct(teams.await?.into_iter().flatten()))
    }

    /// The teams of all pages; `None` if they did not fit together.
    async fn read_team_pages(&self) -> Result<Option<Vec<Team>>, Error> {
        let mut listed = Vec::new();
        let mut page = 1_u32;
        loop {
            let number = page.to_string();
            let query = [
                ("page", number.as_str()),
                ("page_size", PAGE_TEAMS),
                // The one order in which no two teams are equal, so that none changes its page.
                ("sort_by", "team_id"),
                ("sort_order", "asc"),
            ];
            let body = self.http.get("/v2/team/list", &query).await?;
            let answer: TeamPage = parse(body, |bytes| {
                if !is_object(bytes) {
                    from_json::<serde::de::IgnoredAny>(bytes)?;
                    return Err(Error::Shape("it is not an object"));
                }
                from_json(bytes)
            })
            .await?;
            let teams = answer.teams.ok_or(Error::Shape("it has no list of teams"))?;
            let is_last = teams.is_empty()
                || answer.total_pages.count().is_none_or(|pages| i64::from(page) >= pages);
            listed.extend(teams.into_iter().flatten());
            if listed.len() > MOST_TEAMS || page > MOST_PAGES {
                return Err(Error::TooLarge);
            }
            if is_last {
                order_as_listed(&mut listed);
                let told = answer.total.count();
                let seen = listed.len();
                let teams = distinct(listed.into_iter());
                let fits = seen == teams.len()
                    && told.is_none_or(|told| usize::try_from(told) == Ok(seen));
                return Ok((fits || page == 1).then_some(teams));
            }
            page += 1;
        }
    }
}

/// The order of `/team/list`: by alias as Python compares texts, nameless teams first (LiteLLM
/// 1.106). Among equal aliases that list has the database's own order; the oldest first is the
/// nearest to it that is stable.
fn order_as_listed(teams: &mut [WireTeam]) {
    teams.sort_by(|a, b| {
        let order = |team: &WireTeam| team.team_alias.clone().unwrap_or_default();
        (order(a), &a.created_at, &a.team_id).cmp(&(order(b), &b.created_at, &b.team_id))
    });
}

fn within_limit(teams: Vec<Team>) -> Result<Vec<Team>, Error> {
    if teams.len() > MOST_TEAMS { Err(Error::TooLarge) } else { Ok(teams) }
}

/// Teams with an id, each once.
fn distinct(teams: impl Iterator<Item = WireTeam>) -> Vec<Team> {
    let mut seen = HashSet::new();
    teams
        .filter_map(|team| Some(Team { team_id: team.team_id?, alias: team.team_alias }))
        .filter(|team| seen.insert(team.team_id.clone()))
        .collect()
}
