//! Filters by id or name.

use std::sync::Arc;

use crate::query::{KeyNames, View};
use crate::services::Question;
use crate::store::Error;
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
pub(super) async fn resolve(
    question: Question<'_>,
    named: &[(Dimension, Named)],
) -> Result<(Filter, Vec<String>), Error> {
    let mut filter = Filter::default();
    let mut warnings = Vec::new();
    for (dimension, named) in named {
        let known = Known::of(question, *dimension).await?;
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
    Ok((filter, warnings))
}

/// The values of a dimension that somebody may name.
struct Known<'a> {
    question: Question<'a>,
    dimension: Dimension,
    /// All that were ever used, for those who see everything.
    ids: Vec<Arc<str>>,
    keys: KeyNames,
}

impl<'a> Known<'a> {
    async fn of(question: Question<'a>, dimension: Dimension) -> Result<Self, Error> {
        let Question { view, scope, range, .. } = question;
        let keys = match dimension {
            Dimension::ApiKey => KeyNames::of(view, scope, range).await?,
            _ => KeyNames::default(),
        };
        let ids = if scope.sees_everything() { view.reader.facts.ids(dimension) } else { vec![] };
        Ok(Self { question, dimension, ids, keys })
    }

    /// The ids of a value that was named by its id or else by its name, which several may share.
    fn ids(&self, named: &str) -> Vec<String> {
        if named == self.dimension.info().rest && self.dimension != Dimension::Team {
            return vec![REST.to_owned()];
        }
        match self.dimension {
            Dimension::Team => self.team_ids(named),
            Dimension::ApiKey => self.key_ids(named),
            // Whether others use something must not show in a warning.
            _ if !self.question.scope.sees_everything() => vec![named.to_owned()],
            _ if self.is_used(named) => vec![named.to_owned()],
            _ => Vec::new(),
        }
    }

    fn is_used(&self, id: &str) -> bool {
        self.ids.iter().any(|used| **used == *id)
    }

    fn team_ids(&self, named: &str) -> Vec<String> {
        let View { reader, teams, .. } = self.question.view;
        if self.is_used(named) || teams.has(named) {
            return vec![named.to_owned()];
        }
        let mut ids = teams.called(named);
        let by_alias = self.ids.iter().filter(|id| reader.ledger.team_alias(id) == Some(named));
        ids.extend(by_alias.map(|id| id.to_string()));
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn key_ids(&self, named: &str) -> Vec<String> {
        let reader = self.question.view.reader;
        if !self.keys.are_hashes() {
            let is_id = self.keys.has(named);
            return if is_id { vec![named.into()] } else { self.keys.of_alias(reader, named) };
        }
        if self.is_used(named) {
            return vec![named.to_owned()];
        }
        let bears = |id: &&Arc<str>| reader.ledger.key_alias(id).as_deref() == Some(named);
        self.ids.iter().filter(bears).map(|id| id.to_string()).collect()
    }
}
