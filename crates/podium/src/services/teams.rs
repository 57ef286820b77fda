//! The teams of the lists, under names that can be told apart.

use std::collections::HashMap;

use crate::store::UsageReader;
use crate::usage::Team;

/// A team under the name that all answers use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTeam {
    /// The gateway's id.
    pub team_id: String,
    /// Its alias, or its id where it has none; with a part of the id behind it where another
    /// listed team has the same name.
    pub name: String,
}

/// The teams in the gateway's order.
#[derive(Clone, Debug, Default)]
pub struct ListedTeams {
    teams: Vec<ListedTeam>,
    places: HashMap<String, usize>,
}

/// Characters of the id that tell twins apart, as long as that is enough.
const ID_CHARACTERS: usize = 8;

impl ListedTeams {
    /// The teams that `reader` has listed.
    pub fn of(reader: &dyn UsageReader) -> Self {
        Self::named(reader.teams().unwrap_or_default())
    }

    fn named(teams: &[Team]) -> Self {
        let plain = |team: &Team| team.alias.clone().unwrap_or_else(|| team.team_id.clone());
        let mut bearers: HashMap<String, usize> = HashMap::new();
        for team in teams {
            *bearers.entry(plain(team)).or_default() += 1;
        }
        let teams: Vec<ListedTeam> = teams
            .iter()
            .map(|team| {
                let name = plain(team);
                let is_taken = |name: &String| bearers.get(name).is_some_and(|count| *count > 0);
                let name = if bearers[&name] == 1 {
                    name
                } else {
                    let length = distinct_length(teams, team, &name);
                    let marked = format!("{name} ({})", prefix(&team.team_id, length));
                    // Somebody may have named a team like that.
                    if is_taken(&marked) { format!("{name} ({})", team.team_id) } else { marked }
                };
                ListedTeam { team_id: team.team_id.clone(), name }
            })
            .collect();
        let places =
            teams.iter().enumerate().map(|(place, team)| (team.team_id.clone(), place)).collect();
        Self { teams, places }
    }

    /// The teams in order.
    pub fn iter(&self) -> impl Iterator<Item = &ListedTeam> {
        self.teams.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.teams.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.teams.is_empty()
    }

    /// The place of a team in the list; `None` for teams that are not listed.
    pub fn place(&self, team_id: &str) -> Option<usize> {
        self.places.get(team_id).copied()
    }
}

/// How many characters of the id tell `team` from all others of its name.
fn distinct_length(teams: &[Team], team: &Team, name: &str) -> usize {
    let twins = teams.iter().filter(|other| {
        other.team_id != team.team_id && other.alias.as_deref().unwrap_or(&other.team_id) == name
    });
    let shared = |other: &Team| {
        other.team_id.chars().zip(team.team_id.chars()).take_while(|(a, b)| a == b).count()
    };
    twins.map(|other| shared(other) + 1).max().unwrap_or_default().max(ID_CHARACTERS)
}

fn prefix(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(teams: &[(&str, Option<&str>)]) -> Vec<String> {
        let teams: Vec<Team> = teams
            .iter()
            .map(|(id, alias)| Team { team_id: (*id).into(), alias: alias.map(Into::into) })
            .collect();
        ListedTeams::named(&teams).iter().map(|team| team.name.clone()).collect()
    }

    #[test]
    fn a_team_is_called_by_its_alias_or_else_by_its_id() {
        assert_eq!(names(&[("id-1", Some("Alpha")), ("id-2", None)]), ["Alpha", "id-2"]);
    }

    #[test]
    fn twins_carry_the_beginning_of_their_ids() {
        assert_eq!(
            names(&[
                ("0d57b846-aa", Some("Twins")),
                ("ffff0000-bb", Some("Twins")),
                ("x", Some("Solo"))
            ]),
            ["Twins (0d57b846)", "Twins (ffff0000)", "Solo"]
        );
    }

    #[test]
    fn as_much_of_the_id_is_shown_as_tells_twins_apart() {
        assert_eq!(
            names(&[
                ("workshop-team-1", Some("T")),
                ("workshop-team-2", Some("T")),
                ("w", Some("T"))
            ]),
            ["T (workshop-team-1)", "T (workshop-team-2)", "T (w)"]
        );
    }

    #[test]
    fn a_team_that_is_named_like_a_marked_twin_keeps_its_name() {
        assert_eq!(
            names(&[("12345678-9", Some("T")), ("b", Some("T")), ("c", Some("T (12345678)"))]),
            ["T (12345678-9)", "T (b)", "T (12345678)"]
        );
    }
}
