//! Carries out a plan.

use std::collections::HashMap;
use std::sync::Arc;

use super::plan::{BucketState, Plan, PlannedBucket};
use super::table::{Row, Table};
use super::veil::Veil;
use super::{KeyNames, ListedTeams, Query, View};
use crate::access::Whose;
use crate::store::Error;
use crate::usage::{
    Columns, Dimension, Filter, Histogram, Metrics, Span, SumQuestion, Sums, Wanted,
};

/// Answers a question, as far as its scope allows: whose usage counts is decided before anything is
/// summed, and teams and keys leave this function under the ids that the scope shows.
pub async fn ask(view: View<'_>, query: &Query) -> Result<Table, Error> {
    let mut plan = Plan::of(view, query);
    let columns = Columns::needed(&query.measures);
    let with_times = query.measures.iter().any(|measure| measure.is_of_times());
    let sight = query.sight(columns, with_times);
    let teams = view.teams.of_whose(sight.whose);
    let keys = query.key_names(view).await?;
    let ranks = sight.hides_tokens() && query.is_ranking();
    let mut question = SumQuestion {
        slots: std::mem::take(&mut plan.slots),
        by: query.by.clone(),
        filter: seen(query, sight.whose, &teams, &keys),
        columns: if ranks { columns.and(Columns::TOKENS) } else { columns },
        with_times: false,
        most_rows: query.most_rows,
    };
    let sums = view.reader.facts.sum(&question).await?;
    let unlisted = if query.scope.sees_everything() {
        unlisted(view, query, &keys, &plan.buckets, &question.slots).await?
    } else {
        Metrics::default()
    };
    // Keys that become one are one row from here on.
    let sums = renamed(query, &teams, &keys, sums);
    let veil = Veil::of(query, sight, &sums, ranks);
    let sums = veil.without_hidden(sums);
    let mut rows: Vec<Row> = Vec::with_capacity(sums.rows.len());
    let may_cancel: Vec<bool> = question.slots.iter().map(|spans| may_cancel(spans)).collect();
    for (sum, (slot, group)) in sums.rows.iter().enumerate() {
        let bucket = *slot as usize;
        let is_told = columns == Columns::NONE || veil.is_veiled(sum);
        if is_told || !may_cancel[bucket] || !is_dust(&sums.metrics(sum)) {
            rows.push(Row { bucket, group: *group, sum });
        }
    }
    plan.tell_only_what_is_seen(&query.scope);
    let mut table = Table {
        buckets: plan.buckets,
        rows,
        total: Metrics::default(),
        total_times: None,
        unlisted,
        source: plan.source,
        approximate: plan.approximate,
        coverage: plan.coverage,
        is_cut: sums.is_cut,
        teams,
        keys,
        veil,
        sums,
        times: Vec::new(),
    };
    table.total = table.sum_of(table.rows.iter().copied());
    if with_times {
        question.slots = plan.time_slots;
        (question.columns, question.with_times) = (Columns::NONE, true);
        let times = view.reader.facts.sum(&question).await?;
        let times = renamed(query, &table.teams, &table.keys, times);
        table.add_times(times);
    }
    Ok(table)
}

/// The sums under the ids that the scope shows.
fn renamed(query: &Query, teams: &ListedTeams, keys: &KeyNames, mut sums: Sums) -> Sums {
    for (place, dimension) in query.by.iter().enumerate() {
        let stored = &sums.values[place];
        let ids: Vec<Arc<str>> = match dimension {
            Dimension::Team if teams.are_renamed() => teams.shown_ids(stored),
            Dimension::ApiKey if !keys.are_hashes() => {
                stored.iter().map(|id| keys.shown(id)).collect()
            }
            _ => continue,
        };
        sums = sums.renamed(place, ids);
    }
    sums
}

/// The filter with the usage that is seen alone, under the ids that the store has.
fn seen(query: &Query, whose: Whose, teams: &ListedTeams, keys: &KeyNames) -> Filter {
    let mut filter = by_hashes(listed(&query.filter, teams), keys);
    if let (Whose::Own, Some(own)) = (whose, query.scope.own_keys()) {
        let own: Vec<String> = own.iter().map(|key| key.to_string()).collect();
        let of_keys = filter.0.iter_mut().find(|(dimension, _)| *dimension == Dimension::ApiKey);
        match of_keys {
            Some((_, Wanted { only: Some(only), .. })) => only.retain(|key| own.contains(key)),
            Some((_, wanted)) => wanted.only = Some(own),
            None => filter = filter.only(Dimension::ApiKey, own),
        }
    }
    filter
}

