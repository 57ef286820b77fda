//! Carries out a plan.

use std::collections::HashMap;
use std::sync::Arc;

use super::plan::{BucketState, Plan, PlannedBucket};
use super::table::{Row, Table};
use super::{ListedTeams, Query, View};
use crate::store::Error;
use crate::usage::{
    Columns, Dimension, Filter, Histogram, Measure, Metrics, Span, SumQuestion, Sums, Wanted,
};

/// Answers a question.
pub async fn ask(view: View<'_>, query: &Query) -> Result<Table, Error> {
    let plan = Plan::of(view, query);
    let needs = |columns: Columns, measure: &&Measure| columns.and(measure.needs);
    let columns = query.measures.iter().fold(Columns::NONE, needs);
    let with_times = query.measures.iter().any(|measure| measure.is_of_times());
    let mut question = SumQuestion {
        slots: plan.slots,
        by: query.by.clone(),
        filter: listed(&query.filter, view.teams),
        columns,
        with_times: false,
        most_rows: query.most_rows,
    };
    let sums = view.reader.facts.sum(&question).await?;
    let unlisted = unlisted(view, query, &plan.buckets, &question.slots).await?;
    let mut rows: Vec<Row> = Vec::with_capacity(sums.rows.len());
    let may_cancel: Vec<bool> = question.slots.iter().map(|spans| may_cancel(spans)).collect();
    for (sum, (slot, group)) in sums.rows.iter().enumerate() {
        let bucket = *slot as usize;
        if columns == Columns::NONE || !may_cancel[bucket] || !is_dust(&sums.metrics(sum)) {
            rows.push(Row { bucket, group: *group, sum });
        }
    }
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
        sums,
        times: Vec::new(),
    };
    table.total = table.sum_of(table.rows.iter().copied());
    if with_times {
        question.slots = plan.time_slots;
        (question.columns, question.with_times) = (Columns::NONE, true);
        table.add_times(view.reader.facts.sum(&question).await?);
    }
    Ok(table)
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
    let mut of_teams = Wanted { only: Some(teams.ids()), not: Vec::new() };
    let mut all = Vec::with_capacity(others.len() + 1);
    for (dimension, wanted) in others {
        if *dimension != Dimension::Team {
            all.push((*dimension, wanted.clone()));
            continue;
        }
        if let Some(only) = &wanted.only {
            let listed = only.iter().filter(|id| teams.place(id).is_some());
            of_teams.only = Some(listed.cloned().collect());
        }
        of_teams.not.clone_from(&wanted.not);
    }
    all.push((Dimension::Team, of_teams));
    Filter(all)
}

/// What was used outside of the lists, from where the figures beside it come.
async fn unlisted(
    view: View<'_>,
    query: &Query,
    buckets: &[PlannedBucket],
    slots: &[Vec<Span>],
) -> Result<Metrics, Error> {
    let mut filter = query.filter.clone();
    let is_of_teams = |(dimension, _): &(Dimension, Wanted)| *dimension == Dimension::Team;
    if !filter.0.iter().any(is_of_teams) {
        filter.0.push((Dimension::Team, Wanted::default()));
    }
    for (_, wanted) in filter.0.iter_mut().filter(|wanted| is_of_teams(wanted)) {
        wanted.not.extend(view.teams.ids());
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
