//! Names of teams and API keys at rest, and the list of teams.

use std::collections::HashSet;

use jiff::Timestamp;
use rusqlite::Connection;

use super::{Database, decoded, set};
use crate::store::Error;
use crate::store::seal::{Seal, from_blob, to_blob};
use crate::usage::Team;

/// What is known of teams and keys by name.
#[derive(Default)]
pub(in crate::store) struct StoredNames {
    /// The list as the gateway gave it; `None` if it was never read, or is not as it was written.
    pub(in crate::store) teams: Option<Vec<Team>>,
    pub(in crate::store) team_aliases: Vec<(String, String)>,
    pub(in crate::store) key_aliases: Vec<(String, String)>,
    /// How many rows are not as they were written.
    pub(in crate::store) distrusted: usize,
}

fn team_seal(team_id: &str, alias: Option<&str>, position: Option<i64>) -> [u8; 16] {
    to_blob(Seal::of("team").text(team_id).optional(alias).maybe(position).done())
}

fn key_seal(api_key: &str, alias: &str) -> [u8; 16] {
    to_blob(Seal::of("api_key").text(api_key).text(alias).done())
}

/// The whole list, so that a missing row shows.
fn list_seal(teams: &[Team]) -> String {
    let seal = teams.iter().fold(Seal::of("teams"), |seal, team| seal.text(&team.team_id));
    format!("{:032x}", seal.done())
}

impl Database {
    pub(super) fn load_names(&self) -> Result<StoredNames, Error> {
        let mut names = StoredNames::default();
        let mut listed = Vec::new();
        let mut statement = self.connection.prepare(
            "SELECT team_id, alias, position, seal FROM team ORDER BY position IS NULL, position",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let read = decoded((|| {
                let (team_id, alias): (String, Option<String>) = (row.get(0)?, row.get(1)?);
                let (position, seal): (Option<i64>, _) = (row.get(2)?, from_blob(row.get(3)?));
                Ok((team_id, alias, position, seal))
            })())?;
            type TeamRow = (String, Option<String>, Option<i64>, Option<u128>);
            let is_sealed = |(team_id, alias, position, seal): &TeamRow| {
                seal.map(to_blob) == Some(team_seal(team_id, alias.as_deref(), *position))
            };
            let Some((team_id, alias, position, _)) = read.filter(is_sealed) else {
                names.distrusted += 1;
                continue;
            };
            names.team_aliases.extend(alias.clone().map(|alias| (team_id.clone(), alias)));
            if position.is_some() {
                listed.push(Team { team_id, alias });
            }
        }
        let was_read: Option<i64> = self.setting("teams_read_at_ms")?;
        let sealed_as: Option<String> = self.setting("team_list")?;
        names.teams =
            (was_read.is_some() && sealed_as == Some(list_seal(&listed))).then_some(listed);
        self.load_key_aliases(&mut names)?;
        Ok(names)
    }

    fn load_key_aliases(&self, names: &mut StoredNames) -> Result<(), Error> {
        let mut statement = self.connection.prepare("SELECT api_key, alias, seal FROM api_key")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let read = decoded((|| {
                let (api_key, alias): (String, String) = (row.get(0)?, row.get(1)?);
                Ok((api_key, alias, from_blob(row.get(2)?)))
            })())?;
            match read {
                Some((api_key, alias, seal))
                    if seal.map(to_blob) == Some(key_seal(&api_key, &alias)) =>
                {
                    names.key_aliases.push((api_key, alias));
                }
                _ => names.distrusted += 1,
            }
        }
        Ok(())
    }

    /// Forgets the names that are not as they were written: the file then holds these.
    pub(in crate::store) fn keep_only_names(&mut self, names: &StoredNames) -> Result<(), Error> {
        let transaction = self.connection.savepoint()?;
        transaction.execute_batch("DELETE FROM team; DELETE FROM api_key;")?;
        write_aliases(&transaction, borrowed(&names.key_aliases), borrowed(&names.team_aliases))?;
        if let Some(teams) = &names.teams {
            write_list(&transaction, teams)?;
        }
        Ok(transaction.commit()?)
    }

    /// Seals the names of an older file.
    pub(super) fn adopt_names(&mut self) -> Result<(), Error> {
        let (mut names, mut listed) = (StoredNames::default(), Vec::new());
        {
            let mut statement = self.connection.prepare(
                "SELECT team_id, alias, position FROM team ORDER BY position IS NULL, position",
            )?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let (team_id, alias): (String, Option<String>) = (row.get(0)?, row.get(1)?);
                names.team_aliases.extend(alias.clone().map(|alias| (team_id.clone(), alias)));
                if row.get::<_, Option<i64>>(2)?.is_some() {
                    listed.push(Team { team_id, alias });
                }
            }
            let mut statement = self.connection.prepare("SELECT api_key, alias FROM api_key")?;
            names.key_aliases = statement
                .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect::<Result<_, _>>()?;
        }
        let was_read: Option<i64> = self.setting("teams_read_at_ms")?;
        names.teams = was_read.map(|_| listed);
        self.keep_only_names(&names)
    }

    /// Replaces the list of teams; those not in it lose their place, not their name.
    pub(in crate::store) fn replace_teams(
        &mut self,
        teams: &[Team],
        read_at: Timestamp,
    ) -> Result<(), Error> {
        let transaction = self.connection.transaction()?;
        write_list(&transaction, teams)?;
        set(&transaction, "teams_read_at_ms", read_at.as_millisecond().into())?;
        Ok(transaction.commit()?)
    }
}

fn write_list(transaction: &Connection, teams: &[Team]) -> Result<(), Error> {
    let listed: HashSet<&str> = teams.iter().map(|team| team.team_id.as_str()).collect();
    let before: Vec<(String, Option<String>)> = transaction
        .prepare_cached("SELECT team_id, alias FROM team WHERE position IS NOT NULL")?
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut upsert = transaction.prepare_cached(
        "INSERT OR REPLACE INTO team (team_id, alias, position, seal) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for (team_id, alias) in before.iter().filter(|(team_id, _)| !listed.contains(&**team_id)) {
        let seal = team_seal(team_id, alias.as_deref(), None);
        upsert.execute((team_id, alias, None::<i64>, seal))?;
    }
    for (position, team) in (0_i64..).zip(teams) {
        let seal = team_seal(&team.team_id, team.alias.as_deref(), Some(position));
        upsert.execute((&team.team_id, &team.alias, position, seal))?;
    }
    set(transaction, "team_list", list_seal(teams).into())?;
    Ok(())
}

/// Names of keys, and of teams that are not listed.
pub(super) fn write_aliases<'a>(
    transaction: &Connection,
    key_aliases: impl Iterator<Item = (&'a str, &'a str)>,
    team_aliases: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<(), Error> {
    let mut key = transaction.prepare_cached(
        "INSERT OR REPLACE INTO api_key (api_key, alias, seal) VALUES (?1, ?2, ?3)",
    )?;
    for (api_key, alias) in key_aliases {
        key.execute((api_key, alias, key_seal(api_key, alias)))?;
    }
    let mut team = transaction.prepare_cached(
        "INSERT INTO team (team_id, alias, seal) VALUES (?1, ?2, ?3)
         ON CONFLICT (team_id) DO UPDATE SET alias = excluded.alias, seal = excluded.seal
         WHERE position IS NULL",
    )?;
    for (team_id, alias) in team_aliases {
        team.execute((team_id, alias, team_seal(team_id, Some(alias), None)))?;
    }
    Ok(())
}

fn borrowed(names: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    names.iter().map(|(id, alias)| (id.as_str(), alias.as_str()))
}
