//! The teams of the lists, under names that can be told apart.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::access::{Scope, Whose};
use crate::store::{Error, Reader};
use crate::usage::{
    Columns, DayRange, Dimension, Filter, Span, SumQuestion, Team, UNASSIGNED, quarters_of_days,
};

/// A team under the name that all answers use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedTeam {
    /// The gateway's id; another one where the scope does not show its name.
    pub team_id: Arc<str>,
    /// The gateway's id in any case: it stays within `query`.
    pub(super) stored_id: Arc<str>,
    /// Its alias, or its id where it has none; with a part of the id behind it where another
    /// listed team has the same name.
    pub name: Arc<str>,
    /// Whether the gateway no longer lists it; the name is the last that was known.
    pub deleted: bool,
}

impl ListedTeam {
    /// A team that goes by the gateway's id.
    pub fn new(team_id: &str, name: &str, deleted: bool) -> Self {
        let id: Arc<str> = team_id.into();
        Self { team_id: Arc::clone(&id), stored_id: id, name: name.into(), deleted }
    }
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
    /// Those of them that are one's own; nothing where all are seen in full.
    own: Option<Arc<ListedTeams>>,
}

/// Characters of the id that tell twins apart, as long as that is enough.
const ID_CHARACTERS: usize = 8;

impl ListedTeams {
    /// The teams that `reader` has listed, and of `include` those with usage in `range`: as far as
    /// `scope` sees them, under the names that it shows.
    pub async fn of(
        reader: &Reader,
        range: DayRange,
        include: Include,
        scope: &Scope,
    ) -> Result<Arc<Self>, Error> {
        let mut teams = Self::named(reader.ledger.teams().unwrap_or_default());
        if include != Include::default() {
            let used = used_teams(reader, range, Filter::default()).await?;
            teams.add_all(reader, used, |team_id| match team_id {
                UNASSIGNED => include.unassigned,
                _ => include.deleted,
            });
        }
        if scope.sees_everything() {
            return Ok(Arc::new(teams));
        }
        let own = match scope.own_keys() {
            None => teams.only(|team| scope.owns_team(&team.stored_id)),
            Some(keys) => {
                let keys = keys.iter().map(|key| key.to_string()).collect();
                let of_keys = Filter::default().only(Dimension::ApiKey, keys);
                let used = used_teams(reader, range, of_keys).await?;
                let mut all = teams.clone();
                all.add_all(reader, used.clone(), |_| true);
                all.only(|team| used.contains(&team.stored_id))
            }
        };
        let mut seen = teams.seen(scope);
        seen.own = Some(Arc::new(own));
        Ok(Arc::new(seen))
    }

    /// Adds the teams of usage that are not listed, as far as they are wanted.
    fn add_all(&mut self, reader: &Reader, used: Vec<Arc<str>>, wanted: impl Fn(&str) -> bool) {
        let is_other = |team_id: &Arc<str>| self.place(team_id).is_none() && wanted(team_id);
        let mut others: Vec<Arc<str>> = used.into_iter().filter(is_other).collect();
        // Usage without a team comes last.
        others.sort_unstable_by_key(|team_id| (**team_id == *UNASSIGNED, Arc::clone(team_id)));
        for team_id in others {
            let name = reader.ledger.team_alias(&team_id).unwrap_or(&team_id).to_owned();
            self.add(team_id.to_string(), name);
        }
    }

    /// Some of the teams, in the same order.
    fn only(&self, counts: impl Fn(&ListedTeam) -> bool) -> Self {
        Self::in_order(self.teams.iter().filter(|team| counts(team)).cloned().collect())
    }

    fn in_order(teams: Vec<ListedTeam>) -> Self {
        let ids = teams.iter().enumerate().map(|(place, team)| (team.team_id.to_string(), place));
        let places = ids.collect();
        Self { teams, places, own: None }
    }

