//! Who has which role, besides what the gateway says: people, groups, domains and keys by name.

use serde::{Deserialize, Serialize};

/// What tells who somebody is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Rule {
    /// Somebody with this e-mail address.
    Email(String),
    /// Somebody with an e-mail address of this domain.
    Domain(String),
    /// A member of this group.
    Group(String),
    /// The user of this id.
    User(String),
    /// Whoever has this key of the gateway, by its hash or alias.
    Key(String),
}

/// A rule and what follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mapping {
    /// Whom it is about.
    pub rule: Rule,
    /// The team that they belong to; nothing for what is said of a role.
    pub team_id: Option<String>,
}

/// All mappings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mappings {
    /// Who is an admin.
    pub admins: Vec<Rule>,
    /// Who is a viewer.
    pub viewers: Vec<Rule>,
    /// Who belongs to which team.
    pub teams: Vec<Mapping>,
}

/// What is known of somebody.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Known<'a> {
    pub(super) email: Option<&'a str>,
    pub(super) user: Option<&'a str>,
    pub(super) groups: &'a [String],
    pub(super) key: Option<&'a str>,
    pub(super) key_alias: Option<&'a str>,
}

impl Rule {
    /// Reads `email:ada@example.com`, `domain:example.com`, `group:platform`, `user:ada` or
    /// `key:alias`.
    pub fn parse(text: &str) -> Option<Self> {
        let (kind, name) = text.trim().split_once(':')?;
        let name = name.trim();
        if name.is_empty() {
            return None;
        }
        Some(match kind.trim() {
            "email" => Self::Email(name.to_lowercase()),
            "domain" => Self::Domain(name.trim_start_matches('@').to_lowercase()),
            "group" => Self::Group(name.to_owned()),
            "user" => Self::User(name.to_owned()),
            "key" => Self::Key(name.to_owned()),
            _ => return None,
        })
    }

    fn fits(&self, known: Known<'_>) -> bool {
        let email = || known.email.map(str::to_lowercase);
        match self {
            Self::Email(wanted) => email().as_ref() == Some(wanted),
            Self::Domain(domain) => email()
                .is_some_and(|email| email.rsplit_once('@').is_some_and(|(_, of)| of == domain)),
            Self::Group(group) => known.groups.contains(group),
            Self::User(user) => known.user == Some(user),
            Self::Key(key) => [known.key, known.key_alias].contains(&Some(key)),
        }
    }
}

impl Mappings {
    /// Reads rules, separated by commas.
    pub fn parse_rules(text: &str) -> Option<Vec<Rule>> {
        let rules = text.split([',', '\n']).map(str::trim).filter(|rule| !rule.is_empty());
        rules.map(Rule::parse).collect()
    }

    /// Reads `TEAM_ID=rule, rule; TEAM_ID=rule`.
    pub fn parse_teams(text: &str) -> Option<Vec<Mapping>> {
        let mut mappings = Vec::new();
        for row in text.split([';', '\n']).map(str::trim).filter(|row| !row.is_empty()) {
            let (team_id, rules) = row.split_once('=')?;
            let team_id = Some(team_id.trim()).filter(|id| !id.is_empty())?;
            let of_team = |rule| Mapping { rule, team_id: Some(team_id.to_owned()) };
            mappings.extend(Self::parse_rules(rules)?.into_iter().map(of_team));
        }
        Some(mappings)
    }

    pub(super) fn is_admin(&self, known: Known<'_>) -> bool {
        self.admins.iter().any(|rule| rule.fits(known))
    }

    pub(super) fn is_viewer(&self, known: Known<'_>) -> bool {
        self.viewers.iter().any(|rule| rule.fits(known))
    }

    /// Whether it is said here already that somebody sees everything.
    pub(super) fn sees_everything(&self, known: Known<'_>) -> bool {
        self.is_admin(known) || self.is_viewer(known)
    }

    pub(super) fn teams(&self, known: Known<'_>) -> Vec<String> {
        let fitting = self.teams.iter().filter(|mapping| mapping.rule.fits(known));
        fitting.filter_map(|mapping| mapping.team_id.clone()).collect()
    }

    /// The groups that matter; the others need not be remembered.
    pub(super) fn groups_among(&self, groups: &[String]) -> Vec<String> {
        let teams = self.teams.iter().map(|mapping| &mapping.rule);
        let rules = || self.admins.iter().chain(&self.viewers).chain(teams.clone());
        let matters = |group: &&String| {
            rules().any(|rule| matches!(rule, Rule::Group(named) if named == *group))
        };
        groups.iter().filter(matters).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_known_by_address_domain_group_and_key() {
        let groups = ["platform".to_owned()];
        let ada = Known {
            email: Some("Ada@Example.com"),
            user: Some("u-1"),
            groups: &groups,
            key: Some("1f3c"),
            key_alias: Some("ci"),
        };
        for (rule, fits) in [
            ("email:ada@example.com", true),
            ("email:bob@example.com", false),
            ("domain:@example.com", true),
            ("domain:ample.com", false),
            ("group:platform", true),
            ("group:Platform", false),
            ("user:u-1", true),
            ("key:ci", true),
            ("key:1f3c", true),
            ("key:1f3", false),
        ] {
            assert_eq!(Rule::parse(rule).expect(rule).fits(ada), fits, "{rule}");
        }
        assert_eq!(Rule::parse("name:ada"), None);
        assert_eq!(Rule::parse("group:"), None);
    }

    #[test]
    fn teams_have_rules_of_their_own() {
        let text = "otters=group:o, email:ada@example.com;herons = domain:h.example";
        let teams = Mappings::parse_teams(text).expect(text);
        let mappings = Mappings { teams, ..Mappings::default() };
        let known = Known { email: Some("ada@example.com"), ..Known::default() };
        assert_eq!(mappings.teams(known), ["otters"]);
        let groups = ["o".to_owned(), "other".to_owned()];
        assert_eq!(mappings.groups_among(&groups), ["o"]);
        assert_eq!(Mappings::parse_teams("=group:o"), None);
        assert_eq!(Mappings::parse_teams("otters"), None);
    }
}
