//! What is shown of teams that are not one's own: one table, by role.

use std::fmt;

use super::Role;
use crate::usage::Columns;

/// Something that may be shown of a team.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Show {
    /// Its name; without it the team is called `Team 4`.
    Name,
    /// That it is there, and its place among the others by tokens.
    Rank,
    /// Its tokens, requests and times.
    Tokens,
    /// What it spends.
    Spend,
    /// What else is shown, by model, provider and the like.
    Models,
    /// What else is shown, by API key.
    Keys,
}

impl Show {
    /// All of them, in the order of the table.
    pub const ALL: [Self; 6] =
        [Self::Name, Self::Rank, Self::Tokens, Self::Spend, Self::Models, Self::Keys];

    /// Its name in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Rank => "rank",
            Self::Tokens => "tokens",
            Self::Spend => "spend",
            Self::Models => "models",
            Self::Keys => "keys",
        }
    }
}

/// A row of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Shown(u8);

impl Shown {
    /// Everything.
    pub const ALL: Self = Self((1 << Show::ALL.len()) - 1);
    /// What a board of friendly competitors needs.
    const BOARD: Self = Self::of(&[Show::Name, Show::Rank, Show::Tokens]);

    const fn of(shown: &[Show]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < shown.len() {
            bits |= 1 << shown[at] as u8;
            at += 1;
        }
        Self(bits)
    }

    /// Whether this is shown.
    pub fn has(self, show: Show) -> bool {
        self.0 & (1 << show as u8) != 0
    }

    /// What is shown, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Show> {
        Show::ALL.into_iter().filter(move |show| self.has(*show))
    }

    /// The sums that are shown.
    pub fn columns(self) -> Columns {
        let counts = if self.has(Show::Tokens) { Columns::COUNTERS } else { Columns::NONE };
        counts.and(if self.has(Show::Spend) { Columns::COST } else { Columns::NONE })
    }
}

/// What is shown of others, for each role that does not see everything anyway.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    anybody: Shown,
    of_own_keys: Shown,
    of_team: Shown,
}

impl Default for Policy {
    fn default() -> Self {
        Self { anybody: Shown::BOARD, of_own_keys: Shown::BOARD, of_team: Shown::BOARD }
    }
}

impl Policy {
    /// Reads `anybody: name rank; team: name rank tokens spend`. Roles that are not named stay as
    /// they are by default; `none` shows nothing. An error says what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut policy = Self::default();
        for row in text.split([';', '\n']).map(str::trim).filter(|row| !row.is_empty()) {
            let (role, shown) = row
                .split_once(':')
                .ok_or_else(|| "has a row without a colon behind its role".to_owned())?;
            let of_role = match role.trim() {
                "anybody" => &mut policy.anybody,
                "self" => &mut policy.of_own_keys,
                "team" => &mut policy.of_team,
                _ => return Err("has a row for another role than anybody, self and team".into()),
            };
            *of_role = read_row(shown)?;
        }
        Ok(policy)
    }

    /// What those of a role are shown of others.
    pub fn shown_to(&self, role: Role) -> Shown {
        match role {
            Role::Anybody => self.anybody,
            Role::OwnKeys => self.of_own_keys,
            Role::Team => self.of_team,
            Role::Viewer | Role::Admin => Shown::ALL,
        }
    }
}

fn read_row(text: &str) -> Result<Shown, String> {
    let words = text.split([' ', ',', '\t']).filter(|word| !word.is_empty());
    let mut shown = Vec::new();
    for word in words.filter(|word| *word != "none") {
        let show = Show::ALL.into_iter().find(|show| show.name() == word);
        shown.push(show.ok_or_else(|| {
            "shows something else than name, rank, tokens, spend, models, keys or none".to_owned()
        })?);
    }
    let row = Shown::of(&shown);
    if row != Shown::default() && !row.has(Show::Rank) {
        return Err("shows something of teams without their rank, so that they are not seen".into());
    }
    Ok(row)
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Show::name).collect();
        f.write_str(&if names.is_empty() { "none".to_owned() } else { names.join(" ") })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(policy: &str, role: Role) -> String {
        Policy::parse(policy).expect(policy).shown_to(role).to_string()
    }

    #[test]
    fn the_table_has_a_row_for_each_role() {
        assert_eq!(shown("", Role::Anybody), "name rank tokens");
        assert_eq!(shown("anybody: rank", Role::Anybody), "rank");
        assert_eq!(shown("anybody: rank", Role::Team), "name rank tokens");
        let two = "team: name, rank,spend ;\n self: none";
        assert_eq!(shown(two, Role::Team), "name rank spend");
        assert_eq!(shown(two, Role::OwnKeys), "none");
        assert_eq!(shown(two, Role::Viewer), "name rank tokens spend models keys");
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_is_wrong() {
        for (policy, words) in [
            ("name rank", "without a colon"),
            ("viewer: name", "another role than"),
            ("team: names", "something else than name"),
            ("team: name tokens", "without their rank"),
        ] {
            let error = Policy::parse(policy).expect_err(policy);
            assert!(error.contains(words), "{policy}: {error}");
        }
    }
}
