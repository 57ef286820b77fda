//! Filters by id or name.

use std::sync::Arc;

use crate::query::View;
use crate::usage::{Dimension, Filter, REST, Wanted};

/// Values of a dimension as somebody named them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Named {
    /// Only these, where there are some.
    pub only: Vec<String>,
    /// None of these.
    pub not: Vec<String>,
}

/// The ids of what was named, and a warning for each name that nobody has.
pub(super) fn resolve(view: View<'_>, named: &[(Dimension, Named)]) -> (Filter, Vec<String>) {
    let mut filter = Filter::default();
    let mut warnings = Vec::new();
    for (dimension, named) in named {
        let known = Known::of(view, *dimension);
        let mut ids = |names: &[String]| -> Vec<String> {
            let mut all = Vec::new();
            for name in names {
                let found = known.ids(name);
                if found.is_empty() {
                    warnings.push(format!("no {} is called {name:?}", dimension.name()));
                }
                all.extend(found);
            }
            all
        };
        let only = (!named.only.is_empty()).then(|| ids(&named.only));
        let not = ids(&named.not);
        filter.0.push((*dimension, Wanted { only, not }));
    }
    (filter, warnings)
}

/// The values of a dimension that somebody may name.
struct Known<'a> {
    view: View<'a>,
    dimension: Dimension,
    ids: Vec<Arc<str>>,
}

impl<'a> Known<'a> {
    fn of(view: View<'a>, dimension: Dimension) -> Self {
        Self { view, dimension, ids: view.reader.facts.ids(dimension) }
    }

    /// The ids of a value that was named by its id or else by its name, which several may share.
    fn ids(&self, named: &str) -> Vec<String> {
        let View { reader, teams, .. } = self.view;
        if named == self.dimension.info().rest && self.dimension != Dimension::Team {
            return vec![REST.to_owned()];
        }
        if self.ids.iter().any(|id| **id == *named) || teams_have(self.dimension, teams, named) {
            return vec![named.to_owned()];
        }
        match self.dimension {
            Dimension::Team => {
                let of_list = teams.iter().filter(|team| *team.name == *named);
                let mut ids: Vec<String> = of_list.map(|team| team.team_id.to_string()).collect();
                let by_alias =
                    self.ids.iter().filter(|id| reader.ledger.team_alias(id) == Some(named));
                ids.extend(by_alias.map(|id| id.to_string()));
                ids.sort_unstable();
                ids.dedup();
                ids
            }
            Dimension::ApiKey => {
                let bears = |id: &&Arc<str>| reader.ledger.key_alias(id).as_deref() == Some(named);
                self.ids.iter().filter(bears).map(|id| id.to_string()).collect()
            }
            _ => Vec::new(),
        }
    }
}

fn teams_have(dimension: Dimension, teams: &crate::query::ListedTeams, id: &str) -> bool {
    dimension == Dimension::Team && teams.place(id).is_some()
}