    /// The teams that are seen at all, and of others only what is shown of them: who is gone from
    /// the gateway's list is seen by their own people alone.
    fn seen(&self, scope: &Scope) -> Self {
        let is_listed = |team: &ListedTeam| !team.deleted && *team.stored_id != *UNASSIGNED;
        let mut seen = self.only(|team| {
            scope.owns_team(&team.stored_id) || (scope.sees_others() && is_listed(team))
        });
        let mut unnamed: Vec<(String, usize)> = Vec::new();
        for (place, team) in seen.teams.iter().enumerate() {
            unnamed.extend(scope.pseudonym(&team.stored_id).map(|id| (id, place)));
        }
        // In an order that has nothing to do with the teams' own names.
        unnamed.sort_unstable();
        for (number, (id, place)) in unnamed.into_iter().enumerate() {
            let team = &mut seen.teams[place];
            (team.team_id, team.name) = (id.into(), format!("Team {}", number + 1).into());
        }
        seen.teams.sort_by_key(|team| {
            let is_unnamed = team.team_id != team.stored_id;
            (is_unnamed, is_unnamed.then(|| Arc::clone(&team.team_id)))
        });
        Self::in_order(seen.teams)
    }

    /// The teams whose usage counts where only one's own does, or everyone's.
    pub(super) fn of_whose(self: &Arc<Self>, whose: Whose) -> Arc<Self> {
        match (whose, &self.own) {
            (Whose::Own, Some(own)) => Arc::clone(own),
            _ => Arc::clone(self),
        }
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
        let listed = ListedTeam::new(&team_id, &name, deleted);
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
                ListedTeam::new(&team.team_id, &name, false)
            })
            .collect();
        Self::in_order(teams)
    }

    /// Whether a team, or one of one's own, goes by this id.
    pub fn has(&self, team_id: &str) -> bool {
        self.place(team_id).is_some() || self.own.as_ref().is_some_and(|own| own.has(team_id))
    }

    /// The ids of the teams of a name, one's own included.
    pub fn called(&self, name: &str) -> Vec<String> {
        let own = self.own.iter().flat_map(|own| own.iter());
        let called = self.iter().chain(own).filter(|team| *team.name == *name);
        called.map(|team| team.team_id.to_string()).collect()
    }

    /// The teams in order.
    pub fn iter(&self) -> impl Iterator<Item = &ListedTeam> {
        self.teams.iter()
    }

    /// The stored ids in order.
    pub(super) fn stored_ids(&self) -> Vec<String> {
        self.teams.iter().map(|team| team.stored_id.to_string()).collect()
    }

    /// The stored id of a team that is called so here.
    pub(super) fn stored_id(&self, team_id: &str) -> Option<&str> {
        self.place(team_id).map(|place| &*self.teams[place].stored_id)
    }

    /// The ids in answers of teams, in their order.
    pub(super) fn shown_ids(&self, stored_ids: &[Arc<str>]) -> Vec<Arc<str>> {
        let ids = self.teams.iter().map(|team| (&team.stored_id, &team.team_id));
        let shown: HashMap<&Arc<str>, &Arc<str>> = ids.collect();
        stored_ids.iter().map(|id| Arc::clone(shown.get(id).unwrap_or(&id))).collect()
    }

    /// Whether a team goes by another id here than at the gateway.
    pub(super) fn are_renamed(&self) -> bool {
        self.teams.iter().any(|team| team.team_id != team.stored_id)
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

/// The teams that have usage of a filter in some days.
async fn used_teams(
    reader: &Reader,
    range: DayRange,
    filter: Filter,
) -> Result<Vec<Arc<str>>, Error> {
    let question = SumQuestion {
        slots: vec![vec![Span::Days(range), Span::Quarters(quarters_of_days(range))]],
        by: vec![Dimension::Team],
        filter,
        columns: Columns::NONE,
        with_times: false,
        most_rows: usize::MAX,
    };
    let sums = reader.facts.sum(&question).await?;
    let ids = sums.rows.iter().map(|(_, group)| Arc::clone(sums.id(*group, 0)));
    let ids: BTreeSet<Arc<str>> = ids.collect();
    Ok(ids.into_iter().collect())
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
