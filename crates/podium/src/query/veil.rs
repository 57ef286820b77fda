//! What of a table is not told, since the scope hides it.
//!
//! Hidden sums are taken out before anything is made of them, so that nothing above can tell them by
//! mistake; which those are is remembered, so that they are told as unknown and not as zero.

use super::Query;
use crate::access::{Scope, Sight, Whose};
use crate::usage::{Columns, Dimension, Measure, Sums};

/// Which sums of which rows are hidden.
#[derive(Clone, Debug)]
pub(super) struct Veil {
    pub(super) sight: Sight,
    scope: Scope,
    /// By sum: whether it is of somebody else, or of several.
    veiled: Vec<bool>,
    /// By sum, the rank by tokens of rows whose tokens are hidden.
    pub(super) ranks: Option<Vec<u32>>,
}

impl Veil {
    /// The veil over some sums, which are under the ids that are shown: one's own teams go by theirs.
    pub(super) fn of(query: &Query, sight: Sight, sums: &Sums, ranks: bool) -> Self {
        let mut veil = Self { sight, scope: query.scope.clone(), veiled: Vec::new(), ranks: None };
        if sight.hidden == Columns::NONE {
            return veil;
        }
        let place = query.by.iter().position(|dimension| *dimension == Dimension::Team);
        let is_own =
            |group: u32| place.is_some_and(|place| query.scope.owns_team(sums.id(group, place)));
        veil.veiled = sums.rows.iter().map(|(_, group)| !is_own(*group)).collect();
        veil.ranks = ranks.then(|| ranks_of(&sums.counts[Columns::TOKENS_PLACE]));
        veil
    }

    /// The sums without those that are hidden.
    pub(super) fn without_hidden(&self, mut sums: Sums) -> Sums {
        let hidden = self.sight.hidden;
        let columns = sums.counts.iter_mut().enumerate();
        for (_, column) in columns.filter(|(place, _)| hidden.has_count(*place)) {
            column.iter_mut().zip(&self.veiled).filter(|(_, v)| **v).for_each(|(sum, _)| *sum = 0);
        }
        let columns = sums.amounts.iter_mut().enumerate();
        for (_, column) in columns.filter(|(place, _)| hidden.has_amount(*place)) {
            column
                .iter_mut()
                .zip(&self.veiled)
                .filter(|(_, v)| **v)
                .for_each(|(sum, _)| *sum = 0.0);
        }
        sums
    }

    /// Whether something of a row is hidden.
    pub(super) fn is_veiled(&self, sum: usize) -> bool {
        self.veiled.get(sum).copied().unwrap_or_default()
    }

    /// Whether a measure is not told of others.
    pub(super) fn hides(&self, measure: &Measure) -> bool {
        !measure.needs.is_apart_from(self.sight.hidden)
    }

    /// Whether a team, as it is called in answers, is one's own.
    pub(super) fn is_own(&self, team_id: &str) -> bool {
        self.scope.owns_team(team_id)
    }

    /// Whether only one's own usage counts.
    pub(super) fn is_of_own(&self) -> bool {
        self.sight.whose == Whose::Own && !self.scope.sees_everything()
    }

    /// Whether all usage is seen.
    pub(super) fn is_lifted(&self) -> bool {
        self.scope.sees_everything()
    }
}

/// From 1, most first; equals share a rank, and nothing has the last.
fn ranks_of(tokens: &[i64]) -> Vec<u32> {
    let mut sorted: Vec<i64> = tokens.to_vec();
    sorted.sort_unstable_by(|a, b| b.cmp(a));
    let rank = |tokens: &i64| sorted.partition_point(|other| other > tokens) + 1;
    tokens.iter().map(|tokens| u32::try_from(rank(tokens)).unwrap_or(u32::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::ranks_of;

    #[test]
    fn most_tokens_come_first_and_equals_share_a_rank() {
        assert_eq!(ranks_of(&[5, 9, 5, 0]), [2, 1, 2, 4]);
    }
}