/// The filter with keys under their hashes, as the store has them.
fn by_hashes(mut filter: Filter, keys: &KeyNames) -> Filter {
    let hashes = |names: &[String]| -> Vec<String> {
        names.iter().flat_map(|name| keys.hashes(name)).collect()
    };
    for (_, wanted) in filter.0.iter_mut().filter(|(of, _)| *of == Dimension::ApiKey) {
        wanted.only = wanted.only.as_deref().map(hashes);
        wanted.not = hashes(&wanted.not);
    }
    filter
}

/// Whether something is taken away again.
fn may_cancel(spans: &[Span]) -> bool {
    spans.iter().any(|span| matches!(span, Span::LessQuarters(_) | Span::Unexplained(_)))
}

/// What is taken away again leaves something only if more than floats make of nothing.
fn is_dust(metrics: &Metrics) -> bool {
    metrics.counts().iter().all(|count| *count == 0)
        && metrics.amounts().iter().all(|amount| amount.abs() < 1e-9)
}

impl Table {
    /// Adds the distributions of times to the rows of the same buckets and groups, and all of them
    /// to the total.
    fn add_times(&mut self, times: Sums) {
        let ids = |sums: &Sums, group: u32| -> Vec<Arc<str>> {
            (0..sums.values.len()).map(|place| Arc::clone(sums.id(group, place))).collect()
        };
        let mut known: HashMap<(usize, Vec<Arc<str>>), usize> = HashMap::new();
        for row in &self.rows {
            known.insert((row.bucket, ids(&self.sums, row.group)), row.sum);
        }
        self.times.resize(self.sums.rows.len(), None);
        let mut all = (Histogram::default(), Histogram::default());
        for ((slot, group), of_row) in times.rows.iter().zip(&times.times) {
            all.0 += &of_row.0;
            all.1 += &of_row.1;
            if let Some(sum) = known.get(&(*slot as usize, ids(&times, *group))) {
                self.times[*sum] = Some(of_row.clone());
            }
        }
        self.total_times = Some(all);
    }
}

/// The filter with the teams that are listed alone.
fn listed(filter: &Filter, teams: &ListedTeams) -> Filter {
    let Filter(others) = filter;
    let mut of_teams = Wanted { only: Some(teams.stored_ids()), not: Vec::new() };
    let stored = |names: &[String]| -> Vec<String> {
        names.iter().filter_map(|id| teams.stored_id(id)).map(str::to_owned).collect()
    };
    let mut all = Vec::with_capacity(others.len() + 1);
    for (dimension, wanted) in others {
        if *dimension != Dimension::Team {
            all.push((*dimension, wanted.clone()));
            continue;
        }
        if let Some(only) = &wanted.only {
            of_teams.only = Some(stored(only));
        }
        of_teams.not = stored(&wanted.not);
    }
    all.push((Dimension::Team, of_teams));
    Filter(all)
}

/// What was used outside of the lists, from where the figures beside it come.
async fn unlisted(
    view: View<'_>,
    query: &Query,
    keys: &KeyNames,
    buckets: &[PlannedBucket],
    slots: &[Vec<Span>],
) -> Result<Metrics, Error> {
    let mut filter = by_hashes(query.filter.clone(), keys);
    let is_of_teams = |(dimension, _): &(Dimension, Wanted)| *dimension == Dimension::Team;
    if !filter.0.iter().any(is_of_teams) {
        filter.0.push((Dimension::Team, Wanted::default()));
    }
    for (_, wanted) in filter.0.iter_mut().filter(|wanted| is_of_teams(wanted)) {
        wanted.not.extend(view.teams.stored_ids());
    }
    let of_hours = buckets.iter().map(|bucket| bucket.state != BucketState::UnknownHour);
    let spans = slots.iter().zip(of_hours).filter(|(_, counts)| *counts);
    let question = SumQuestion {
        slots: vec![spans.flat_map(|(spans, _)| spans.iter().cloned()).collect()],
        by: Vec::new(),
        filter,
        columns: Columns::TOLD_OF_UNLISTED,
        with_times: false,
        most_rows: usize::MAX,
    };
    let sums = view.reader.facts.sum(&question).await?;
    Ok(if sums.rows.is_empty() { Metrics::default() } else { sums.metrics(0) })
}
