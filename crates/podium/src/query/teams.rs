//! The teams of the lists, under names that can be told apart.

use std::collections::HashMap;
use std::sync::Arc;

use crate::store::{Error, Reader};
use crate::usage::{
    Columns, DayRange, Dimension, Filter, Span, SumQuestion, Team, UNASSIGNED, quarters_of_days,
};

/// A team under the name that all answers use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTeam {
    /// The gateway's id.
    pub team_id: Arc<str>,
    /// Its alias, or its id where it has none; with a part of the id behind it where another
    /// listed team has the same name.
    pub name: Arc<str>,
    /// Whether the gateway no longer lists it; the name is the last that was known.
    pub deleted: bool,
}

/// Which usage outside of the gateway's list is listed, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Include {
    /// Usage without a team.
    pub unassigned: bool,
    /// Teams that the gateway no longer lists.
    pub deleted: bool,
}

/// The teams in the gateway's order, then those that were asked for besides.
#[derive(Clone, Debug, Default)]
pub struct ListedTeams {
    teams: Vec<ListedTeam>,
    places: HashMap<String, usize>,
}

/// Characters of the id that tell twins apart, as long as that is enough.
const ID_CHARACTERS: usize = 8;

impl ListedTeams {
    /// The teams that `reader` has listed, and of `include` those with usage in `range`.
    pub async fn of(reader: &Reader, range: DayRange, include: Include) -> Result<Self, Error> {
        let mut teams = Self::named(reader.ledger.teams().unwrap_or_default());
        if include != Include::default() {
            let question = SumQuestion {
                slots: vec![vec![Span::Days(range), Span::Quarters(quarters_of_days(range))]],
                by: vec![Dimension::Team],
                filter: Filter::default(),
                columns: Columns::NONE,
                with_times: false,
                most_rows: usize::MAX,
            };
            let sums = reader.facts.sum(&question).await?;
            let ids = sums.values.iter().flatten();
            let mut others: Vec<String> = ids
                .filter(|team_id| teams.place(team_id).is_none())
                .filter(|team_id| match &***team_id {
                    UNASSIGNED => include.unassigned,
                    _ => include.deleted,
                })
                .map(|team_id| team_id.to_string())
                .collect();
            // Usage without a team comes last.
            others.sort_unstable_by_key(|team_id| (team_id == UNASSIGNED, team_id.clone()));
            for team_id in others {
                let name = reader.ledger.team_alias(&team_id).unwrap_or(&team_id).to_owned();
                teams.add(team_id, name);
            }
        }
        Ok(teams)
    }

    /// Adds a team that is not listed; it never changes the name of one that is.
    fn add(&mut self, team_id: String, name: String) {
        let is_taken = |name: &str| self.teams.iter().any(|team| *team.name == *name);
        let name = if is_taken(&name) {
            let marked = format!("{name} ({})", prefix(&team_id, ID_CHARACTERS));
            if is_taken(&marked) { format!("{name} ({team_id})") } else { marked }
        } else {
            name
        };
        let deleted = team_id != UNASSIGNED;
        let listed = ListedTeam { deleted, team_id: team_id.as_str().into(), name: name.into() };
        self.places.insert(team_id, self.teams.len());
        self.teams.push(listed);
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
                let team_id = team.team_id.as_str().into();
                ListedTeam { team_id, name: name.into(), deleted: false }
            })
            .collect();
        let places = teams
            .iter()
            .enumerate()
            .map(|(place, team)| (team.team_id.to_string(), place))
            .collect();
        Self { teams, places }
    }

    /// The teams in order.
    pub fn iter(&self) -> impl Iterator<Item = &ListedTeam> {
        self.teams.iter()
    }

    /// The ids in order.
    pub(super) fn ids(&self) -> Vec<String> {
        self.teams.iter().map(|team| team.team_id.to_string()).collect()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.teams.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.teams.is_empty()
    }

    /// The name of a team of the list.
    pub fn name(&self, team_id: &str) -> Option<&str> {
        self.place(team_id).map(|place| &*self.teams[place].name)
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
        ListedTeams::named(&teams).iter().map(|team| team.name.to_string()).collect()
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
