//! Teams.

use jiff::{SignedDuration, Timestamp};

use super::World;
use crate::clock::start_of;

/// A team that exists.
#[derive(Clone, Debug, PartialEq)]
pub struct Team {
    /// Unique; a UUID in a real gateway.
    pub team_id: String,
    /// Its name: may be missing, empty, or that of another team.
    pub alias: Option<String>,
    /// Lists are sorted by it; teams written by one statement have the same.
    pub created_at: Timestamp,
}

/// A team that was deleted. Its rows of usage stay.
#[derive(Clone, Debug)]
pub(crate) struct DeletedTeam {
    pub(crate) team: Team,
    pub(crate) deleted_at: Timestamp,
}

impl World {
    /// Adds a team, or does nothing when its id is taken. Teams are created a second apart.
    pub fn add_team(&mut self, team_id: &str, alias: Option<&str>) {
        let seconds =
            i64::try_from(self.teams.len() + self.deleted_teams.len()).unwrap_or_default();
        let created_at = start_of(self.today) - SignedDuration::from_hours(24 * 90)
            + SignedDuration::from_secs(seconds);
        self.add_team_created_at(team_id, alias, created_at);
    }

    /// Adds a team that was created at a certain time.
    ///
    /// `/v2/team/list` is ordered by this time alone: teams of equal times appear on several of
    /// its pages and on none, unless `sort_by=team_id` is asked for (as on the real gateway).
    pub fn add_team_created_at(
        &mut self,
        team_id: &str,
        alias: Option<&str>,
        created_at: Timestamp,
    ) {
        if self.team(team_id).is_none() {
            self.team_places.insert(team_id.to_owned(), self.teams.len());
            self.teams.push(Team {
                team_id: team_id.to_owned(),
                alias: alias.map(str::to_owned),
                created_at,
            });
        }
    }

    /// Gives a team another name, on all days.
    pub fn rename_team(&mut self, team_id: &str, alias: Option<&str>) {
        if let Some(place) = self.team_places.get(team_id) {
            self.teams[*place].alias = alias.map(str::to_owned);
        }
    }

    /// Deletes a team and its keys. Its usage stays, under an entity without a name.
    pub fn delete_team(&mut self, team_id: &str) {
        let Some(at) = self.team_places.remove(team_id) else {
            return;
        };
        let team = self.teams.remove(at);
        for place in self.team_places.values_mut().filter(|place| **place > at) {
            *place -= 1;
        }
        self.deleted_teams.push(DeletedTeam { team, deleted_at: start_of(self.today) });
        for key in self.keys.values_mut().filter(|key| key.team_id.as_deref() == Some(team_id)) {
            key.deleted = true;
        }
    }

    /// The team with an id, unless it was deleted.
    pub fn team(&self, team_id: &str) -> Option<&Team> {
        self.team_places.get(team_id).map(|place| &self.teams[*place])
    }

    /// All teams that exist, in the order they were added.
    pub fn teams(&self) -> &[Team] {
        &self.teams
    }

    pub(crate) fn deleted_teams(&self) -> &[DeletedTeam] {
        &self.deleted_teams
    }
}
